//! Dates for what happened on the monotonic clock, so that another instrument's readings can be found for it.
//!
//! One pair of date and instant is taken a Lease: a wall clock that is set meanwhile moves nothing. Must not: be used
//! to measure a span.

use std::time::Duration;

use common::wall::{ClockOffset, Span};
use meter::{Clock, Monotonic};
use time::OffsetDateTime;

use crate::clock;

/// Which date an instant of the monotonic clock has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    date: OffsetDateTime,
    at: Duration,
}

impl Calendar {
    /// Starts now.
    pub(crate) fn start(clock: Monotonic) -> Self {
        Self { date: clock::date(), at: clock.now() }
    }

    /// The date of an instant.
    pub(crate) fn date(self, at: Duration) -> OffsetDateTime {
        match at.checked_sub(self.at) {
            Some(since) => self.date + since,
            None => self.date - (self.at - at),
        }
    }

    /// The span from one instant to another.
    pub(crate) fn span(self, from: Duration, to: Duration) -> Span {
        Span { at: self.date(from), lasts: to.saturating_sub(from) }
    }

    /// What a call that took from `asked` to `heard` tells of the server's clock.
    pub(crate) fn compare(self, asked: Duration, heard: Duration, said: OffsetDateTime) -> ClockOffset {
        ClockOffset::of_call(self.date(asked), heard.saturating_sub(asked), said)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn instants_before_and_after_the_pair_have_their_dates() {
        let date = datetime!(2026-11-21 00:00:00 UTC);
        let calendar = Calendar { date, at: Duration::from_secs(10) };
        assert_eq!(calendar.date(Duration::from_secs(13)), datetime!(2026-11-21 00:00:03 UTC));
        assert_eq!(calendar.date(Duration::from_secs(9)), datetime!(2026-11-20 23:59:59 UTC));
        let span = calendar.span(Duration::from_secs(12), Duration::from_secs(14));
        assert_eq!((span.at, span.lasts), (datetime!(2026-11-21 00:00:02 UTC), Duration::from_secs(2)));
        let offset =
            calendar.compare(Duration::from_secs(10), Duration::from_secs(12), date + Duration::from_secs(4));
        assert_eq!((offset.offset_s, offset.within), (3.0, Duration::from_secs(1)));
    }
}
