//! What stands where nothing is.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::browser;

/// A path that is no page.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    browser::set_title("Not found");
    no_such("page")
}

/// Nothing has this name.
pub(crate) fn no_such(what: &'static str) -> AnyView {
    view! {
        <div class="page lead">
            <h1>{format!("There is no such {what}")}</h1>
            <p>"The address may be mistyped or cut off. "<A href="/">"Ask a model"</A>" or open the "<A href="/leaderboard">"leaderboard"</A>"."</p>
        </div>
    }
    .into_any()
}
