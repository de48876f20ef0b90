//! How steady idle power is, and how well its mean is known.
//!
//! Readings are taken together to blocks of a tenth of a second or an update period, whichever is longer: a processor
//! that wakes now and then is steady over those and nothing is over a millisecond. Blocks that follow each other are
//! alike, so their number is not that of independent ones: with `ρ_k` the autocorrelation at distance `k` the standard
//! error of the mean is `s/√n · √(1 + 2·Σ ρ_k)`, summed for as long as `ρ_k` is above 0. Must not: tell anything of too
//! few blocks.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stats::Moments;
use crate::trace::PowerTrace;
use crate::units::Power;

/// Blocks are no shorter.
pub const BLOCK: Duration = Duration::from_millis(100);
/// A standard error of fewer is none.
const LEAST_BLOCKS: u32 = 4;
/// Whether idle power is steady is judged from so many on.
pub const JUDGED_BLOCKS: u32 = 10;
/// Steady power deviates by this share of its mean at most,
pub const MAX_DEVIATION: f64 = 0.03;
/// and no block of it lies further from the mean than so many deviations.
pub const MAX_DISTANCE: f64 = 4.0;

/// What the readings of an idle machine differ by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Steadiness {
    /// How many blocks.
    pub blocks: u32,
    /// Standard deviation of their means.
    #[serde(rename = "deviation_w")]
    pub deviation: Power,
    /// Standard uncertainty (k = 1) of the mean power over all of them.
    #[serde(rename = "standard_error_w")]
    pub standard_error: Power,
    /// How far the furthest lies from the mean, in deviations; 0 where none deviates.
    pub furthest: f64,
}

impl Steadiness {
    /// Of power readings between two instants; `None` where they make too few blocks.
    pub fn of(trace: &PowerTrace, from: Duration, to: Duration, update_period: Duration) -> Option<Self> {
        let block = BLOCK.max(update_period);
        let blocks = to.saturating_sub(from).as_nanos() / block.as_nanos();
        let blocks = u32::try_from(blocks).ok().filter(|&blocks| blocks >= LEAST_BLOCKS)?;
        let first = trace.0.first()?.at;
        let means: Vec<f64> = (0..blocks)
            .map(|nth| (from + block * nth, from + block * (nth + 1)))
            // What lies before the first reading would only repeat it.
            .filter(|&(_, end)| end > first)
            .filter_map(|(start, end)| Some((trace.energy_between(start, end)? / block).watts()))
            .collect();
        let blocks = u32::try_from(means.len()).ok().filter(|&blocks| blocks >= LEAST_BLOCKS)?;
        let moments = Moments::of(means.iter().copied());
        let deviation = moments.deviation()?;
        let off: Vec<f64> = means.iter().map(|mean| mean - moments.mean).collect();
        let furthest = off.iter().map(|off| off.abs()).fold(0.0, f64::max);
        let error = deviation * (correlation_time(&off) / f64::from(blocks)).sqrt();
        Some(Self {
            blocks,
            deviation: Power::from_watts(deviation),
            standard_error: Power::from_watts(error),
            furthest: if deviation > 0.0 { furthest / deviation } else { 0.0 },
        })
    }

    /// Of a sum of two powers that differ independently.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let both = |one: Power, other: Power| Power::from_watts(one.watts().hypot(other.watts()));
        Self {
            blocks: self.blocks.min(other.blocks),
            deviation: both(self.deviation, other.deviation),
            standard_error: both(self.standard_error, other.standard_error),
            furthest: self.furthest.max(other.furthest),
        }
    }

    /// Whether it is steady about this mean; `None` where there are too few blocks to judge.
    pub fn is_steady(&self, mean: Power) -> Option<bool> {
        let share = self.deviation.watts() / mean.watts().abs().max(f64::MIN_POSITIVE);
        (self.blocks >= JUDGED_BLOCKS).then_some(share <= MAX_DEVIATION && self.furthest <= MAX_DISTANCE)
    }
}

