//! Labels: a colour, a shape and a word each, the same everywhere.
//!
//! Must not: leave a label to colour alone.

use common::meter::Label;
use leptos::prelude::*;

use crate::display;

/// Where a figure comes from; random weights are marked beside it.
pub(crate) fn label_badge(label: Label, has_random_weights: bool) -> AnyView {
    let name = display::label(label);
    view! {
        <span class=format!("badge badge-{name}") data-testid="label-badge" title=display::label_meaning(label)>
            {shape(label)}{name}
        </span>
        {has_random_weights.then(|| view! {
            <span class="badge badge-random" title="The weights were drawn at random: speed and energy count, answers do not.">
                <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                    <rect x="1.5" y="1.5" width="9" height="9" fill="none" stroke="currentColor" stroke-width="1.25"/>
                    <path d="M1.5 6L6 1.5M1.5 10.5l9-9M6 10.5L10.5 6" stroke="currentColor" stroke-width="1.25"/>
                </svg>
                "random weights"
            </span>
        })}
    }
    .into_any()
}

fn shape(label: Label) -> AnyView {
    let inside = match label {
        Label::Measured => view! { <circle cx="6" cy="6" r="5" fill="currentColor"/> }.into_any(),
        Label::Modelled => {
            view! { <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="2"/> }.into_any()
        }
        Label::Simulated => view! { <path d="M6 .5L11.5 6L6 11.5L.5 6z" fill="currentColor"/> }.into_any(),
    };
    view! { <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{inside}</svg> }.into_any()
}
