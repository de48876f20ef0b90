//! Models over the five kinds of question: a heat map that is a table.
//!
//! Must not: show a mean without how many runs it stands on.

use common::api::leaderboard::GetLeaderboard;
use common::leaderboard::{Key, Leaderboard, Row, Sums};
use common::prompt::Kind;
use leptos::prelude::*;
use std::sync::Arc;

use crate::board::{self, Ground, KindsRow};
use crate::browser;
use crate::called::Apart;
use crate::components::controls::{per_toggle, segmented, unit_toggle};
use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::ground::{lead, section, zone_pick};
use crate::components::states::{commanded, fetched};
use crate::components::table;
use crate::display::{self, Column, MISSING};
use crate::dom::{El, drawn, el, group, page, text};
use crate::events;
use crate::export::{Table, keys};
use crate::figures::{Figure, Line};
use crate::remote::Source;
use crate::scale::Axis;
use crate::view::View;
use crate::view_state::{Shown, ViewState};

/// Shades of the heat map.
const SHADES: f64 = 6.0;

/// `/kinds`
pub(crate) fn kinds() -> AnyView {
    browser::set_title("Kinds");
    let source = Source::new(GetLeaderboard);
    events::keep_up_with_the_board(vec![source.asked()]);
    let start = || {
        lead(
            "Kinds of question",
            "Each cell is the mean over the questions of one kind, with how many runs it stands on. A longer answer costs more, whatever it is about: see it per token.",
        )
    };
    page("page", vec![drawn(start), fetched(source, "the kinds", |board| map(&board))])
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

fn map(board: &Arc<Leaderboard>) -> El {
    const SHOWN: [(Shown, &str); 4] = [
        (Shown::Energy, "Energy"),
        (Shown::Carbon, "CO₂e"),
        (Shown::Sci, "SCI"),
        (Shown::Correct, "Right answers"),
    ];
    if board.cells.is_empty() {
        return nothing_yet();
    }
    let view = View::current();
    let state = view.get();
    let listed = Arc::clone(board);
    let bar = el("div", "bar")
        .add(segmented("Show", &SHOWN, state.shown, |state, shown| state.shown = shown))
        .maybe((state.shown == Shown::Energy).then(|| unit_toggle(&state, "list")))
        .maybe((state.shown != Shown::Correct).then(|| per_toggle(&state)))
        .add(zone_pick(&board.zones, &state))
        .add(download("jouleboard-kinds", move || table(&listed, &view.get())));
    let sections = board::kinds(board, &state);
    let none = sections.is_empty().then(nothing_yet);
    group([bar])
        .all(sections.iter().map(|(ground, rows)| heat_map(ground, rows, &state)))
        .maybe(none)
        .add(quiet(figure(state.shown).definition(&state)))
}

fn nothing_yet() -> El {
    commanded(
        "No question of a known kind has been measured yet",
        "Campaigns ask such questions. Queue one, and the cells fill as its runs are measured.",
        "campaign run backend/server/campaigns/chat-tasks.toml",
    )
}

fn heat_map(ground: &Ground, rows: &[KindsRow], state: &ViewState) -> El {
    let figure = figure(state.shown);
    let value = |line: &Line| figure.of(line, state).map(|estimate| estimate.mean);
    let values: Vec<f64> = rows.iter().flat_map(|row| &row.cells).flatten().filter_map(value).collect();
    let column = Column::of(figure.quantity(state), values.iter().copied());
    let axis = Axis::around(values.iter().copied(), 0.0, SHADES - 0.01);
    let caption = match column.unit {
        "" => figure.title(state),
        unit => format!("{} in {unit}; the stronger the colour, the more", figure.title(state)),
    };
    let runs = |line: &Line| {
        let half = figure.of(line, state).and_then(|estimate| estimate.half_width);
        let spread = half.map(|half| format!("±\u{a0}{}, ", column.cell(half))).unwrap_or_default();
        text("small", "", format!("{spread}n\u{a0}=\u{a0}{}", display::compact(line.row.sums.runs)))
    };
    let heads = std::iter::once(table::head("", "Model"))
        .chain(Kind::ALL.map(|kind| table::head("num", display::kind(kind))))
        .chain(std::iter::once(table::head("num", "All")));
    let apart = Apart::of(rows.iter().map(|row| &row.whole));
    // A figure opens to the row that it is of; the tab key leaves the map, arrow keys go through it.
    let figure_of = |class: &str, line: &Line, content: &str| {
        let opens = text("a", "", content).set("href", &line.opened(state)).set("tabindex", "-1");
        cell(class).add(opens).add(runs(line))
    };
    let body = rows.iter().map(|row| {
        let line = &row.whole;
        let about = format!(
            "{} · {} · {}{}",
            display::task(line.row.key.task),
            display::compute(&line.machine.hardware),
            line.machine.name,
            apart.says(line)
        );
        let cells =
            row.cells.iter().map(|found| match found.as_ref().and_then(|line| Some((value(line)?, line))) {
                Some((value, line)) => {
                    // Equal ratios get equal steps where values lie far apart.
                    let shade = axis.place(value).floor();
                    figure_of(&format!("num shade-{shade:.0}"), line, &column.cell(value))
                }
                None => cell("num none").text(MISSING).add(text("small", "", "n\u{a0}=\u{a0}0")),
            });
        let whole = figure_of("num whole", line, &column.cell_or_missing(value(line)));
        el("tr", "").add(table::line_head(line, state, &about)).all(cells).add(whole)
    });
    let map = table::table(&ground.place(), "heat", &caption, heads, body)
        .on("keydown", |event| browser::step_in_table(&event));
    section(ground, rows.len()).add(map)
}

/// A cell that arrow keys reach.
fn cell(class: &str) -> El {
    el("td", class).set("tabindex", "-1")
}

/// What is shown, as a table of full digits; a kind of which nothing was measured has no runs.
fn table(board: &Leaderboard, state: &ViewState) -> Table {
    let figures = [figure(state.shown)];
    let mut fields = keys::line_fields();
    fields.extend(keys::figure_fields(&figures, state));
    let row = |line: &Line| {
        let mut row = keys::of_line(line);
        row.extend(keys::of_figures(&figures, line, state));
        row
    };
    let mut rows = Vec::new();
    for (_, lines) in board::kinds(board, state) {
        for KindsRow { cells, whole } in lines {
            for (kind, cell) in Kind::ALL.into_iter().zip(cells) {
                rows.push(row(&cell.unwrap_or_else(|| without_runs(&whole, kind))));
            }
        }
    }
    Table { fields, rows }
}

fn without_runs(line: &Line, kind: Kind) -> Line {
    let key = Key { kind: Some(kind), ..line.row.key.clone() };
    Line { row: Row { key, sums: Sums::default() }, ..line.clone() }
}
