//! One execution of a Prompt: what was answered when, and what the Meters read over its Window.
//!
//! Must not: know how an energy was found; each Reading says it of itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Baseline;
use crate::meter::{Domain, Fault, Label, Method, NullReason};
use crate::trace::{PowerTrace, Window};
use crate::units::{Energy, seconds};
use crate::word::words;

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

words! {
    /// Why an answer ended.
    Finish, "end of an answer", {
        /// The Model said that it is done.
        Stop = "stop",
        /// The output limit was reached.
        Length = "length",
    }
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
    /// Further Rounds, where one alone is too short for an instrument; they share the Window and its energy too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Round>,
}

/// The same Prompt answered once more in the same Window, after a gap. What was answered is what the first answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Round {
    /// When it began, since the body of the Window started.
    #[serde(rename = "start_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub start: Duration,
    /// When each written token was on the host, since the Round began.
    #[serde(rename = "token_times_s", with = "seconds::list")]
    #[schema(value_type = Vec<f64>)]
    pub token_times: Vec<Duration>,
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

/// Any answer of a Repetition, of whichever Round, as it is looked at.
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
    fn first(&self) -> Answered<'_> {
        Answered {
            output_text: &self.output_text,
            prompt_tokens: self.prompt_tokens,
            output_tokens: self.output_tokens,
            token_times: &self.token_times,
        }
    }

    /// The answers of the first Round, that of the batch's first sequence first.
    fn at_once(&self) -> impl Iterator<Item = Answered<'_>> {
        std::iter::once(self.first()).chain(self.others.iter().map(|answer| Answered {
            output_text: &answer.output_text,
            prompt_tokens: answer.prompt_tokens,
            output_tokens: answer.output_tokens,
            token_times: &answer.token_times,
        }))
    }

    /// Every answer: those of the first Round, then those of the others.
    pub fn answers(&self) -> impl Iterator<Item = Answered<'_>> {
        self.at_once().chain(self.again.iter().map(|round| Answered {
            output_tokens: u32::try_from(round.token_times.len()).unwrap_or(u32::MAX),
            token_times: &round.token_times,
            ..self.first()
        }))
    }

    /// How many sequences were computed at once.
    pub fn batch(&self) -> u32 {
        u32::try_from(self.others.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How many answers share the Window; each has an equal part of its energy.
    pub fn responses(&self) -> u32 {
        self.batch().saturating_add(u32::try_from(self.again.len()).unwrap_or(u32::MAX))
    }

    /// When every answer of the first Round that has tokens had its first, since the body started: the end of prefill.
    /// `None` where none has.
    pub fn prefill_end(&self) -> Option<Duration> {
        self.at_once().filter_map(|answer| answer.token_times.first().copied()).max()
    }

    /// When the last token of the first Round was on the host, since the body started. `None` where there is none.
    pub fn decode_end(&self) -> Option<Duration> {
        self.at_once().filter_map(|answer| answer.token_times.last().copied()).max()
    }
}
