//! A front as a drawing and as tables: the ranked rows, and those that lack a figure.
//!
//! Must not: rank.

use crate::board::Ground;
use crate::called::Apart;
use crate::components::power_chart::key;
use crate::components::scatter::{Point, Scatter, scatter};
use crate::components::table;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg, text};
use crate::figures::{Figure, Line};
use crate::front::{BITS, Front, Placed, bits_class};
use crate::third::Third;
use crate::view_state::{Told, ViewState};

/// How many layers are drawn where layers are asked for.
const LAYERS: usize = 4;

/// The figures that rows are compared by, and a third that is shown besides.
pub(crate) struct Axes {
    /// Across.
    pub(crate) x: Figure,
    /// Up.
    pub(crate) y: Figure,
    /// By size or colour.
    pub(crate) z: Option<Figure>,
}

/// Radius of a point where no third figure says it.
const RADIUS: f64 = 5.0;

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

fn row_name(line: &Line, apart: &Apart, state: &ViewState) -> El {
    let compute = display::compute(&line.machine.hardware);
    table::line_head(line, state, &format!("{compute} · {}{}", line.machine.name, apart.says(line)))
}

fn heads(x: &Figure, y: &Figure, titles: &(String, String), state: &ViewState) -> [El; 3] {
    [
        table::head("", "Model"),
        table::head("num", &titles.0).set("title", &x.definition(state)),
        table::head("num", &titles.1).set("title", &y.definition(state)),
    ]
}

/// The chart and the table behind it.
pub(crate) fn compared(ground: &Ground, front: &Front, axes: &Axes, state: &ViewState) -> Vec<El> {
    let (x, y) = (&axes.x, &axes.y);
    let besides = Besides::of(front, axes, state);
    let columns = columns(front, x, y, state);
    let titles = (title(x, &columns.0, state), title(y, &columns.1, state));
    let apart = Apart::of(front.lines());
    let shown: Vec<&Placed> =
        front.placed.iter().filter(|each| !state.front_only || each.dominator.is_none()).collect();
    let points: Vec<Point> = shown
        .iter()
        .map(|each| Point {
            name: format!("{} {}", each.line.model.name, each.line.model.dtype),
            about: format!(
                "{}: {} {}, {} {}{}, {} bits a weight{}",
                apart.called(each.line),
                x.title(state),
                columns.0.with_unit(each.at[0].mean),
                y.title(state),
                columns.1.with_unit(each.at[1].mean),
                besides.as_ref().map(|besides| besides.said(each.line, state)).unwrap_or_default(),
                display::figure(Quantity::Plain, each.line.model.bits_per_weight, None).number,
                if each.is_tied { ", statistically tied with the front" } else { "" }
            ),
            at: (each.at[0].mean, each.at[1].mean),
            layer: each.layer,
            class: besides
                .as_ref()
                .and_then(|besides| besides.shade(each.line, state))
                .unwrap_or_else(|| bits_class(each.line.model.bits_per_weight)),
            radius: besides.as_ref().map_or(RADIUS, |besides| besides.radius(each.line, state)),
            is_tied: each.is_tied,
        })
        .collect();
    let written = |each: &Placed, axis: usize, column: &Column| {
        let Some(at) = each.at.get(axis) else { return table::number("") };
        table::number(column.cell(at.mean)).maybe(table::spread(column, at.half_width))
    };
    let rows = shown.iter().map(|each| {
        let by = each.dominator.and_then(|index| front.placed.get(index)).map(|by| apart.called(by.line));
        let tied = each.is_tied.then(|| text("small", "", "statistically tied: within both intervals"));
        el("tr", if by.is_none() { "front" } else { "" })
            .add(row_name(each.line, &apart, state))
            .add(written(each, 0, &columns.0))
            .add(written(each, 1, &columns.1))
            .maybe(besides.as_ref().map(|besides| table::number(besides.written(each.line, state))))
            .add(table::number(each.line.model.bits_per_weight.to_string()).set("class", "num p2"))
            .add(table::number(each.layer.to_string()))
            .add(table::cell(by.unwrap_or_else(|| "on the front".to_owned())).maybe(tied))
    });
    let third = besides.as_ref().map(|besides| {
        table::head("num", &title(&besides.figure, &besides.column, state))
            .set("title", &besides.figure.definition(state))
    });
    let head = heads(x, y, &titles, state).into_iter().chain(third).chain([
        table::head("num p2", "Bits a weight"),
        table::head("num", "Layer").set("title", "1 is the front; 2 the front of what remains without it"),
        table::head("", "Dominated by"),
    ]);
    let listed = table::table(
        &format!("front-{}", ground.place()),
        "",
        "The front first; beside each other row, one that beats it in both figures",
        head,
        rows,
    );
    if points.is_empty() {
        return vec![text("p", "quiet", "No row has both figures yet.")];
    }
    let is_there = |class: &str| points.iter().any(|point| point.class == class);
    let bits = BITS.into_iter().filter(|(class, _)| is_there(class));
    let keys = el("figcaption", "").all(bits.map(|(class, name)| key(&format!("key-dot {class}"), name)));
    let legend = match &besides {
        Some(besides) => keys.add(besides.legend(state)),
        None => keys,
    };
    let drawing = Scatter {
        legend: Some(legend),
        points,
        titles,
        columns,
        more_is_better: (x.more_is_better(), y.more_is_better()),
        layers: if state.shows_layers { LAYERS } else { 1 },
    };
    vec![scatter(drawing), listed]
}

