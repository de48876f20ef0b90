//! The meter at a machine's socket: read by the server, never on the measured machine, and joined to what the
//! worker reports by the date.
//!
//! Must not: read anything, or put a figure where two clocks could not be compared.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::meter::MeterCard;
use crate::units::{Energy, Power, seconds};
use crate::word::words;

mod join;
mod levels;

pub use join::{Told, join};
use levels::trace_over;
pub use levels::{Found, energy_over, power_over};

#[cfg(test)]
mod tests;

/// The interval of one reading is taken as this long where the meter does not say how often it has a new value.
pub const DEFAULT_PERIOD: Duration = Duration::from_secs(1);
/// A Window is resolved if it lasts at least so many update periods …
pub const LEAST_PERIODS: u32 = 3;
/// … and if its edges and the meter's steps leave at most this share uncertain (k = 1).
pub const MOST_UNCERTAIN: f64 = 0.05;
/// Power readings further apart than so many update periods leave a gap.
pub const GAP_PERIODS: u32 = 3;
/// The counter is taken where its steps are at most this share of the energy; else the power readings.
pub const COUNTER_STEPS: f64 = 0.02;
/// Windows are made long enough for a meter that has a new value at least this often.
pub const WAITED_FOR: Duration = Duration::from_secs(2);
/// Bodies of a quiet Run last for so many update periods together: a minute of a meter with a value a second.
pub const PERIODS_TOGETHER: u32 = 60;
/// Longest pad for the sake of a counter's steps.
const LONGEST_FOR_COUNTER: Duration = Duration::from_secs(5);
/// Beyond this the clocks of worker and server were not compared well enough for any figure.
pub const MAX_CLOCK: Duration = Duration::from_millis(500);
/// Beyond this a figure is flagged.
pub const GOOD_CLOCK: Duration = Duration::from_millis(100);
/// Whole machine against the sum of its parts: less than this share cannot be.
pub const LEAST_OF_PARTS: f64 = 0.98;

/// One look at the meter at the socket.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WallReading {
    /// The middle of the call, by the server's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// How long the call took.
    #[serde(rename = "took_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub took: Duration,
    /// Power now, where the meter says it.
    #[serde(rename = "power_w")]
    pub power: Option<Power>,
    /// Energy since the meter began to count, where it counts.
    #[serde(rename = "energy_j")]
    pub energy: Option<Energy>,
}

/// What is known of a meter at the socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WallCard {
    /// As of any instrument; the resolution is that of its energy counter.
    #[serde(flatten)]
    pub card: MeterCard,
    /// Smallest step of its power reading; unknown is null.
    #[serde(rename = "power_resolution_w")]
    pub power_resolution: Option<Power>,
}

impl WallCard {
    /// How often it has a new value.
    pub fn period(&self) -> Duration {
        self.card.update_period.unwrap_or(DEFAULT_PERIOD)
    }
}

/// What a worker must know of the meter at its Machine's socket, so that its Windows are long enough for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WallPace {
    /// How often it has a new value; of several the slowest.
    #[serde(rename = "update_period_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub update_period: Duration,
    /// Smallest step of its energy counter; null where it counts none or nobody knows.
    #[serde(rename = "resolution_j")]
    pub resolution: Option<Energy>,
}

impl WallPace {
    /// Of the meter with this card; `None` of one that is too slow to be waited for. Such a meter resolves what is long
    /// by itself.
    pub fn of(meter: &WallCard) -> Option<Self> {
        let update_period = meter.period();
        (update_period <= WAITED_FOR).then_some(Self { update_period, resolution: meter.card.resolution })
    }

