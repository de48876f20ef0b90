//! What happens, as it happens: the server's events for as long as a page is shown.
//!
//! Must not: fetch, or decide what a page shows.

use common::api::BASE;
use common::api::events::{Event, ROUTE};
use common::ids::PromptId;
use futures::StreamExt;
use gloo_net::eventsource::futures::EventSource;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;

/// Calls `on_event` for every event until the page is left, and `on_open` whenever the connection is there (again): what
/// happened meanwhile has to be fetched then. The signal says whether events come: while it is false, the page has to
/// ask by itself.
pub(crate) fn follow(
    prompt: Option<PromptId>,
    on_open: impl Fn() + 'static,
    on_event: impl Fn(Event) + 'static,
) -> ReadSignal<bool> {
    let (is_live, set_live) = signal(false);
    let url = match prompt {
        Some(id) => format!("{BASE}{ROUTE}?prompt={id}"),
        None => format!("{BASE}{ROUTE}"),
    };
    let Ok(mut source) = EventSource::new(&url) else { return is_live };
    let streams = (source.subscribe("open"), source.subscribe("error"), source.subscribe("message"));
    let (Ok(mut opened), Ok(mut broken), Ok(mut messages)) = streams else { return is_live };
    let source = StoredValue::new_local(Some(source));
    on_cleanup(move || {
        // Dropping the source closes the connection, and with it all three streams.
        source.try_update_value(Option::take);
    });
    spawn_local(async move {
        while let Some(Ok(_)) = opened.next().await {
            if set_live.try_set(true).is_some() {
                return;
            }
            on_open();
        }
        set_live.try_set(false);
    });
    spawn_local(async move {
        while broken.next().await.is_some() {
            set_live.try_set(false);
        }
    });
    spawn_local(async move {
        while let Some(Ok((_, message))) = messages.next().await {
            if source.is_disposed() {
                return;
            }
            let text = message.data().as_string().unwrap_or_default();
            if let Ok(event) = api::read(&text) {
                on_event(event);
            }
        }
    });
    is_live
}
