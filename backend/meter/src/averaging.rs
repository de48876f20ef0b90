//! Over what time a power reading is a mean, found by a load that goes on and off in square waves.
//!
//! A sensor that updates once a period T and averages over W shows, of a wave that is not in step with it, how much of
//! each W the load was on. What was read is therefore fitted by `a + b·work(t − d − W … t − d)`: for each W and delay d
//! the other two follow by least squares, and the W that leaves least is the one. Its interval follows from how much each
//! reading pulls on W and how far that reading lies off (White's sandwich): the readings taken while the load changes are
//! both the ones that tell W and the ones that lie off most, so that a common variance of all would promise too much. That
//! the interval is one of 95 % is shown by [`crate::oracle::averaging_rows`]. The method is that of Yang, Adamek and Armour (SC'24), with a load that is known instead of a meter
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
/// Steps between both, evenly by their logarithm; finer ones about the best of them; and how often the best of those is
/// closed in on.
const STEPS: u32 = 48;
const FINE_STEPS: u32 = 12;
const WINDOWS_CLOSER: u32 = 8;
/// Steps of the delay over one update period, at least and at most: so many that three lie in the window. And how often
/// the best of them is closed in on.
const DELAYS: (u32, u32) = (6, 25);
const DELAYS_IN_WINDOW: f64 = 3.0;
const CLOSER: u32 = 12;
/// By which share of what is left, each time: the golden section's.
const GOLDEN: f64 = 0.618_033_988_749_895;
/// Fewer updates tell nothing.
const LEAST_UPDATES: usize = 40;
/// The load must explain this much of how the readings differ.
const LEAST_EXPLAINED: f64 = 0.6;
/// The interval of W may be this share of it.
const MOST_UNCERTAIN: f64 = 0.35;
/// How many standard uncertainties of W make its 95 % interval. Not 1.96: what is left has kinks where a wave's edge
/// enters the window, which no derivative sees. Found by simulation, over the sensors of [`crate::oracle::averaging_rows`].
const COVERAGE: f64 = 2.6;
/// Derivatives are differences over this share of W, and no less than what a look resolves.
const DIFFERENCE: f64 = 0.02;
const LEAST_DIFFERENCE_S: f64 = 0.0005;
/// Of F(1, ∞) at 95 %, taken four times because what a load leaves is no independent noise: what a delay may leave more
/// than the best and still be meant.
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

/// An update as it was seen: about when, how far the truth may be from that (k = 1), and the power.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: f64,
    off: f64,
    watts: f64,
}

/// Readings that shall be explained by a load.
struct Fit<'a> {
    readings: &'a [Seen],
    load: &'a Done,
    period: f64,
}

