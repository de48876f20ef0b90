//! The mark: a dial whose needle makes the J.

use leptos::prelude::*;

/// The site's mark, as large as the text beside it.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <path class="mark-dial" d="M5.6 22.4a12 12 0 1 1 20.8 0" fill="none" stroke-width="2.5" stroke-linecap="round"/>
            <path class="mark-ticks" d="M8.1 11.4l2 1.3M16 7.2v2.4M23.9 11.4l-2 1.3" fill="none" stroke-width="1.75" stroke-linecap="round"/>
            <path class="mark-needle" d="M20.5 9.5v10.2a4.6 4.6 0 0 1-9.2 0" fill="none" stroke-width="3" stroke-linecap="round"/>
        </svg>
    }
}
