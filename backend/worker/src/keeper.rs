//! Keeping a Lease: saying what the Machine is doing with it, and renewing it from a side thread while that takes long.
//!
//! While a quiet Window is open nothing is sent, unless the Lease would end otherwise. Must not: decide that a
//! Lease is lost because the server is away; only its 409 says so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use common::api::leases::RenewLease;
use common::ids::LeaseId;
use common::lease::Step;
use common::wall::ClockOffset;
use meter::{Clock, Monotonic};

use crate::calendar::Calendar;
use crate::client::{CallError, Client};
use crate::error::Error;

/// Renewed after this share of the Lease's time, in general and inside a quiet Window.
const SHARES: (f64, f64) = (1.0 / 3.0, 0.75);

struct Shared {
    client: Client,
    clock: Monotonic,
    calendar: Calendar,
    id: LeaseId,
    state: Mutex<State>,
    in_window: AtomicBool,
    is_lost: AtomicBool,
    is_over: AtomicBool,
}

struct State {
    step: Step,
    renewed_at: Duration,
    lasts: Duration,
    server: Option<ClockOffset>,
}

/// Keeps one Lease until it is dropped.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts keeping.
    pub(crate) fn start(
        client: Client,
        clock: Monotonic,
        calendar: Calendar,
        id: LeaseId,
        lasts: Duration,
    ) -> std::io::Result<Self> {
        let state = State { step: Step::Loading, renewed_at: clock.now(), lasts, server: None };
        let shared = Arc::new(Shared {
            client,
            clock,
            calendar,
            id,
            state: Mutex::new(state),
            in_window: AtomicBool::new(false),
            is_lost: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("keeper".to_owned()).spawn(move || of_thread.keep())?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Says what the Machine does now; [`Error::Lost`] if the Lease is not ours any more.
    pub(crate) fn step(&self, step: Step) -> Result<(), Error> {
        self.shared.lock().step = step;
        self.shared.renew();
        self.check()
    }

    /// [`Error::Lost`] if the Lease is not ours any more.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.shared.is_lost.load(Ordering::Acquire) { Err(Error::Lost) } else { Ok(()) }
    }

    /// The server's clock against ours, by the quickest renewal so far.
    pub(crate) fn server(&self) -> Option<ClockOffset> {
        self.shared.lock().server
    }

    /// Notes what another call found.
    pub(crate) fn lose(&self) {
        self.shared.is_lost.store(true, Ordering::Release);
    }

    /// Between these two nothing is sent that need not be.
    pub(crate) fn set_quiet(&self, is_quiet: bool) {
        self.shared.in_window.store(is_quiet, Ordering::Release);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there has been printed; there is nothing left to keep.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self) {
        while !self.is_over.load(Ordering::Acquire) && !self.is_lost.load(Ordering::Acquire) {
            let share = if self.in_window.load(Ordering::Acquire) { SHARES.1 } else { SHARES.0 };
            let (due, lasts) = {
                let state = self.lock();
                (state.renewed_at + state.lasts.mul_f64(share), state.lasts)
            };
            let now = self.clock.now();
            if now < due {
                std::thread::park_timeout(due - now);
            } else if !self.renew() {
                // The server is away: ask again soon, but not in a rush.
                std::thread::park_timeout((lasts / 20).min(Duration::from_secs(2)));
            }
        }
    }

    /// Renews; `false` if the server was not reached.
    fn renew(&self) -> bool {
        let step = self.lock().step;
        let asked = self.clock.now();
        match self.client.call(&RenewLease { id: Some(self.id), step }) {
            Ok(renewed) => {
                let mut state = self.lock();
                state.renewed_at = self.clock.now();
                state.lasts = renewed.lasts;
                if let Some(said) = renewed.now {
                    let found = self.calendar.compare(asked, state.renewed_at, said);
                    state.server = Some(found.better(state.server));
                }
                true
            }
            Err(CallError::Refused { .. }) => {
                self.is_lost.store(true, Ordering::Release);
                true
            }
            Err(CallError::Offline(_) | CallError::Malformed(_)) => false,
        }
    }
}
