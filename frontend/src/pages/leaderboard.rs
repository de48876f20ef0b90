//! Being drawn.
use leptos::prelude::*;
/// page
#[component]
pub(crate) fn LeaderboardPage() -> impl IntoView { view! { <div class="page"><h1>"Leaderboard"</h1></div> } }
