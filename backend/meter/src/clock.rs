//! The clock room: monotonic time as a span since the clock was started, and sleeping.
//!
//! Must not: know dates; records get theirs from whoever writes them.

use std::time::{Duration, Instant};

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
