//! Joules per output token over the size of the model: of this board, measured by others, and the formula as a line.
//!
//! Must not: leave which is which to colour alone.

use common::estimate;

use crate::components::plot::{room, spot};
use crate::components::power_chart::key;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg};
use crate::scale::{self, Axis};

/// Places at which the formula is drawn.
const STEPS: usize = 120;

/// One figure.
pub(crate) struct Spot {
    /// What it is of.
    pub(crate) name: String,
    /// Size of the model.
    pub(crate) parameters: f64,
    /// Joules per output token.
    pub(crate) joules: f64,
    /// Whether it is of this board.
    pub(crate) is_ours: bool,
    /// Whether it is the row that was picked.
    pub(crate) is_picked: bool,
}

/// Draws it.
pub(crate) fn estimate_chart(spots: &[Spot], batch: f64) -> El {
    let room = room(360.0);
    let (left, right) = room.across;
    let x = Axis::around(spots.iter().map(|spot| spot.parameters), left, right);
    let curve: Vec<(f64, f64)> = (0..=STEPS)
        .map(|step| {
            let place = left + (right - left) * scale::float(step) / scale::float(STEPS);
            let parameters = x.value_at(place);
            (place, estimate::per_output_token(parameters, parameters, batch).accelerators.joules())
        })
        .collect();
    let joules = spots.iter().map(|spot| spot.joules).chain(curve.iter().map(|point| point.1));
    let y = Axis::around(joules, room.up.0, room.up.1);
    let path = scale::line(curve.iter().map(|(place, joules)| (*place, y.place(*joules))));
    let ours = spots.iter().filter(|spot| spot.is_ours).count();
    let sentence = format!(
        "Joules per output token over parameters: {ours} rows of this board, {} figures measured by others, and EcoLogits' formula as a line. The tables below hold the same.",
        spots.len() - ours
    );
    let parameters = |value: f64| display::plain(Quantity::Parameters, value);
    let unit = Column::of(Quantity::Joules, room.ticks_up(&y));
    let (write_x, write_y) =
        (|value: f64| display::round(Quantity::Parameters, value), |value: f64| unit.round(value));
    let dots = spots.iter().map(|each| {
        let at = (x.place(each.parameters), y.place(each.joules));
        let joules = display::plain(Quantity::Joules, each.joules);
        let about = format!("{}: {}, {joules} per token", each.name, parameters(each.parameters));
        let class = match (each.is_ours, each.is_picked) {
            (true, true) => "point spot-ours spot-picked",
            (true, false) => "point spot-ours",
            (false, _) => "point spot-theirs",
        };
        let shape = if each.is_ours {
            let radius = if each.is_picked { 7.0 } else { 4.0 };
            svg("circle", "point-dot").at([("cx", at.0), ("cy", at.1), ("r", radius)])
        } else {
            let (x, y) = (at.0 - 4.0, at.1 - 4.0);
            svg("rect", "point-dot").at([("x", x), ("y", y), ("width", 8.0), ("height", 8.0)])
        };
        spot(&room, class, &about, shape, at)
    });
    let name = format!("{} per output token", unit.unit);
    el("figure", "chart")
        .add(
            room.frame((&x, &y), (&write_x, &write_y), ("parameters", &name), &sentence)
                .add(svg("path", "formula-line").set("d", &path))
                .all(dots),
        )
        .add(
            el("figcaption", "")
                .add(key("key-dot", "this board; each dot says its label"))
                .add(key("key-box key-theirs", "measured by others"))
                .add(key("key-line key-2", &format!("formula, accelerators only, {batch:.0} at once"))),
        )
}
