//! Labels: a colour, a shape and a word each, the same everywhere.
//!
//! Must not: leave a label to colour alone.

use common::meter::Label;

use crate::display;
use crate::dom::{El, el, group, svg};

/// Where a figure comes from; random weights are marked beside it.
pub(crate) fn label_badge(label: Label, has_random_weights: bool) -> El {
    let name = display::label(label);
    let shape = match label {
        Label::Measured => {
            svg("circle", "").set("cx", "6").set("cy", "6").set("r", "5").set("fill", "currentColor")
        }
        Label::Modelled => svg("circle", "badge-ring").set("cx", "6").set("cy", "6").set("r", "4.25"),
        Label::Simulated => svg("path", "").set("d", "M6 .5L11.5 6L6 11.5L.5 6z").set("fill", "currentColor"),
    };
    let badge = el("span", &format!("badge badge-{name}"))
        .set("data-testid", "label-badge")
        .set("title", display::label_meaning(label))
        .add(icon().add(shape))
        .text(name);
    if has_random_weights { group([badge, random_badge()]) } else { badge }
}

/// The mark of random weights.
pub(crate) fn random_badge() -> El {
    el("span", "badge badge-random")
        .set("title", "The weights were drawn at random: speed and energy count, answers do not.")
        .add(icon().add(
            svg("path", "badge-hatch").set("d", "M1.5 1.5h9v9h-9zM1.5 6L6 1.5M1.5 10.5l9-9M6 10.5L10.5 6"),
        ))
        .text("random weights")
}

fn icon() -> El {
    svg("svg", "")
        .set("viewBox", "0 0 12 12")
        .set("width", "12")
        .set("height", "12")
        .set("aria-hidden", "true")
}