impl Fit<'_> {
    /// What each reading sees of the load with this window and delay, and its power.
    fn points(&self, window: f64, delay: f64) -> impl Iterator<Item = (f64, f64)> {
        let mut places = [0; 4];
        self.readings.iter().map(move |seen| {
            let mut rate = |end: f64, first: usize| {
                let from = self.load.until_near(end - window, &mut places[first]);
                (self.load.until_near(end, &mut places[first + 1]) - from) / window
            };
            let end = seen.at - delay;
            ((rate(end - seen.off, 0) + rate(end + seen.off, 2)) / 2.0, seen.watts)
        })
    }

    fn left(&self, window: f64, delay: f64) -> f64 {
        line(self.points(window, delay)).map_or(f64::INFINITY, |line| line.left)
    }

    /// The best delay of those that are tried over a period, and what it leaves; and the step between two of them.
    fn rough_delay(&self, window: f64) -> ((f64, f64), f64) {
        let is_enough = |count: &u32| self.period / f64::from(*count) <= window / DELAYS_IN_WINDOW;
        let count = (DELAYS.0..DELAYS.1).find(is_enough).unwrap_or(DELAYS.1);
        let step = self.period / f64::from(count);
        let best = least((0..count).map(|index| step * f64::from(index)), |delay| self.left(window, delay));
        (best, step)
    }

    /// The best delay, and what it leaves.
    fn delay(&self, window: f64) -> (f64, f64) {
        let (rough, step) = self.rough_delay(window);
        let close = closed_in((rough.0 - step, rough.0 + step), CLOSER, |delay| self.left(window, delay));
        if close.1 < rough.1 { close } else { rough }
    }

    /// The window that leaves least and the half-width of its interval; `None` where that is not resolved.
    fn window(&self) -> Option<(f64, f64)> {
        let (shortest, longest) = (self.period * SEARCHED.0, self.period * SEARCHED.1);
        let step = (longest / shortest).ln() / f64::from(STEPS);
        let evenly = |from: f64, step: f64, steps: u32| {
            (0..=steps).map(move |index| from * (step * f64::from(index)).exp())
        };
        let rough = least(evenly(shortest, step, STEPS), |window| self.rough_delay(window).0.1);
        let fine_step = step * 4.0 / f64::from(FINE_STEPS);
        let from = rough.0 / (2.0 * step).exp();
        let fine = least(evenly(from, fine_step, FINE_STEPS), |window| self.delay(window).1);
        let bounds = (fine.0.ln() - fine_step, fine.0.ln() + fine_step);
        let close = closed_in(bounds, WINDOWS_CLOSER, |log| self.delay(log.exp()).1);
        let (window, left) = if close.1 < fine.1 { (close.0.exp(), close.1) } else { fine };
        let (mean, _) = mean(self.readings.iter().map(|seen| seen.watts));
        let whole: f64 = self.readings.iter().map(|seen| (seen.watts - mean).powi(2)).sum();
        if left > (1.0 - LEAST_EXPLAINED) * whole {
            return None;
        }
        // Nobody searched closer than that.
        let searched = window * fine_step * GOLDEN.powi(i32::try_from(WINDOWS_CLOSER).ok()?);
        let half_width = COVERAGE * self.uncertainty(window, self.delay(window).0)? + searched;
        let is_inside = window > shortest * (2.0 * step).exp() && window < longest / (2.0 * step).exp();
        (is_inside && half_width <= MOST_UNCERTAIN * window).then_some((window, half_width))
    }

    /// Standard uncertainty of the window: the sandwich over offset, slope, window and delay.
    fn uncertainty(&self, window: f64, delay: f64) -> Option<f64> {
        let line = line(self.points(window, delay))?;
        let by = (window * DIFFERENCE).max(LEAST_DIFFERENCE_S);
        let difference = |one: (f64, f64), other: (f64, f64)| line.slope * (one.0 - other.0) / (2.0 * by);
        let by_window = self.points(window + by, delay).zip(self.points(window - by, delay));
        let by_delay = self.points(window, delay + by).zip(self.points(window, delay - by));
        let rows: Vec<([f64; 4], f64)> = self
            .points(window, delay)
            .zip(by_window.zip(by_delay))
            .map(|((seen, watts), (windows, delays))| {
                let pulls = [1.0, seen, difference(windows.0, windows.1), difference(delays.0, delays.1)];
                (pulls, watts - line.offset - line.slope * seen)
            })
            .collect();
        let mut normal = [[0.0; 4]; 4];
        for (pulls, _) in &rows {
            for (row, one) in normal.iter_mut().zip(pulls) {
                row.iter_mut().zip(pulls).for_each(|(sum, other)| *sum += one * other);
            }
        }
        let on_window = solved(normal, [0.0, 0.0, 1.0, 0.0])?;
        let squares: f64 = rows
            .iter()
            .map(|(pulls, off)| {
                let pull: f64 = pulls.iter().zip(on_window).map(|(one, other)| one * other).sum();
                (pull * off).powi(2)
            })
            .sum();
        let count = f64::from(u32::try_from(rows.len()).ok()?);
        Some((squares * count / (count - 4.0)).sqrt())
    }
}

/// Which of them leaves least, and what.
fn least(tried: impl Iterator<Item = f64>, left: impl Fn(f64) -> f64) -> (f64, f64) {
    tried
        .map(|value| (value, left(value)))
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .unwrap_or((0.0, f64::INFINITY))
}

/// Closes in on what leaves least, by the golden section.
fn closed_in((mut low, mut high): (f64, f64), steps: u32, left: impl Fn(f64) -> f64) -> (f64, f64) {
    let inner = |low: f64, high: f64| (high - (high - low) * GOLDEN, low + (high - low) * GOLDEN);
    let (one, other) = inner(low, high);
    let (mut one, mut other) = ((one, left(one)), (other, left(other)));
    for _ in 0..steps {
        if one.1 < other.1 {
            (high, other) = (other.0, one);
            let next = inner(low, high).0;
            one = (next, left(next));
        } else {
            (low, one) = (one.0, other);
            let next = inner(low, high).1;
            other = (next, left(next));
        }
    }
    if one.1 < other.1 { one } else { other }
}

