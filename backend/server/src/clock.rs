//! The clock room: the only place of the service that reads the time.
//!
//! Must not: decide anything by it.

use std::time::Instant;

use time::OffsetDateTime;

/// The date and time, to microseconds as the database keeps them.
pub(crate) fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_microsecond(now.microsecond()).unwrap_or(now)
}

/// An instant to measure spans from.
#[expect(clippy::disallowed_methods, reason = "this is the clock room")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}
