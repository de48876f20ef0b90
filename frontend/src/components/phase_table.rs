//! Energy of prefill and of each token, by regression over the lengths of a stack's answers.
//!
//! Must not: show as a price what is not told from nothing, or lies below it.

use std::sync::Arc;

use common::phase_energy::{Fitted, PhaseEnergy, TokenEnergy};

use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::prediction::stack_head;
use crate::components::table;
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, text};
use crate::export::{Field, Table, keys};
use crate::stacks::Stack;

/// Draws it for all stacks of a model.
pub(crate) fn phase_table(of: &Arc<Vec<Stack>>) -> El {
    let listed = Arc::clone(of);
    let head = [
        table::head("", "Stack"),
        table::head("num", "Tokens read"),
        table::head("num", "n"),
        table::head("num", "Prefill"),
        table::head("num", "Per input token"),
        table::head("num", "Per output token"),
    ];
    el("section", "ground")
        .set("data-testid", "phases")
        .add(
            el("div", "bar")
                .add(text("h2", "", "Energy by phase"))
                .add(download("jouleboard-phases", move || table_of(&listed))),
        )
        .add(table::table("phases", "", "Energy of prefill and of each token, fitted over the lengths of all answers", head, of.iter().flat_map(rows)))
        .add(quiet(
            "E(p, n) = start + input·p + output·n over all lengths, and E(n) = prefill + output·n for prompts that were answered at several lengths; with 95 % intervals. What is not told from nothing is –, and so is what lies below it: there the form does not hold for the answers. A split at the first token would need a prefill of five update periods of every instrument; this does not.",
        ))
}

fn rows(stack: &Stack) -> Vec<El> {
    let name = || stack_head(stack, "");
    let row = |read: String, n: u64| {
        el("tr", "").add(name()).add(table::number(read)).add(table::number(display::compact(n)))
    };
    let all = match TokenEnergy::of(&stack.profile) {
        Ok(fit) => row("all".to_owned(), fit.n)
            .add(table::number(MISSING))
            .add(cell(Some(fit.per_input_token)))
            .add(cell(Some(fit.per_output_token))),
        Err(why) => el("tr", "")
            .add(name())
            .add(table::number("all"))
            .add(text("td", "quiet", why.to_string()).set("colspan", "4")),
    };
    let by_prompt = PhaseEnergy::by_prompt(&stack.profile);
    let each = by_prompt.iter().map(|(prompt_tokens, fit)| {
        row(prompt_tokens.to_string(), fit.n)
            .add(cell(Some(fit.prefill)))
            .add(cell(fit.per_input_token(*prompt_tokens)))
            .add(cell(Some(fit.per_token)))
    });
    std::iter::once(all).chain(each).collect()
}

fn cell(fitted: Option<Fitted>) -> El {
    let Some(fitted) = fitted else { return table::number(MISSING) };
    let half = fitted.half_width.map(|half| half.joules());
    let found = display::figure(Quantity::Joules, fitted.energy.joules(), half).with_spread();
    if fitted.is_price() {
        return table::number(found);
    }
    let why = if half.is_some() {
        format!("not resolved: {found}")
    } else {
        "no interval: too few answers".to_owned()
    };
    table::number(MISSING).add(text("small", "", why))
}

/// What is shown, as a table of full digits, resolved or not: the half-widths say which.
fn table_of(of: &[Stack]) -> Table {
    let mut fields = keys::stack_fields(&["prompt_tokens", "n"]);
    for part in ["prefill", "per_input_token", "per_output_token"] {
        fields.extend([format!("{part}_j"), format!("{part}_half_width_95_j")]);
    }
    let row = |stack: &Stack, prompt_tokens: Option<u32>, n: u64, parts: [Option<Fitted>; 3]| {
        let mut row = keys::of_stack(&stack.key, &stack.model, &stack.machine);
        row.extend([prompt_tokens.map(u64::from).into(), Field::Count(n)]);
        for part in parts {
            row.push(part.map(|part| part.energy.joules()).into());
            row.push(part.and_then(|part| part.half_width).map(|half| half.joules()).into());
        }
        row
    };
    let mut rows = Vec::new();
    for stack in of {
        if let Ok(fit) = TokenEnergy::of(&stack.profile) {
            rows.push(row(stack, None, fit.n, [None, Some(fit.per_input_token), Some(fit.per_output_token)]));
        }
        for (tokens, fit) in PhaseEnergy::by_prompt(&stack.profile) {
            let parts = [Some(fit.prefill), fit.per_input_token(tokens), Some(fit.per_token)];
            rows.push(row(stack, Some(tokens), fit.n, parts));
        }
    }
    Table { fields, rows }
}
