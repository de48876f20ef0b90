//! Points over two figures, and the front as a line of steps. Names stand beside the front and come up on the others.
//!
//! Must not: draw names over each other.

use leptos::prelude::*;

use crate::browser::WindowWidth;
use crate::display::Column;
use crate::scale::{self, Axis};

const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 48.0;
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
    /// Whether nothing dominates it.
    pub(crate) is_on_front: bool,
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
}

/// Draws it.
pub(crate) fn scatter(drawing: &Scatter) -> AnyView {
    let width = WindowWidth::chart(1_080.0);
    let (right, floor) = (width - 16.0, HEIGHT - BOTTOM);
    let x = Axis::around(drawing.points.iter().map(|point| point.at.0), LEFT, right);
    let y = Axis::around(drawing.points.iter().map(|point| point.at.1), floor, TOP);
    let places: Vec<(f64, f64)> = drawing.points.iter().map(|point| (x.place(point.at.0), y.place(point.at.1))).collect();
    let mut front: Vec<(f64, f64)> =
        drawing.points.iter().zip(&places).filter(|(point, _)| point.is_on_front).map(|(_, place)| *place).collect();
    front.sort_by(|a, b| a.0.total_cmp(&b.0));
    // From the better side along first, so that the steps bound what is reached and never what is not.
    let path = scale::steps(&front, !drawing.more_is_better.0);
    let names = name_places(drawing, &places, right);
    let count = drawing.points.iter().filter(|point| point.is_on_front).count();
    let sentence = format!(
        "{} against {}: {} points, {count} on the Pareto front. The table below holds the same.",
        drawing.titles.1,
        drawing.titles.0,
        drawing.points.len()
    );
    let (better_x, better_y) = (better(drawing.more_is_better.0), better(drawing.more_is_better.1));
    let ticks_across = if width < 480.0 { 4 } else { 8 };
    view! {
        <figure class="chart scatter">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") role="img" aria-label=sentence>
                {y.ticks(5).into_iter().map(|tick| {
                    let at = y.place(tick);
                    view! {
                        <line class="grid" x1=LEFT x2=right y1=at y2=at/>
                        <text class="tick" x=LEFT - 8.0 y=at + 4.0 text-anchor="end">{drawing.columns.1.cell(tick)}</text>
                    }
                }).collect_view()}
                {x.ticks(ticks_across).into_iter().map(|tick| {
                    let at = x.place(tick);
                    view! {
                        <line class="grid" x1=at x2=at y1=TOP y2=floor/>
                        <text class="tick" x=at y=floor + 18.0 text-anchor="middle">{drawing.columns.0.cell(tick)}</text>
                    }
                }).collect_view()}
                <line class="axis" x1=LEFT x2=right y1=floor y2=floor/>
                <line class="axis" x1=LEFT x2=LEFT y1=TOP y2=floor/>
                <text class="axis-name" x=right y=HEIGHT - 8.0 text-anchor="end">{drawing.titles.0.clone()}{format!(" · {better_x}")}</text>
                <text class="axis-name" x=4.0 y=14.0>{drawing.titles.1.clone()}{format!(" · {better_y}")}</text>
                <path class="front-line" d=path/>
                {drawing.points.iter().zip(&places).map(|(point, (at_x, at_y))| {
                    let class = if point.is_on_front { "point point-front" } else { "point" };
                    view! {
                        <g class=class tabindex="0" role="img" aria-label=point.about.clone()>
                            <circle class="point-reach" cx=*at_x cy=*at_y r="12"/>
                            <circle class="point-dot" cx=*at_x cy=*at_y r="5"/>
                            <text class="point-about" x=f64::midpoint(LEFT, right) y=TOP + 14.0 text-anchor="middle">{point.about.clone()}</text>
                            <title>{point.about.clone()}</title>
                        </g>
                    }
                }).collect_view()}
                {names.into_iter().map(|(name, at_x, at_y, anchor)| view! {
                    <text class="point-name" x=at_x y=at_y text-anchor=anchor aria-hidden="true">{name}</text>
                }).collect_view()}
            </svg>
        </figure>
    }
    .into_any()
}

const fn better(more_is_better: bool) -> &'static str {
    if more_is_better { "more is better" } else { "less is better" }
}

/// Where the names of the front stand: beside their point, one below the other where they would overlap.
fn name_places(drawing: &Scatter, places: &[(f64, f64)], right: f64) -> Vec<(String, f64, f64, &'static str)> {
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let mut names = Vec::new();
    for (point, (x, y)) in drawing.points.iter().zip(places).filter(|(point, _)| point.is_on_front) {
        let length = scale::float(point.name.chars().count()) * 7.0;
        let (start, anchor) = if x + 12.0 + length > right { (x - 10.0 - length, "end") } else { (x + 10.0, "start") };
        let mut at = y - 8.0;
        while taken.iter().any(|(from, to, line)| start < *to && start + length > *from && (at - line).abs() < NAME) {
            at -= NAME;
        }
        taken.push((start, start + length, at));
        names.push((point.name.clone(), if anchor == "end" { x - 10.0 } else { start }, at, anchor));
    }
    names
}
