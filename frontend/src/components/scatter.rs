//! Points over two figures, and the front as a line of steps. Names stand beside the front and come up on the others.
//!
//! Must not: draw names over each other.

use crate::components::plot::{room, spot};
use crate::components::power_chart::tick_text;
use crate::display::Column;
use crate::dom::{El, el, svg};
use crate::scale::{self, Axis};

const HEIGHT: f64 = 400.0;
/// Height that a name takes.
const NAME: f64 = 15.0;

/// One point.
pub(crate) struct Point {
    /// What stands beside it.
    pub(crate) name: String,
    /// What comes up when it is pointed at.
    pub(crate) about: String,
    /// Its two figures.
    pub(crate) at: (f64, f64),
    /// In which layer it lies; 1 is the front.
    pub(crate) layer: usize,
    /// Its class, which gives it its colour.
    pub(crate) class: &'static str,
    /// How large it is.
    pub(crate) radius: f64,
    /// Whether it is dominated, but not clearly.
    pub(crate) is_tied: bool,
}

impl Point {
    /// Whether nothing dominates it.
    const fn is_on_front(&self) -> bool {
        self.layer == 1
    }
}

/// What is drawn.
pub(crate) struct Scatter {
    /// The points.
    pub(crate) points: Vec<Point>,
    /// What stands at the axes.
    pub(crate) titles: (String, String),
    /// How figures are written.
    pub(crate) columns: (Column, Column),
    /// Whether more is better, across and up.
    pub(crate) more_is_better: (bool, bool),
    /// How many layers are drawn as lines.
    pub(crate) layers: usize,
    /// What colours and sizes stand for.
    pub(crate) legend: Option<El>,
}

/// Draws it.
pub(crate) fn scatter(drawing: Scatter) -> El {
    let room = room(HEIGHT);
    let ((left, right), (floor, top)) = (room.across, room.up);
    let x = Axis::around(drawing.points.iter().map(|point| point.at.0), left, right);
    let y = Axis::around(drawing.points.iter().map(|point| point.at.1), floor, top);
    let places: Vec<(f64, f64)> =
        drawing.points.iter().map(|point| (x.place(point.at.0), y.place(point.at.1))).collect();
    let line = |layer: usize| {
        let members: Vec<(f64, f64)> = drawing
            .points
            .iter()
            .zip(&places)
            .filter(|(point, _)| point.layer == layer)
            .map(|(_, place)| *place)
            .collect();
        let across: Vec<f64> = members.iter().map(|place| place.0).collect();
        let members: Vec<(f64, f64)> =
            scale::order(&across).into_iter().filter_map(|place| members.get(place).copied()).collect();
        // From the better side along first, so that the steps bound what is reached and never what is not.
        let path = scale::steps(&members, !drawing.more_is_better.0);
        svg("path", if layer == 1 { "front-line" } else { "layer-line" }).set("d", &path)
    };
    let on_front = drawing.points.iter().filter(|point| point.is_on_front()).count();
    let sentence = format!(
        "{} against {}: {} points, {} on the Pareto front. The table below holds the same.",
        drawing.titles.1,
        drawing.titles.0,
        drawing.points.len(),
        on_front
    );
    let across = room.ticks_across(&x);
    let (write_x, write_y) = (drawing.columns.0.ticks(&across), drawing.columns.1.ticks(&room.ticks_up(&y)));
    let title = |title: &str, more_is_better: bool| {
        format!("{title} · {}", if more_is_better { "more is better" } else { "less is better" })
    };
    let points = drawing.points.iter().zip(&places).map(|(point, at)| {
        let dot =
            |class: &str, radius: f64| svg("circle", class).at([("cx", at.0), ("cy", at.1), ("r", radius)]);
        let state = match (point.is_on_front(), point.is_tied) {
            (true, _) => "point point-front",
            (false, true) => "point point-tied",
            (false, false) => "point",
        };
        let class = format!("{state} {}", point.class);
        spot(&room, &class, &point.about, dot("point-dot", point.radius), *at)
            .maybe(point.is_tied.then(|| dot("point-ring", point.radius + 3.5)))
    });
    let names = name_places(&drawing, &places, (right, top)).into_iter().map(|(name, at_x, at_y, anchor)| {
        tick_text(anchor, at_x, at_y, &name).set("class", "point-name").set("aria-hidden", "true")
    });
    let (title_x, title_y) = (
        title(&drawing.titles.0, drawing.more_is_better.0),
        title(&drawing.titles.1, drawing.more_is_better.1),
    );
    el("figure", "chart")
        .add(
            room.frame(
                (&x, &y),
                (&|value| write_x.cell(value), &|value| write_y.cell(value)),
                (&title_x, &title_y),
                &sentence,
            )
            .all(across.iter().map(|tick| {
                let at = x.place(*tick);
                svg("line", "grid").at([("x1", at), ("x2", at), ("y1", top), ("y2", floor)])
            }))
            .all((1..=drawing.layers.max(1)).rev().map(line))
            .all(points)
            .all(names),
        )
        .maybe(drawing.legend)
}

/// Where the names of the front stand: beside their point, one above the other where they would overlap.
fn name_places(
    drawing: &Scatter,
    places: &[(f64, f64)],
    (right, top): (f64, f64),
) -> Vec<(String, f64, f64, &'static str)> {
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let mut names = Vec::new();
    for (point, (x, y)) in drawing.points.iter().zip(places).filter(|(point, _)| point.is_on_front()) {
        let length = scale::float(point.name.chars().count()) * 7.0;
        let is_left = x + 12.0 + length > right;
        let start = if is_left { x - 10.0 - length } else { x + 10.0 };
        let mut at = y - 8.0;
        let is_free = |at: f64| {
            let beside = |from: f64, to: f64| start < to && start + length > from;
            let is_named =
                taken.iter().any(|(from, to, line)| beside(*from, *to) && (at - line).abs() < NAME);
            // The middle of a line of text lies a little above its foot.
            let is_dotted =
                places.iter().any(|dot| beside(dot.0 - 6.0, dot.0 + 6.0) && (at - 4.0 - dot.1).abs() < 11.0);
            !is_named && !is_dotted
        };
        while !is_free(at) && at > top {
            at -= NAME;
        }
        taken.push((start, start + length, at));
        names.push((
            point.name.clone(),
            if is_left { x - 10.0 } else { start },
            at,
            if is_left { "end" } else { "start" },
        ));
    }
    names
}
