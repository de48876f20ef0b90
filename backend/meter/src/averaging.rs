//! Over what time a power reading is a mean, found by a load that goes on and off in square waves.
//!
//! A sensor that updates once a period T and averages over W shows, of a wave that is not in step with it, how much of
//! each W the load was on. What was read is therefore fitted by `a + b·work(t − d − W … t − d)`: for each W and delay d
//! the other two follow by least squares, and the W that leaves least is the one, with an interval from how much more the
//! others leave. The method is that of Yang, Adamek and Armour (SC'24), with a load that is known instead of a meter
//! beside it. Must not: be used inside a Window, or tell a W that the readings do not resolve.

use std::time::Duration;

use common::units::Power;

use crate::Meter;
use crate::clock::Clock;

/// Periods of the waves, as multiples of the update period.
pub const RATIOS: [f64; 7] = [1.0 / 2.0, 2.0 / 3.0, 3.0 / 4.0, 4.0 / 5.0, 6.0 / 5.0, 5.0 / 4.0, 4.0 / 3.0];

/// Of what is searched, the least and the most, as multiples of the update period: a moving average over a second of a
/// sensor that updates ten times a second is ten of them.
const SEARCHED: (f64, f64) = (0.04, 12.0);
/// Steps between both, evenly by their logarithm, and finer ones about the best of them.
const STEPS: u32 = 48;
const FINE_STEPS: u32 = 30;
/// Steps of the delay over one update period, and how often the best of them is closed in on.
const DELAYS: u32 = 25;
const CLOSER: u32 = 14;
/// By which share of what is left, each time: the golden section's.
const GOLDEN: f64 = 0.618_033_988_749_895;
/// Fewer updates tell nothing.
const LEAST_UPDATES: usize = 40;
/// The load must explain this much of how the readings differ.
const LEAST_EXPLAINED: f64 = 0.6;
/// The interval of W may be this share of it.
const MOST_UNCERTAIN: f64 = 0.35;
/// Of F(1, ∞) at 95 %, taken four times because what a load leaves is no independent noise: what a W may leave more than
/// the best and still be meant.
const F95: f64 = 4.0 * 3.84;

/// Delays that are tried, twice: over all that may be, and about the best of them.
const ALIGN_STEPS: u32 = 300;
/// Fewer readings are aligned with anything.
const LEAST_ALIGNED: f64 = 12.0;

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
        let readings: Vec<(f64, f64)> = self
            .seen
            .iter()
            .filter(|(_, _, unseen)| *unseen <= period.mul_f64(LATEST_SEEN).max(SOONEST_SEEN))
            .map(|(at, power, unseen)| ((*at - *unseen / 2).as_secs_f64(), power.watts()))
            .collect();
        if readings.len() < LEAST_UPDATES || work.is_empty() || period.is_zero() {
            return None;
        }
        let load = Done::of(work);
        let period = period.as_secs_f64();
        let search = |from: f64, to: f64, steps: u32| -> Vec<(f64, f64)> {
            let step = (to / from).ln() / f64::from(steps);
            let windows = (0..=steps).map(|index| from * (step * f64::from(index)).exp());
            windows
                .filter_map(|window| Some((window, least_left(&readings, &load, window, period)?)))
                .collect()
        };
        let best_of =
            |tried: &[(f64, f64)]| tried.iter().copied().min_by(|one, other| one.1.total_cmp(&other.1));
        let (least, most) = (period * SEARCHED.0, period * SEARCHED.1);
        let rough = best_of(&search(least, most, STEPS))?;
        // Two of the rough steps to either side.
        let reach = (SEARCHED.1 / SEARCHED.0).powf(2.0 / f64::from(STEPS));
        let tried = search(rough.0 / reach, rough.0 * reach, FINE_STEPS);
        let best = best_of(&tried)?;
        let (mean, count) = mean(readings.iter().map(|reading| reading.1));
        let whole: f64 = readings.iter().map(|reading| (reading.1 - mean).powi(2)).sum();
        if best.1 > (1.0 - LEAST_EXPLAINED) * whole {
            return None;
        }
        let allowed = best.1 * (1.0 + F95 / (count - 4.0)) + whole * 1e-9;
        let meant = || tried.iter().filter(|tried| tried.1 <= allowed).map(|tried| tried.0);
        let (low, high) = (meant().fold(f64::INFINITY, f64::min), meant().fold(0.0, f64::max));
        // Between two steps that were tried nobody looked.
        let step = best.0 * (reach.powf(2.0 / f64::from(FINE_STEPS)) - 1.0);
        let half_width = (high - best.0).max(best.0 - low) + step;
        let is_inside = best.0 > least * reach && best.0 < most / reach;
        (is_inside && half_width <= MOST_UNCERTAIN * best.0).then(|| {
            Some(Averaging {
                window: Duration::try_from_secs_f64(best.0).ok()?,
                half_width: Duration::try_from_secs_f64(half_width).ok()?,
            })
        })?
    }
}

