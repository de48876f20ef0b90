//! The record of a Measured Run: facts only. Whatever can be computed from them is computed on
//! reading, by this crate, so that a better formula needs no new measurement.
//!
//! Must not: hold a derived figure.

mod baseline;
mod check;
mod overhead;
mod repetition;
mod software;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::carbon::GridIntensity;
use crate::ids::{LeaseId, PromptId, RunId};
use crate::lease::LeasedPrompt;
use crate::machine::MachineProfile;
use crate::meter::{Domain, MeterCard};
use crate::model::Model;
use crate::prompt::Origin;
use crate::units::Energy;
use crate::wall::Timeline;

pub use self::baseline::{Baseline, LEAST_USUAL_RUNS, MAX_UNUSUAL, USUAL_DAYS, USUAL_RUNS_A_DAY, UsualIdle};
pub use self::check::Contradiction;
pub use self::overhead::{Overhead, OverheadEnergy};
pub use self::repetition::{Answer, Answered, Finish, Reading, Repetition, Round};
pub use self::software::{Computing, Software, Tuned};
pub use crate::conditions::{AcceleratorState, Conditions, Control, ProcessorState, SamplerCost};

/// Version of the measuring method; figures of two versions are never summed.
pub const METHOD_VERSION: u32 = 1;

/// All that a worker reports of a Run that it measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Facts {
    /// Version of the measuring method, see [`METHOD_VERSION`].
    pub method_version: u32,
    /// What ran.
    pub software: Software,
    /// Which Model answered, as it was loaded.
    pub model: Model,
    /// What is known of the instruments.
    pub meters: Vec<MeterCard>,
    /// When the first Window opened.
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// The Repetitions that count.
    pub repetitions: Vec<Repetition>,
    /// Idle power beside them.
    pub baselines: Vec<Baseline>,
    /// What measuring cost besides.
    pub overhead: Overhead,
    /// How the machine was.
    pub conditions: Conditions,
    /// When it all happened, by the worker's clock; null from a worker that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
}

/// The immutable record of a Measured Run, as it is read back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measurement {
    /// Which Run.
    pub run_id: RunId,
    /// Which Prompt it belongs to.
    pub prompt_id: PromptId,
    /// Under which Lease it was reported.
    pub lease_id: LeaseId,
    /// What was asked.
    pub prompt: LeasedPrompt,
    /// Who asked.
    pub origin: Origin,
    /// On which Machine, as it was described at that time.
    pub machine: MachineProfile,
    /// The grid at that time, as far as known now; it may be back-filled later.
    pub grid: GridIntensity,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub recorded_at: OffsetDateTime,
    /// What the worker reported.
    pub facts: Facts,
}

impl Facts {
    /// The Baseline of one Domain.
    pub fn baseline(&self, domain: Domain) -> Option<&Baseline> {
        self.baselines.iter().find(|baseline| baseline.domain == domain)
    }

    /// When the last Window closed; where nobody said so, as if the Windows had followed each other at once.
    pub fn ended_at(&self) -> OffsetDateTime {
        let said = self.timeline.as_ref().and_then(|timeline| timeline.windows.last());
        said.map_or_else(
            || self.started_at + self.repetitions.iter().map(|each| each.window.length).sum::<Duration>(),
            crate::wall::Span::end,
        )
    }

    /// Energy of one Domain in the pads of all Windows, at its idle power; `None` where that is not known.
    pub fn pads_energy(&self, domain: Domain) -> Option<Energy> {
        let idle = self.baseline(domain)?.mean()?;
        Some(self.repetitions.iter().map(|repetition| idle * repetition.window.pads()).sum())
    }
}
