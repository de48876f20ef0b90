//! Raw, denoised and idealized runtime of one model on its stacks, and what they predict for any length.
//!
//! Must not: predict without saying what the fit is worth, or call an extrapolation anything else.

use common::api::leaderboard::GetLeaderboard;
use common::api::runs::{GetRun, RunView};
use common::formula::Formula;
use common::ids::RunId;
use common::leaderboard::Leaderboard;
use common::runtime_fit::{FitError, RuntimeFit, cost};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsValue;

use crate::browser;
use crate::components::badge::label_badge;
use crate::components::controls::pick;
use crate::components::download::download;
use crate::components::facts::{Fact, facts, quiet};
use crate::components::ground::lead;
use crate::components::runtime_chart::runtime_chart;
use crate::components::states::{empty, fetched, problem, skeleton};
use crate::components::table;
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, drawn, el, group, page, slot, text, value_of};
use crate::export::{Field, Table};
use crate::remote::{Remote, Source};
use crate::stacks::{Stack, stacks};
use crate::view::View;
use crate::view_state::ViewState;

/// `/runtime`
pub(crate) fn runtime() -> AnyView {
    browser::set_title("Runtime");
    let source = Source::new(GetLeaderboard);
    let view = View::current();
    // Sliders must not be replaced under the hand: what they change is drawn in places of its own.
    let still = Memo::new(move |_| ViewState {
        lengths: (None, None),
        price: String::new(),
        run: String::new(),
        ..view.get()
    });
    let start = || {
        lead(
            "Runtime",
            "How long an answer takes depends on its lengths. From measured answers a small form is fitted, T = α(prompt) + β·(output − 1), which then tells the time for any lengths, and what the model needs apart from the moment's disturbance.",
        )
    };
    page(
        "page",
        vec![drawn(start), fetched(source, "the runs by length", move |board| profile(&board, &still.get()))],
    )
}

fn profile(board: &Arc<Leaderboard>, state: &ViewState) -> El {
    let all = stacks(board);
    let model = state
        .model
        .as_ref()
        .filter(|id| all.iter().any(|stack| stack.key.model_id.as_str() == id.as_str()))
        .cloned()
        .or_else(|| Some(all.first()?.key.model_id.to_string()));
    let Some(model) = model else {
        return empty(
            "No campaign has been measured yet",
            "A runtime is fitted to the answers of campaigns, whose questions everybody can know. Queue one; lists of prompts of several lengths serve best.",
        );
    };
    let mut models: Vec<(String, String)> = Vec::new();
    for stack in &all {
        let id = stack.key.model_id.to_string();
        if models.iter().all(|known| known.0 != id) {
            models.push((id, format!("{} {}", stack.model.name, stack.model.dtype)));
        }
    }
    let of: Arc<Vec<Stack>> =
        Arc::new(all.into_iter().filter(|stack| stack.key.model_id.as_str() == model).collect());
    let position = of.iter().position(|stack| Some(stack.link_key()) == state.reference).unwrap_or(0);
    let Some(reference) = of.get(position).cloned() else { return group([]) };
    let options = of.iter().map(|stack| (stack.link_key(), named(stack))).collect();
    let listed = Arc::clone(&of);
    let view = View::current();
    let bar = el("div", "bar")
        .add(pick("Model", models, &model, |state, value| {
            state.model = Some(value.to_owned());
            state.reference = None;
            state.lengths = (None, None);
        }))
        .add(pick("Idealized on (reference stack)", options, &reference.link_key(), |state, value| {
            state.reference = Some(value.to_owned());
        }))
        .add(download("jouleboard-runtime", move || {
            let lengths = view.with(|state| lengths(state, &listed));
            table_of(&listed, lengths)
        }));
    let (longest_in, longest_out) = most(&of);
    let (at, with) = (Arc::clone(&of), Arc::clone(&of));
    let lengths_now = move || view.with(|state| lengths(state, &at));
    let (first, second) = (lengths_now.clone(), lengths_now.clone());
    let sliders = el("div", "bar")
        .add(slider(
            "Tokens read",
            "in",
            longest_in * 2,
            move || first().0,
            |state, tokens| {
                state.lengths.0 = Some(tokens);
            },
        ))
        .add(slider(
            "Tokens written",
            "out",
            longest_out * 2,
            move || second().1,
            |state, tokens| {
                state.lengths.1 = Some(tokens);
            },
        ))
        .add(price_box());
    let own = own_run(reference.clone());
    let whole = reference;
    group([
        bar,
        sliders,
        slot(move || {
            // A price is read as formulas read numbers.
            let price = view.with(|state| Formula::parse(&state.price, &|_| false).ok()?.value(&|_| None));
            let lengths = lengths_now();
            group([prediction(&whole, lengths, price), beside(&with, &whole, lengths, price), worth(&with)])
        }),
        own,
    ])
}