/// How far the readings of another clock's instrument lie behind a load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Behind {
    /// Seconds; negative where they lie before it, as by a clock that is slow.
    pub delay_s: f64,
    /// Half-width of its 95 % interval.
    pub half_width_s: f64,
}

/// Aligns power readings, in seconds on a clock that need not be ours and watts, with the work of a load: the delay
/// within ±`within` that explains them best, each reading being a mean over `window`. `None` where the load explains too
/// little of them.
pub fn align(readings: &[(f64, f64)], work: &[Piece], window: Duration, within: Duration) -> Option<Behind> {
    let (load, window, within) = (Done::of(work), window.as_secs_f64(), within.as_secs_f64());
    let left_at = |delay: f64| {
        let points = readings.iter().map(|&(at, watts)| (load.rate(at - delay - window, at - delay), watts));
        left(&points.collect::<Vec<_>>())
    };
    let tried = |from: f64, to: f64, steps: u32| -> Vec<(f64, f64)> {
        let delays = (0..=steps).map(|step| from + (to - from) * f64::from(step) / f64::from(steps));
        delays.filter_map(|delay| Some((delay, left_at(delay)?))).collect()
    };
    let best_of = |tried: &[(f64, f64)]| tried.iter().copied().min_by(|one, other| one.1.total_cmp(&other.1));
    let rough = best_of(&tried(-within, within, ALIGN_STEPS))?;
    let reach = within * 4.0 / f64::from(ALIGN_STEPS);
    let fine = tried(rough.0 - reach, rough.0 + reach, ALIGN_STEPS);
    let best = best_of(&fine)?;
    let (mean, count) = mean(readings.iter().map(|reading| reading.1));
    let whole: f64 = readings.iter().map(|reading| (reading.1 - mean).powi(2)).sum();
    if count < LEAST_ALIGNED || best.1 > (1.0 - LEAST_EXPLAINED) * whole {
        return None;
    }
    let allowed = best.1 * (1.0 + F95 / (count - 3.0)) + whole * 1e-9;
    let off = fine.iter().filter(|tried| tried.1 <= allowed).map(|tried| (tried.0 - best.0).abs());
    let half_width_s = off.fold(0.0, f64::max) + reach / f64::from(ALIGN_STEPS);
    Some(Behind { delay_s: best.0, half_width_s })
}

/// Sum of squares that the best delay leaves.
fn least_left(readings: &[(f64, f64)], load: &Done, window: f64, period: f64) -> Option<f64> {
    let left_at = |delay: f64| {
        let points = readings.iter().map(|&(at, watts)| (load.rate(at - delay - window, at - delay), watts));
        left(&points.collect::<Vec<_>>())
    };
    let step = period / f64::from(DELAYS);
    let rough = (0..DELAYS).filter_map(|index| {
        let delay = step * f64::from(index);
        Some((delay, left_at(delay)?))
    });
    let (delay, mut least) = rough.min_by(|one, other| one.1.total_cmp(&other.1))?;
    let (mut low, mut high) = (delay - step, delay + step);
    for _ in 0..CLOSER {
        let span = (high - low) * GOLDEN;
        let (one, other) = (left_at(high - span), left_at(low + span));
        let (Some(at_one), Some(at_other)) = (one, other) else { break };
        if at_one < at_other {
            high = low + span
        } else {
            low = high - span
        }
        least = least.min(at_one).min(at_other);
    }
    Some(least)
}

