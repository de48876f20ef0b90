//! How far a Measurement can be trusted, with machine-readable reasons.
//!
//! Must not: soften a reason. The thresholds are the protocol's and are shown on the method page.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::measurement::{Baseline, Conditions, Facts, Reading};
use crate::meter::{Fault, Label, MeterCard, Method, NullReason};
use crate::trace::Window;

/// Share of all cores that others may keep busy.
pub const MAX_FOREIGN_LOAD: f64 = 0.05;
/// Idle power before and after may differ by this share.
pub const MAX_IDLE_DRIFT: f64 = 0.03;
/// Beyond this share the Run is to be repeated.
pub const REDO_IDLE_DRIFT: f64 = 0.10;
/// Least share of the Window that the trace must cover, where energy comes from a trace.
pub const MIN_COVERAGE: f64 = 0.95;

/// Counter and trace of one instrument may differ by this share: 2 % of bias and 5 % of tolerance.
pub const MAX_DISAGREEMENT: f64 = 0.07;
/// They are compared over Windows of at least so many update periods.
pub const DISAGREEMENT_PERIODS: u32 = 20;

/// What may be done with a Measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Publish it.
    Valid,
    /// Publish it with its reasons.
    Flagged,
    /// Measure again.
    Redo,
    /// Do not use its energy.
    Rejected,
}

impl Grade {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Flagged => "flagged",
            Self::Redo => "redo",
            Self::Rejected => "rejected",
        }
    }
}

/// Why a Measurement is not simply valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its energy is modelled, not measured.
    Modelled,
    /// Its energy is simulated.
    Simulated,
    /// Other processes kept the machine busy.
    ForeignLoad,
    /// The machine did not become calm in time.
    NotCalm,
    /// Idle power differs between before and after.
    IdleDrift,
    /// Idle power is not known, so there is no net figure.
    NoBaseline,
    /// The power readings leave part of the Window uncovered.
    LowCoverage,
    /// The sampler woke late.
    LateSampler,
    /// A reading failed.
    ReadError,
    /// The Window is shorter than the instrument resolves.
    NotResolved,
    /// A counter was set back.
    CounterReset,
    /// An instrument's counter and its power readings tell different energies.
    Disagreement,
    /// A reading froze.
    StaleMeter,
    /// A device went away.
    DeviceLost,
    /// No instrument gave an energy.
    NoEnergy,
}

impl Reason {
    /// How bad it is.
    pub const fn grade(self) -> Grade {
        match self {
            Self::Modelled
            | Self::Simulated
            | Self::ForeignLoad
            | Self::NotCalm
            | Self::IdleDrift
            | Self::NoBaseline
            | Self::LateSampler
            | Self::ReadError
            | Self::Disagreement => Grade::Flagged,
            Self::LowCoverage | Self::StaleMeter => Grade::Redo,
            Self::NotResolved | Self::CounterReset | Self::DeviceLost | Self::NoEnergy => Grade::Rejected,
        }
    }
}

/// A [`Grade`] and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The worst grade of all reasons; valid without any.
    pub grade: Grade,
    /// Every reason once, in a fixed order.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The verdict that follows from these reasons.
    pub fn of(mut reasons: Vec<Reason>) -> Self {
        reasons.sort();
        reasons.dedup();
        let grade = reasons.iter().map(|reason| reason.grade()).max().unwrap_or(Grade::Valid);
        Self { grade, reasons }
    }

    /// The verdict on what a worker reported.
    pub fn on(facts: &Facts) -> Self {
        let windows =
            facts.repetitions.iter().map(|repetition| (repetition.window, repetition.readings.as_slice()));
        Self::on_evidence(&Evidence {
            conditions: &facts.conditions,
            meters: &facts.meters,
            baselines: &facts.baselines,
            windows: windows.collect(),
        })
    }

    /// The verdict on any Windows, whatever ran in them.
    pub fn on_evidence(evidence: &Evidence<'_>) -> Self {
        let mut reasons = Vec::new();
        if !evidence.conditions.was_calm {
            reasons.push(Reason::NotCalm);
        }
        if evidence.conditions.foreign_load.is_some_and(|share| share > MAX_FOREIGN_LOAD) {
            reasons.push(Reason::ForeignLoad);
        }
        let mut has_redo_drift = false;
        for baseline in evidence.baselines {
            if let (Some(before), Some(after)) = (baseline.before, baseline.after) {
                let drift =
                    (before - after).watts().abs() / before.watts().max(after.watts()).max(f64::MIN_POSITIVE);
                if drift > MAX_IDLE_DRIFT {
                    reasons.push(Reason::IdleDrift);
                }
                has_redo_drift |= drift > REDO_IDLE_DRIFT;
            }
        }
        for (window, readings) in &evidence.windows {
            if readings.iter().all(|reading| reading.energy.is_none()) {
                reasons.push(Reason::NoEnergy);
            }
            for reading in *readings {
                evidence.judge(*window, reading, &mut reasons);
            }
        }
        let mut verdict = Self::of(reasons);
        if has_redo_drift {
            verdict.grade = verdict.grade.max(Grade::Redo);
        }
        verdict
    }
}