/// The longest lengths measured on any of these stacks.
fn most(of: &[Stack]) -> (u32, u32) {
    of.iter().map(Stack::longest).fold((8, 8), |most, longest| (most.0.max(longest.0), most.1.max(longest.1)))
}

/// The lengths of the link, or half the longest that were measured.
fn lengths(state: &ViewState, of: &[Stack]) -> (u32, u32) {
    let most = most(of);
    (
        state.lengths.0.unwrap_or(most.0 / 2).clamp(1, most.0 * 2),
        state.lengths.1.unwrap_or(most.1 / 2).clamp(1, most.1 * 2),
    )
}

fn named(stack: &Stack) -> String {
    format!(
        "{}, {} ({}, batch {})",
        stack.machine.name,
        stack.machine.hardware.compute(),
        display::label(stack.key.label),
        stack.key.batch
    )
}

fn slider(
    name: &'static str,
    id: &str,
    most: u32,
    now: impl Fn() -> u32 + Clone + 'static,
    write: fn(&mut ViewState, u32),
) -> El {
    let view = View::current();
    let said = now.clone();
    el("label", "pick slider")
        .add(text("span", "", name))
        .add(
            el("input", "")
                .set("type", "range")
                .set("id", id)
                .set("min", "1")
                .set("max", &most.to_string())
                .hold("value", move || JsValue::from_str(&now().to_string()))
                .on("input", move |event| {
                    if let Ok(tokens) = value_of(&event).parse() {
                        view.change(|state| write(state, tokens));
                    }
                }),
        )
        .add(slot(move || text("output", "", said().to_string())))
}

/// What an accelerator costs for an hour: the visitor's own figure, none is assumed.
fn price_box() -> El {
    let view = View::current();
    el("label", "pick").add(text("span", "", "Price per accelerator-hour")).add(
        el("input", "")
            .set("type", "number")
            .set("id", "price")
            .set("min", "0")
            .set("step", "any")
            .set("placeholder", "none assumed")
            .hold("value", move || JsValue::from_str(&view.with(|state| state.price.clone())))
            .on("change", move |event| view.change(|state| state.price = value_of(&event))),
    )
}

/// A predicted figure with its unit, and whether it reaches beyond what was measured.
fn predicted(
    fit: &Result<RuntimeFit, FitError>,
    quantity: Quantity,
    lengths: (u32, u32),
) -> (String, String) {
    match fit {
        Ok(fit) => {
            let found = fit.predict(lengths.0, lengths.1);
            let remark =
                if found.is_extrapolated { "extrapolated: no such prompt length was measured" } else { "" };
            (display::plain(quantity, found.value), remark.to_owned())
        }
        Err(why) => (MISSING.to_owned(), why.to_string()),
    }
}

/// What the reference stack needs for these lengths.
fn prediction(reference: &Stack, lengths: (u32, u32), price: Option<f64>) -> El {
    let fact = |name: &str, (value, remark): (String, String), definition: &str| {
        Fact::new(name, value, definition).remark(remark)
    };
    let accelerators = reference.accelerators();
    let seconds = reference.time.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value);
    let money = match (price, seconds) {
        (Some(price), Some(seconds)) if accelerators > 0 => (
            display::figure(Quantity::Plain, cost(seconds, accelerators, price) * 100.0, None).number,
            "hundredths of the price's currency".to_owned(),
        ),
        _ if accelerators == 0 => (MISSING.to_owned(), "the reference has no accelerator".to_owned()),
        _ => (MISSING.to_owned(), "give a price".to_owned()),
    };
    let is_random = reference.model.weights == common::model::Weights::Random;
    let raw = reference.raw(lengths.0, lengths.1).map_or_else(
        || (MISSING.to_owned(), "these very lengths were not measured".to_owned()),
        |(mean, n)| (display::plain(Quantity::Seconds, mean), format!("n = {n}")),
    );
    el("section", "ground")
        .add(text("h2", "", format!("An answer of {} tokens to a prompt of {}", lengths.1, lengths.0)))
        .add(el("p", "").add(label_badge(reference.key.label, is_random)))
        .add(facts(&[
            fact(
                "Idealized time",
                predicted(&reference.time, Quantity::Seconds, lengths),
                "By the fit to the mean times of the reference stack, alone on its machine.",
            ),
            fact(
                "Denoised time",
                predicted(&reference.least, Quantity::Seconds, lengths),
                "By the fit to the least times over the trials of the same stack.",
            ),
            fact("Raw time", raw, "The mean of what was measured for these very lengths."),
            fact(
                "Idealized energy",
                predicted(&reference.energy, Quantity::Joules, lengths),
                "The same form fitted to joules. No publication has it: it is Jouleboard's own.",
            ),
            fact("Cost", money, "Time × accelerators × price."),
            fact(
                "Accelerators",
                (accelerators.to_string(), String::new()),
                "How many the reference stack uses; a cost-aware comparison counts them.",
            ),
        ]))
        .add(runtime_chart(reference, lengths))
}

