//! Leaving in order: a signal asks, the loop gives its Lease back and ends; if the engine keeps it too long, the
//! signal's own thread gives the Lease back and ends the process.
//!
//! Must not: leave a Lease behind that its machine does not work on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::api::leases::SendReport;
use common::ids::LeaseId;
use common::lease::Report;
use common::run::Failure;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::client::Client;
use crate::error::failure;

/// How long the loop may take to notice.
const GRACE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);

/// Whether to stop, and what must be given back first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: AtomicBool,
    done: AtomicBool,
    held: Mutex<Option<LeaseId>>,
}

/// Why a Lease is handed back when the worker stops.
pub(crate) fn given_back() -> Failure {
    failure("worker_stopped", "the worker was stopped while it had this run")
}

impl Stop {
    /// Whether somebody asked.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    /// Asks.
    pub(crate) fn ask(&self) {
        self.0.asked.store(true, Ordering::Release);
    }

    /// The loop holds this Lease from now on.
    pub(crate) fn hold(&self, lease: LeaseId) {
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(lease);
    }

    /// Takes the duty to report the Lease; whoever gets it is the only one who reports.
    pub(crate) fn take(&self) -> Option<LeaseId> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The loop has ended.
    pub(crate) fn finish(&self) {
        self.0.done.store(true, Ordering::Release);
    }

    /// Listens for SIGINT and SIGTERM on a thread of its own.
    pub(crate) fn listen(&self, client: Client) -> std::io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let stop = self.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            if signals.forever().next().is_none() {
                return;
            }
            stop.ask();
            let mut waited = Duration::ZERO;
            while waited < GRACE && !stop.0.done.load(Ordering::Acquire) {
                std::thread::sleep(LOOK);
                waited += LOOK;
            }
            if stop.0.done.load(Ordering::Acquire) {
                return;
            }
            if let Some(id) = stop.take()
                && let Err(error) = client
                    .call(&SendReport { id: Some(id), report: Report::Release { failure: given_back() } })
            {
                tracing::warn!(lease.id = %id, %error, "the lease could not be given back; it will expire");
            }
            std::process::exit(0);
        })?;
        Ok(())
    }
}
