//! Dates and spans as text. Dates are UTC, and say so.
//!
//! Must not: read a clock.

use std::time::Duration;

use time::{Month, OffsetDateTime, UtcOffset};

use super::NBSP;
use super::number::{Quantity, plain};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(month: Month) -> &'static str {
    MONTHS.get(usize::from(u8::from(month)).saturating_sub(1)).copied().unwrap_or("?")
}

/// A day: `20 Nov 2026`.
pub fn date(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!("{}{NBSP}{}{NBSP}{}", at.day(), month(at.month()), at.year())
}

/// A day and a time: `20 Nov 2026, 14:03 UTC`.
pub fn instant(at: OffsetDateTime) -> String {
    let utc = at.to_offset(UtcOffset::UTC);
    format!("{}, {:02}:{:02}{NBSP}UTC", date(at), utc.hour(), utc.minute())
}

/// The time of day so long after a midnight: `00:30`.
pub fn clock(since_midnight: Duration) -> String {
    let minutes = (since_midnight.as_secs() + 30) / 60;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// A span of time: `340 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`.
pub fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0 => plain(Quantity::Seconds, length.as_secs_f64()),
        1..60 => format!("{:.1}{NBSP}s", length.as_secs_f64()),
        60..3_600 => format!("{}{NBSP}min{NBSP}{}{NBSP}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}{NBSP}h{NBSP}{}{NBSP}min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{}{NBSP}days", seconds / 86_400),
    }
}

/// How long ago something was, roughly.
pub fn ago(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - at).whole_seconds();
    match seconds {
        ..10 => "just now".to_owned(),
        10..90 => format!("{seconds}{NBSP}s ago"),
        90..5_400 => format!("{}{NBSP}min ago", (seconds + 30) / 60),
        5_400..129_600 => format!("{}{NBSP}h ago", (seconds + 1_800) / 3_600),
        _ => date(at),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn spans_use_the_unit_a_person_would() {
        let text = |seconds: f64| span(Duration::from_secs_f64(seconds)).replace(NBSP, " ");
        assert_eq!(text(0.34), "340 ms");
        assert_eq!(text(4.21), "4.2 s");
        assert_eq!(text(185.0), "3 min 5 s");
        assert_eq!(text(7_800.0), "2 h 10 min");
        assert_eq!(text(4.0 * 365.0 * 86_400.0), "1460 days");
    }

    #[test]
    fn a_time_of_day_has_its_minutes_and_starts_anew_each_day() {
        let of = |hours: f64| clock(Duration::from_secs_f64(hours * 3_600.0));
        assert_eq!([0.0, 0.5, 9.2, 23.999_9, 30.0].map(of), ["00:00", "00:30", "09:12", "00:00", "06:00"]);
    }

    #[test]
    fn dates_are_in_utc_wherever_they_were_written() {
        let at = datetime!(2026-11-20 01:03:00 +02:00);
        assert_eq!(instant(at).replace(NBSP, " "), "19 Nov 2026, 23:03 UTC");
        assert_eq!(ago(at, at + time::Duration::seconds(3)), "just now");
        assert_eq!(ago(at, at + time::Duration::minutes(5)).replace(NBSP, " "), "5 min ago");
    }
}