/// All stacks of the model for the same lengths.
fn beside(of: &[Stack], reference: &Stack, lengths: (u32, u32), price: Option<f64>) -> El {
    let head = [
        table::head("", "Stack"),
        table::head("num p2", "Accelerators"),
        table::head("num", "Time"),
        table::head("num p2", "Denoised"),
        table::head("num", "Energy"),
        table::head("num p2", "Cost / 100"),
    ];
    let rows = of.iter().map(|stack| {
        let cell = |(value, remark): (String, String)| {
            table::number(value).maybe((!remark.is_empty()).then(|| text("small", "", remark)))
        };
        let seconds = stack.time.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value);
        let money = price.zip(seconds).filter(|_| stack.accelerators() > 0).map_or_else(
            || MISSING.to_owned(),
            |(price, seconds)| {
                display::figure(Quantity::Plain, cost(seconds, stack.accelerators(), price) * 100.0, None)
                    .number
            },
        );
        el("tr", if stack.key == reference.key { "front" } else { "" })
            .add(table::row_head(&named(stack)).add(text("small", "", &stack.key.engine_version)))
            .add(table::number(stack.accelerators().to_string()).set("class", "num p2"))
            .add(cell(predicted(&stack.time, Quantity::Seconds, lengths)))
            .add(cell(predicted(&stack.least, Quantity::Seconds, lengths)).set("class", "num p2"))
            .add(cell(predicted(&stack.energy, Quantity::Joules, lengths)).add(text(
                "small",
                "",
                display::boundary(stack.key.boundary),
            )))
            .add(table::number(money).set("class", "num p2"))
    });
    el("section", "ground").add(text("h2", "", "Stacks side by side")).add(table::table(
        "stacks",
        "",
        "The same lengths on every stack that this model was measured on; the reference is marked",
        head,
        rows,
    ))
}

/// What each fit is worth.
fn worth(of: &[Stack]) -> El {
    let head = [
        table::head("", "Fit"),
        table::head("num", "Per further token (β)"),
        table::head("num", "R²"),
        table::head("num", "Worst residual"),
        table::head("num p2", "Prompt lengths"),
    ];
    let fits = of.iter().flat_map(|stack| {
        [
            ("mean times", &stack.time, Quantity::Seconds),
            ("least times", &stack.least, Quantity::Seconds),
            ("energy", &stack.energy, Quantity::Joules),
        ]
        .map(|(what, fit, quantity)| (stack, what, fit, quantity))
    });
    let rows = fits.map(|(stack, what, fit, quantity)| {
        let row = el("tr", "").add(table::row_head(stack.machine.name.as_str()).add(text("small", "", what)));
        match fit {
            Ok(fit) => {
                let half = Some(fit.beta_half_width).filter(|half| half.is_finite());
                row.add(table::number(display::figure(quantity, fit.beta, half).with_spread()))
                    .add(table::number(format!("{:.4}", fit.r_squared)))
                    .add(table::number(display::share(fit.worst_error)))
                    .add(table::number(fit.alpha.len().to_string()).set("class", "num p2"))
            }
            Err(why) => row.add(text("td", "quiet", why.to_string()).set("colspan", "4")),
        }
    });
    el("section", "ground")
        .add(text("h2", "", "What the fits are worth"))
        .add(table::table("fits", "", "Quality of each fit over the answers that it is made from", head, rows))
        .add(quiet(
            "α is a table over the prompt lengths that were measured, straight between them; β is one slope for all, with its 95 % interval. A large residual says that the form does not hold there.",
        ))
}

