//! What the fits of a stack are made from: times and energies by the lengths of prompts and answers.
//!
//! Must not: fit.

use std::sync::Arc;

use common::leaderboard::Profiled;
use common::stats::Moments;

use crate::components::download::download;
use crate::components::table;
use crate::display::{Column, MISSING, Quantity, compact};
use crate::dom::{El, el, text};
use crate::export::{Field, Table, keys};
use crate::stacks::Stack;

/// Draws it, behind a disclosure.
pub(crate) fn profile_table(stack: &Stack) -> El {
    let along = |of: fn(&Profiled) -> Moments| stack.profile.iter().map(move |each| of(each).mean);
    let seconds = Column::of(Quantity::Seconds, along(|each| each.latency_s));
    let joules = Column::of(Quantity::Joules, along(|each| each.energy_j));
    let head = [
        table::head("num", "Tokens read"),
        table::head("num", "Tokens written"),
        table::head("num", "n"),
        table::head("num", &format!("First token, {}", seconds.unit)),
        table::head("num", &format!("Last token, {}", seconds.unit)),
        table::head("num p2", &format!("At least, {}", seconds.unit)),
        table::head("num", &format!("Energy, {}", joules.unit)),
    ];
    let mean = |column: &Column, of: Moments| match of.estimate() {
        Some(found) => table::number(column.cell(found.mean)).maybe(table::spread(column, found.half_width)),
        None => table::number(MISSING),
    };
    let rows = stack.profile.iter().map(|each| {
        el("tr", "")
            .add(table::row_head(&each.prompt_tokens.to_string()).set("class", "num"))
            .add(table::number(each.output_tokens.to_string()))
            .add(table::number(compact(each.latency_s.n)))
            .add(mean(&seconds, each.ttft_s))
            .add(mean(&seconds, each.latency_s))
            .add(table::number(seconds.cell(each.least_latency_s)).set("class", "num p2"))
            .add(mean(&joules, each.energy_j))
    });
    let shown =
        table::table("profile", "", "Mean time and energy of each measured pair of lengths", head, rows);
    let of = Arc::new(stack.clone());
    el("details", "behind")
        .set("id", "profile-behind")
        .add(text("summary", "", "The measured lengths as a table"))
        .add(el("div", "bar").add(download("jouleboard-profile", move || table_of(&of))))
        .add(shown)
}

fn table_of(stack: &Stack) -> Table {
    let figures = ["ttft", "latency", "energy", "prefill_energy"];
    let mut fields = keys::stack_fields(&["prompt_tokens", "output_tokens"]);
    for (figure, unit) in figures.into_iter().zip(["s", "s", "j", "j"]) {
        fields.extend([
            format!("{figure}_{unit}"),
            format!("{figure}_half_width_95_{unit}"),
            format!("{figure}_n"),
        ]);
    }
    fields.extend(keys::named(&["least_ttft_s", "least_latency_s"]));
    let rows = stack.profile.iter().map(|each| {
        let mut row = keys::of_stack(&stack.key, &stack.model, &stack.machine);
        row.extend([each.prompt_tokens, each.output_tokens].map(|tokens| Field::Count(tokens.into())));
        for of in [each.ttft_s, each.latency_s, each.energy_j, each.prefill_energy_j] {
            let found = of.estimate();
            row.extend([
                found.map(|found| found.mean).into(),
                found.and_then(|found| found.half_width).into(),
                Field::Count(of.n),
            ]);
        }
        row.extend([each.least_ttft_s, each.least_latency_s].map(Field::Number));
        row
    });
    Table { rows: rows.collect(), fields }
}
