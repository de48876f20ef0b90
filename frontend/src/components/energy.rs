//! The big figure: energy or power of one run, in the unit the visitor picked.
//!
//! Must not: stand without its label and boundary.

use common::stats::Estimate;
use leptos::prelude::*;

use crate::display;
use crate::figures::{Figure, Line, per_words};
use crate::view_state::{Unit, ViewState};

/// The figure in large digits, its unit and how far it may be off.
pub(crate) fn energy_figure(line: &Line, state: &ViewState) -> AnyView {
    let figure = Figure::Energy;
    let name = if state.unit == Unit::Watts { "mean power while answering" } else { per_words(state.per) };
    match figure.of(line, state) {
        None => view! {
            <p class="energy" data-testid="energy-figure"><span class="energy-number">{display::MISSING}</span></p>
            <p class="energy-note">{missing(state)}</p>
        }
        .into_any(),
        Some(estimate) => {
            let text = display::figure(figure.quantity(state), estimate.mean, estimate.half_width);
            view! {
                <p class="energy" data-testid="energy-figure">
                    <span class="energy-number">{text.number}</span>
                    <span class="energy-unit">{display::NBSP}{text.unit.clone()}</span>
                </p>
                <p class="energy-note">
                    {text.spread.map(|spread| format!("±\u{a0}{spread}\u{a0}{} · ", text.unit.replace(' ', "\u{a0}")))}
                    {name}
                    {certainty(&estimate)}
                </p>
            }
            .into_any()
        }
    }
}

fn certainty(estimate: &Estimate) -> String {
    match (estimate.half_width, estimate.n) {
        (None, _) => String::new(),
        (Some(_), 1) => ", within the instrument's uncertainty (k\u{a0}=\u{a0}2)".to_owned(),
        (Some(_), n) => format!(", 95\u{a0}% interval of {n} runs"),
    }
}

fn missing(state: &ViewState) -> String {
    match state.per {
        crate::view_state::Per::CorrectAnswer => {
            "No figure per correct answer: which answer is right is not known here.".to_owned()
        }
        _ => "No instrument gave an energy; the verdict says why.".to_owned(),
    }
}
