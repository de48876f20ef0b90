//! The clock room of the worker: the date of a record.
//!
//! Everything else runs on `meter::Monotonic`. Must not: be used to measure a span.

use time::OffsetDateTime;

/// The date and time now.
pub(crate) fn date() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
