//! How far a Measurement can be trusted, with machine-readable reasons.
//!
//! Must not: soften a reason. The thresholds are the protocol's and are shown on the method page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::measurement::Facts;
use crate::meter::{Fault, Label, NullReason};

/// Share of all cores that others may keep busy.
pub const MAX_FOREIGN_LOAD: f64 = 0.05;
/// Idle power before and after may differ by this share.
pub const MAX_IDLE_DRIFT: f64 = 0.03;
/// Beyond this share the Run is to be repeated.
pub const REDO_IDLE_DRIFT: f64 = 0.10;
/// Least share of the Window that the trace must cover, where energy comes from a trace.
pub const MIN_COVERAGE: f64 = 0.95;

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
            | Self::ReadError => Grade::Flagged,
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
        let mut reasons = Vec::new();
        if !facts.conditions.was_calm {
            reasons.push(Reason::NotCalm);
        }
        if facts.conditions.foreign_load.is_some_and(|share| share > MAX_FOREIGN_LOAD) {
            reasons.push(Reason::ForeignLoad);
        }
        let mut has_redo_drift = false;
        for baseline in &facts.baselines {
            if let (Some(before), Some(after)) = (baseline.before, baseline.after) {
                let drift =
                    (before - after).watts().abs() / before.watts().max(after.watts()).max(f64::MIN_POSITIVE);
                if drift > MAX_IDLE_DRIFT {
                    reasons.push(Reason::IdleDrift);
                }
                has_redo_drift |= drift > REDO_IDLE_DRIFT;
            }
        }
        for repetition in &facts.repetitions {
            if repetition.readings.iter().all(|reading| reading.energy.is_none()) {
                reasons.push(Reason::NoEnergy);
            }
            for reading in &repetition.readings {
                match reading.label {
                    Label::Measured => {}
                    Label::Modelled => reasons.push(Reason::Modelled),
                    Label::Simulated => reasons.push(Reason::Simulated),
                }
                if facts.baseline(reading.domain).is_none() {
                    reasons.push(Reason::NoBaseline);
                }
                if reading.method == crate::meter::Method::Trace {
                    let window = repetition.window;
                    if reading.trace.coverage(window.body_start, window.body_end) < MIN_COVERAGE {
                        reasons.push(Reason::LowCoverage);
                    }
                }
                reasons.extend(reading.null_reason.and_then(reason_of_null));
                reasons.extend(reading.faults.iter().filter_map(|fault| reason_of_fault(*fault)));
            }
        }
        let mut verdict = Self::of(reasons);
        if has_redo_drift {
            verdict.grade = verdict.grade.max(Grade::Redo);
        }
        verdict
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
}
