//! What stands where there is nothing to show: loading, failed, empty.
//!
//! Must not: blame the visitor.

use leptos::prelude::*;
use std::sync::Arc;

use crate::api::Error;
use crate::remote::{Remote, Source};

/// Draws what was fetched, or that it is being fetched, or why it could not be.
pub(crate) fn fetched<T, F>(source: Source<T>, what: &'static str, draw: F) -> AnyView
where
    T: Send + Sync + PartialEq + 'static,
    F: Fn(Arc<T>) -> AnyView + Send + 'static,
{
    view! {
        {move || source.trouble().map(|error| view! { <div class="stale">{problem(&error, move || source.reload())}</div> })}
        {move || match source.get() {
            Remote::Loading => skeleton(what),
            Remote::Failed(error) => problem(&error, move || source.reload()),
            Remote::Ready(value) => draw(value),
        }}
    }
    .into_any()
}

/// Grey lines where text will be.
pub(crate) fn skeleton(what: &'static str) -> AnyView {
    view! {
        <div class="skeleton" role="status">
            <span class="hidden">{format!("Loading {what}…")}</span>
            <i></i><i></i><i></i><i></i>
        </div>
    }
    .into_any()
}

/// What went wrong and what to do.
pub(crate) fn problem(error: &Error, again: impl Fn() + 'static) -> AnyView {
    let (title, text) = match error {
        Error::Offline => (
            "The server cannot be reached",
            "Your connection or the server is down. Nothing is lost: what was queued stays queued.".to_owned(),
        ),
        Error::Refused(problem) if problem.code.contains("not_found") => ("Not found", problem.message.clone()),
        Error::Refused(problem) => ("The server refused", problem.message.clone()),
        Error::Malformed(detail) => (
            "The answer was not understood",
            format!("The page may be older than the server: reload it. If that does not help, report this: {detail}."),
        ),
    };
    view! {
        <div class="problem" role="alert">
            <h2>{title}</h2>
            <p>{text}</p>
            <button type="button" on:click=move |_| again()>"Try again"</button>
        </div>
    }
    .into_any()
}

/// Nothing to show yet, and how that changes.
pub(crate) fn empty(title: &'static str, text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! {
        <div class="empty">
            <svg viewBox="0 0 64 40" width="64" height="40" aria-hidden="true">
                <path d="M8 36a24 24 0 1 1 48 0" fill="none" stroke="currentColor" stroke-width="1.5"/>
                <path d="M14 21l3 2M32 12v4M50 21l-3 2M32 36L15 29" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>
            </svg>
            <h2>{title}</h2>
            <p>{text}</p>
        </div>
    }
    .into_any()
}