/// What a verdict is about.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// How the machine was.
    pub conditions: &'a Conditions,
    /// What is known of the instruments.
    pub meters: &'a [MeterCard],
    /// Idle power beside the Windows.
    pub baselines: &'a [Baseline],
    /// Each Window and what was read over it.
    pub windows: Vec<(Window, &'a [Reading])>,
}

impl Evidence<'_> {
    fn judge(&self, window: Window, reading: &Reading, reasons: &mut Vec<Reason>) {
        match reading.label {
            Label::Measured => {}
            Label::Modelled => reasons.push(Reason::Modelled),
            Label::Simulated => reasons.push(Reason::Simulated),
        }
        if !self.baselines.iter().any(|baseline| baseline.domain == reading.domain) {
            reasons.push(Reason::NoBaseline);
        }
        if reading.method == Method::Trace
            && reading.trace.coverage(window.body_start, window.body_end) < MIN_COVERAGE
        {
            reasons.push(Reason::LowCoverage);
        }
        if self.disagrees(window, reading) {
            reasons.push(Reason::Disagreement);
        }
        reasons.extend(reading.null_reason.and_then(reason_of_null));
        reasons.extend(reading.faults.iter().filter_map(|fault| reason_of_fault(*fault)));
    }

    /// Whether counter and power readings of one instrument tell different energies over a Window long enough for
    /// both.
    fn disagrees(&self, window: Window, reading: &Reading) -> bool {
        let card = self.meters.iter().find(|card| card.domain == reading.domain);
        let period = card.and_then(|card| card.update_period).unwrap_or_default();
        if reading.method != Method::Counter || window.length < period * DISAGREEMENT_PERIODS {
            return false;
        }
        let traced = reading.trace.energy_between(Duration::ZERO, window.length);
        reading.energy.zip(traced).is_some_and(|(counted, traced)| {
            (counted - traced).joules().abs()
                > MAX_DISAGREEMENT * counted.joules().abs().max(traced.joules().abs())
        })
    }
}

const fn reason_of_null(reason: NullReason) -> Option<Reason> {
    match reason {
        NullReason::Unreadable => Some(Reason::ReadError),
        NullReason::CounterReset | NullReason::CounterAmbiguous => Some(Reason::CounterReset),
        NullReason::NotResolved => Some(Reason::NotResolved),
        NullReason::Stale => Some(Reason::StaleMeter),
        NullReason::Lost => Some(Reason::DeviceLost),
    }
}

const fn reason_of_fault(fault: Fault) -> Option<Reason> {
    match fault {
        Fault::Wrapped | Fault::Jitter => None,
        Fault::ReadError => Some(Reason::ReadError),
        Fault::Gap => Some(Reason::LowCoverage),
        Fault::Late => Some(Reason::LateSampler),
        Fault::CounterReset => Some(Reason::CounterReset),
        Fault::Stale => Some(Reason::StaleMeter),
        Fault::Lost => Some(Reason::DeviceLost),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_is_valid_and_the_worst_reason_decides() {
        assert_eq!(Verdict::of(vec![]).grade, Grade::Valid);
        let verdict = Verdict::of(vec![Reason::CounterReset, Reason::Modelled, Reason::Modelled]);
        assert_eq!(verdict.grade, Grade::Rejected);
        assert_eq!(verdict.reasons, [Reason::Modelled, Reason::CounterReset]);
    }

    #[test]
    fn a_counter_and_a_trace_that_differ_by_more_than_the_band_are_flagged_where_both_resolve() {
        use crate::trace::{PowerTrace, Sample};
        use crate::units::{Energy, Power};
        let second = Duration::from_secs;
        let of = |length: u64, joules: f64| {
            let window = Window { body_start: second(0), body_end: second(length), length: second(length) };
            let samples = (0..=length).map(|at| Sample { at: second(at), power: Power::from_watts(100.0) });
            let reading = Reading {
                domain: crate::meter::Domain::Gpu(0),
                label: Label::Measured,
                method: Method::Counter,
                energy: Some(Energy::from_joules(joules)),
                null_reason: None,
                trace: PowerTrace(samples.collect()),
                faults: vec![],
            };
            let card = MeterCard {
                name: "nvml".to_owned(),
                domain: reading.domain,
                label: Label::Measured,
                method: Method::Counter,
                boundary: String::new(),
                update_period: Some(Duration::from_millis(100)),
                resolution: None,
                gain_uncertainty: 0.0,
                power_limit: None,
                version: None,
            };
            let power = Some(Power::from_watts(10.0));
            let baselines = [Baseline { domain: reading.domain, before: power, after: power }];
            let conditions = Conditions { was_calm: true, ..Conditions::default() };
            Verdict::on_evidence(&Evidence {
                conditions: &conditions,
                meters: &[card],
                baselines: &baselines,
                windows: vec![(window, &[reading])],
            })
            .reasons
        };
        assert_eq!(of(10, 1000.0), []);
        assert_eq!(of(10, 1060.0), []);
        assert_eq!(of(10, 1100.0), [Reason::Disagreement]);
        assert_eq!(of(1, 200.0), [], "a second is ten update periods: too short to compare");
    }
}
