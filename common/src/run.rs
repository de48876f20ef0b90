//! A Run's life: one Prompt on one Model, as queued work.
//!
//! [`next`] owns every legal move; the SQL of `store` only performs them. Must not: know how a move
//! is stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::word::words;

words! {
    /// Where a Run stands.
    RunState, "run state", {
        /// Waits for a Machine.
        Queued = "queued",
        /// A Machine holds its current Lease.
        Leased = "leased",
        /// Its Measurement is stored.
        Measured = "measured",
        /// It ended without a Measurement; the reason is kept.
        Failed = "failed",
        /// Its submitter took it back.
        Cancelled = "cancelled",
    }
}

impl RunState {
    /// Whether nothing can happen to the Run any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Measured | Self::Failed | Self::Cancelled)
    }
}

/// What can happen to a Run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunEvent {
    /// A Machine claims it.
    Lease,
    /// Its current Lease reports a Measurement.
    ReportMeasured,
    /// Its current Lease says that this Run can never work.
    ReportReject,
    /// Its current Lease gives it back.
    ReportRetry {
        /// Whether another attempt is allowed.
        attempts_left: bool,
    },
    /// Its current Lease is handed back because the worker stops; that was no attempt.
    Release,
    /// Its current Lease ran out.
    Expire {
        /// Whether another attempt is allowed.
        attempts_left: bool,
    },
    /// Its submitter takes it back.
    Cancel,
}

/// The state after `event`, or `None` where the move is not legal.
pub const fn next(state: RunState, event: RunEvent) -> Option<RunState> {
    use RunState::{Cancelled, Failed, Leased, Measured, Queued};
    match (state, event) {
        (Queued, RunEvent::Lease) => Some(Leased),
        (Queued | Leased, RunEvent::Cancel) => Some(Cancelled),
        (Leased, RunEvent::ReportMeasured) => Some(Measured),
        (Leased, RunEvent::ReportReject) => Some(Failed),
        (Leased, RunEvent::Release) => Some(Queued),
        (Leased, RunEvent::ReportRetry { attempts_left } | RunEvent::Expire { attempts_left }) => {
            Some(if attempts_left { Queued } else { Failed })
        }
        _ => None,
    }
}

/// Why a Run ended as Failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Machine-readable, such as `prompt_too_long` or `attempts_exhausted`.
    pub code: String,
    /// For people: what was wrong, where, and what to do.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [RunEvent; 9] = [
        RunEvent::Lease,
        RunEvent::ReportMeasured,
        RunEvent::ReportReject,
        RunEvent::ReportRetry { attempts_left: true },
        RunEvent::ReportRetry { attempts_left: false },
        RunEvent::Release,
        RunEvent::Expire { attempts_left: true },
        RunEvent::Expire { attempts_left: false },
        RunEvent::Cancel,
    ];

    #[test]
    fn nothing_happens_to_a_run_that_has_ended() {
        for state in RunState::ALL.into_iter().filter(|state| state.is_final()) {
            for event in EVENTS {
                assert_eq!(next(state, event), None, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn exactly_the_arrows_of_the_diagram_exist() {
        use RunState::*;
        let arrows: Vec<(RunState, RunState)> = RunState::ALL
            .into_iter()
            .flat_map(|state| EVENTS.into_iter().filter_map(move |event| Some((state, next(state, event)?))))
            .collect();
        assert_eq!(
            arrows,
            [
                (Queued, Leased),
                (Queued, Cancelled),
                (Leased, Measured),
                (Leased, Failed),
                (Leased, Queued),
                (Leased, Failed),
                (Leased, Queued),
                (Leased, Queued),
                (Leased, Failed),
                (Leased, Cancelled),
            ]
        );
    }
}
