//! Models over the five kinds of question: a heat map that is a table.
//!
//! Must not: show a mean without how many runs it stands on.

use common::api::leaderboard::GetLeaderboard;
use common::leaderboard::Leaderboard;
use common::prompt::Kind;
use leptos::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::board::{self, Ground, KindsRow};
use crate::browser;
use crate::components::controls::{per_toggle, segmented};
use crate::components::download::download;
use crate::components::states::{empty, fetched};
use crate::display::{self, Column, MISSING};
use crate::export::Table;
use crate::figures::{Figure, Line};
use crate::pages::leaderboard::{ground_heading, zone_pick};
use crate::remote::Source;
use crate::scale;
use crate::view::View;
use crate::view_state::{Shown, Unit, ViewState};

/// Shades of the heat map.
const SHADES: f64 = 6.0;

/// `/kinds`
#[component]
pub(crate) fn KindsPage() -> impl IntoView {
    browser::set_title("Kinds");
    let source = Source::new(GetLeaderboard);
    view! {
        <div class="page">
            <div class="lead">
                <h1>"Kinds of question"</h1>
                <p>"Each cell is the mean over the questions of one kind. Long answers cost more: code and SQL are not harder, they are longer."</p>
            </div>
            {fetched(source, "the kinds", map)}
        </div>
    }
}

/// Which figure the cells show.
const fn figure(shown: Shown) -> Figure {
    match shown {
        Shown::Energy => Figure::Energy,
        Shown::Carbon => Figure::Carbon,
        Shown::Sci => Figure::Sci,
        Shown::Correct => Figure::Correct,
    }
}

fn map(board: Arc<Leaderboard>) -> AnyView {
    let view = View::current();
    let (shown, listed) = (Arc::clone(&board), Arc::clone(&board));
    let sections = Memo::new(move |_| board::kinds(&shown, &view.get()));
    let shows_energy = move || view.with(|state| state.shown == Shown::Energy);
    view! {
        <div class="bar">
            {segmented("Show", &[(Shown::Energy, "Energy"), (Shown::Carbon, "CO₂e"), (Shown::Sci, "SCI"), (Shown::Correct, "Right answers")],
                |state| state.shown, |state, shown| state.shown = shown)}
            {move || shows_energy().then(|| segmented("Unit", &[(Unit::Joules, "J"), (Unit::WattHours, "Wh"), (Unit::Watts, "W")],
                |state| state.unit, |state, unit| state.unit = unit))}
            {move || view.with(|state| state.shown != Shown::Correct).then(per_toggle)}
            {zone_pick(&board)}
            <div class="bar-end">{download("jouleboard-kinds", move || table(&listed, &view.get()))}</div>
        </div>
        {move || {
            let sections = sections.get();
            if sections.is_empty() {
                return empty("No question of a known kind has been measured yet",
                    "Campaigns ask such questions. Queue one, and the cells fill as its runs are measured.");
            }
            sections.iter().map(|(ground, rows)| heat_map(*ground, rows, &view.get())).collect_view().into_any()
        }}
        {move || view.with(|state| view! { <p class="quiet">{figure(state.shown).definition(state)}</p> })}
    }
    .into_any()
}

fn heat_map(ground: Ground, rows: &[KindsRow], state: &ViewState) -> AnyView {
    let figure = figure(state.shown);
    let value = |line: &Line| figure.of(line, state).map(|estimate| estimate.mean);
    let values: Vec<f64> = rows.iter().flat_map(|row| &row.cells).flatten().filter_map(value).collect();
    let column = Column::of(figure.quantity(state), values.iter().copied());
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    let caption = match column.unit {
        "" => figure.title(state),
        unit => format!("{} in {unit}; darker is more. Below each mean: how many runs it stands on.", figure.title(state)),
    };
    view! {
        <section class="ground">
            {ground_heading(&ground, rows.len())}
            <div class="scroll" tabindex="0" role="region" aria-label=ground.heading()>
                <table class="heat">
                    <caption>{caption}</caption>
                    <thead><tr>
                        <th scope="col">"Model"</th>
                        {Kind::ALL.map(|kind| view! { <th scope="col" class="num">{display::kind(kind)}</th> }).collect_view()}
                        <th scope="col" class="num">"All"</th>
                    </tr></thead>
                    <tbody>
                        {rows.iter().map(|row| view! {
                            <tr>
                                <th scope="row">
                                    {row.whole.model.name.clone()}" "<code>{row.whole.model.dtype.name()}</code>
                                    <small>{row.whole.machine.hardware.compute()}</small>
                                </th>
                                {row.cells.iter().map(|cell| heat_cell(cell.as_ref().and_then(|line| Some((value(line)?, line))), &column, least, most)).collect_view()}
                                <td class="num whole">{column.cell_or_missing(value(&row.whole))}
                                    <small>{format!("n = {}", display::compact(row.whole.row.sums.runs))}</small></td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn heat_cell(found: Option<(f64, &Line)>, column: &Column, least: f64, most: f64) -> AnyView {
    let Some((value, line)) = found else {
        return view! { <td class="num none">{MISSING}<small>"n = 0"</small></td> }.into_any();
    };
    let class = format!("num shade-{}", shade(value, least, most));
    view! {
        <td class=class>{column.cell(value)}<small>{format!("n = {}", display::compact(line.row.sums.runs))}</small></td>
    }
    .into_any()
}

/// Which shade a value gets: equal ratios get equal steps.
fn shade(value: f64, least: f64, most: f64) -> String {
    let axis = scale::Axis::around([least, most], 0.0, SHADES - 0.01);
    format!("{:.0}", axis.place(value).floor())
}

/// What is shown, as a table of full digits.
fn table(board: &Leaderboard, state: &ViewState) -> Table {
    let figure = figure(state.shown);
    let mut fields: Vec<String> =
        ["label", "boundary", "model_id", "machine", "task", "kind", "n"].map(str::to_owned).to_vec();
    fields.push(figure.field(state));
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (ground, lines) in board::kinds(board, state) {
        for row in lines {
            for (kind, cell) in Kind::ALL.into_iter().zip(row.cells) {
                let key = &row.whole.row.key;
                rows.push(vec![
                    json!(ground.label),
                    json!(ground.boundary),
                    json!(key.model_id),
                    json!(row.whole.machine.name),
                    json!(key.task),
                    json!(kind),
                    json!(cell.as_ref().map_or(0, |line| line.row.sums.runs)),
                    json!(cell.as_ref().and_then(|line| figure.of(line, state)).map(|estimate| estimate.mean)),
                ]);
            }
        }
    }
    Table { fields, rows }
}
