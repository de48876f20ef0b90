//! Delivering a report: again and again until the server has it or refuses it.
//!
//! The same report is sent each time, so that sending it twice is harmless. Must not: change a report, or keep
//! a stopping worker for long.

use std::time::Duration;

use common::api::leases::SendReport;
use common::ids::LeaseId;
use common::lease::Report;
use common::run::RunState;
use meter::Clock;

use crate::client::{CallError, Client};
use crate::stop::Stop;

/// First and longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(20));
/// Attempts of a worker that shall stop.
const ATTEMPTS_WHEN_STOPPING: u32 = 3;

/// What became of a report.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The server has it.
    Taken(RunState),
    /// The server does not want it, and never will.
    Refused(CallError),
    /// The worker stops before the server was reached; the Lease will expire.
    GivenUp(CallError),
}

/// Delivers a report.
pub(crate) fn deliver(
    client: &Client,
    clock: &dyn Clock,
    stop: &Stop,
    id: LeaseId,
    report: Report,
) -> Delivery {
    let message = SendReport { id: Some(id), report };
    let mut pause = PAUSES.0;
    let mut attempts_when_stopping = 0;
    loop {
        match client.call(&message) {
            Ok(reported) => return Delivery::Taken(reported.state),
            Err(error @ CallError::Refused { .. }) => return Delivery::Refused(error),
            Err(error) => {
                if stop.is_asked() {
                    attempts_when_stopping += 1;
                    if attempts_when_stopping >= ATTEMPTS_WHEN_STOPPING {
                        return Delivery::GivenUp(error);
                    }
                }
                tracing::warn!(lease.id = %id, %error, "the report was not delivered; trying again");
                clock.sleep(if stop.is_asked() { PAUSES.0 } else { pause });
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}
