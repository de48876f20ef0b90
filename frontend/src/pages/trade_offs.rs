//! Two figures against each other, with the front of what nothing else dominates.
//!
//! Must not: mix grounds, or guess a missing figure: such rows are listed apart.

use common::api::leaderboard::GetLeaderboard;
use common::leaderboard::Leaderboard;
use common::pareto;
use leptos::prelude::*;
use std::sync::Arc;

use crate::board;
use crate::browser;
use crate::components::controls::{per_toggle, pick, switch, unit_toggle};
use crate::components::download::download;
use crate::components::ground::{lead, section, zone_pick};
use crate::components::scatter::{Point, Scatter, scatter};
use crate::components::states::{empty, fetched};
use crate::components::table::{self, model_name};
use crate::display::Column;
use crate::dom::{El, drawn, el, group, text};
use crate::export::{Field, Table};
use crate::figures::{Figure, Line};
use crate::pages::leaderboard::{origin_pick, task_pick};
use crate::remote::Source;
use crate::view::View;
use crate::view_state::ViewState;

/// `/trade-offs`
#[component]
pub(crate) fn TradeOffsPage() -> impl IntoView {
    browser::set_title("Trade-offs");
    let source = Source::new(GetLeaderboard);
    let start = || {
        lead(
            "Trade-offs",
            "No model wins everywhere. On the line stand those that nothing else beats in both figures at once: the Pareto front.",
        )
    };
    view! {
        <div class="page">
            {drawn(start)}
            {fetched(source, "the leaderboard", |board| trade_offs(&board))}
        </div>
    }
}

/// The two figures that are compared: those of the link, or energy against the first error there is, else against latency.
fn axes(figures: &[Figure], state: &ViewState) -> (Figure, Figure) {
    let named = |id: &Option<String>| figures.iter().find(|figure| Some(figure.id()) == *id).cloned();
    let error = || figures.iter().find(|figure| matches!(figure, Figure::Error(_))).cloned();
    (named(&state.x).unwrap_or(Figure::Energy), named(&state.y).or_else(error).unwrap_or(Figure::Latency))
}

fn trade_offs(board: &Arc<Leaderboard>) -> El {
    if board.cells.is_empty() {
        return empty(
            "Nothing has been measured yet",
            "As soon as two models are measured, they can be compared here.",
        );
    }
    let view = View::current();
    let state = board::like_with_like(board, &view.get());
    let figures = Figure::all(board);
    let (x, y) = axes(&figures, &state);
    let options: Vec<(String, String)> =
        figures.iter().map(|figure| (figure.id(), figure.title(&state))).collect();
    let listed = Arc::clone(board);
    let bars = [
        el("div", "bar")
            .add(pick("Across", options.clone(), &x.id(), |state, id| state.x = Some(id.to_owned())))
            .add(pick("Up", options, &y.id(), |state, id| state.y = Some(id.to_owned())))
            .add(task_pick(&state, false))
            .add(origin_pick(&state, false))
            .add(zone_pick(&board.zones, &state)),
        el("div", "bar")
            .add(unit_toggle(&state, "list"))
            .add(per_toggle(&state))
            .add(switch("only the front", state.front_only, |state| state.front_only = !state.front_only))
            .add(download("jouleboard-trade-offs", move || {
                let state = board::like_with_like(&listed, &view.get());
                table_of(&listed, &state)
            })),
    ];
    let sections = board::sections(board, &state);
    let none = sections
        .is_empty()
        .then(|| empty("No row fits these filters", "Pick another task or another origin."));
    group(bars)
        .all(
            sections.iter().map(|part| {
                section(&part.ground, part.lines.len()).all(compared(&part.lines, &x, &y, &state))
            }),
        )
        .maybe(none)
}

/// A line with both figures.
struct Placed<'a> {
    line: &'a Line,
    at: [f64; 2],
}

/// Places lines by two figures, and names for each the one that dominates it. A figure of which more is better counts
/// the other way round.
fn place<'a>(
    lines: &'a [Line],
    x: &Figure,
    y: &Figure,
    state: &ViewState,
) -> (Vec<Placed<'a>>, Vec<Option<usize>>, Vec<&'a Line>) {
    let mut placed = Vec::new();
    let mut apart = Vec::new();
    for line in lines {
        let value = |figure: &Figure| {
            figure.of(line, state).map(|estimate| estimate.mean).filter(|value| value.is_finite())
        };
        match (value(x), value(y)) {
            (Some(x), Some(y)) => placed.push(Placed { line, at: [x, y] }),
            _ => apart.push(line),
        }
    }
    let cost = |value: f64, figure: &Figure| if figure.more_is_better() { -value } else { value };
    let costs: Vec<[f64; 2]> = placed.iter().map(|each| [cost(each.at[0], x), cost(each.at[1], y)]).collect();
    (placed, pareto::dominators(&costs), apart)
}

