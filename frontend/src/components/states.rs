//! What stands where there is nothing to show: loading, failed, empty.
//!
//! Must not: blame the visitor.

use std::sync::Arc;

use leptos::prelude::AnyView;

use crate::api::Error;
use crate::dom::{El, drawn, el, group, svg, text};
use crate::remote::{Remote, Source};

/// Draws what was fetched, or that it is being fetched, or why it could not be.
pub(crate) fn fetched<T>(
    source: Source<T>,
    what: &'static str,
    draw: impl Fn(Arc<T>) -> El + 'static,
) -> AnyView
where
    T: 'static,
{
    drawn(move || match source.get() {
        Remote::Loading => skeleton(what),
        Remote::Failed(error) => problem(&error, move || source.reload()),
        Remote::Ready(value) => group([stale(source), draw(value)]),
    })
}

/// That what is shown could not be brought up to date, if so.
pub(crate) fn stale<T: 'static>(source: Source<T>) -> El {
    let trouble = source.trouble().map(|error| problem(&error, move || source.reload()));
    el("div", if trouble.is_some() { "stale" } else { "drawn" }).maybe(trouble)
}

/// Grey lines where text will be.
pub(crate) fn skeleton(what: &str) -> El {
    el("div", "skeleton")
        .set("role", "status")
        .add(text("span", "hidden", format!("Loading {what}…")))
        .all((0..4).map(|_| el("i", "")))
}

/// What went wrong, and asking again.
pub(crate) fn problem(error: &Error, again: impl Fn() + 'static) -> El {
    trouble(error, "Try again", again)
}

/// What went wrong where asking again would not help.
pub(crate) fn notice(error: &Error, close: impl Fn() + 'static) -> El {
    trouble(error, "Close", close)
}

fn trouble(error: &Error, label: &str, act: impl Fn() + 'static) -> El {
    let (title, what) = match error {
        Error::Offline => (
            "The server cannot be reached",
            "Your connection or the server is down. Nothing is lost: what was queued stays queued."
                .to_owned(),
        ),
        Error::Refused(problem) if problem.code == "not_found" => ("Not found", problem.message.clone()),
        Error::Refused(problem) if problem.code == "internal" => {
            ("The server is in trouble", problem.message.clone())
        }
        Error::Refused(problem) => ("The server refused", problem.message.clone()),
        Error::Malformed(detail) => (
            "The answer was not understood",
            format!(
                "The page may be older than the server: reload it. If that does not help, report this: {detail}."
            ),
        ),
    };
    el("div", "problem")
        .set("role", "alert")
        .add(text("h2", "", title))
        .add(text("p", "", what))
        .add(text("button", "", label).set("type", "button").on("click", move |_| act()))
}

/// Nothing to show yet, and how that changes.
pub(crate) fn empty(title: &str, what: &str) -> El {
    let dial = "M8 36a24 24 0 1 1 48 0M14 21l3 2M32 12v4M50 21l-3 2M32 36L15 29";
    el("div", "empty")
        .add(
            svg("svg", "empty-dial")
                .set("viewBox", "0 0 64 40")
                .set("width", "64")
                .set("height", "40")
                .set("aria-hidden", "true")
                .add(svg("path", "").set("d", dial)),
        )
        .add(text("h2", "", title))
        .add(text("p", "", what))
}

/// The same with a link that leads on: its name, and where to.
pub(crate) fn leading(title: &str, what: &str, (name, to): (&str, &str)) -> El {
    empty(title, what).add(text("a", "", name).set("href", to))
}

/// The same where a question would fill it.
pub(crate) fn unasked(title: &str, what: &str) -> El {
    leading(title, what, ("Ask a model", "/"))
}

/// The same where its operator has to do something, with the arguments of the server that do it.
pub(crate) fn commanded(title: &str, what: &str, arguments: &str) -> El {
    empty(title, what).add(text("code", "", format!("jouleboard-server {arguments}")))
}

/// The same where a machine has to be enrolled.
pub(crate) fn unmanned(title: &str, what: &str) -> El {
    commanded(title, what, "machine add NAME --zone ZONE")
}
