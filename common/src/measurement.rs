//! The record of a Measured Run: facts only. Whatever can be computed from them is computed on
//! reading, by this crate, so that a better formula needs no new measurement.
//!
//! Must not: hold a derived figure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::carbon::GridIntensity;
use crate::ids::{LeaseId, PromptId, RunId};
use crate::lease::LeasedPrompt;
use crate::machine::MachineProfile;
use crate::meter::{Domain, Fault, Label, MeterCard, Method, NullReason};
use crate::model::Model;
use crate::prompt::Origin;
use crate::steadiness::Steadiness;
use crate::trace::{PowerTrace, Window};
use crate::units::{Energy, Power, seconds};
use crate::wall::{Span, Timeline};

pub use crate::conditions::{AcceleratorState, Conditions, Control, ProcessorState, SamplerCost};

/// Version of the measuring method; figures of two versions are never summed.
pub const METHOD_VERSION: u32 = 1;

/// What one Meter read over one Window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reading {
    /// Which part of the machine.
    pub domain: Domain,
    /// Under which Label.
    pub label: Label,
    /// How the energy was found.
    pub method: Method,
    /// Energy over the whole Window, pads included; null with a reason where there is none.
    #[serde(rename = "energy_j")]
    pub energy: Option<Energy>,
    /// Why there is no energy.
    pub null_reason: Option<NullReason>,
    /// Standard uncertainty (k = 1) of this very figure besides the gain, where it is more than the card's resolution
    /// says: of a meter that is read by another clock. Null elsewhere.
    #[serde(rename = "uncertainty_j", default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Energy>,
    /// The power readings; empty where the instrument gives none.
    pub trace: PowerTrace,
    /// What happened to the instrument meanwhile.
    pub faults: Vec<Fault>,
}

/// Idle power of one Domain beside the Window, for the net figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Baseline {
    /// Which part of the machine.
    pub domain: Domain,
    /// Mean idle power before the first Window.
    #[serde(rename = "before_w")]
    pub before: Option<Power>,
    /// Mean idle power after the last Window.
    #[serde(rename = "after_w")]
    pub after: Option<Power>,
    /// How steady it was before; null where the readings were too few to tell, or nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steadiness_before: Option<Steadiness>,
    /// How steady it was after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steadiness_after: Option<Steadiness>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The Model said that it is done.
    Stop,
    /// The output limit was reached.
    Length,
}

/// One execution of the Prompt, in its own Window; in a batch, so many at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Repetition {
    /// The answer; in a batch the first.
    pub output_text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens that the Model read: system prompt, template and text.
    pub prompt_tokens: u32,
    /// Tokens that it wrote, the stop token not counted.
    pub output_tokens: u32,
    /// When each written token was on the host, since the body of the Window started.
    #[serde(rename = "token_times_s", with = "seconds::list")]
    #[schema(value_type = Vec<f64>)]
    pub token_times: Vec<Duration>,
    /// The interval over which energy was counted.
    pub window: Window,
    /// One Reading a Meter.
    pub readings: Vec<Reading>,
    /// The other answers of a batch, in its order; all share the Window and its energy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Answer>,
}

/// One more answer of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The answer.
    pub output_text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens that the Model read.
    pub prompt_tokens: u32,
    /// Tokens that it wrote, the stop token not counted.
    pub output_tokens: u32,
    /// When each written token was on the host, since the body of the Window started; the last is the latency of this
    /// request.
    #[serde(rename = "token_times_s", with = "seconds::list")]
    #[schema(value_type = Vec<f64>)]
    pub token_times: Vec<Duration>,
}

/// Any answer of a Repetition, as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answered<'a> {
    /// The answer.
    pub output_text: &'a str,
    /// Tokens that the Model read.
    pub prompt_tokens: u32,
    /// Tokens that it wrote.
    pub output_tokens: u32,
    /// When each written token was on the host.
    pub token_times: &'a [Duration],
}

/// What measuring cost besides the Windows; reported beside the figures, never charged to the Prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Overhead {
    /// Loading the Model; zero when it was in memory already.
    #[serde(rename = "load_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub load: Duration,
    /// Waiting until the machine was calm and cool.
    #[serde(rename = "cool_down_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub cool_down: Duration,
    /// Reading the Baseline before and after.
    #[serde(rename = "baseline_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub baseline: Duration,
    /// Warm-up Repetitions.
    #[serde(rename = "warm_up_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub warm_up: Duration,
    /// How many warm-up Repetitions there were.
    pub warm_up_repetitions: u32,
    /// What that took of each Domain whose instrument counts energy.
    #[serde(default)]
    pub energies: Vec<OverheadEnergy>,
}

