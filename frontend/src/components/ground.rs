//! What stands over a list: where its figures come from and what they sum.

use crate::board::Ground;
use crate::components::badge::label_badge;
use crate::components::controls::pick;
use crate::components::facts::quiet;
use crate::display;
use crate::dom::{El, el, text};
use crate::view_state::ViewState;

/// A section whose lines share a ground.
pub(crate) fn section(ground: &Ground, rows: usize) -> El {
    let note = format!(
        "{} {} {} Method version {}. {}",
        display::asked_meaning(ground.origin()),
        display::label_meaning(ground.label),
        display::boundary_parts(ground.boundary),
        ground.method_version,
        if rows == 1 { "One row.".to_owned() } else { format!("{rows} rows.") }
    );
    el("section", "ground").add(
        el("header", "ground-head")
            .add(el("h2", "").add(label_badge(ground.label, ground.has_random_weights)).add(text(
                "span",
                "",
                ground.about(),
            )))
            .add(quiet(note)),
    )
}

/// Whose grid is assumed.
pub(crate) fn zone_pick(zones: &[common::carbon::GridIntensity], state: &ViewState) -> El {
    let mut options = vec![(String::new(), "machine's own".to_owned())];
    options.extend(
        zones.iter().map(|zone| (zone.zone.to_string(), format!("{} ({})", zone.zone_name, zone.zone))),
    );
    let now = state.zone.as_ref().map(ToString::to_string).unwrap_or_default();
    pick("Grid", options, &now, |state, value| state.zone = value.parse().ok())
}

/// The start of a page: its title and one sentence.
pub(crate) fn lead(title: &str, sentence: &str) -> El {
    el("div", "lead").add(text("h1", "", title)).add(text("p", "", sentence))
}
