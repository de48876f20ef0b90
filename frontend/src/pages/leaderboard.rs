//! The ranking: one table a ground, so that only what may be compared stands in one list.
//!
//! Must not: call the server for a toggle.

use common::api::leaderboard::GetLeaderboard;
use common::api::machines::ListMachines;
use common::leaderboard::Leaderboard;
use common::meter::Label;
use common::prompt::{Origin, Task};
use leptos::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::board::{self, Section};
use crate::browser;
use crate::components::badge::label_badge;
use crate::components::board_table::board_table;
use crate::components::controls::{any_of, find_box, per_toggle, pick, unit_toggle};
use crate::components::download::download;
use crate::components::facts::meanings;
use crate::components::states::{empty, fetched};
use crate::display;
use crate::export::Table;
use crate::figures::Figure;
use crate::remote::Source;
use crate::view::View;
use crate::view_state::{Choice, ViewState};

/// `/leaderboard`
#[component]
pub(crate) fn LeaderboardPage() -> impl IntoView {
    browser::set_title("Leaderboard");
    let source = Source::new(GetLeaderboard);
    let machines = Source::new(ListMachines);
    view! {
        <div class="page">
            <div class="lead">
                <h1>"Leaderboard"</h1>
                <p>"What an answer costs, by model and machine. Measured, modelled and simulated figures never share a list, nor do different boundaries."</p>
            </div>
            {fetched(source, "the leaderboard", move |board| ranking(board, machines))}
        </div>
    }
}

fn ranking(board: Arc<Leaderboard>, machines: Source<common::api::machines::Machines>) -> AnyView {
    if board.cells.is_empty() {
        return empty(
            "Nothing has been measured yet",
            "Ask a model on the first page, or queue a campaign: a row appears as soon as its first run is measured.",
        );
    }
    let view = View::current();
    let shown = Arc::clone(&board);
    let (listed, meant) = (Arc::clone(&board), Arc::clone(&board));
    let sections = Memo::new(move |_| board::sections(&shown, &view.get()));
    view! {
        {filters(&board)}
        <div class="bar">
            {unit_toggle()}
            {per_toggle()}
            <div class="bar-end">{download("jouleboard-leaderboard", move || table(&listed, &view.get()))}</div>
        </div>
        {move || {
            let sections = sections.get();
            if sections.is_empty() {
                return empty("No row fits these filters", "Take a filter back to see more.");
            }
            sections
                .iter()
                .map(|section| view! {
                    <section class="ground">
                        {heading(section)}
                        {board_table(&board, section, machines)}
                    </section>
                })
                .collect_view()
                .into_any()
        }}
        {move || view.with(|state| {
            let columns = Figure::columns(&meant).into_iter();
            meanings("What the columns mean", columns.map(|figure| (figure.title(state), figure.definition(state))).collect())
        })}
    }
    .into_any()
}

/// What the rows below share.
pub(crate) fn heading(section: &Section) -> AnyView {
    ground_heading(&section.ground, section.lines.len())
}

/// The same for any list on one ground.
pub(crate) fn ground_heading(ground: &board::Ground, rows: usize) -> AnyView {
    let note = format!(
        "{} {} Method version {}. {}",
        display::label_meaning(ground.label),
        display::boundary_parts(ground.boundary),
        ground.method_version,
        if rows == 1 { "One row.".to_owned() } else { format!("{rows} rows.") }
    );
    view! {
        <header class="ground-head">
            <h2>{ground.heading()}</h2>
            <p>{label_badge(ground.label, ground.has_random_weights)}</p>
            <p class="quiet">{note}</p>
        </header>
    }
    .into_any()
}

fn filters(board: &Leaderboard) -> AnyView {
    let labels = Label::ALL.iter().map(|(label, name)| (*name, display::label(*label).to_owned()));
    let origins = Origin::ALL.iter().map(|(origin, name)| (*name, display::origin(*origin).to_owned()));
    let tasks = Task::ALL.into_iter().map(|task| (task.name(), display::task(task).to_owned()));
    view! {
        <div class="bar" role="group" aria-label="Filters">
            {find_box()}
            {pick("Label", any_of(labels), |state| state.label.map(|label| Choice::name(label).to_owned()).unwrap_or_default(),
                |state, value| state.label = Choice::named(value))}
            {pick("Task", any_of(tasks), |state| state.task.map(|task| task.name().to_owned()).unwrap_or_default(),
                |state, value| state.task = value.parse().ok())}
            {pick("Asked by", any_of(origins), |state| state.origin.map(|origin| Choice::name(origin).to_owned()).unwrap_or_default(),
                |state, value| state.origin = Choice::named(value))}
            {zone_pick(board)}
        </div>
    }
    .into_any()
}

/// Whose grid is assumed.
pub(crate) fn zone_pick(board: &Leaderboard) -> AnyView {
    let mut options = vec![(String::new(), "each machine's own".to_owned())];
    options.extend(board.zones.iter().map(|zone| (zone.zone.to_string(), format!("{} ({})", zone.zone_name, zone.zone))));
    pick(
        "Grid",
        options,
        |state| state.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
        |state, value| state.zone = value.parse().ok(),
    )
}

/// What is shown, as a table of full digits.
fn table(board: &Leaderboard, state: &ViewState) -> Table {
    let figures = Figure::all(board);
    let mut fields: Vec<String> = [
        "label", "boundary", "random_weights", "method_version", "model_id", "machine", "compute", "task", "origin", "batch",
        "engine_version", "zone", "excluded_runs",
    ]
    .map(str::to_owned)
    .to_vec();
    for figure in &figures {
        let field = figure.field(state);
        if matches!(figure, Figure::Energy | Figure::Latency | Figure::Ttft) {
            fields.push(format!("{field}_half_width_95"));
        }
        fields.push(field);
    }
    let rows = board::sections(board, state)
        .into_iter()
        .flat_map(|section| section.lines.into_iter().map(move |line| (section.ground, line)))
        .map(|(ground, line)| {
            let key = &line.row.key;
            let mut row: Vec<Value> = vec![
                json!(key.label.name()),
                json!(key.boundary.name()),
                json!(ground.has_random_weights),
                json!(key.method_version),
                json!(key.model_id),
                json!(line.machine.name),
                json!(line.machine.hardware.compute()),
                json!(key.task),
                json!(key.origin),
                json!(key.batch),
                json!(key.engine_version),
                json!(line.grid.as_ref().map(|grid| &grid.zone)),
                json!(line.row.sums.excluded_runs),
            ];
            for figure in &figures {
                let estimate = figure.of(&line, state);
                if matches!(figure, Figure::Energy | Figure::Latency | Figure::Ttft) {
                    row.push(json!(estimate.and_then(|estimate| estimate.half_width)));
                }
                row.push(json!(estimate.map(|estimate| estimate.mean)));
            }
            row
        })
        .collect();
    Table { fields, rows }
}
