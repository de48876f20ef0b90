//! Why a Measurement is not simply valid, and how bad each reason is.
//!
//! Must not: look at facts; what holds is found elsewhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::meter::{Fault, NullReason};

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
    /// Every grade, the best first.
    pub const ALL: [Self; 4] = [Self::Valid, Self::Flagged, Self::Redo, Self::Rejected];

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
    /// The machine did not become cool in time, by far.
    ThermalTimeout,
    /// The processor's governor saves power, differs between cores, or was changed meanwhile.
    ClocksNotHeld,
    /// Idle power differs between before and after.
    IdleDrift,
    /// Idle power was not steady: its readings differ too much, or one lies far from all others.
    UnsteadyIdle,
    /// Idle power is not what it was in the days before.
    UnusualIdle,
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
    /// Somebody else's process was on an accelerator.
    ForeignOnAccelerator,
    /// Heat or its hardware slowed an accelerator down.
    Throttled,
    /// Its power limit held an accelerator back.
    PowerCapped,
    /// The machine slept, or its clock jumped.
    Suspended,
    /// The host of a virtual machine took core time away.
    StolenTime,
    /// Memory was moved to and from swap.
    Swapped,
    /// The processor adds noise to its energy counter.
    NoisyCounter,
    /// The sensor sees a part of the time only, and too few starts were spread over it.
    PartialSight,
    /// The instrument's power is a moving average.
    MovingAverage,
    /// The net energy is not resolved: its interval is too wide for it.
    WideInterval,
    /// The meter at the socket gave no energy, so only parts are summed.
    NoWallFigure,
    /// The clocks of worker and server were compared to a tenth of a second only, or less well.
    ClockResidual,
    /// The whole machine used less than its parts: an instrument is wrong.
    WallBelowParts,
    /// Two meters of the whole machine tell different energies.
    WallDisagreement,
    /// The same work took very different energies.
    WideSpread,
    /// The same Prompt was answered with different numbers of tokens.
    LengthChanged,
    /// The machine's control workload did not take the same energy every time lately.
    ControlSpread,
}

impl Reason {
    /// How bad it is.
    pub const fn grade(self) -> Grade {
        match self {
            Self::Modelled
            | Self::Simulated
            | Self::ForeignLoad
            | Self::NotCalm
            | Self::ClocksNotHeld
            | Self::IdleDrift
            | Self::UnsteadyIdle
            | Self::UnusualIdle
            | Self::NoBaseline
            | Self::LateSampler
            | Self::ReadError
            | Self::Disagreement
            | Self::PowerCapped
            | Self::Swapped
            | Self::NoisyCounter
            | Self::PartialSight
            | Self::MovingAverage
            | Self::WideInterval
            | Self::StolenTime
            | Self::NoWallFigure
            | Self::ClockResidual
            | Self::WallDisagreement
            | Self::ControlSpread => Grade::Flagged,
            Self::LowCoverage
            | Self::StaleMeter
            | Self::ForeignOnAccelerator
            | Self::Throttled
            | Self::WallBelowParts
            | Self::WideSpread
            | Self::LengthChanged => Grade::Redo,
            Self::ThermalTimeout
            | Self::NotResolved
            | Self::CounterReset
            | Self::DeviceLost
            | Self::NoEnergy
            | Self::Suspended => Grade::Rejected,
        }
    }
}

/// What follows from a missing energy.
pub(super) const fn of_null(reason: NullReason) -> Option<Reason> {
    match reason {
        NullReason::Unreadable => Some(Reason::ReadError),
        NullReason::CounterReset | NullReason::CounterAmbiguous => Some(Reason::CounterReset),
        NullReason::NotResolved => Some(Reason::NotResolved),
        NullReason::Stale => Some(Reason::StaleMeter),
        NullReason::Lost => Some(Reason::DeviceLost),
        NullReason::ClockUnknown => Some(Reason::NoWallFigure),
    }
}

/// What follows from what happened to an instrument.
pub(super) const fn of_fault(fault: Fault) -> Option<Reason> {
    match fault {
        Fault::Wrapped | Fault::Jitter => None,
        Fault::ReadError => Some(Reason::ReadError),
        Fault::Gap => Some(Reason::LowCoverage),
        Fault::Late => Some(Reason::LateSampler),
        Fault::CounterReset => Some(Reason::CounterReset),
        Fault::Stale => Some(Reason::StaleMeter),
        Fault::Lost => Some(Reason::DeviceLost),
        Fault::Throttled => Some(Reason::Throttled),
        Fault::PowerCapped => Some(Reason::PowerCapped),
    }
}
