//! What stands where nothing is.

use leptos::prelude::*;

use crate::browser;
use crate::dom::{El, drawn, el, text};

/// Nothing is at this address.
pub(crate) fn missing(what: &'static str) -> AnyView {
    browser::set_title("Not found");
    drawn(move || no_such(what))
}

/// Nothing has this name.
pub(crate) fn no_such(what: &str) -> El {
    el("div", "page lead").add(text("h1", "", format!("There is no such {what}"))).add(
        text("p", "", "The address may be mistyped or cut off. ")
            .add(text("a", "", "Ask a model").set("href", "/"))
            .text(" or open the ")
            .add(text("a", "", "leaderboard").set("href", "/leaderboard"))
            .text("."),
    )
}

/// It was here, and its submitter had it removed.
pub(crate) fn forgotten() -> El {
    el("div", "page lead").add(text("h1", "", "It was removed")).add(text(
        "p",
        "",
        "Whoever asked this had question and answers removed for good. Figures that were measured stay in the leaderboard, without any text.",
    ))
}
