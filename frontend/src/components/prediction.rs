//! What fits predict for an answer of given lengths, stack beside stack, and what each fit is worth.
//!
//! Must not: fit, or call an extrapolation anything else.

use common::runtime_fit::{FitError, RuntimeFit, cost};

use crate::components::badge::label_badge;
use crate::components::facts::{Fact, facts};
use crate::components::runtime_chart::runtime_chart;
use crate::components::table;
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, text};
use crate::stacks::Stack;

/// A predicted figure with its unit, and whether it reaches beyond what was measured.
pub(crate) fn predicted(
    fit: &Result<RuntimeFit, FitError>,
    quantity: Quantity,
    lengths: (u32, u32),
) -> (String, String) {
    match fit {
        Ok(fit) => {
            let found = fit.predict(lengths.0, lengths.1);
            let remark = match (found.extrapolates_prompt, found.extrapolates_output) {
                (false, false) => "",
                (true, false) => "extrapolated: no such prompt length was measured",
                (false, true) => "extrapolated: no such output length was measured",
                (true, true) => "extrapolated: neither such a prompt nor such an output length was measured",
            };
            (display::plain(quantity, found.value), remark.to_owned())
        }
        Err(why) => (MISSING.to_owned(), why.to_string()),
    }
}

/// The head of a row of a stack: its name, what else tells it apart, and what the row is of.
pub(crate) fn stack_head(stack: &Stack, what: &str) -> El {
    let told = text("small", "", stack.told());
    table::row_head(&stack.named()).add(told).maybe((!what.is_empty()).then(|| text("small", "", what)))
}

/// What the reference stack needs for these lengths.
pub(crate) fn prediction(reference: &Stack, lengths: (u32, u32), price: Option<f64>) -> El {
    let fact = |name: &str, (value, remark): (String, String), definition: &str| {
        Fact::new(name, value, definition).remark(remark)
    };
    let accelerators = reference.accelerators();
    let seconds = reference.time.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value);
    let money = match (price, seconds) {
        (Some(price), Some(seconds)) if accelerators > 0 => (
            display::plain(Quantity::Plain, cost(seconds, accelerators, price)),
            "in the price's currency".to_owned(),
        ),
        _ if accelerators == 0 => (MISSING.to_owned(), "the reference has no accelerator".to_owned()),
        _ => (MISSING.to_owned(), "give a price".to_owned()),
    };
    let is_random = reference.model.weights == common::model::Weights::Random;
    let raw = reference.raw(lengths.0, lengths.1).map_or_else(
        || {
            let near = reference.nearest(lengths).map_or_else(String::new, |each| {
                format!(
                    "; {} for {} read and {} written",
                    display::plain(Quantity::Seconds, each.latency_s.mean),
                    each.prompt_tokens,
                    each.output_tokens
                )
            });
            (MISSING.to_owned(), format!("these very lengths were not measured{near}"))
        },
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
pub(crate) fn beside(of: &[Stack], reference: &Stack, lengths: (u32, u32), price: Option<f64>) -> El {
    let head = [
        table::head("", "Stack"),
        table::head("num p2", "Accelerators"),
        table::head("num", "Time"),
        table::head("num p2", "Denoised"),
        table::head("num", "Energy"),
        table::head("num p2", "Cost").set("title", "Time × accelerators × price, in the price's currency."),
    ];
    let rows = of.iter().map(|stack| {
        let cell = |(value, remark): (String, String)| {
            table::number(value).maybe((!remark.is_empty()).then(|| text("small", "", remark)))
        };
        let seconds = stack.time.as_ref().ok().map(|fit| fit.predict(lengths.0, lengths.1).value);
        let money = price.zip(seconds).filter(|_| stack.accelerators() > 0).map_or_else(
            || MISSING.to_owned(),
            |(price, seconds)| display::plain(Quantity::Plain, cost(seconds, stack.accelerators(), price)),
        );
        el("tr", if stack.key == reference.key { "front" } else { "" })
            .add(stack_head(stack, ""))
            .add(table::number(stack.accelerators().to_string()).set("class", "num p2"))
            .add(cell(predicted(&stack.time, Quantity::Seconds, lengths)))
            .add(cell(predicted(&stack.least, Quantity::Seconds, lengths)).set("class", "num p2"))
            .add(cell(predicted(&stack.energy, Quantity::Joules, lengths)))
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