/// Energy of one Domain spent on measuring and not on the Prompt. Null where nobody counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OverheadEnergy {
    /// Which part of the machine.
    pub domain: Domain,
    /// Waiting until the machine was calm and cool.
    #[serde(rename = "cool_down_j")]
    pub cool_down: Option<Energy>,
    /// Reading the Baseline before and after.
    #[serde(rename = "baseline_j")]
    pub baseline: Option<Energy>,
    /// Warm-up Repetitions.
    #[serde(rename = "warm_up_j")]
    pub warm_up: Option<Energy>,
}

/// What ran: enough to run it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Software {
    /// Version of the worker, with its commit where known.
    pub worker_version: String,
    /// Version of the engine and of burn.
    pub engine_version: String,
    /// Where products were computed, such as `flex cpu`.
    pub device: String,
    /// Threads that the engine used.
    pub threads: u32,
    /// How many sequences were computed at once.
    pub batch: u32,
    /// With which kernels and how a step was run; null from a worker that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computing: Option<Computing>,
}

/// How the engine computed, where a device leaves a choice: speeds that differ in it compare engines, not Models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Computing {
    /// Which kernels took part.
    pub kernels: String,
    /// How a decode step was run, such as `one recorded graph of 1 × 1024 tokens` or `eager` and why; null before the first.
    pub decode: Option<String>,
    /// What was chosen by trying, in the order of choosing: empty where nothing was tried, null where nobody told.
    pub tuned: Option<Vec<Tuned>>,
}

/// A kernel that was the fastest of several when the engine tried them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tuned {
    /// For which operation, shape and format.
    pub operation: String,
    /// Which kernel is used for it.
    pub kernel: String,
}

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

/// A report whose facts contradict each other: refused, and the reason goes back to the worker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the report is not usable: {0}")]
pub struct Contradiction(String);

impl Reading {
    /// Energy of the Window's body: the pads are taken off at idle power, which is what they are
    /// for. Without pads this is the Reading itself.
    pub fn body_energy(&self, window: Window, baseline: Option<&Baseline>) -> Option<Energy> {
        let whole = self.energy?;
        if window.pads().is_zero() {
            return Some(whole);
        }
        Some(whole - baseline.and_then(Baseline::mean)? * window.pads())
    }
}

