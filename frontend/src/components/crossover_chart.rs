//! What one response emits over the intensity of the grid: for its energy, and for its share of making the machine.
//!
//! Must not: know a row; it gets a slope and a height.

use crate::components::plot::{room, spot};
use crate::components::power_chart::{key, tick_text};
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg};
use crate::scale::{self, Axis};

/// What is drawn.
pub(crate) struct Crossover {
    /// Grams for the energy of a response, per gram and kWh of intensity.
    pub(crate) per_gram: f64,
    /// Grams for the share of making the machine.
    pub(crate) embodied: f64,
    /// Where both are equal, in grams per kWh.
    pub(crate) crossover: f64,
    /// The grids: name, intensity, whether the machine stands there.
    pub(crate) spots: Vec<(String, f64, bool)>,
}

/// Draws it.
pub(crate) fn crossover_chart(drawing: &Crossover) -> El {
    let Crossover { per_gram, embodied, crossover, ref spots } = *drawing;
    let room = room(280.0);
    let dirtiest = spots.iter().map(|spot| spot.1).fold(0.0, f64::max);
    let x = Axis::from_zero(dirtiest, room.across.0, room.across.1);
    let y = Axis::from_zero(per_gram * x.most() + embodied, room.up.0, room.up.1);
    let grams = Column::of_ticks(Quantity::Grams, &room.ticks_up(&y));
    let line = |class: &str, slope: f64, start: f64| {
        let ends = [0.0, x.most()].map(|at| (x.place(at), y.place(start + slope * at)));
        svg("path", class).set("d", &scale::line(ends))
    };
    let written = |value: f64| display::plain(Quantity::Grams, value);
    let sentence = format!(
        "Emissions of one response from 0 to {:.0} g CO₂e/kWh: {} for making the machine wherever it stands, and for the energy from 0 to {}. The table below holds the grids.",
        x.most(),
        written(embodied),
        written(per_gram * x.most())
    );
    let mark = x.place(crossover);
    // Beside the mark there is room on one side only.
    let (anchor, beside) =
        if mark > f64::midpoint(room.across.0, room.across.1) { ("end", -6.0) } else { ("start", 6.0) };
    let marked = (crossover < x.most()).then(|| {
        svg("g", "")
            .add(svg("line", "marker").at([("x1", mark), ("x2", mark), ("y1", room.up.1), ("y2", room.up.0)]))
            .add(tick_text(anchor, mark + beside, room.up.1 + 22.0, &format!("equal at {crossover:.0}")))
    });
    let dots = spots.iter().map(|(name, intensity, is_home)| {
        let total = embodied + per_gram * intensity;
        let about = format!("{name}: {} per response", written(total));
        let at = (x.place(*intensity), y.place(total));
        let radius = if *is_home { 6.0 } else { 3.0 };
        let shape = svg("circle", "point-dot").at([("cx", at.0), ("cy", at.1), ("r", radius)]);
        spot(&room, if *is_home { "point spot-ours spot-picked" } else { "point" }, &about, shape, at)
    });
    let names = ("g CO₂e/kWh", format!("{} per response", grams.unit));
    el("figure", "chart")
        .add(
            room.frame(
                (&x, &y),
                (&|value| format!("{value:.0}"), &|value| grams.cell(value)),
                (names.0, &names.1),
                &sentence,
            )
            .add(line("series series-1", 0.0, embodied))
            .add(line("series series-0", per_gram, 0.0))
            .add(line("series series-2", per_gram, embodied))
            .maybe(marked)
            .all(dots),
        )
        .add(
            el("figcaption", "")
                .add(key("key-line", "energy"))
                .add(key("key-line key-1", "making the machine"))
                .add(key("key-line key-2", "both: SCI")),
        )
}
