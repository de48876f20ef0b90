//! Being drawn.
use leptos::prelude::*;
/// page
#[component]
pub(crate) fn CarbonPage() -> impl IntoView { view! { <div class="page"><h1>"Carbon"</h1></div> } }
