//! Keeping up with what a page shows while it is shown: the server's events, and asking where none tell of a change.
//!
//! Must not: decide what a page shows, or know what an event means.

use std::rc::Rc;
use std::time::Duration;

use common::api::BASE;
use common::api::events::ROUTE;
use futures::StreamExt;
use gloo_net::eventsource::State;
use gloo_net::eventsource::futures::EventSource;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::api;
use crate::browser;
use crate::json::{Malformed, Read};
use crate::pace::{Ask, Pace, Upkeep};
use crate::remote::Asked;

/// An upkeep counts in these.
const SECOND: Duration = Duration::from_secs(1);
/// From one look at a connection that the browser gave up to the next.
const MEND_EACH: Duration = Duration::from_secs(5);

/// What is kept up with.
pub(crate) struct Kept<O> {
    /// The query that says whose events are wanted; empty for those that are for everybody.
    pub(crate) watched: String,
    /// What is asked for again.
    pub(crate) sources: Vec<Asked>,
    /// How often.
    pub(crate) pace: Pace,
    /// Whether nothing can change any more.
    pub(crate) is_over: O,
}

/// Keeps up until the page is left. `hear` takes an event in and says what it means for what is shown. Whenever the
/// connection is there (again) all is asked for: what happened meanwhile, nobody tells. What is over is not asked for.
pub(crate) fn keep_up<T: Read>(
    kept: Kept<impl Fn() -> bool + Copy + 'static>,
    hear: impl Fn(T) -> Ask + 'static,
) {
    let Kept { watched, sources, pace, is_over } = kept;
    let upkeep = StoredValue::new_local(Upkeep::new(pace));
    let sources = StoredValue::new_local(sources);
    let each = move |ask: fn(Asked)| {
        sources.try_with_value(|sources| sources.iter().copied().for_each(ask));
    };
    let on_text = move |text: &str| {
        let Ok(event) = api::read(text) else { return };
        let ask = hear(event);
        let is_due = |upkeep: &mut Upkeep| upkeep.hear(ask, browser::is_seen());
        if !is_over() && upkeep.try_update_value(is_due).unwrap_or_default() {
            each(Asked::refresh);
        }
    };
    let on_open = move || {
        if !is_over() {
            each(Asked::load);
        }
    };
    let line = Line::new(format!("{BASE}{ROUTE}{watched}"), Rc::new(on_open), Rc::new(on_text));
    every(MEND_EACH, move || line.mend());
    every(SECOND, move || {
        let is_due = |upkeep: &mut Upkeep| upkeep.pass(line.is_live(), browser::is_seen());
        if !is_over() && upkeep.try_update_value(is_due).unwrap_or_default() {
            each(Asked::refresh);
        }
    });
}

/// What an event for everybody is about: enough for whoever asks again, and most pages need not know how to read more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// A machine does something else.
    Machine,
    /// The queue or the leaderboard is another.
    Board,
}

impl Read for About {
    fn read(value: &Value) -> Result<Self, Malformed> {
        match value.get("event").and_then(Value::as_str) {
            Some("machine") => Ok(Self::Machine),
            Some("board") => Ok(Self::Board),
            _ => Err(Malformed("this kind of event is for watchers of a prompt".to_owned())),
        }
    }
}

/// The same of what everybody may see, which changes with these.
pub(crate) fn keep_up_with_all(sources: Vec<Asked>, pace: Pace, changes_with: &'static [About]) {
    let kept = Kept { watched: String::new(), sources, pace, is_over: || false };
    keep_up(kept, move |about| if changes_with.contains(&about) { Ask::Soon } else { Ask::Not });
}

/// The same of what was measured. Whoever compares figures wants them to stay for a while, and the grid's intensity, which
/// no event tells, changes by the half hour.
pub(crate) fn keep_up_with_the_board(sources: Vec<Asked>) {
    const PACE: Pace = Pace { soonest: 15, told: Some(300), untold: 60 };
    keep_up_with_all(sources, PACE, &[About::Board]);
}

/// Does something each so often until the page is left.
fn every(length: Duration, act: impl Fn() + 'static) {
    let beat = set_interval_with_handle(act, length);
    on_cleanup(move || {
        if let Ok(beat) = beat {
            beat.clear();
        }
    });
}

/// The connection by which events come, for as long as the page is shown.
#[derive(Clone, Copy)]
struct Line {
    source: StoredValue<Option<EventSource>, LocalStorage>,
    is_live: StoredValue<bool>,
    ends: StoredValue<Ends, LocalStorage>,
}

/// Where it leads.
#[derive(Clone)]
struct Ends {
    url: Rc<str>,
    on_open: Rc<dyn Fn()>,
    on_text: Rc<dyn Fn(&str)>,
}

impl Line {
    fn new(url: String, on_open: Rc<dyn Fn()>, on_text: Rc<dyn Fn(&str)>) -> Self {
        let ends = StoredValue::new_local(Ends { url: url.into(), on_open, on_text });
        let line = Self { source: StoredValue::new_local(None), is_live: StoredValue::new(false), ends };
        on_cleanup(move || {
            // Dropping the source closes the connection, and with it all three streams.
            line.source.try_update_value(Option::take);
        });
        line.connect();
        line
    }

    /// Whether events come.
    fn is_live(self) -> bool {
        self.is_live.try_get_value().unwrap_or_default()
    }

    /// Connects anew where the browser has given up, as it does when somebody else answers in the server's place.
    fn mend(self) {
        let is_closed = |source: &Option<EventSource>| {
            source.as_ref().is_none_or(|source| matches!(source.state(), State::Closed))
        };
        if self.source.try_with_value(is_closed).unwrap_or_default() {
            self.connect();
        }
    }

    fn connect(self) {
        let Some(Ends { url, on_open, on_text }) = self.ends.try_get_value() else { return };
        let Ok(mut source) = EventSource::new(&url) else { return };
        let streams = (source.subscribe("open"), source.subscribe("error"), source.subscribe("message"));
        let (Ok(mut opened), Ok(mut broken), Ok(mut messages)) = streams else { return };
        self.source.set_value(Some(source));
        spawn_local(async move {
            while let Some(Ok(_)) = opened.next().await {
                if self.is_live.try_set_value(true).is_some() {
                    return;
                }
                on_open();
            }
        });
        spawn_local(async move {
            while broken.next().await.is_some() {
                self.is_live.try_set_value(false);
            }
        });
        spawn_local(async move {
            while let Some(Ok((_, message))) = messages.next().await {
                if self.source.is_disposed() {
                    return;
                }
                on_text(&message.data().as_string().unwrap_or_default());
            }
        });
    }
}
