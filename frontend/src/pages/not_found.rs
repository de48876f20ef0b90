//! What stands where nothing is, or not yet.

use leptos::prelude::*;

use crate::api::Error;
use crate::browser;
use crate::components::states::{problem, skeleton};
use crate::dom::{El, drawn, el, group, text};
use crate::remote::{Remote, Source};

/// Nothing is at this address.
pub(crate) fn missing(what: &'static str) -> AnyView {
    browser::set_title("Not found");
    drawn(move || no_such(what))
}

/// In the place of something with an address of its own: that it is being fetched, that it is not there, or why it could
/// not be fetched.
pub(crate) fn away<T: 'static>(source: Source<T>, what: &str, title: &str) -> El {
    let titled = |content: El| group([text("h1", "hidden", title), content]);
    match source.get() {
        Remote::Failed(Error::Refused(problem)) if problem.code == "not_found" => no_such(what),
        Remote::Failed(Error::Refused(problem)) if problem.code == "forgotten" => forgotten(),
        Remote::Failed(error) => titled(problem(&error, move || source.reload())),
        Remote::Loading | Remote::Ready(_) => titled(skeleton(&format!("the {what}"))),
    }
}

/// Nothing has this name.
fn no_such(what: &str) -> El {
    el("div", "page lead").add(text("h1", "", format!("There is no such {what}"))).add(
        text("p", "", "The address may be mistyped or cut off. ")
            .add(text("a", "", "Ask a model").set("href", "/"))
            .text(" or open the ")
            .add(text("a", "", "leaderboard").set("href", "/leaderboard"))
            .text("."),
    )
}

/// It was here, and its submitter had it removed.
fn forgotten() -> El {
    el("div", "page lead").add(text("h1", "", "It was removed")).add(text(
        "p",
        "",
        "Whoever asked this had question and answers removed for good. Figures that were measured stay in the leaderboard, without any text.",
    ))
}
