//! The clock room of the chores: the only place of `xtask` that reads the time.
//!
//! Must not: be used for a figure that goes into a record; those clocks belong to the worker.

use std::time::{Instant, SystemTime};

/// Now, on a clock that never goes back.
#[expect(clippy::disallowed_methods, reason = "the clock room")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The date, for files.
#[expect(clippy::disallowed_methods, reason = "the clock room")]
pub(crate) fn date() -> SystemTime {
    SystemTime::now()
}
