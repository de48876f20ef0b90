//! A row over the versions of the engine: the same model, machine, task and batch, version after version.
//!
//! Must not: join rows that differ in anything else.

use std::sync::Arc;

use common::leaderboard::Leaderboard;

use crate::board::history;
use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::plot::{room, spot};
use crate::components::table;
use crate::display::{self, Column, MISSING};
use crate::dom::{El, el, svg, text};
use crate::export::{Table, keys};
use crate::figures::{Figure, Line};
use crate::scale::{self, Axis};
use crate::view_state::ViewState;

/// The chart, where there is more than one version, and the table behind it.
pub(crate) fn row_history(board: &Arc<Leaderboard>, line: &Line, state: &ViewState) -> El {
    let lines = history(board, line, state);
    let figure = Figure::Energy;
    let of = |line: &Line| figure.of(line, state);
    let column = Column::of(
        figure.quantity(state),
        lines.iter().filter_map(|line| of(line).map(|estimate| estimate.mean)),
    );
    let head = [
        table::head("", "Engine"),
        table::head("num", &format!("{}, {}", figure.title(state), column.unit)),
        table::head("num", "Against the version before"),
        table::head("num", "Runs"),
        table::head("", "First measured"),
    ];
    let means: Vec<Option<f64>> = lines.iter().map(|line| of(line).map(|estimate| estimate.mean)).collect();
    let before = std::iter::once(None).chain(means.iter().copied());
    let rows = lines.iter().zip(before).map(|(line, before)| {
        let now = of(line);
        let spread = now
            .and_then(|estimate| estimate.half_width)
            .map(|half| text("small", "", format!("±\u{a0}{}", column.cell(half))));
        let ratio = now.zip(before).filter(|(_, before)| *before > 0.0);
        el("tr", "")
            .add(table::row_head(&line.row.key.engine_version))
            .add(table::number(column.cell_or_missing(now.map(|estimate| estimate.mean))).maybe(spread))
            .add(table::number(
                ratio.map_or_else(|| MISSING.to_owned(), |(now, before)| display::ratio(now.mean / before)),
            ))
            .add(table::number(display::compact(line.row.sums.runs)))
            .add(table::cell(
                line.row.sums.first_measured_at.map_or_else(|| MISSING.to_owned(), display::date),
            ))
    });
    let id = format!("history-{}", line.link_key());
    let listed = table::table(&id, "", "The same row under each version of the engine", head, rows);
    let (board, own, view) = (Arc::clone(board), line.clone(), state.clone());
    let take = download("jouleboard-history", move || table_of(&history(&board, &own, &view)));
    let part = el("section", "list history").add(
        el("div", "bar")
            .add(text("h3", "", "Over versions of the engine"))
            .maybe((lines.len() > 1).then_some(take)),
    );
    if lines.len() < 2 {
        return part.add(quiet(
            "Only one version of the engine has been measured. After an upgrade the row of the new version appears here beside this one.",
        ));
    }
    part.add(chart(&lines, &column, state)).add(listed)
}

fn chart(lines: &[Line], column: &Column, state: &ViewState) -> El {
    let room = room(220.0);
    let estimates: Vec<_> = lines.iter().map(|line| Figure::Energy.of(line, state)).collect();
    let ends = estimates.iter().flatten().flat_map(|each| {
        let half = each.half_width.unwrap_or(0.0);
        [each.mean - half, each.mean + half]
    });
    let y = Axis::from_zero(ends.fold(0.0, f64::max), room.up.0, room.up.1);
    let x = Axis::exact(0.0, scale::float(lines.len() + 1), room.across.0, room.across.1);
    let spots = lines.iter().zip(&estimates).enumerate().filter_map(|(index, (line, estimate))| {
        let estimate = (*estimate)?;
        let at = (x.place(scale::float(index + 1)), y.place(estimate.mean));
        let half = estimate.half_width.unwrap_or(0.0);
        let bar = svg("line", "interval").at([
            ("x1", at.0),
            ("x2", at.0),
            ("y1", y.place(estimate.mean - half)),
            ("y2", y.place(estimate.mean + half)),
        ]);
        let dot = svg("circle", "point-dot").at([("cx", at.0), ("cy", at.1), ("r", 5.0)]);
        let about = format!("{}: {}", line.row.key.engine_version, column.with_unit(estimate.mean));
        Some(spot(&room, "point point-front", &about, svg("g", "").add(bar).add(dot), at))
    });
    let ticks = column.ticks(&room.ticks_up(&y));
    let write = |value: f64| ticks.cell(value);
    let count = |value: f64| {
        if value > 0.0 && value <= scale::float(lines.len()) { format!("{value:.0}") } else { String::new() }
    };
    let sentence = format!(
        "Energy of {} versions of the engine, oldest first. The table below holds the same.",
        lines.len()
    );
    el("figure", "chart").add(
        room.frame((&x, &y), (&count, &write), ("version, oldest first", column.unit), &sentence).all(spots),
    )
}

fn table_of(lines: &[Line]) -> Table {
    let (figures, view) = ([Figure::Energy], ViewState::default());
    let mut fields = keys::line_fields();
    fields.extend(keys::figure_fields(&figures, &view));
    let row = |line: &Line| {
        keys::of_line(line).into_iter().chain(keys::of_figures(&figures, line, &view)).collect()
    };
    Table { fields, rows: lines.iter().map(row).collect() }
}
