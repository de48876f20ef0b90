//! Power over time: Samples, the Window they lie in, and how they become energy.
//!
//! Must not: know which instrument a Sample came from.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::units::{Energy, Power, seconds};

/// What the engine was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// From the first step to the first token on the host.
    Prefill,
    /// From the first token to the last.
    Decode,
}

/// One reading of power. The reading stands for the time since the Sample before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sample {
    /// Since the Window opened.
    #[serde(rename = "at_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub at: Duration,
    /// The reading.
    #[serde(rename = "power_w")]
    pub power: Power,
}

/// The Samples of one Domain over one Window, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct PowerTrace(pub Vec<Sample>);

/// The interval over which energy is counted. The counters are read where it opens and where it
/// closes; what the engine did is its body, the rest is idle: pads, and gaps where the engine did it several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Window {
    /// From opening to the start of the body.
    #[serde(rename = "body_start_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub body_start: Duration,
    /// From opening to the end of the body.
    #[serde(rename = "body_end_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub body_end: Duration,
    /// From opening to closing.
    #[serde(rename = "length_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub length: Duration,
    /// Idle inside the body, between the Rounds of a Repetition that has several.
    #[serde(rename = "gaps_s", with = "seconds", default, skip_serializing_if = "Duration::is_zero")]
    #[schema(value_type = f64)]
    pub gaps: Duration,
}

impl Window {
    /// A Window with one body.
    pub const fn new(body_start: Duration, body_end: Duration, length: Duration) -> Self {
        Self { body_start, body_end, length, gaps: Duration::ZERO }
    }

    /// How long the body took, gaps left out.
    pub fn body(&self) -> Duration {
        self.body_end.saturating_sub(self.body_start).saturating_sub(self.gaps)
    }

    /// How long both pads and the gaps together took: what is idle.
    pub fn pads(&self) -> Duration {
        self.length.saturating_sub(self.body())
    }

    /// Whether the three instants are in order.
    pub fn is_ordered(&self) -> bool {
        self.body_end.checked_sub(self.body_start).is_some_and(|body| self.gaps <= body)
            && self.body_end <= self.length
    }
}

impl PowerTrace {
    /// Energy between two instants by boxcar hold: each reading stands for the time since the one
    /// before it (the first for all that came before it, the last for all that comes after it). Repeated values are kept: dropping
    /// them before a trapezoid turns a 1040 J step into 2970 J.
    ///
    /// `None` where there is no Sample.
    pub fn energy_between(&self, from: Duration, to: Duration) -> Option<Energy> {
        let last = self.0.last()?;
        let mut sum = Energy::ZERO;
        let mut held_from = from;
        for sample in &self.0 {
            let until = sample.at.clamp(from, to);
            sum += sample.power * until.saturating_sub(held_from);
            held_from = held_from.max(until);
        }
        Some(sum + last.power * to.saturating_sub(held_from))
    }

    /// What several instruments draw together: at each instant at which one of them has a Sample, what all hold. Empty
    /// where one of them is.
    #[must_use]
    pub fn sum(traces: &[&Self]) -> Self {
        let mut instants: Vec<Duration> =
            traces.iter().flat_map(|trace| &trace.0).map(|sample| sample.at).collect();
        instants.sort();
        instants.dedup();
        let held = |trace: &Self, at: Duration| {
            let next = trace.0.partition_point(|sample| sample.at < at);
            trace.0.get(next).or(trace.0.last()).map(|sample| sample.power)
        };
        let samples = instants.into_iter().filter_map(|at| {
            let power = traces.iter().map(|trace| held(trace, at)).sum::<Option<Power>>()?;
            Some(Sample { at, power })
        });
        Self(samples.collect())
    }

    /// The share of the interval that lies between two Samples, 0 to 1. The edges before the first and after
    /// the last count as uncovered.
    pub fn coverage(&self, from: Duration, to: Duration) -> f64 {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return 0.0 };
        let whole = to.saturating_sub(from);
        if whole.is_zero() {
            return 0.0;
        }
        let covered = last.at.clamp(from, to).saturating_sub(first.at.clamp(from, to));
        covered.as_secs_f64() / whole.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trace(points: &[(f64, f64)]) -> PowerTrace {
        let sample = |&(at, watts): &(f64, f64)| Sample {
            at: Duration::from_secs_f64(at),
            power: Power::from_watts(watts),
        };
        PowerTrace(points.iter().map(sample).collect())
    }

    #[test]
    fn a_step_after_a_long_plateau_is_not_smeared_over_it() {
        let mut points: Vec<(f64, f64)> = (1..=99).map(|i| (f64::from(i) * 0.1, 100.0)).collect();
        points.push((10.0, 500.0));
        let energy = trace(&points).energy_between(Duration::ZERO, Duration::from_secs(10)).unwrap();
        assert!((energy.joules() - 1040.0).abs() < 0.01, "{energy:?}");
    }

    #[test]
    fn an_empty_trace_has_no_energy_rather_than_zero() {
        assert_eq!(PowerTrace::default().energy_between(Duration::ZERO, Duration::from_secs(1)), None);
    }

    #[test]
    fn pads_and_body_make_the_window() {
        let window =
            Window::new(Duration::from_millis(500), Duration::from_millis(1700), Duration::from_millis(2000));
        assert_eq!(window.body(), Duration::from_millis(1200));
        assert_eq!(window.pads(), Duration::from_millis(800));
        assert!(window.is_ordered());
    }

    proptest! {
        #[test]
        fn integration_is_additive_over_split_windows(
            powers in prop::collection::vec(0.0f64..1000.0, 1..50),
            split in 0.0f64..5.0,
        ) {
            let points: Vec<(f64, f64)> =
                (1u32..).zip(&powers).map(|(i, &w)| (0.1 * f64::from(i), w)).collect();
            let trace = trace(&points);
            let (start, middle, end) = (Duration::ZERO, Duration::from_secs_f64(split), Duration::from_secs(5));
            let whole = trace.energy_between(start, end).unwrap().joules();
            let parts = trace.energy_between(start, middle).unwrap().joules()
                + trace.energy_between(middle, end).unwrap().joules();
            prop_assert!((whole - parts).abs() <= 1e-6 * whole.max(1.0));
        }
    }
}