/// How many blocks tell as much as one that is independent of the others; at least 1. Distances beyond a third of all
/// are told by too few pairs.
fn correlation_time(off: &[f64]) -> f64 {
    let squares: f64 = off.iter().map(|off| off * off).sum();
    if squares <= 0.0 {
        return 1.0;
    }
    let at = |distance: usize| {
        let pairs = off.iter().zip(off.iter().skip(distance));
        pairs.map(|(one, other)| one * other).sum::<f64>() / squares
    };
    1.0 + 2.0 * (1..=off.len() / 3).map(at).take_while(|share| *share > 0.0).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Sample;

    const SECOND: Duration = Duration::from_secs(1);

    /// A reading each 20 ms.
    fn trace(watts: impl Fn(u32) -> f64, seconds: u32) -> PowerTrace {
        let samples = (1..=seconds * 50).map(|tick| Sample {
            at: Duration::from_millis(20) * tick,
            power: Power::from_watts(watts(tick)),
        });
        PowerTrace(samples.collect())
    }

    fn of(watts: impl Fn(u32) -> f64, seconds: u32) -> Steadiness {
        Steadiness::of(&trace(watts, seconds), Duration::ZERO, SECOND * seconds, Duration::ZERO).unwrap()
    }

    /// Whole numbers without a pattern, 0 to 99.
    fn scattered(index: u32) -> f64 {
        f64::from(index.wrapping_mul(2_654_435_761) >> 16 & 0xffff) / 655.36
    }

    #[test]
    fn constant_power_is_steady_and_its_mean_is_known_exactly() {
        let found = of(|_| 50.0, 3);
        assert_eq!((found.blocks, found.deviation.watts(), found.standard_error.watts()), (30, 0.0, 0.0));
        assert_eq!((found.furthest, found.is_steady(Power::from_watts(50.0))), (0.0, Some(true)));
    }

    #[test]
    fn what_deviates_by_more_than_three_percent_or_has_one_block_beyond_four_deviations_is_not_steady() {
        let mean = Power::from_watts(50.0);
        // 99 hundredths of a watt, uniform: 0.29 W of 50 W.
        assert_eq!(of(|tick| 49.5 + scattered(tick / 5) / 100.0, 10).is_steady(mean), Some(true));
        // Ten times that: 2.9 W, 5.8 %.
        assert_eq!(of(|tick| 45.0 + scattered(tick / 5) / 10.0, 10).is_steady(mean), Some(false));
        let spike = |tick: u32| 49.5 + scattered(tick / 5) / 100.0 + if tick / 5 == 40 { 3.0 } else { 0.0 };
        let found = of(spike, 10);
        assert!(found.deviation.watts() < 1.5 && found.furthest > 4.0, "{found:?}");
        assert_eq!(found.is_steady(mean), Some(false));
    }

    #[test]
    fn readings_that_resemble_their_neighbours_tell_less_than_independent_ones() {
        let independent = of(|tick| 50.0 + scattered(tick / 5), 20);
        let (n, s) = (f64::from(independent.blocks), independent.deviation.watts());
        assert!(
            (0.95..1.6).contains(&(independent.standard_error.watts() / (s / n.sqrt()))),
            "{independent:?}"
        );
        // Each level lasts ten blocks: n/10 of them are independent.
        let slow = of(|tick| 50.0 + scattered(tick / 50), 20);
        let naive = slow.deviation.watts() / f64::from(slow.blocks).sqrt();
        let ratio = slow.standard_error.watts() / naive;
        assert!((2.0..5.0).contains(&ratio), "{ratio}: about √10 is true");
    }

    #[test]
    fn too_few_blocks_say_nothing_and_a_slow_meter_has_fewer() {
        let trace = trace(|_| 50.0, 3);
        let of = |from_s: u32, to_s: u32, period: Duration| {
            Steadiness::of(&trace, SECOND * from_s, SECOND * to_s, period)
        };
        assert_eq!(of(0, 3, SECOND), None);
        assert_eq!(of(2, 2, Duration::ZERO), None);
        assert_eq!(of(0, 3, SECOND / 2).unwrap().blocks, 6);
        assert_eq!(of(0, 3, SECOND / 2).unwrap().is_steady(Power::from_watts(50.0)), None);
        assert_eq!(Steadiness::of(&PowerTrace::default(), Duration::ZERO, SECOND, Duration::ZERO), None);
    }
}
