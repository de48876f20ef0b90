//! The frame of a chart: rules, ticks, axes and their names, at the text's true size.
//!
//! Must not: know what is drawn inside.

use crate::browser::{self, WindowWidth};
use crate::components::power_chart::{canvas, rule, tick_text};
use crate::dom::{El, svg};
use crate::scale::{self, Axis};

const LEFT: f64 = 56.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 48.0;

/// The room that a chart has.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    height: f64,
    width: f64,
    /// From left to right.
    pub(crate) across: (f64, f64),
    /// From the floor up.
    pub(crate) up: (f64, f64),
}

/// As wide as the page allows.
pub(crate) fn room(height: f64) -> Room {
    let width = WindowWidth::chart(1_132.0);
    Room { height, width, across: (LEFT, width - 16.0), up: (height - BOTTOM, TOP) }
}

impl Room {
    /// Where words about a place stand: over it, and never over the edge.
    fn beside(&self, (x, y): (f64, f64)) -> (&'static str, f64, f64) {
        let third = (self.across.1 - self.across.0) / 3.0;
        let anchor = if x < self.across.0 + third {
            "start"
        } else if x > self.across.1 - third {
            "end"
        } else {
            "middle"
        };
        (anchor, x, (y - 18.0).max(TOP - 2.0))
    }

    /// The ticks of the horizontal axis.
    pub(crate) fn ticks_across(&self, x: &Axis) -> Vec<f64> {
        x.ticks(if self.width < 480.0 { 3 } else { 6 })
    }

    /// The ticks of the vertical axis.
    pub(crate) fn ticks_up(&self, y: &Axis) -> Vec<f64> {
        y.ticks(if self.width < 480.0 { 4 } else { 5 })
    }

    /// Draws the frame; `names` are those of the axes, `sentence` says what the chart shows.
    pub(crate) fn frame(
        &self,
        (x, y): (&Axis, &Axis),
        (write_x, write_y): (&dyn Fn(f64) -> String, &dyn Fn(f64) -> String),
        names: (&str, &str),
        sentence: &str,
    ) -> El {
        let ((left, right), (floor, top)) = (self.across, self.up);
        let name = |anchor: &str, at: (f64, f64), name: &str| {
            tick_text(anchor, at.0, at.1, name).set("class", "axis-name")
        };
        let up = self.ticks_up(y);
        canvas(self.width, self.height, &format!("{sentence} Arrow keys go from point to point."))
            .set("role", "group")
            .set("tabindex", "0")
            .on("keydown", |event| browser::step_across(&event, ".point"))
            .all(up.iter().map(|value| rule(left, right, y.place(*value))))
            .all(up.iter().map(|value| tick_text("end", left - 8.0, y.place(*value) + 4.0, &write_y(*value))))
            .all(
                self.ticks_across(x)
                    .iter()
                    .map(|value| tick_text("middle", x.place(*value), floor + 18.0, &write_x(*value))),
            )
            .add(svg("path", "axis").set("d", &scale::line([(left, top), (left, floor), (right, floor)])))
            .add(name("end", (right, self.height - 8.0), names.0))
            .add(name("start", (0.0, 14.0), names.1))
    }
}

/// A mark on a chart that says what it is when it is pointed at or reached with the arrow keys: the chart is one stop of
/// the tab key, however many marks it has.
pub(crate) fn spot(room: &Room, class: &str, about: &str, shape: El, at: (f64, f64)) -> El {
    let (anchor, x, y) = room.beside(at);
    svg("g", class)
        .set("tabindex", "-1")
        .set("role", "img")
        .set("aria-label", about)
        .add(svg("circle", "point-reach").at([("cx", at.0), ("cy", at.1), ("r", 12.0)]))
        .add(shape)
        .add(tick_text(anchor, x, y, about).set("class", "point-about"))
        .add(svg("title", "").text(about))
}