    /// Of several whose sum is wanted: what suits the slowest and the coarsest.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let step = |one: Energy, other: Energy| if one > other { one } else { other };
        Self {
            update_period: self.update_period.max(other.update_period),
            resolution: match (self.resolution, other.resolution) {
                (Some(one), Some(other)) => Some(step(one, other)),
                (one, other) => one.or(other),
            },
        }
    }

    /// Idle on either side of a body. An edge of the Window lies somewhere between two values of the meter, and neither
    /// that interval nor the one beside it may hold any of the body: two periods. If the Machine draws `idle` at least
    /// and a Window a little longer lets the counter be taken instead of the power readings, so long.
    pub fn pad(&self, idle: Option<Power>) -> Duration {
        let edges = self.update_period * 2;
        let for_counter = self.resolution.zip(idle).map(|(step, idle)| {
            let whole = step.joules() / (COUNTER_STEPS * idle.watts());
            Duration::try_from_secs_f64(whole / 2.0).unwrap_or(Duration::MAX)
        });
        for_counter.filter(|pad| *pad <= LONGEST_FOR_COUNTER).map_or(edges, |pad| pad.max(edges))
    }

    /// Bodies of a quiet Run last so long together.
    pub fn together(&self) -> Duration {
        self.update_period * PERIODS_TOGETHER
    }
}

words! {
    /// What a meter at a socket stands for.
    #[derive(Default)]
    WallRole, "role", {
        /// Its figure is the whole machine's; a Machine has one such meter at most.
        #[default]
        Whole = "whole",
        /// It reads one of several supplies that feed disjoint parts: all of them together are the whole machine.
        Supply = "supply",
        /// It reads the whole machine once more: shown apart and compared, never added.
        Check = "check",
    }
}

/// The name of a Machine's meter, where it has one and nobody named it.
pub const DEFAULT_NAME: &str = "socket";

fn default_name() -> String {
    DEFAULT_NAME.to_owned()
}

/// A reading that did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WallTrouble {
    /// When, the last time.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What was wrong, where, and what to do.
    pub message: String,
}

/// A meter at the socket as the Machines view shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WallMeter {
    /// Names it among the meters of its Machine. Not `name`, which is the kind of instrument.
    #[serde(default = "default_name")]
    pub meter: String,
    /// What it stands for.
    #[serde(default)]
    pub role: WallRole,
    /// What is known of it.
    #[serde(flatten)]
    pub card: WallCard,
    /// The newest reading; null before the first.
    pub last: Option<WallReading>,
    /// Why it is not read now; null while it is.
    pub trouble: Option<WallTrouble>,
}

/// A span of time by the clock of whoever reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Span {
    /// Its start.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// How long it lasts.
    #[serde(rename = "lasts_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub lasts: Duration,
}

impl Span {
    /// Its end.
    pub fn end(&self) -> OffsetDateTime {
        self.at + self.lasts
    }

    /// The same span by a clock that is ahead by `offset_s` seconds.
    #[must_use]
    pub fn shifted(self, offset_s: f64) -> Self {
        Self { at: self.at + time::Duration::seconds_f64(offset_s), lasts: self.lasts }
    }
}

/// What another clock says less what ours says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClockOffset {
    /// Seconds by which the other clock is ahead.
    pub offset_s: f64,
    /// The truth is at most this far away: half of the round trip of the best comparison.
    #[serde(rename = "within_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub within: Duration,
}

impl ClockOffset {
    /// From one question asked at `asked`, answered with the other clock's `said`, the answer heard `took` later.
    pub fn of_call(asked: OffsetDateTime, took: Duration, said: OffsetDateTime) -> Self {
        let middle = asked + took / 2;
        Self { offset_s: (said - middle).as_seconds_f64(), within: took / 2 }
    }

    /// The better of two comparisons.
    #[must_use]
    pub fn better(self, other: Option<Self>) -> Self {
        other.filter(|other| other.within < self.within).unwrap_or(self)
    }
}

/// When things happened, by the worker's clock: what it takes to find the readings of another instrument.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    /// Each Window, in the order of the Repetitions.
    pub windows: Vec<Span>,
    /// While idle power was read before the first Window.
    pub idle_before: Option<Span>,
    /// While idle power was read after the last.
    pub idle_after: Option<Span>,
    /// The server's clock against the worker's; null if they were never compared.
    pub server: Option<ClockOffset>,
}
