//! What happens, as it happens: server-sent events.
//!
//! `GET /events?prompt={id}` follows one Prompt; without `prompt` it tells only what everybody may
//! know; `?battle={id}` tells instead of one Battle what may be told of it
//! ([`SideEvent`](super::battles::SideEvent)). An event says that something changed; the reader fetches what it shows. Only [`Event::Progress`]
//! carries content, because it is kept nowhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{MachineName, PromptId, RunId};
use crate::lease::{LiveSample, LiveToken, Step};
use crate::run::RunState;

/// The route below [`super::BASE`].
pub const ROUTE: &str = "/events";

/// Something changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A Run moved. Only for watchers of its Prompt.
    Run {
        /// Its Prompt.
        prompt_id: PromptId,
        /// Which Run.
        run_id: RunId,
        /// Where it stands now.
        state: RunState,
    },
    /// A Machine goes on with a Run. Only for watchers of its Prompt.
    Step {
        /// Its Prompt.
        prompt_id: PromptId,
        /// Which Run.
        run_id: RunId,
        /// What the Machine is doing with it.
        step: Step,
    },
    /// Pieces of an answer. Only for watchers of its Prompt.
    Progress {
        /// Its Prompt.
        prompt_id: PromptId,
        /// Which Run.
        run_id: RunId,
        /// Tokens since the last such event.
        tokens: Vec<LiveToken>,
        /// Power readings since the last such event.
        samples: Vec<LiveSample>,
    },
    /// A Machine changed what it does. For everybody.
    Machine {
        /// Which one.
        name: MachineName,
    },
    /// The queue or the leaderboard changed. For everybody.
    Board,
}

impl Event {
    /// The Prompt whose watchers alone may see it; `None` where everybody may.
    pub const fn prompt_id(&self) -> Option<PromptId> {
        match self {
            Self::Run { prompt_id, .. } | Self::Step { prompt_id, .. } | Self::Progress { prompt_id, .. } => {
                Some(*prompt_id)
            }
            Self::Machine { .. } | Self::Board => None,
        }
    }
}