/// Solves four equations (Gauss and Jordan, with the largest pivot); `None` where they do not have one solution.
fn solved(mut left: [[f64; 4]; 4], mut right: [f64; 4]) -> Option<[f64; 4]> {
    for column in 0..4 {
        let largest = (column..4).max_by(|&a, &b| left[a][column].abs().total_cmp(&left[b][column].abs()))?;
        left.swap(column, largest);
        right.swap(column, largest);
        let (pivot, value) = (left[column], right[column]);
        if pivot[column].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for row in (0..4).filter(|&row| row != column) {
            let factor = left[row][column] / pivot[column];
            left[row].iter_mut().zip(pivot).for_each(|(one, other)| *one -= factor * other);
            right[row] -= factor * value;
        }
    }
    (0..4).for_each(|row| right[row] /= left[row][row]);
    right.iter().all(|value| value.is_finite()).then_some(right)
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
        line(readings.iter().map(|&(at, watts)| (load.rate(at - delay - window, at - delay), watts)))
            .map(|line| line.left)
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

/// A straight line through points by least squares.
struct Line {
    offset: f64,
    slope: f64,
    /// The sum of squares that it leaves.
    left: f64,
}

/// `None` where a load that was always the same explains nothing, or where more load would mean less power.
fn line(points: impl Iterator<Item = (f64, f64)>) -> Option<Line> {
    let (mut count, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    let (mut sxx, mut sxy, mut syy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        // Welford's form, in which nothing cancels.
        count += 1.0;
        let (dx, dy) = (x - mean_x, y - mean_y);
        mean_x += dx / count;
        mean_y += dy / count;
        sxx += dx * (x - mean_x);
        sxy += dx * (y - mean_y);
        syy += dy * (y - mean_y);
    }
    let slope = sxy / sxx;
    (sxx > f64::EPSILON && sxy > 0.0).then(|| Line {
        offset: mean_y - slope * mean_x,
        slope,
        left: (syy - sxy * slope).max(0.0),
    })
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

    /// The same for one of many instants in their order: `place` is where the last was found.
    fn until_near(&self, at: f64, place: &mut usize) -> f64 {
        while place.checked_sub(1).and_then(|last| self.knots.get(last)).is_some_and(|knot| knot.0 > at) {
            *place -= 1;
        }
        while self.knots.get(*place).is_some_and(|knot| knot.0 <= at) {
            *place += 1;
        }
        let last = place.checked_sub(1).and_then(|last| self.knots.get(last));
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
    use crate::oracle::{AveragingRow, Chance, averaging_rows, waves};
    use crate::replay::Script;
    use crate::sensor::{Distortion, Sensor};

    const T: Duration = Duration::from_millis(100);

    fn found(period_ms: u64, averaging_ms: u64, noise_w: f64) -> Option<Averaging> {
        let mut chance = Chance::new(averaging_ms);
        let work = waves(T, 25, 0.1, &mut chance);
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
            assert!(off <= found.half_width.max(Duration::from_millis(1)), "{found:?} for {truth:?}");
        }
    }

    #[test]
    fn the_stated_interval_of_w_covers_the_truth_on_sensors_of_every_kind_phase_and_noise() {
        // Some of each kind; `cargo xtask bench meter` asks a thousand.
        let rows = averaging_rows(5, 3);
        let sum = |of: fn(&AveragingRow) -> u32| rows.iter().map(of).sum::<u32>();
        let (told, covered) = (sum(|row| row.told), sum(|row| row.covered));
        println!("{covered} of {told} told: {rows:#?}");
        assert_eq!(told, sum(|row| row.cases), "nothing is left untold here");
        let share = f64::from(covered) / f64::from(told);
        assert!(share >= 0.94, "{covered} of {told}");
        // Not by being wide: a fifth of W at worst, a thirtieth where the window is long.
        assert!(rows.iter().all(|row| row.half_width < 0.2), "{rows:?}");
        assert!(
            rows.iter().filter(|row| row.averaging_ms >= 50).all(|row| row.half_width < 0.033),
            "{rows:?}"
        );
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
        let work = waves(T, 20, 0.1, &mut chance);
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
