//! Being drawn.
use leptos::prelude::*;
/// page
#[component]
pub(crate) fn TradeOffsPage() -> impl IntoView { view! { <div class="page"><h1>"TradeOffs"</h1></div> } }
