//! The big figure: energy or power of one run, in the unit the visitor picked.
//!
//! Must not: stand without its label and boundary.

use common::stats::Estimate;

use crate::display::{self, Text};
use crate::dom::{El, el, group, text};
use crate::figures::{Figure, Line, per_words};
use crate::view_state::{Per, Unit, ViewState};

/// The figure in large digits, its unit and how far it may be off.
pub(crate) fn energy_figure(line: Option<&Line>, state: &ViewState) -> El {
    let figure = Figure::Energy;
    let Some(line) = line else {
        return missing("There is no energy for this run. The verdict says why.");
    };
    let Some(estimate) = figure.of(line, state) else {
        return missing(match state.per {
            Per::CorrectAnswer => {
                "No figure per correct answer: that needs many answers. The leaderboard has it."
            }
            _ => "No figure: the answer holds no token.",
        });
    };
    let name = if state.unit == Unit::Watts { "mean power while answering" } else { per_words(state.per) };
    let written = display::figure(figure.quantity(state), estimate.mean, estimate.half_width);
    group([
        big(&written.number, &written.unit).set("data-testid", "energy-figure"),
        text("p", "energy-note", format!("{}{name}{}", off(&written), certainty(&estimate))),
    ])
}

/// How far a figure in large digits may be off, in front of what it is.
pub(crate) fn off(written: &Text) -> String {
    written
        .spread
        .as_ref()
        .map(|spread| format!("±\u{a0}{spread}\u{a0}{} · ", written.unit.replace(' ', "\u{a0}")))
        .unwrap_or_default()
}

/// A large number with its unit.
pub(crate) fn big(number: &str, unit: &str) -> El {
    el("p", "energy").add(text("span", "energy-number", number)).add(text(
        "span",
        "energy-unit",
        format!("\u{a0}{}", unit.replace(' ', "\u{a0}")),
    ))
}

fn missing(why: &str) -> El {
    group([big(display::MISSING, "").set("data-testid", "energy-figure"), text("p", "energy-note", why)])
}

/// What the interval of a figure stands on.
pub(crate) fn certainty(estimate: &Estimate) -> String {
    match (estimate.half_width, estimate.n) {
        (None, _) => String::new(),
        (Some(_), 1) => ", uncertainty of the instruments (k\u{a0}=\u{a0}2)".to_owned(),
        (Some(_), n) => format!(", 95\u{a0}% interval of {n} runs"),
    }
}
