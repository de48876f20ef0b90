//! What happens, as it happens: the server's events for as long as a page is shown; and asking where none come.
//!
//! Must not: decide what a page shows, or know what an event means.

use std::rc::Rc;
use std::time::Duration;

use common::api::BASE;
use common::api::events::ROUTE;
use futures::StreamExt;
use gloo_net::eventsource::futures::EventSource;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::json::Read;

/// Calls `on_event` for every event until the page is left, and `on_open` whenever the connection is there (again): what
/// happened meanwhile has to be fetched then. `watched` is the query that says whose events are wanted. The signal says
/// whether events come: while it is false, the page has to ask by itself.
pub(crate) fn follow<T: Read>(
    watched: &str,
    on_open: impl Fn() + 'static,
    on_event: impl Fn(T) + 'static,
) -> ReadSignal<bool> {
    let on_text = move |text: &str| {
        if let Ok(event) = api::read(text) {
            on_event(event);
        }
    };
    listen(&format!("{BASE}{ROUTE}{watched}"), Rc::new(on_open), Rc::new(on_text))
}

/// Calls `reload` each so often while no events come and something may still change, until the page is left.
pub(crate) fn or_ask(
    is_live: ReadSignal<bool>,
    each: Duration,
    is_over: impl Fn() -> bool + 'static,
    reload: impl Fn() + 'static,
) {
    let asking = set_interval_with_handle(
        move || {
            if !is_live.try_get_untracked().unwrap_or(true) && !is_over() {
                reload();
            }
        },
        each,
    );
    on_cleanup(move || {
        if let Ok(asking) = asking {
            asking.clear();
        }
    });
}

fn listen(url: &str, on_open: Rc<dyn Fn()>, on_text: Rc<dyn Fn(&str)>) -> ReadSignal<bool> {
    let (is_live, set_live) = signal(false);
    let Ok(mut source) = EventSource::new(url) else { return is_live };
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
            on_text(&message.data().as_string().unwrap_or_default());
        }
    });
    is_live
}
