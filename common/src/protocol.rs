//! How carefully a Run is measured, by its kind: somebody waits for the answer of a watched Run, nobody for that of a quiet
//! one.
//!
//! These are the method's; what the operator of a Machine says wins over them, and the record tells what was done. Must
//! not: know instruments; idle power that is configured is not read for any time.

use std::time::Duration;

/// How long idle power is read and how a Run warms up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protocol {
    /// Idle power is read for so long before the first Window,
    pub idle_before: Duration,
    /// and for so long after the last.
    pub idle_after: Duration,
    /// Fewest warm-up Repetitions,
    pub least_warm_ups: u32,
    /// and most, while two run times in a row differ.
    pub most_warm_ups: u32,
    /// A warm-up answer has so many tokens at most.
    pub warm_up_tokens: u32,
    /// Bodies last so long together, in one Window, where an instrument updates slowly.
    pub least_together: Duration,
}

impl Protocol {
    /// Of a Run that somebody watches.
    pub const WATCHED: Self = Self {
        idle_before: Duration::from_secs(3),
        idle_after: Duration::from_secs(3),
        least_warm_ups: 1,
        most_warm_ups: 1,
        warm_up_tokens: 16,
        least_together: Duration::ZERO,
    };
    /// Of a quiet Run, as a Campaign's.
    pub const QUIET: Self = Self {
        idle_before: Duration::from_secs(30),
        idle_after: Duration::from_secs(15),
        least_warm_ups: 3,
        most_warm_ups: 6,
        warm_up_tokens: u32::MAX,
        least_together: Duration::from_secs(5),
    };

    /// Of a Run of this kind.
    pub const fn of(is_watched: bool) -> Self {
        if is_watched { Self::WATCHED } else { Self::QUIET }
    }
}
