//! What the fits of a model's stacks are worth.
//!
//! Must not: fit, or leave out why there is no fit.

use std::sync::Arc;

use common::runtime_fit::{FitError, RuntimeFit};

use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::prediction::stack_head;
use crate::components::table;
use crate::display::{self, Quantity};
use crate::dom::{El, el, text};
use crate::export::{Field, Table, keys};
use crate::stacks::Stack;

/// A fit: of which stack, of what, and in what it is.
type Fit<'a> = (&'a Stack, &'static str, &'a Result<RuntimeFit, FitError>, Quantity);

/// Every fit of these stacks.
fn fits(of: &[Stack]) -> Vec<Fit<'_>> {
    let mut fits: Vec<Fit<'_>> = Vec::new();
    for stack in of {
        fits.push((stack, "mean times", &stack.time, Quantity::Seconds));
        fits.push((stack, "least times", &stack.least, Quantity::Seconds));
        fits.push((stack, "energy", &stack.energy, Quantity::Joules));
    }
    fits
}

const fn made_of(stack: &Stack) -> &'static str {
    if stack.is_grid { "answers of given lengths" } else { "answers of campaigns" }
}

/// What each fit is worth.
pub(crate) fn fit_table(of: &Arc<Vec<Stack>>) -> El {
    let head = [
        table::head("", "Fit"),
        table::head("num", "Per further token (β)"),
        table::head("num", "R²"),
        table::head("num", "Worst residual"),
        table::head("num p2", "Prompt lengths"),
    ];
    let listed = Arc::clone(of);
    let rows = fits(of).into_iter().map(|(stack, what, fit, quantity)| {
        let row = el("tr", "").add(stack_head(stack, &format!("{what}, {}", made_of(stack))));
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
        .add(
            el("div", "bar")
                .add(text("h2", "", "What the fits are worth"))
                .add(download("jouleboard-fits", move || table_of(&listed))),
        )
        .add(table::table("fits", "", "Quality of each fit over the answers that it is made from", head, rows))
        .add(quiet(
            "α is a table over the prompt lengths that were measured, straight between them; β is one slope for all, with its 95 % interval. A large residual says that the form does not hold there.",
        ))
}

fn table_of(of: &[Stack]) -> Table {
    let fields = [
        "fit",
        "made_of",
        "unit",
        "beta",
        "beta_half_width_95",
        "r_squared",
        "worst_residual_share",
        "prompt_lengths",
        "longest_prompt_tokens",
        "longest_output_tokens",
        "why_there_is_none",
    ];
    let row = |(stack, what, fit, quantity): Fit<'_>| {
        let found = fit.as_ref().ok();
        let of = |part: fn(&RuntimeFit) -> f64| Field::from(found.map(part));
        let longest = found.and_then(|fit| fit.alpha.last()).map(|last| u64::from(last.0));
        let unit = if quantity == Quantity::Joules { "j" } else { "s" };
        let mut row = keys::of_stack(&stack.key, &stack.model, &stack.machine);
        row.extend([
            what.into(),
            made_of(stack).into(),
            unit.into(),
            of(|fit| fit.beta),
            of(|fit| fit.beta_half_width),
            of(|fit| fit.r_squared),
            of(|fit| fit.worst_error),
            found.map_or(Field::Missing, |fit| fit.alpha.len().into()),
            longest.into(),
            found.map(|fit| u64::from(*fit.outputs.end())).into(),
            fit.as_ref().err().map(ToString::to_string).as_deref().into(),
        ]);
        row
    };
    Table { fields: keys::stack_fields(&fields), rows: fits(of).into_iter().map(row).collect() }
}
