//! The clock room: monotonic time as a span since the clock was started, sleeping, and whether the machine slept.
//!
//! Must not: write dates; records get theirs from whoever writes them. The date is read only to be compared with that of
//! an instrument.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::time::ClockId;

use crate::cpu_time;

/// Monotonic time, so that tests can run an hour in seconds.
pub trait Clock: Send + Sync {
    /// Time since the clock was started.
    fn now(&self) -> Duration;
    /// Waits.
    fn sleep(&self, span: Duration);
}

/// The machine's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct Monotonic {
    origin: Instant,
}

impl Monotonic {
    /// Starts it.
    #[expect(clippy::disallowed_methods, reason = "this is the clock room")]
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Where an instant lies on this clock; 0 for what was before its start.
    pub fn at(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.origin)
    }
}

impl Clock for Monotonic {
    #[expect(clippy::disallowed_methods, reason = "this is the clock room")]
    fn now(&self) -> Duration {
        Instant::now().saturating_duration_since(self.origin)
    }

    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }
}

/// Time since the Unix epoch by this machine's clock, for comparing an instrument's timestamps with it.
#[expect(clippy::disallowed_methods, reason = "this is the clock room")]
pub fn unix_now() -> Option<Duration> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok()
}

/// How long the machine slept since it was started: what the clock that goes on in sleep is ahead of the one that
/// does not. `None` if the kernel does not say.
pub fn slept() -> Option<Duration> {
    cpu_time::of(ClockId::Boottime)?.checked_sub(cpu_time::of(ClockId::Monotonic)?)
}

/// A clock that moves only when somebody sleeps on it: an hour passes at once.
#[derive(Debug, Default)]
pub struct Virtual {
    nanos: AtomicU64,
}

impl Clock for Virtual {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }

    fn sleep(&self, span: Duration) {
        self.nanos.fetch_add(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}
