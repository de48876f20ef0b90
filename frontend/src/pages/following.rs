//! Following runs while they are made: events where they come, asking each 2 seconds where they do not.
//!
//! Must not: draw.

use std::collections::HashMap;
use std::time::Duration;

use common::api::events::Event;
use common::ids::{PromptId, RunId};
use leptos::prelude::*;

use crate::events;
use crate::live::Live;

/// How often the page asks where no events come.
const ASK_EACH: Duration = Duration::from_secs(2);

/// What has come of each run meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Following {
    lives: StoredValue<HashMap<RunId, RwSignal<Live>>>,
    owner: StoredValue<Owner>,
}

impl Following {
    /// Follows a prompt until the page is left. `reload` fetches what is shown; `is_over` says that nothing will change
    /// any more.
    pub(crate) fn prompt(
        id: PromptId,
        reload: impl Fn() + Copy + 'static,
        is_over: impl Fn() -> bool + 'static,
    ) -> Self {
        let following = Self {
            lives: StoredValue::default(),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        let is_live =
            events::follow(&format!("?prompt={id}"), reload, move |event| following.hear(event, reload));
        events::or_ask(is_live, ASK_EACH, is_over, reload);
        following
    }

    /// What has come of one run.
    pub(crate) fn of(self, run: RunId) -> RwSignal<Live> {
        if let Some(known) = self.lives.with_value(|lives| lives.get(&run).copied()) {
            return known;
        }
        // Signals belong to the page, not to whoever asked first.
        let live = self.owner.with_value(|owner| owner.with(|| RwSignal::new(Live::default())));
        self.lives.update_value(|lives| {
            lives.insert(run, live);
        });
        live
    }

    fn hear(self, event: Event, reload: impl Fn()) {
        match event {
            Event::Run { .. } => reload(),
            Event::Step { run_id, step, .. } => self.of(run_id).update(|live| live.go_on(step)),
            Event::Progress { run_id, tokens, samples, .. } => {
                self.of(run_id).update(|live| live.add(tokens, samples));
            }
            Event::Machine { .. } | Event::Board => {}
        }
    }
}