/// The rows that lack a figure, with the one that they have.
pub(crate) fn apart(ground: &Ground, front: &Front, axes: &Axes, state: &ViewState) -> Option<El> {
    let (x, y) = (&axes.x, &axes.y);
    if front.apart.is_empty() {
        return None;
    }
    let columns = columns(front, x, y, state);
    let titles = (title(x, &columns.0, state), title(y, &columns.1, state));
    let told = Apart::of(front.lines());
    let rows = front.apart.iter().map(|line| {
        let of = |figure: &Figure| figure.of(line, state).map(|estimate| estimate.mean);
        el("tr", "")
            .add(row_name(line, &told, state))
            .add(table::number(columns.0.cell_or_missing(of(x))))
            .add(table::number(columns.1.cell_or_missing(of(y))))
    });
    let caption = "Not placed, because a figure is missing; a missing figure is never guessed";
    Some(table::table(&format!("apart-{}", ground.place()), "", caption, heads(x, y, &titles, state), rows))
}

/// The third figure: how it is written, and what it makes of points.
struct Besides {
    figure: Figure,
    column: Column,
    third: Option<Third>,
}

impl Besides {
    fn of(front: &Front, axes: &Axes, state: &ViewState) -> Option<Self> {
        let figure = axes.z.clone()?;
        let values: Vec<f64> =
            front.placed.iter().filter_map(|each| Some(figure.of(each.line, state)?.mean)).collect();
        let column = Column::of(figure.quantity(state), values.iter().copied());
        Some(Self { third: Third::around(&values), figure, column })
    }

    fn value(&self, line: &Line, state: &ViewState) -> Option<f64> {
        self.figure.of(line, state).map(|estimate| estimate.mean)
    }

    fn written(&self, line: &Line, state: &ViewState) -> String {
        self.column.cell_or_missing(self.value(line, state))
    }

    fn said(&self, line: &Line, state: &ViewState) -> String {
        let value = self
            .value(line, state)
            .map_or_else(|| "missing".to_owned(), |value| self.column.with_unit(value));
        format!(", {} {value}", self.figure.title(state))
    }

    fn shade(&self, line: &Line, state: &ViewState) -> Option<&'static str> {
        let is_colour = state.told == Told::Colour;
        self.third.filter(|_| is_colour).map(|third| third.shade(self.value(line, state)))
    }

    fn radius(&self, line: &Line, state: &ViewState) -> f64 {
        let is_size = state.told == Told::Size;
        self.third.filter(|_| is_size).map_or(RADIUS, |third| third.radius(self.value(line, state)))
    }

    fn legend(&self, state: &ViewState) -> El {
        let marks = self.third.map(|third| third.marks().map(|value| (third, value)));
        let keys = marks.into_iter().flatten().map(|(third, value)| match state.told {
            Told::Colour => key(&format!("key-dot {}", third.shade(Some(value))), &self.column.cell(value)),
            Told::Size => {
                let radius = third.radius(Some(value));
                let size = format!("{:.0}", 2.0 * radius + 2.0);
                let dot = svg("circle", "key-size").set("cx", "50%").set("cy", "50%").at([("r", radius)]);
                el("span", "key")
                    .add(
                        svg("svg", "")
                            .set("width", &size)
                            .set("height", &size)
                            .set("aria-hidden", "true")
                            .add(dot),
                    )
                    .text(&self.column.cell(value))
            }
        });
        el("span", "key-row")
            .add(text(
                "span",
                "key",
                format!(
                    "{} by {}:",
                    title(&self.figure, &self.column, state),
                    match state.told {
                        Told::Size => "size",
                        Told::Colour => "colour",
                    }
                ),
            ))
            .all(keys)
    }
}