/// The visitor's own run, fetched when its id is given, and drawn as it comes.
fn own_run(reference: Stack) -> El {
    let view = View::current();
    let given = Memo::new(move |_| view.with(|state| state.run.clone()));
    let reference = Arc::new(reference);
    slot(move || {
        let given = given.get();
        let id = given.rsplit('/').next().and_then(|id| id.parse::<RunId>().ok());
        let source = id.map(|id| Source::new(GetRun { id }));
        let reference = Arc::clone(&reference);
        slot(move || own_runtime(&given, source, &reference))
    })
}

fn own_runtime(given: &str, source: Option<Source<RunView>>, reference: &Stack) -> El {
    let view = View::current();
    let ask = el("label", "pick find").add(text("span", "", "A run of yours: its id or permalink")).add(
        el("input", "")
            .set("type", "text")
            .set("id", "own-run")
            .set("value", given)
            .on("change", move |event| view.change(|state| state.run = value_of(&event).trim().to_owned())),
    );
    let section =
        el("section", "ground").add(text("h2", "", "Your own run beside its idealized time")).add(ask);
    let shown = match source.map(|source| (source, source.get())) {
        None if given.is_empty() => quiet("The page of every run shows its id in the address."),
        None => text("p", "broken", "This is no id of a run."),
        Some((_, Remote::Loading)) => skeleton("the run"),
        Some((source, Remote::Failed(error))) => problem(&error, move || source.reload()),
        Some((_, Remote::Ready(run))) => own_facts(&run, reference),
    };
    section.add(shown)
}

fn own_facts(run: &RunView, reference: &Stack) -> El {
    let repetition = run.measurement.as_ref().and_then(|measurement| measurement.facts.repetitions.first());
    let Some((repetition, raw)) = repetition.and_then(|each| Some((each, each.token_times.last()?))) else {
        return quiet("This run has no answer to compare.");
    };
    let lengths = (repetition.prompt_tokens, repetition.output_tokens);
    let raw = raw.as_secs_f64();
    let other = (run.model.id != reference.key.model_id).then(|| {
        quiet(format!(
            "This run is of {}; the fit is of {}. The ratio compares the two models, not one with itself.",
            run.model.id, reference.key.model_id
        ))
    });
    let ideal = reference.time.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value);
    let ratio = ideal
        .filter(|ideal| *ideal > 0.0)
        .map_or_else(|| MISSING.to_owned(), |ideal| display::ratio(raw / ideal));
    group([facts(&[
        Fact::new(
            "Raw time",
            display::plain(Quantity::Seconds, raw),
            "Start of prefill to the last token of your run.",
        ),
        Fact::new(
            "Idealized time",
            predicted(&reference.time, Quantity::Seconds, lengths).0,
            "By the fit to the reference stack, for the same lengths.",
        ),
        Fact::new(
            "Raw over idealized",
            ratio,
            "Above 1 your run took longer than the reference stack would.",
        ),
        Fact::new(
            "Lengths",
            format!("{} read, {} written", lengths.0, lengths.1),
            "Tokens of your run. Tokens of different tokenizers are not equal.",
        ),
    ])])
    .maybe(other)
}

/// What is shown, as a table of full digits.
fn table_of(of: &[Stack], lengths: (u32, u32)) -> Table {
    let fields = [
        "model_id",
        "machine",
        "engine_version",
        "label",
        "boundary",
        "batch",
        "accelerators",
        "prompt_tokens",
        "output_tokens",
        "idealized_s",
        "denoised_s",
        "idealized_j",
        "is_extrapolated",
        "beta_s",
        "beta_half_width_95_s",
        "r_squared",
        "worst_residual_share",
    ];
    let value = |fit: &Result<RuntimeFit, FitError>| {
        fit.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value).into()
    };
    let rows = of
        .iter()
        .map(|stack| {
            let time = stack.time.as_ref().ok();
            vec![
                stack.key.model_id.as_str().into(),
                stack.machine.name.as_str().into(),
                stack.key.engine_version.as_str().into(),
                stack.key.label.name().into(),
                stack.key.boundary.name().into(),
                Field::Count(stack.key.batch.into()),
                Field::Count(stack.accelerators().into()),
                Field::Count(lengths.0.into()),
                Field::Count(lengths.1.into()),
                value(&stack.time),
                value(&stack.least),
                value(&stack.energy),
                Field::Flag(time.is_some_and(|fit| fit.predict(lengths.0, lengths.1).is_extrapolated)),
                time.map(|fit| fit.beta).into(),
                time.map(|fit| fit.beta_half_width).into(),
                time.map(|fit| fit.r_squared).into(),
                time.map(|fit| fit.worst_error).into(),
            ]
        })
        .collect();
    Table { fields: fields.map(str::to_owned).to_vec(), rows }
}