/// Sum of squares that a straight line leaves; `None` where a load that was always the same explains nothing, or where
/// more load would mean less power.
fn left(points: &[(f64, f64)]) -> Option<f64> {
    let (mean_x, _) = mean(points.iter().map(|point| point.0));
    let (mean_y, _) = mean(points.iter().map(|point| point.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        points.iter().map(|&(x, y)| of(x - mean_x, y - mean_y)).sum()
    };
    let (sxx, sxy, syy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    (sxx > f64::EPSILON && sxy > 0.0).then(|| (syy - sxy * sxy / sxx).max(0.0))
}

fn mean(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (if count > 0.0 { sum / count } else { 0.0 }, count)
}

/// How much work was done until any instant: straight lines between the instants at which a piece begins or ends.
struct Done {
    /// Instant, work until then, and rate from then on.
    knots: Vec<(f64, f64, f64)>,
}

impl Done {
    fn of(work: &[Piece]) -> Self {
        let mut changes: Vec<(f64, f64)> = work
            .iter()
            .filter(|piece| piece.to > piece.from)
            .flat_map(|piece| {
                let (from, to) = (piece.from.as_secs_f64(), piece.to.as_secs_f64());
                let rate = piece.amount / (to - from);
                [(from, rate), (to, -rate)]
            })
            .collect();
        changes.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut done, mut rate, mut last) = (0.0, 0.0, 0.0);
        let knots = changes.into_iter().map(|(at, change)| {
            done += rate * (at - last);
            rate += change;
            last = at;
            (at, done, rate)
        });
        Self { knots: knots.collect() }
    }

    fn until(&self, at: f64) -> f64 {
        let index = self.knots.partition_point(|knot| knot.0 <= at);
        let last = index.checked_sub(1).and_then(|index| self.knots.get(index));
        last.map_or(0.0, |&(from, done, rate)| done + rate * (at - from))
    }

    /// Work in a unit of time between two instants.
    fn rate(&self, from: f64, to: f64) -> f64 {
        (self.until(to) - self.until(from)) / (to - from)
    }
}

#[cfg(test)]
mod tests {
    use common::meter::Domain;

    use super::*;
    use crate::Virtual;
    use crate::oracle::Chance;
    use crate::replay::Script;
    use crate::sensor::{Distortion, Sensor};

    const T: Duration = Duration::from_millis(100);

    /// Waves of every ratio, one after the other, each for so many update periods.
    fn waves(each: u32, chance: &mut Chance) -> Vec<Piece> {
        let mut work = Vec::new();
        let mut at = Duration::from_millis(300);
        for ratio in RATIOS {
            let end = at + T * each;
            let half = T.mul_f64(ratio / 2.0);
            while at < end {
                // A load never goes on and off to the microsecond; when it did is what is known.
                let on = half.mul_f64(1.0 + 0.1 * (chance.unit() - 0.5));
                work.push(Piece { from: at, to: at + on, amount: on.as_secs_f64() });
                at += half * 2;
            }
        }
        work
    }

    fn found(period_ms: u64, averaging_ms: u64, noise_w: f64) -> Option<Averaging> {
        let mut chance = Chance::new(averaging_ms);
        let work = waves(25, &mut chance);
        let steps = work.iter().flat_map(|&Piece { from, to, .. }| {
            [(from, Power::from_watts(300.0 + noise_w * chance.normal())), (to, Power::from_watts(60.0))]
        });
        let steps = [(Duration::ZERO, Power::from_watts(60.0))].into_iter().chain(steps).collect();
        let mut distortion = Distortion::of_millis(period_ms, averaging_ms);
        distortion.phase = Duration::from_millis(37);
        let sensor = Sensor::new(Script::steps(steps, Duration::from_secs(1000)), distortion, Domain::Gpu(0));
        let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(sensor)];
        let mut updates = [Updates::default()];
        let until = work.last().unwrap().to;
        watch(&mut meters, &mut updates, &Virtual::default(), until, Duration::from_millis(2));
        updates[0].averaging(&work, Duration::from_millis(period_ms))
    }

    #[test]
    fn the_averaging_window_of_each_known_kind_of_sensor_is_recovered() {
        for (period, averaging) in [(100, 25), (100, 100), (100, 50), (20, 10), (100, 20), (100, 10)] {
            let found = found(period, averaging, 5.0).unwrap();
            let truth = Duration::from_millis(averaging);
            let off = found.window.abs_diff(truth);
            assert!(off <= truth.mul_f64(0.08), "{found:?} for {truth:?}");
            assert!(off <= found.half_width * 2, "{found:?} for {truth:?}");
        }
    }

    #[test]
    fn a_moving_average_over_a_second_is_told_from_a_window_of_its_update_period() {
        let found = found(100, 1000, 0.0);
        assert!(found.is_none_or(|found| found.window > Duration::from_millis(700)), "{found:?}");
    }

    #[test]
    fn three_pulses_tell_how_far_a_plugs_readings_lie_behind() {
        let mut chance = Chance::new(9);
        let second = Duration::from_secs_f64;
        let pulse = |at: f64| Piece { from: second(at + 5.0), to: second(at + 10.0), amount: 5.0 };
        let work: Vec<Piece> = (0..3).map(|index| pulse(f64::from(index) * 10.0)).collect();
        let load = Done::of(&work);
        for truth in [-2.3, 0.05, 1.4] {
            let mut reading = |index: u32| {
                let at = f64::from(index) * 0.9;
                let share = load.rate(at - truth - 1.0, at - truth);
                (at, 40.0 + 60.0 * share + 0.5 * chance.normal())
            };
            let readings: Vec<(f64, f64)> = (0..45).map(&mut reading).collect();
            let found = align(&readings, &work, second(1.0), second(5.0)).unwrap();
            assert!((found.delay_s - truth).abs() < 0.1, "{found:?} for {truth}");
            assert!(found.half_width_s < 0.1, "{found:?}");
        }
        let noise: Vec<(f64, f64)> = (0..45).map(|at| (f64::from(at), 40.0 + chance.normal())).collect();
        assert_eq!(align(&noise, &work, second(1.0), second(5.0)), None);
    }

    #[test]
    fn a_sensor_that_sees_no_load_has_no_window_that_could_be_told() {
        let mut chance = Chance::new(3);
        let work = waves(20, &mut chance);
        let noise = |index: u32, chance: &mut Chance| {
            (T * index, Power::from_watts(60.0 + chance.normal()), Duration::from_millis(1))
        };
        let seen = (1..140).map(|index| noise(index, &mut chance)).collect();
        let updates = Updates { seen, looked_at: None };
        assert_eq!(updates.averaging(&work, T), None);
        assert_eq!(Updates::default().averaging(&work, T), None);
        assert_eq!(updates.averaging(&[], T), None);
    }
}
