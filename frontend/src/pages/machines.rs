//! Being drawn.
use leptos::prelude::*;
/// page
#[component]
pub(crate) fn MachinesPage() -> impl IntoView { view! { <div class="page"><h1>"Machines"</h1></div> } }
