//! Raw, denoised and idealized runtime of one model on its stacks, and what they predict for any length.
//!
//! Must not: predict without saying what the fit is worth, or call an extrapolation anything else.

use common::api::leaderboard::GetProfiles;
use common::formula::Formula;
use common::leaderboard::Leaderboard;
use common::runtime_fit::{FitError, Prediction, RuntimeFit};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsValue;

use crate::browser;
use crate::components::controls::pick;
use crate::components::download::download;
use crate::components::fit_table::fit_table;
use crate::components::ground::lead;
use crate::components::phase_table::phase_table;
use crate::components::prediction::{beside, prediction};
use crate::components::profile_table::profile_table;
use crate::components::states::{commanded, fetched};
use crate::dom::{El, drawn, el, group, page, slot, text, value_of};
use crate::events;
use crate::export::{Field, Table, keys};
use crate::pages::own_run::own_run;
use crate::remote::Source;
use crate::stacks::{Stack, stacks};
use crate::view::View;
use crate::view_state::ViewState;

/// `/runtime`
pub(crate) fn runtime() -> AnyView {
    browser::set_title("Runtime");
    let source = Source::new(GetProfiles);
    events::keep_up_with_the_board(vec![source.asked()]);
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
        return commanded(
            "No campaign has been measured yet",
            "A runtime is fitted to the answers of campaigns, whose questions everybody can know. Queue one, such as the grid of lengths that was made for it.",
            "campaign run backend/server/campaigns/profile.toml",
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
    let options =
        of.iter().map(|stack| (stack.link_key(), format!("{} ({})", stack.named(), stack.told()))).collect();
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
    let phases = phase_table(&of);
    let measured = profile_table(&reference);
    let whole = reference;
    group([
        bar,
        sliders,
        slot(move || {
            // A price is read as formulas read numbers.
            let price = view.with(|state| Formula::parse(&state.price, &|_| false).ok()?.value(&|_| None));
            let lengths = lengths_now();
            group([
                prediction(&whole, lengths, price),
                beside(&with, &whole, lengths, price),
                fit_table(&with),
            ])
        }),
        measured,
        phases,
        own,
    ])
}

/// The longest lengths measured on any of these stacks.
fn most(of: &[Stack]) -> (u32, u32) {
    of.iter().map(Stack::longest).fold((8, 8), |most, longest| (most.0.max(longest.0), most.1.max(longest.1)))
}

/// The lengths of the link, or measured ones near half the longest.
fn lengths(state: &ViewState, of: &[Stack]) -> (u32, u32) {
    let most = most(of);
    let middle = (most.0 / 2, most.1 / 2);
    let usual = of
        .first()
        .and_then(|stack| stack.nearest(middle))
        .map_or(middle, |each| (each.prompt_tokens, each.output_tokens));
    (
        state.lengths.0.unwrap_or(usual.0).clamp(1, most.0 * 2),
        state.lengths.1.unwrap_or(usual.1).clamp(1, most.1 * 2),
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

/// What is predicted, as a table of full digits.
fn table_of(of: &[Stack], lengths: (u32, u32)) -> Table {
    let fields = [
        "accelerators",
        "prompt_tokens",
        "output_tokens",
        "idealized_s",
        "denoised_s",
        "idealized_j",
        "extrapolates_prompt",
        "extrapolates_output",
    ];
    let row = |stack: &Stack| {
        let predict = |fit: &Result<RuntimeFit, FitError>| {
            fit.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1))
        };
        let fits = [&stack.time, &stack.least, &stack.energy].map(predict);
        let extrapolates = |how: fn(&Prediction) -> bool| Field::Flag(fits.iter().flatten().any(how));
        let mut row = keys::of_stack(&stack.key, &stack.model, &stack.machine);
        row.extend([stack.accelerators(), lengths.0, lengths.1].map(|count| Field::Count(count.into())));
        row.extend(fits.map(|found| Field::from(found.map(|found| found.value))));
        row.push(extrapolates(|found| found.extrapolates_prompt));
        row.push(extrapolates(|found| found.extrapolates_output));
        row
    };
    Table { fields: keys::stack_fields(&fields), rows: of.iter().map(row).collect() }
}