fn called(line: &Line) -> String {
    format!("{} {} on {}", line.model.name, line.model.dtype, line.machine.name)
}

fn compared(lines: &[Line], x: &Figure, y: &Figure, state: &ViewState) -> Vec<El> {
    let (placed, dominators, apart) = place(lines, x, y, state);
    let columns = (
        Column::of(x.quantity(state), placed.iter().map(|each| each.at[0])),
        Column::of(y.quantity(state), placed.iter().map(|each| each.at[1])),
    );
    let titles = (title(x, &columns.0, state), title(y, &columns.1, state));
    let is_on_front = |index: usize| dominators.get(index).is_none_or(Option::is_none);
    let (front, rest): (Vec<usize>, Vec<usize>) = (0..placed.len()).partition(|index| is_on_front(*index));
    let shown: Vec<(&Placed, Option<&Placed>)> = front
        .into_iter()
        .chain(if state.front_only { Vec::new() } else { rest })
        .filter_map(|index| {
            let dominator =
                dominators.get(index).copied().flatten().and_then(|dominator| placed.get(dominator));
            Some((placed.get(index)?, dominator))
        })
        .collect();
    let points: Vec<Point> = shown
        .iter()
        .map(|(each, dominator)| Point {
            name: format!("{} {}", each.line.model.name, each.line.model.dtype),
            about: format!(
                "{}: {} {}, {} {}",
                called(each.line),
                x.title(state),
                columns.0.with_unit(each.at[0]),
                y.title(state),
                columns.1.with_unit(each.at[1])
            ),
            at: (each.at[0], each.at[1]),
            is_on_front: dominator.is_none(),
        })
        .collect();
    let head = [
        table::head("", "Model"),
        table::head("num", &titles.0).set("title", &x.definition(state)),
        table::head("num", &titles.1).set("title", &y.definition(state)),
        table::head("", "Dominated by"),
    ];
    let name = |line: &Line| {
        model_name(table::row_head(""), &line.model).add(text("small", "", line.machine.hardware.compute()))
    };
    let ranked = shown.iter().map(|(each, dominator)| {
        el("tr", if dominator.is_none() { "front" } else { "" })
            .add(name(each.line))
            .add(table::number(columns.0.cell(each.at[0])))
            .add(table::number(columns.1.cell(each.at[1])))
            .add(table::cell(dominator.map_or_else(|| "on the front".to_owned(), |front| called(front.line))))
    });
    let missing = apart.into_iter().map(|line| {
        let written =
            |figure: &Figure, column: &Column| column.cell_or_missing(figure.of(line, state).map(|e| e.mean));
        el("tr", "")
            .add(name(line))
            .add(table::number(written(x, &columns.0)))
            .add(table::number(written(y, &columns.1)))
            .add(text("td", "quiet", "a figure is missing, so it is not ranked"))
    });
    let id = format!(
        "front-{}",
        lines
            .first()
            .map(|line| board::Ground::of(line).heading().replace([' ', ','], "-"))
            .unwrap_or_default()
    );
    let listed = table::table(
        &id,
        "",
        "The front first; beside each other row, one that beats it in both figures",
        head,
        ranked.chain(missing),
    );
    let drawing =
        Scatter { points, titles, columns, more_is_better: (x.more_is_better(), y.more_is_better()) };
    if drawing.points.is_empty() { vec![listed] } else { vec![scatter(&drawing), listed] }
}

fn title(figure: &Figure, column: &Column, state: &ViewState) -> String {
    match column.unit {
        "" => figure.title(state),
        unit => format!("{}, {unit}", figure.title(state)),
    }
}

/// What is shown, as a table of full digits.
fn table_of(board: &Leaderboard, state: &ViewState) -> Table {
    let (x, y) = axes(&Figure::all(board), state);
    let mut fields: Vec<String> =
        ["label", "boundary", "model_id", "machine", "task"].map(str::to_owned).to_vec();
    fields.extend([x.field(state), y.field(state), "dominated_by".to_owned()]);
    let mut rows = Vec::new();
    for section in board::sections(board, state) {
        let (placed, dominators, _) = place(&section.lines, &x, &y, state);
        for (each, dominator) in placed.iter().zip(&dominators) {
            let key = &each.line.row.key;
            let by = dominator.and_then(|index| placed.get(index)).map(|front| called(front.line));
            rows.push(vec![
                key.label.name().into(),
                key.boundary.name().into(),
                key.model_id.as_str().into(),
                each.line.machine.name.as_str().into(),
                key.task.name().into(),
                Field::Number(each.at[0]),
                Field::Number(each.at[1]),
                by.as_deref().into(),
            ]);
        }
    }
    Table { fields, rows }
}
