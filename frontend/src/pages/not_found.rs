//! What stands where nothing is.

use leptos::prelude::*;

use crate::browser;
use crate::dom::{El, drawn, el, text};

/// A path that is no page.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    browser::set_title("Not found");
    drawn(|| no_such("page"))
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
