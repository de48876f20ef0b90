//! Removing what was asked for good, for whoever has the secret that its submitter was told.
//!
//! Must not: show the secret to anybody who did not bring it.

use crate::browser;
use crate::components::facts::quiet;
use crate::dom::{El, el, text};

/// The button and the link that does it from elsewhere; nothing without the secret. `page` and `id` are the path of what is
/// removed, `act` gets the secret.
pub(crate) fn forget(
    page: &str,
    id: &str,
    title: &str,
    what: &str,
    act: impl Fn(String) + 'static,
) -> Option<El> {
    let secret = browser::secret_of(id)?;
    let link = format!("/{page}/{id}#{secret}");
    let button = text("button", "danger", "Remove it for good")
        .set("type", "button")
        .set("id", "forget")
        .on("click", move |_| act(secret.clone()));
    let also = text("a", "", "link that can remove it").set("href", &link).set("rel", "external");
    Some(
        el("details", "meanings").set("id", "forgetting").add(text("summary", "", title)).add(
            quiet(format!("{what} "))
                .add(button)
                .text(" From elsewhere, use the ")
                .add(also)
                .text("; keep it to yourself."),
        ),
    )
}
