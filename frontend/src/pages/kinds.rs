//! Being drawn.
use leptos::prelude::*;
/// page
#[component]
pub(crate) fn KindsPage() -> impl IntoView { view! { <div class="page"><h1>"Kinds"</h1></div> } }
