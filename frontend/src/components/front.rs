//! A front as a drawing and as tables: the ranked rows, and those that lack a figure.
//!
//! Must not: rank.

use crate::board::Ground;
use crate::components::scatter::{Point, Scatter, scatter};
use crate::components::table::{self, model_name};
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, text};
use crate::figures::{Figure, Line};
use crate::front::{BITS, Front, Placed, bits_class, called};
use crate::view_state::ViewState;

/// How many layers are drawn where layers are asked for.
const LAYERS: usize = 4;

fn columns(front: &Front, x: &Figure, y: &Figure, state: &ViewState) -> (Column, Column) {
    let along = |axis: usize| front.placed.iter().filter_map(move |each| Some(each.at.get(axis)?.mean));
    (Column::of(x.quantity(state), along(0)), Column::of(y.quantity(state), along(1)))
}

fn title(figure: &Figure, column: &Column, state: &ViewState) -> String {
    match column.unit {
        "" => figure.title(state),
        unit => format!("{}, {unit}", figure.title(state)),
    }
}

fn row_name(line: &Line) -> El {
    model_name(table::row_head(""), &line.model).add(text("small", "", line.machine.hardware.compute()))
}

fn heads(x: &Figure, y: &Figure, titles: &(String, String), state: &ViewState) -> [El; 3] {
    [
        table::head("", "Model"),
        table::head("num", &titles.0).set("title", &x.definition(state)),
        table::head("num", &titles.1).set("title", &y.definition(state)),
    ]
}

/// The chart and the table behind it.
pub(crate) fn compared(ground: &Ground, front: &Front, x: &Figure, y: &Figure, state: &ViewState) -> Vec<El> {
    let columns = columns(front, x, y, state);
    let titles = (title(x, &columns.0, state), title(y, &columns.1, state));
    let shown: Vec<&Placed> =
        front.placed.iter().filter(|each| !state.front_only || each.dominator.is_none()).collect();
    let points: Vec<Point> = shown
        .iter()
        .map(|each| Point {
            name: format!("{} {}", each.line.model.name, each.line.model.dtype),
            about: format!(
                "{}: {} {}, {} {}, {} bits a weight{}",
                called(each.line),
                x.title(state),
                columns.0.with_unit(each.at[0].mean),
                y.title(state),
                columns.1.with_unit(each.at[1].mean),
                display::figure(Quantity::Plain, each.line.model.bits_per_weight, None).number,
                if each.is_tied { ", statistically tied with the front" } else { "" }
            ),
            at: (each.at[0].mean, each.at[1].mean),
            layer: each.layer,
            class: bits_class(each.line.model.bits_per_weight),
            is_tied: each.is_tied,
        })
        .collect();
    let written = |each: &Placed, axis: usize, column: &Column| {
        let Some(at) = each.at.get(axis) else { return table::number("") };
        let spread = at.half_width.map(|half| text("small", "", format!("±\u{a0}{}", column.cell(half))));
        table::number(column.cell(at.mean)).maybe(spread)
    };
    let rows = shown.iter().map(|each| {
        let by = each.dominator.and_then(|index| front.placed.get(index)).map(|by| called(by.line));
        let tied = each.is_tied.then(|| text("small", "", "statistically tied: within both intervals"));
        el("tr", if by.is_none() { "front" } else { "" })
            .add(row_name(each.line))
            .add(written(each, 0, &columns.0))
            .add(written(each, 1, &columns.1))
            .add(table::number(each.line.model.bits_per_weight.to_string()).set("class", "num p2"))
            .add(table::number(each.layer.to_string()))
            .add(table::cell(by.unwrap_or_else(|| "on the front".to_owned())).maybe(tied))
    });
    let head = heads(x, y, &titles, state).into_iter().chain([
        table::head("num p2", "Bits a weight"),
        table::head("num", "Layer").set("title", "1 is the front; 2 the front of what remains without it"),
        table::head("", "Dominated by"),
    ]);
    let listed = table::table(
        &id("front", ground),
        "",
        "The front first; beside each other row, one that beats it in both figures",
        head,
        rows,
    );
    if points.is_empty() {
        return vec![text("p", "quiet", "No row has both figures yet.")];
    }
    let is_there = |class: &str| points.iter().any(|point| point.class == class);
    let keys = BITS.into_iter().filter(|(class, _)| is_there(class)).collect();
    let drawing = Scatter {
        keys,
        points,
        titles,
        columns,
        more_is_better: (x.more_is_better(), y.more_is_better()),
        layers: if state.shows_layers { LAYERS } else { 1 },
    };
    vec![scatter(&drawing), listed]
}

/// The rows that lack a figure, with the one that they have.
pub(crate) fn apart(ground: &Ground, front: &Front, x: &Figure, y: &Figure, state: &ViewState) -> Option<El> {
    if front.apart.is_empty() {
        return None;
    }
    let columns = columns(front, x, y, state);
    let titles = (title(x, &columns.0, state), title(y, &columns.1, state));
    let rows = front.apart.iter().map(|line| {
        let of = |figure: &Figure| figure.of(line, state).map(|estimate| estimate.mean);
        el("tr", "")
            .add(row_name(line))
            .add(table::number(columns.0.cell_or_missing(of(x))))
            .add(table::number(columns.1.cell_or_missing(of(y))))
    });
    let caption = "Not placed, because a figure is missing; a missing figure is never guessed";
    Some(table::table(&id("apart", ground), "", caption, heads(x, y, &titles, state), rows))
}

fn id(what: &str, ground: &Ground) -> String {
    format!("{what}-{}", ground.heading().replace([' ', ','], "-"))
}
