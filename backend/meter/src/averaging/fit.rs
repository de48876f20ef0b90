//! Readings of power explained by the work of a load that went on and off.
//!
//! What was read is fitted by `a + b·work(t − d − W … t − d)`: for each window W and delay d the other two follow by least
//! squares, and those that leave least are the ones. Their intervals follow from how much each reading pulls on them and
//! how far that reading lies off (White's sandwich): the readings taken while the load changes are both the ones that tell
//! W and the ones that lie off most, so that a common variance of all would promise too much. That the intervals are of
//! 95 % is shown by [`crate::oracle::averaging_rows`] and by the tests of [`super::align`]. Must not: know instruments.

use common::stats::Moments;

use super::Piece;

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
/// The load must explain this much of how the readings differ.
const LEAST_EXPLAINED: f64 = 0.6;
/// The interval of W may be this share of it.
const MOST_UNCERTAIN: f64 = 0.35;
/// How many standard uncertainties of W or of a delay make its 95 % interval. Not 1.96: what is left has kinks where a wave's edge
/// enters the window, which no derivative sees. Found by simulation, over the sensors of [`crate::oracle::averaging_rows`].
const COVERAGE: f64 = 2.6;
/// Derivatives are differences over this share of W, and no less than what a look resolves.
const DIFFERENCE: f64 = 0.02;
const LEAST_DIFFERENCE_S: f64 = 0.0005;
/// An update as it was seen: about when, how far the truth may be from that (k = 1), and the power.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) at: f64,
    pub(super) off: f64,
    pub(super) watts: f64,
}

/// Readings that shall be explained by a load.
pub(super) struct Fit<'a> {
    pub(super) readings: &'a [Seen],
    pub(super) load: &'a Done,
    /// Time between two updates.
    pub(super) period: f64,
}

