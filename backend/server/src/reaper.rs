//! Looks again and again for Leases that ran out. Every server does; they do not disturb each other.
//!
//! Must not: stop because the database was away for a while.

use std::time::Duration;

use store::{Store, queue};

use crate::clock;

/// Reaps until it is dropped.
pub(crate) async fn run(store: Store, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match queue::reap(&store, clock::now()).await {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "leases ran out and gave their runs back"),
            Err(error) => tracing::warn!(%error, "leases that ran out could not be looked for"),
        }
    }
}