impl Repetition {
    /// Every answer, the first of the batch first.
    pub fn answers(&self) -> impl Iterator<Item = Answered<'_>> {
        let first = Answered {
            output_text: &self.output_text,
            prompt_tokens: self.prompt_tokens,
            output_tokens: self.output_tokens,
            token_times: &self.token_times,
        };
        std::iter::once(first).chain(self.others.iter().map(|answer| Answered {
            output_text: &answer.output_text,
            prompt_tokens: answer.prompt_tokens,
            output_tokens: answer.output_tokens,
            token_times: &answer.token_times,
        }))
    }

    /// How many answers share the Window; each has an equal part of its energy.
    pub fn batch(&self) -> u32 {
        u32::try_from(self.others.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// When every answer that has tokens had its first, since the body started: the end of prefill. `None` where none has.
    pub fn prefill_end(&self) -> Option<Duration> {
        self.answers().filter_map(|answer| answer.token_times.first().copied()).max()
    }

    /// When the last token of all was on the host, since the body started. `None` where there is none.
    pub fn decode_end(&self) -> Option<Duration> {
        self.answers().filter_map(|answer| answer.token_times.last().copied()).max()
    }
}

impl Baseline {
    /// Means alone, of whose readings nothing is known.
    pub const fn new(domain: Domain, before: Option<Power>, after: Option<Power>) -> Self {
        Self { domain, before, after, steadiness_before: None, steadiness_after: None }
    }

    /// Whether idle power was steady, before and after; `None` where too little is known of it.
    pub fn is_steady(&self) -> Option<bool> {
        let of = |mean: Option<Power>, known: Option<Steadiness>| known?.is_steady(mean?);
        let before = of(self.before, self.steadiness_before);
        let after = of(self.after, self.steadiness_after);
        [before, after].into_iter().flatten().reduce(|one, other| one && other)
    }

    /// Standard error (k = 1) of [`mean`](Self::mean): how well the readings of each span tell its own.
    pub fn standard_error(&self) -> Power {
        let of = |known: Option<Steadiness>| known.map_or(0.0, |known| known.standard_error.watts());
        let both = of(self.steadiness_before).hypot(of(self.steadiness_after));
        // Errors of two means halve in their mean; one that stands alone keeps its own.
        let spans = if self.before.is_some() && self.after.is_some() { 2.0 } else { 1.0 };
        Power::from_watts(both / spans)
    }

    /// Mean of before and after, or the one that is known.
    pub fn mean(&self) -> Option<Power> {
        match (self.before, self.after) {
            (Some(before), Some(after)) => Some((before + after) / 2.0),
            (one, other) => one.or(other),
        }
    }
}

/// When the last Window closed; where nobody said so, as if Windows of this length together had followed each other at
/// once.
pub fn ended_at(
    started_at: OffsetDateTime,
    last: Option<&Span>,
    windows: impl FnOnce() -> Duration,
) -> OffsetDateTime {
    last.map_or_else(|| started_at + windows(), Span::end)
}

impl Facts {
    /// The Baseline of one Domain.
    pub fn baseline(&self, domain: Domain) -> Option<&Baseline> {
        self.baselines.iter().find(|baseline| baseline.domain == domain)
    }

    /// When the last Window closed.
    pub fn ended_at(&self) -> OffsetDateTime {
        let last = self.timeline.as_ref().and_then(|timeline| timeline.windows.last());
        ended_at(self.started_at, last, || self.repetitions.iter().map(|each| each.window.length).sum())
    }

    /// Energy of one Domain in the pads of all Windows, at its idle power; `None` where that is not known.
    pub fn pads_energy(&self, domain: Domain) -> Option<Energy> {
        let idle = self.baseline(domain)?.mean()?;
        Some(self.repetitions.iter().map(|repetition| idle * repetition.window.pads()).sum())
    }

    /// Refuses what cannot be true, so that nothing derived from the record can be nonsense.
    ///
    /// # Errors
    /// [`Contradiction`] says which fact and why.
    pub fn check(&self) -> Result<(), Contradiction> {
        let refuse = |message: String| Err(Contradiction(message));
        if self.repetitions.is_empty() {
            return refuse("it has no repetition".to_owned());
        }
        if self.software.batch == 0 {
            return refuse("it computed no sequence at all: its batch is 0".to_owned());
        }
        for (index, repetition) in self.repetitions.iter().enumerate() {
            if repetition.batch() != self.software.batch {
                return refuse(format!(
                    "repetition {index} has {} answers of a batch of {}",
                    repetition.batch(),
                    self.software.batch
                ));
            }
            if !repetition.window.is_ordered() {
                return refuse(format!("the window of repetition {index} closes before it opens"));
            }
            for (number, answer) in repetition.answers().enumerate() {
                let which = match number {
                    0 => format!("repetition {index}"),
                    _ => format!("answer {number} of repetition {index}"),
                };
                let tokens = u32::try_from(answer.token_times.len()).unwrap_or(u32::MAX);
                if tokens != answer.output_tokens {
                    return refuse(format!(
                        "{which} counts {} output tokens but times {tokens}",
                        answer.output_tokens
                    ));
                }
                if !answer.token_times.is_sorted() {
                    return refuse(format!("the token times of {which} go back"));
                }
                if answer.token_times.last().is_some_and(|&last| last > repetition.window.body()) {
                    return refuse(format!("{which} has a token after its window's body"));
                }
            }
            for reading in &repetition.readings {
                if reading.energy.is_some_and(|energy| !energy.is_finite()) {
                    return refuse(format!("{} of repetition {index} is not a number", reading.domain));
                }
                if reading.energy.is_none() == reading.null_reason.is_none() {
                    return refuse(format!(
                        "{} of repetition {index} needs either an energy or a reason for having none",
                        reading.domain
                    ));
                }
                if reading.trace.0.iter().any(|sample| !sample.power.is_finite())
                    || !reading.trace.0.is_sorted_by_key(|sample| sample.at)
                {
                    return refuse(format!(
                        "the trace of {} in repetition {index} is not in order",
                        reading.domain
                    ));
                }
                if !self
                    .meters
                    .iter()
                    .any(|card| card.domain == reading.domain && card.label == reading.label)
                {
                    return refuse(format!("{} of repetition {index} has no meter card", reading.domain));
                }
            }
        }
        Ok(())
    }
}
