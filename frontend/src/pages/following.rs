//! Following runs while they are made: their own events, and how the queue before them moves.
//!
//! Must not: draw.

use std::collections::HashMap;

use common::api::events::Event;
use common::ids::{PromptId, RunId};
use leptos::prelude::*;

use crate::events::{self, Kept};
use crate::live::Live;
use crate::pace::{Ask, Pace};
use crate::remote::Asked;

/// Events tell all that happens to a run.
const PACE: Pace = Pace { soonest: 2, told: None, untold: 2 };

/// What has come of each run meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Following {
    lives: StoredValue<HashMap<RunId, RwSignal<Live>>>,
    owner: StoredValue<Owner>,
}

impl Following {
    /// Follows a prompt until the page is left. `is_over` says that nothing will change any more.
    pub(crate) fn prompt(id: PromptId, asked: Asked, is_over: impl Fn() -> bool + Copy + 'static) -> Self {
        let following = Self {
            lives: StoredValue::default(),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        let kept = Kept { watched: format!("?prompt={id}"), sources: vec![asked], pace: PACE, is_over };
        events::keep_up(kept, move |event| following.hear(event));
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

    fn hear(self, event: Event) -> Ask {
        match event {
            Event::Run { .. } => return Ask::Now,
            // Its place in the queue may be another.
            Event::Board => return Ask::Soon,
            Event::Step { run_id, step, .. } => self.of(run_id).update(|live| live.go_on(step)),
            Event::Progress { run_id, tokens, samples, .. } => {
                self.of(run_id).update(|live| live.add(tokens, samples));
            }
            Event::Machine { .. } => {}
        }
        Ask::Not
    }
}
