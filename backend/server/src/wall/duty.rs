//! Reading the meters at the sockets, for as long as this server has the duty: of any number of servers one reads each.
//!
//! Looks are stored as they come; which belong to a record is decided when a report arrives. Must not: stop because a
//! meter or the database was away for a while, or ask a meter twice at once.

use std::collections::HashMap;
use std::time::Duration;

use common::ids::MachineId;
use common::measurement::Facts;
use common::wall::{WallReading, WallTrouble};
use store::wall::Duty;
use store::{Store, wall};
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::{Kind, Look, WallError};
use crate::clock;

/// How often duties are taken and renewed, and how long one lasts without.
const EVERY: Duration = Duration::from_secs(2);
const LASTS: Duration = Duration::from_secs(10);
/// How often old readings are forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(4);
/// Longest wait for the reading that closes a report's last Window.
const SETTLED_WITHIN: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Reads until it is dropped. `reader` names this server among all.
pub(crate) async fn run(store: Store, reader: String) {
    // Dropped with this task, and all its readers with it.
    let mut readers = tokio::task::JoinSet::new();
    let mut running: HashMap<(MachineId, String), (Duty, AbortHandle)> = HashMap::new();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let duties = match wall::duties(&store, &reader, LASTS, clock::now()).await {
            Ok(duties) => duties,
            Err(error) => {
                tracing::warn!(%error, "the meters to be read could not be looked up");
                continue;
            }
        };
        running.retain(|_, (duty, handle)| {
            let stays = duties.contains(duty) && !handle.is_finished();
            if !stays {
                handle.abort();
            }
            stays
        });
        while readers.try_join_next().is_some() {}
        for duty in duties {
            running.entry((duty.machine_id, duty.meter.clone())).or_insert_with(|| {
                let handle = readers.spawn(read(store.clone(), duty.clone()));
                (duty, handle)
            });
        }
    }
}

/// Reads one meter until aborted.
async fn read(store: Store, duty: Duty) {
    let kind: Kind = match serde_json::from_value(duty.settings.clone()) {
        Ok(kind) => kind,
        Err(error) => {
            let message =
                format!("Its settings are of another version of this program: enrol it again ({error}).");
            note(&store, &duty, message).await;
            return std::future::pending().await;
        }
    };
    tracing::info!(machine.name = %duty.machine, meter.name = %duty.meter, meter.kind = %duty.card.card.name, "its meter at the socket is read here");
    let (mut is_well, mut last_sweep) = (true, clock::instant());
    let mut ticks = interval(duty.card.period());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let kind = kind.clone();
        let (asked, started) = (clock::now(), clock::instant());
        let Ok(found) = tokio::task::spawn_blocking(move || kind.look(LIMIT)).await else { continue };
        let took = started.elapsed();
        match found {
            Ok(Look { power, energy }) => {
                if !is_well {
                    tracing::info!(machine.name = %duty.machine, "its meter at the socket answers again");
                }
                is_well = true;
                let reading = WallReading { at: asked + took / 2, took, power, energy };
                if let Err(error) = wall::keep(&store, duty.machine_id, &duty.meter, &reading).await {
                    tracing::warn!(machine.name = %duty.machine, %error, "a reading at the socket could not be kept");
                }
            }
            Err(error) => {
                if is_well {
                    tracing::warn!(machine.name = %duty.machine, meter.name = %duty.meter, %error, "a meter at the socket gives nothing");
                }
                is_well = false;
                note(&store, &duty, error.to_string()).await;
                if matches!(
                    error,
                    WallError::Forbidden { .. } | WallError::Certificate { .. } | WallError::Here(_)
                ) {
                    // Only its operator can mend that; some devices lock out whoever asks too often.
                    tokio::time::sleep(LASTS).await;
                }
            }
        }
        if last_sweep.elapsed() > SWEEP_EVERY {
            last_sweep = clock::instant();
            if let Err(error) = wall::sweep(&store, duty.machine_id, clock::now()).await {
                tracing::warn!(machine.name = %duty.machine, %error, "old readings at the socket could not be forgotten");
            }
        }
    }
}

async fn note(store: &Store, duty: &Duty, message: String) {
    let trouble = WallTrouble { at: clock::now(), message };
    if let Err(error) = wall::fail(store, duty.machine_id, &duty.meter, &trouble).await {
        tracing::warn!(machine.name = %duty.machine, %error, "trouble of a meter could not be noted");
    }
}

/// Waits until the meters of a machine were read after the last Window of a report, where it is read at all: a figure
/// needs a reading on either side.
pub(crate) async fn settle(store: &Store, machine_id: MachineId, facts: &Facts) -> Result<(), store::Error> {
    let timeline = facts.timeline.as_ref();
    let Some((last, server)) = timeline.and_then(|line| Some((*line.windows.last()?, line.server?))) else {
        return Ok(());
    };
    let end = last.shifted(server.offset_s).end();
    let started = clock::instant();
    while let Some(newest) = wall::newest(store, machine_id).await? {
        if newest.is_some_and(|at| at >= end) || started.elapsed() > SETTLED_WITHIN {
            break;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}
