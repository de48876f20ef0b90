//! Over what time a power reading is a mean, found by a load that goes on and off in square waves.
//!
//! A sensor that updates once a period T and averages over W shows, of a wave that is not in step with it, how much of
//! each W the load was on; `fit` says how W follows. The method is that of Yang, Adamek and Armour (SC'24), with a load
//! that is known instead of a meter beside it. Must not: be used inside a Window, or tell a W that the readings do not
//! resolve.

mod behind;
mod fit;

use std::time::Duration;

use common::units::Power;

pub use self::behind::{Behind, align};
use self::fit::{Done, Fit, Seen};
use crate::Meter;
use crate::clock::Clock;

/// Periods of the waves, as multiples of the update period.
pub const RATIOS: [f64; 7] = [1.0 / 2.0, 2.0 / 3.0, 3.0 / 4.0, 4.0 / 5.0, 6.0 / 5.0, 5.0 / 4.0, 4.0 / 3.0];

/// Fewer updates tell nothing.
const LEAST_UPDATES: usize = 40;
/// So late after the look before it an update may have been seen, as a share of the update period: when it came is not
/// known any better. Nobody looks more often than this, however short the period.
const LATEST_SEEN: f64 = 0.04;
const SOONEST_SEEN: Duration = Duration::from_micros(2500);

/// Work that a load did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// From when.
    pub from: Duration,
    /// Until when, later.
    pub to: Duration,
    /// How much, in any unit that is the same for all.
    pub amount: f64,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averaging {
    /// The time over which a reading is a mean.
    pub window: Duration,
    /// Half-width of its 95 % interval.
    pub half_width: Duration,
}

/// What instruments said while a load went on and off: each power reading when it was first seen, and how long before
/// that nobody had looked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Updates {
    seen: Vec<(Duration, Power, Duration)>,
    looked_at: Option<Duration>,
}

/// Looks at all instruments until `until`, and notes each change of their power.
pub fn watch(
    meters: &mut [Box<dyn Meter>],
    updates: &mut [Updates],
    clock: &dyn Clock,
    until: Duration,
    pause: Duration,
) {
    while clock.now() < until {
        for (meter, Updates { seen, looked_at }) in meters.iter_mut().zip(updates.iter_mut()) {
            let before = clock.now();
            let Some(power) = meter.read(before).ok().and_then(|raw| raw.power) else { continue };
            let at = before + clock.now().saturating_sub(before) / 2;
            let unseen = at.saturating_sub(looked_at.replace(at).unwrap_or_default());
            if seen.last().is_none_or(|last| last.1 != power) {
                seen.push((at, power, unseen));
            }
        }
        clock.sleep(pause);
    }
}

impl Updates {
    /// The averaging window of a sensor that updates once a `period`, under a load that did this `work`; `None` where the
    /// readings do not resolve it.
    pub fn averaging(&self, work: &[Piece], period: Duration) -> Option<Averaging> {
        let readings: Vec<Seen> = self
            .seen
            .iter()
            .filter(|(_, _, unseen)| *unseen <= period.mul_f64(LATEST_SEEN).max(SOONEST_SEEN))
            .map(|(at, power, unseen)| Seen {
                at: (*at - *unseen / 2).as_secs_f64(),
                // Two points so far from the middle have the variance of an update at any time since the look before.
                off: unseen.as_secs_f64() / 12.0_f64.sqrt(),
                watts: power.watts(),
            })
            .collect();
        if readings.len() < LEAST_UPDATES || work.is_empty() || period.is_zero() {
            return None;
        }
        let load = Done::of(work);
        let fit = Fit { readings: &readings, load: &load, period: period.as_secs_f64() };
        let (window, half_width) = fit.window()?;
        Some(Averaging {
            window: Duration::try_from_secs_f64(window).ok()?,
            half_width: Duration::try_from_secs_f64(half_width).ok()?,
        })
    }
}

#[cfg(test)]
mod tests;