impl Fit<'_> {
    /// What each reading sees of the load with this window and delay, and its power.
    fn points(&self, window: f64, delay: f64) -> impl Iterator<Item = (f64, f64)> {
        let mut places = [0; 4];
        self.readings.iter().map(move |seen| {
            let mut rate = |end: f64, first: usize| {
                let from = self.load.until(end - window, &mut places[first]);
                (self.load.until(end, &mut places[first + 1]) - from) / window
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
    pub(super) fn window(&self) -> Option<(f64, f64)> {
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
        if !self.explains(left) {
            return None;
        }
        // Nobody searched closer than that.
        let searched = window * fine_step * GOLDEN.powi(i32::try_from(WINDOWS_CLOSER).ok()?);
        let half_width = COVERAGE * self.window_uncertainty(window, self.delay(window).0)? + searched;
        let is_inside = window > shortest * (2.0 * step).exp() && window < longest / (2.0 * step).exp();
        (is_inside && half_width <= MOST_UNCERTAIN * window).then_some((window, half_width))
    }

    /// The delay within ±`within` that leaves least and the half-width of its interval, where the window is known more or
    /// less; `None` where that is not resolved.
    pub(super) fn delay_within(&self, within: f64, window: f64) -> Option<(f64, f64)> {
        let left = |delay: f64| self.left(window, delay);
        let step = (window / DELAYS_IN_WINDOW).min(within);
        let count = std::iter::successors(Some(0.0), |count| Some(count + 1.0));
        let tried = count.map(|count| step * count - within).take_while(|&delay| delay <= within);
        let rough = least(tried, left).0;
        let (delay, left) = closed_in((rough - step, rough + step), CLOSER, left);
        let half_width = COVERAGE * self.delay_uncertainty(window, delay)?;
        let searched = step * GOLDEN.powi(i32::try_from(CLOSER).ok()?);
        self.explains(left).then_some((delay, half_width + searched))
    }

    /// Whether what is left is little of how the readings differ.
    fn explains(&self, left: f64) -> bool {
        let whole = Moments::of(self.readings.iter().map(|seen| seen.watts)).m2;
        left <= (1.0 - LEAST_EXPLAINED) * whole
    }

    /// Standard uncertainty of the window: the sandwich over offset, slope, window and delay.
    fn window_uncertainty(&self, window: f64, delay: f64) -> Option<f64> {
        let line = line(self.points(window, delay))?;
        let windows = self.slopes(&line, (window, delay), (1.0, 0.0));
        let delays = self.slopes(&line, (window, delay), (0.0, 1.0));
        let rows = self.points(window, delay).zip(windows.into_iter().zip(delays));
        let rows = rows.map(|((seen, watts), (on_window, on_delay))| {
            ([1.0, seen, on_delay, on_window], watts - line.offset - line.slope * seen)
        });
        sandwich(&rows.collect::<Vec<_>>())
    }

    /// Standard uncertainty of the delay, where the window is known: the sandwich over offset, slope and delay.
    fn delay_uncertainty(&self, window: f64, delay: f64) -> Option<f64> {
        let line = line(self.points(window, delay))?;
        let delays = self.slopes(&line, (window, delay), (0.0, 1.0));
        let rows = self.points(window, delay).zip(delays).map(|((seen, watts), on_delay)| {
            ([1.0, seen, on_delay], watts - line.offset - line.slope * seen)
        });
        sandwich(&rows.collect::<Vec<_>>())
    }

    /// By how much each reading would change with the window and the delay, so much of each.
    fn slopes(
        &self,
        line: &Line,
        (window, delay): (f64, f64),
        (of_window, of_delay): (f64, f64),
    ) -> Vec<f64> {
        let by = (window * DIFFERENCE).max(LEAST_DIFFERENCE_S);
        let more = self.points(window + by * of_window, delay + by * of_delay);
        let less = self.points(window - by * of_window, delay - by * of_delay);
        more.zip(less).map(|(more, less)| line.slope * (more.0 - less.0) / (2.0 * by)).collect()
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

/// Standard uncertainty of the last unknown, from how much each reading pulls on each and how far it lies off.
fn sandwich<const N: usize>(rows: &[([f64; N], f64)]) -> Option<f64> {
    let mut normal = [[0.0; N]; N];
    for (pulls, _) in rows {
        for (row, one) in normal.iter_mut().zip(pulls) {
            row.iter_mut().zip(pulls).for_each(|(sum, other)| *sum += one * other);
        }
    }
    let mut last = [0.0; N];
    *last.last_mut()? = 1.0;
    let on_last = solved(normal, last)?;
    let squares = rows.iter().map(|(pulls, off)| {
        let pull: f64 = pulls.iter().zip(on_last).map(|(one, other)| one * other).sum();
        (pull * off).powi(2)
    });
    let (count, unknowns) = (f64::from(u32::try_from(rows.len()).ok()?), f64::from(u32::try_from(N).ok()?));
    Some((squares.sum::<f64>() * count / (count - unknowns)).sqrt())
}

/// Solves as many equations as unknowns (Gauss and Jordan, with the largest pivot); `None` where they do not have one
/// solution.
fn solved<const N: usize>(mut left: [[f64; N]; N], mut right: [f64; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let largest = (column..N).max_by(|&a, &b| left[a][column].abs().total_cmp(&left[b][column].abs()))?;
        left.swap(column, largest);
        right.swap(column, largest);
        let (pivot, value) = (left[column], right[column]);
        if pivot[column].abs() < f64::MIN_POSITIVE {
            return None;
        }
        for row in (0..N).filter(|&row| row != column) {
            let factor = left[row][column] / pivot[column];
            left[row].iter_mut().zip(pivot).for_each(|(one, other)| *one -= factor * other);
            right[row] -= factor * value;
        }
    }
    (0..N).for_each(|row| right[row] /= left[row][row]);
    right.iter().all(|value| value.is_finite()).then_some(right)
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

/// How much work was done until any instant: straight lines between the instants at which a piece begins or ends.
pub(super) struct Done {
    /// Instant, work until then, and rate from then on.
    knots: Vec<(f64, f64, f64)>,
}

impl Done {
    pub(super) fn of(work: &[Piece]) -> Self {
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

    /// Until one of many instants in their order: `place` is where the last was found, 0 at first.
    pub(super) fn until(&self, at: f64, place: &mut usize) -> f64 {
        while place.checked_sub(1).and_then(|last| self.knots.get(last)).is_some_and(|knot| knot.0 > at) {
            *place -= 1;
        }
        while self.knots.get(*place).is_some_and(|knot| knot.0 <= at) {
            *place += 1;
        }
        let last = place.checked_sub(1).and_then(|last| self.knots.get(last));
        last.map_or(0.0, |&(from, done, rate)| done + rate * (at - from))
    }
}
