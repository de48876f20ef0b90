//! A Lease: a Machine's dated right to one Run, complete enough that the worker asks nothing more;
//! and the Report that ends it.
//!
//! Must not: know how leases are stored or carried.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::conversation::Conversation;
use crate::ids::{LeaseId, MachineId, ModelId, RunId};
use crate::measurement::{Facts, UsualIdle};
use crate::meter::Domain;
use crate::prompt::{Decoding, Kind, Task};
use crate::run::Failure;
use crate::trace::Sample;
use crate::units::{Power, Temperature, seconds};
use crate::wall::WallPace;

/// What is asked, as a worker and a record see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LeasedPrompt {
    /// The user's text.
    pub text: String,
    /// The Task, and with it the system prompt.
    pub task: Task,
    /// What the text is said in; empty for most.
    #[serde(default, skip_serializing_if = "Conversation::is_empty")]
    pub conversation: Conversation,
    /// How the answer is decoded.
    pub decoding: Decoding,
    /// What the question is about, where a Campaign says so.
    pub kind: Option<Kind>,
    /// The answer that would be right, where a Campaign knows it.
    pub expected: Option<String>,
}

impl LeasedPrompt {
    /// The system prompt: the submitter's own, or else the Task's.
    pub fn system(&self) -> Option<&str> {
        self.conversation.system.as_deref().or_else(|| self.task.system_prompt())
    }
}

/// A Machine's dated right to one Run; one Lease is one attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    /// Names this Lease in every later call.
    pub id: LeaseId,
    /// Which Run.
    pub run_id: RunId,
    /// To whom.
    pub machine_id: MachineId,
    /// Which Model shall answer.
    pub model_id: ModelId,
    /// What is asked.
    pub prompt: LeasedPrompt,
    /// How many Repetitions count.
    pub repetitions: u32,
    /// How many sequences are computed at once, each an answer to the same Prompt.
    #[serde(default = "one")]
    #[schema(value_type = u32, minimum = 1)]
    pub batch: NonZeroU32,
    /// Whether tokens and power go to watchers while they are made.
    pub streamed: bool,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When the right ends unless it is renewed.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// The same as a span from now, so that the worker's clock need not agree with the server's.
    #[serde(rename = "lasts_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub lasts: Duration,
    /// How the meter at the Machine's socket is to be served; null where none is read that Windows are made longer for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<WallPace>,
    /// What idle power of this Machine was in the days before, of each Domain that enough Runs told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usual_idle: Vec<UsualIdle>,
}

impl Lease {
    /// Whether this idle power is far from what it was in the days before; not where that is not known.
    pub fn is_unusual(&self, domain: Domain, idle: Power) -> bool {
        self.usual_idle.iter().any(|usual| usual.domain == domain && usual.is_far_from(idle))
    }
}

/// One sequence at a time, as all servers asked before there were batches.
pub(crate) const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// The one message that ends a Lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Report {
    /// It was measured.
    Measured {
        /// All that was found.
        facts: Box<Facts>,
    },
    /// Not this time; another attempt may work.
    Retry {
        /// Why.
        failure: Failure,
    },
    /// This Run can never work.
    Reject {
        /// Why.
        failure: Failure,
    },
    /// The worker stops: the Run waits again at once, and no attempt is spent.
    Release {
        /// Why.
        failure: Failure,
    },
}

/// What a Machine is doing with a Lease.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Reading weights.
    Loading,
    /// Waiting until it is calm and cool.
    Cooling {
        /// How long that is expected to take.
        #[serde(rename = "expected_s", with = "seconds::option", default)]
        #[schema(value_type = Option<f64>)]
        expected: Option<Duration>,
        /// The temperature now.
        #[serde(rename = "temperature_c")]
        temperature: Option<Temperature>,
    },
    /// Reading idle power.
    Baseline,
    /// Repetitions that are discarded.
    WarmingUp,
    /// A Window is open.
    Measuring {
        /// Which Repetition, from 1.
        repetition: u32,
        /// Of how many.
        of: u32,
    },
    /// Sending the report.
    Reporting,
}

/// A piece of an answer while it is made. Only the final record counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveToken {
    /// Which token, from 0.
    pub index: u32,
    /// Its text; may be empty where a character is not complete yet.
    pub text: String,
    /// When it was on the host, since the body of the Window started.
    #[serde(rename = "at_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub at: Duration,
}

/// A reading of power while the Window is open. Only the final record counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveSample {
    /// Which part of the machine.
    pub domain: Domain,
    /// The reading.
    #[serde(flatten)]
    pub sample: Sample,
}
