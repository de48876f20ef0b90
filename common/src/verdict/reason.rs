//! Why a Measurement is not simply valid, and how bad each reason is.
//!
//! Must not: look at facts; what holds is found elsewhere.

use crate::meter::{Fault, NullReason};
use crate::word::words;

words! {
    /// What may be done with a Measurement.
    Grade, "verdict", {
        /// Publish it.
        Valid = "valid",
        /// Publish it with its reasons.
        Flagged = "flagged",
        /// Measure again.
        Redo = "redo",
        /// Do not use its energy.
        Rejected = "rejected",
    }
}

words! {
    /// Why a Measurement is not simply valid.
    Reason, "reason", {
        /// Its energy is modelled, not measured.
        Modelled = "modelled",
        /// Its energy is simulated.
        Simulated = "simulated",
        /// Other processes kept the machine busy.
        ForeignLoad = "foreign_load",
        /// The machine did not become calm in time.
        NotCalm = "not_calm",
        /// The machine did not become cool in time, by far.
        ThermalTimeout = "thermal_timeout",
        /// The processor's governor saves power, differs between cores, or was changed meanwhile.
        ClocksNotHeld = "clocks_not_held",
        /// Idle power differs between before and after.
        IdleDrift = "idle_drift",
        /// Idle power was not steady: its readings differ too much, or one lies far from all others.
        UnsteadyIdle = "unsteady_idle",
        /// Idle power is not what it was in the days before.
        UnusualIdle = "unusual_idle",
        /// Idle power is not known, so there is no net figure.
        NoBaseline = "no_baseline",
        /// The power readings leave part of the Window uncovered.
        LowCoverage = "low_coverage",
        /// The sampler woke late.
        LateSampler = "late_sampler",
        /// A reading failed.
        ReadError = "read_error",
        /// The Window is shorter than the instrument resolves.
        NotResolved = "not_resolved",
        /// A counter was set back.
        CounterReset = "counter_reset",
        /// An instrument's counter and its power readings tell different energies.
        Disagreement = "disagreement",
        /// A reading froze.
        StaleMeter = "stale_meter",
        /// A device went away.
        DeviceLost = "device_lost",
        /// No instrument gave an energy.
        NoEnergy = "no_energy",
        /// Somebody else's process was on an accelerator.
        ForeignOnAccelerator = "foreign_on_accelerator",
        /// Heat or its hardware slowed an accelerator down.
        Throttled = "throttled",
        /// Its power limit held an accelerator back.
        PowerCapped = "power_capped",
        /// The machine slept, or its clock jumped.
        Suspended = "suspended",
        /// The host of a virtual machine took core time away.
        StolenTime = "stolen_time",
        /// Memory was moved to and from swap.
        Swapped = "swapped",
        /// The processor adds noise to its energy counter.
        NoisyCounter = "noisy_counter",
        /// The sensor sees a part of the time only, and too few starts were spread over it.
        PartialSight = "partial_sight",
        /// The instrument's power is a moving average.
        MovingAverage = "moving_average",
        /// The net energy is not resolved: its interval is too wide for it.
        WideInterval = "wide_interval",
        /// The meter at the socket gave no energy, so only parts are summed.
        NoWallFigure = "no_wall_figure",
        /// The clocks of worker and server were compared to a tenth of a second only, or less well.
        ClockResidual = "clock_residual",
        /// The whole machine used less than its parts: an instrument is wrong.
        WallBelowParts = "wall_below_parts",
        /// Two meters of the whole machine tell different energies.
        WallDisagreement = "wall_disagreement",
        /// The same work took very different energies.
        WideSpread = "wide_spread",
        /// The same Prompt was answered with different numbers of tokens.
        LengthChanged = "length_changed",
        /// The machine's control workload did not take the same energy every time lately.
        ControlSpread = "control_spread",
    }
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
