//! Being drawn.
use leptos::prelude::*;
/// page
#[component]
pub(crate) fn MethodPage() -> impl IntoView { view! { <div class="page"><h1>"Method"</h1></div> } }
