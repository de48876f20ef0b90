//! The models that can be asked, to be ticked: a card a model, in it a box a number format.
//!
//! Must not: offer what the server did not.

use common::machine::OfferedModel;
use common::model::Weights;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::display::{self, Quantity};
use crate::dom::{El, el, text};
use crate::scale;

/// Which models are asked.
#[derive(Clone, Copy)]
pub(super) struct Picks {
    /// Those that are, whether they were ticked or suggested.
    pub(super) chosen: Memo<Vec<String>>,
    /// Those that were ticked; `None` until one was.
    pub(super) ticked: RwSignal<Option<Vec<String>>>,
}

/// One card a model, in it one box a number format: models come by name and dtype.
pub(super) fn cards(offered: &[OfferedModel], picks: Picks) -> El {
    let same = |one: &OfferedModel, other: &OfferedModel| {
        one.model.name == other.model.name && one.model.weights == other.model.weights
    };
    el("div", "model-list").all(offered.chunk_by(same).filter_map(|of| {
        let model = &of.first()?.model;
        let size = display::plain(Quantity::Parameters, scale::float(model.parameters));
        let random = if model.weights == Weights::Random { " · random weights" } else { "" };
        Some(
            el("div", "model")
                .set("role", "group")
                .set("aria-label", &model.name)
                .add(text("span", "model-name", &model.name))
                .add(text("span", "quiet", format!("{size}\u{a0}parameters{random}")))
                .add(el("div", "formats").all(of.iter().map(|each| format(each, picks)))),
        )
    }))
}

/// A model in one number format, to be ticked.
fn format(offered: &OfferedModel, Picks { chosen, ticked }: Picks) -> El {
    let model = &offered.model;
    let id = model.id.to_string();
    let (own, toggled) = (id.clone(), id.clone());
    let toggle = move |_| {
        let mut now = chosen.get_untracked();
        match now.iter().position(|each| *each == toggled) {
            Some(at) => drop(now.remove(at)),
            None => now.push(toggled.clone()),
        }
        ticked.set(Some(now));
    };
    let mut about: Vec<String> = model.quality.first().map(display::score).into_iter().collect();
    if offered.machines.is_empty() {
        about.push("no machine now: it will wait".to_owned());
    }
    let meaning: Vec<String> = model
        .quality
        .iter()
        .map(|quality| format!("{}: {} ({})", quality.benchmark, display::score(quality), quality.source))
        .collect();
    el("label", "format")
        .set("data-testid", "model-option")
        .set("title", &meaning.join("\n"))
        .add(
            el("input", "")
                .set("type", "checkbox")
                .set("value", &id)
                .hold("checked", move || JsValue::from_bool(chosen.with(|chosen| chosen.contains(&own))))
                .on("change", toggle),
        )
        .add(text("code", "", model.dtype.name()))
        .add(text("small", "", about.join(" · ")))
}
