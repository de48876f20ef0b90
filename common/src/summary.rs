//! A measured Run in a line: what lists say of it.
//!
//! Must not: be the record; whatever else is asked of a Run is in its [`Measurement`](crate::measurement::Measurement).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::leaderboard::{Boundary, RunFigures};
use crate::lease::LeasedPrompt;
use crate::measurement::Facts;
use crate::meter::Label;
use crate::stats::Moments;
use crate::verdict::{Grade, Reason};

/// Figures per response: the mean over the Repetitions of one Run. Missing ones are null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Where the energy comes from.
    pub label: Label,
    /// What the energy sums.
    pub boundary: Option<Boundary>,
    /// How far it can be trusted.
    pub grade: Grade,
    /// Why not further.
    pub reasons: Vec<Reason>,
    /// Energy inside the boundary, gross.
    pub energy_j: Option<f64>,
    /// How far it may be off, at k = 2.
    pub energy_off_j: Option<f64>,
    /// The same energy less idle power.
    pub net_energy_j: Option<f64>,
    /// Start of prefill to the last token.
    pub latency_s: Option<f64>,
    /// Start of prefill to the first token.
    pub ttft_s: Option<f64>,
    /// Tokens read.
    pub prompt_tokens: Option<f64>,
    /// Tokens written.
    pub output_tokens: Option<f64>,
    /// Share of right answers, where the right one is known.
    pub correct: Option<f64>,
    /// How many Repetitions count.
    pub repetitions: u32,
}

impl Summary {
    /// The line of a record.
    pub fn of(facts: &Facts, prompt: &LeasedPrompt) -> Self {
        let figures = RunFigures::of(facts, prompt.kind, prompt.expected.as_deref());
        let mean = |moments: Moments| (moments.n > 0).then_some(moments.mean);
        Self {
            label: figures.label,
            boundary: figures.boundary,
            grade: figures.verdict.grade,
            reasons: figures.verdict.reasons,
            energy_j: mean(figures.sums.energy_j),
            energy_off_j: figures.uncertainty.map(|off| off.absolute.joules()),
            net_energy_j: mean(figures.sums.net_energy_j),
            latency_s: mean(figures.sums.latency_s),
            ttft_s: mean(figures.sums.ttft_s),
            prompt_tokens: mean(figures.sums.prompt_tokens),
            output_tokens: mean(figures.sums.output_tokens),
            correct: mean(figures.sums.correct),
            repetitions: u32::try_from(facts.repetitions.len()).unwrap_or(u32::MAX),
        }
    }
}
