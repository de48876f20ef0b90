//! From figures to places on a chart: linear and logarithmic scales, round ticks, paths.
//!
//! Must not: know what a figure means, or the page.

use std::fmt::Write;

/// A count as a figure or a coordinate.
#[expect(
    clippy::as_conversions,
    reason = "counts below 2^53 are exact, larger ones are shown with three digits"
)]
pub fn float(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or(u64::MAX) as f64
}

/// How values spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Equal steps for equal differences.
    Linear,
    /// Equal steps for equal ratios; only for values above 0.
    Logarithmic,
}

/// One axis: a span of values over a span of the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    spread: Spread,
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Axis {
    /// An axis from 0 to a round number at or above `most`, from `start` to `end` on the chart.
    pub fn from_zero(most: f64, start: f64, end: f64) -> Self {
        let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
        let step = round_step(most, 4);
        Self { spread: Spread::Linear, from: 0.0, to: (most / step).ceil() * step, start, end }
    }

    /// An axis over exactly these values.
    pub fn exact(from: f64, to: f64, start: f64, end: f64) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        Self { spread: Spread::Linear, from, to, start, end }
    }

    /// An axis with room around these values: logarithmic where they are positive and span more than a factor of 20.
    pub fn around(values: impl IntoIterator<Item = f64>, start: f64, end: f64) -> Self {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            least = least.min(value);
            most = most.max(value);
        }
        if least > most {
            return Self::exact(0.0, 1.0, start, end);
        }
        if least > 0.0 && most / least > 20.0 {
            let room = (most / least).powf(0.06).max(1.1);
            return Self { spread: Spread::Logarithmic, from: least / room, to: most * room, start, end };
        }
        let room = if most > least { (most - least) * 0.1 } else { most.abs().max(1.0) * 0.1 };
        let from = if least >= 0.0 { (least - room).max(0.0) } else { least - room };
        Self { spread: Spread::Linear, from, to: most + room, start, end }
    }

    /// How values spread.
    pub const fn spread(&self) -> Spread {
        self.spread
    }

    /// Where a value lies on the chart, kept inside the axis.
    pub fn place(&self, value: f64) -> f64 {
        let share = match self.spread {
            Spread::Linear => (value - self.from) / (self.to - self.from),
            Spread::Logarithmic => {
                (value.max(f64::MIN_POSITIVE) / self.from).ln() / (self.to / self.from).ln()
            }
        };
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    /// Which value lies at a place.
    pub fn value_at(&self, place: f64) -> f64 {
        let share = ((place - self.start) / (self.end - self.start)).clamp(0.0, 1.0);
        match self.spread {
            Spread::Linear => self.from + share * (self.to - self.from),
            Spread::Logarithmic => self.from * (self.to / self.from).powf(share),
        }
    }

    /// The largest value.
    pub const fn most(&self) -> f64 {
        self.to
    }

    /// Round values inside the axis, about `count` of them.
    pub fn ticks(&self, count: u32) -> Vec<f64> {
        match self.spread {
            Spread::Linear => self.linear_ticks(count),
            Spread::Logarithmic => self.logarithmic_ticks(count),
        }
    }

    fn linear_ticks(&self, count: u32) -> Vec<f64> {
        let step = round_step(self.to - self.from, count);
        let mut ticks = Vec::new();
        let mut index = (self.from / step - 1e-9).ceil();
        while index * step <= self.to + step * 1e-9 && ticks.len() < 50 {
            // Adding 0 makes a negative zero a zero.
            ticks.push(index * step + 0.0);
            index += 1.0;
        }
        ticks
    }

    fn logarithmic_ticks(&self, count: u32) -> Vec<f64> {
        let decades = (self.to / self.from).log10();
        let multiples: &[f64] = if decades > f64::from(count) {
            &[1.0]
        } else if decades > 1.5 {
            &[1.0, 3.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        let mut ticks = Vec::new();
        let mut decade = 10f64.powf(self.from.log10().floor());
        while decade <= self.to && ticks.len() < 50 {
            ticks.extend(multiples.iter().map(|m| m * decade).filter(|v| (self.from..=self.to).contains(v)));
            decade *= 10.0;
        }
        ticks
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides a span into about `count` parts.
fn round_step(span: f64, count: u32) -> f64 {
    let rough = span / f64::from(count.max(1));
    let power = 10f64.powf(rough.log10().floor());
    let lead = rough / power;
    power
        * if lead <= 1.0 {
            1.0
        } else if lead <= 2.0 {
            2.0
        } else if lead <= 5.0 {
            5.0
        } else {
            10.0
        }
}

/// Which of these values comes first, second and so on; equal ones stay in their order.
pub fn order(values: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..values.len()).collect();
    let value = |place: &usize| values.get(*place).copied().unwrap_or(f64::NAN);
    places.sort_by(|a, b| value(a).total_cmp(&value(b)));
    places
}

/// A path through points: `M0 1L2 3`.
pub fn line(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let verb = if path.is_empty() { 'M' } else { 'L' };
        // Writing to a String cannot fail.
        let _ = write!(path, "{verb}{x:.1} {y:.1}");
    }
    path
}

/// A path of steps through points: along first, then up or down. A power reading stands for the time since the
/// one before it, so that a power curve is drawn down first; a front is drawn along first.
pub fn steps(points: &[(f64, f64)], along_first: bool) -> String {
    let mut path = String::new();
    let mut last: Option<(f64, f64)> = None;
    for &(x, y) in points {
        match last {
            None => {
                let _ = write!(path, "M{x:.1} {y:.1}");
            }
            Some(_) if along_first => {
                let _ = write!(path, "H{x:.1}V{y:.1}");
            }
            Some(_) => {
                let _ = write!(path, "V{y:.1}H{x:.1}");
            }
        }
        last = Some((x, y));
    }
    path
}

/// Equal classes of values and how many fall into each: for a histogram.
pub fn histogram(values: &[f64], classes: usize) -> Vec<(f64, f64, usize)> {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least > most || classes == 0 {
        return Vec::new();
    }
    let width = ((most - least) / float(classes)).max(most.abs() * 1e-6).max(f64::MIN_POSITIVE);
    let mut out: Vec<(f64, f64, usize)> = (0..classes)
        .map(|index| (least + width * float(index), least + width * float(index + 1), 0))
        .collect();
    for value in values {
        let holds = |class: &(f64, f64, usize)| *value < class.1;
        let index = out.iter().position(holds).unwrap_or(classes - 1);
        if let Some(class) = out.get_mut(index) {
            class.2 += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_from_zero_ends_at_a_round_number_with_round_ticks() {
        let axis = Axis::from_zero(87.0, 0.0, 100.0);
        assert_eq!(axis.most(), 100.0);
        assert_eq!(axis.ticks(4), [0.0, 50.0, 100.0]);
        assert_eq!(axis.place(50.0), 50.0);
        assert_eq!(axis.place(1e9), 100.0);
    }

    #[test]
    fn nothing_to_show_still_gives_a_drawable_axis() {
        for axis in
            [Axis::from_zero(0.0, 0.0, 10.0), Axis::around([], 0.0, 10.0), Axis::exact(3.0, 3.0, 0.0, 9.0)]
        {
            assert!(axis.place(0.5).is_finite());
            assert!(!axis.ticks(4).is_empty());
        }
    }

    #[test]
    fn values_far_apart_get_a_logarithmic_axis() {
        let axis = Axis::around([0.01, 10.0], 0.0, 100.0);
        assert_eq!(axis.spread(), Spread::Logarithmic);
        assert!((axis.place(0.316_23) - 50.0).abs() < 0.1);
        assert!(axis.ticks(5).contains(&1.0) || axis.ticks(5).iter().any(|tick| (tick - 1.0).abs() < 1e-9));
        assert!((axis.value_at(axis.place(2.0)) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn one_value_alone_stands_in_the_middle_of_its_axis() {
        let axis = Axis::around([5.0], 0.0, 100.0);
        assert!((axis.place(5.0) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn a_power_curve_drops_before_it_runs_and_a_front_runs_before_it_drops() {
        let points = [(0.0, 5.0), (2.0, 3.0)];
        assert_eq!(steps(&points, true), "M0.0 5.0H2.0V3.0");
        assert_eq!(steps(&points, false), "M0.0 5.0V3.0H2.0");
    }

    #[test]
    fn the_order_of_values_is_stable() {
        assert_eq!(order(&[2.0, 1.0, 2.0, f64::INFINITY, 0.0]), [4, 1, 0, 2, 3]);
    }

    #[test]
    fn every_value_falls_into_one_class() {
        let values = [1.0, 1.1, 2.0, 3.0, 3.0];
        let classes = histogram(&values, 4);
        assert_eq!(classes.iter().map(|class| class.2).sum::<usize>(), values.len());
        assert_eq!(histogram(&[], 4), []);
        assert_eq!(histogram(&[2.0, 2.0], 3).iter().map(|class| class.2).sum::<usize>(), 2);
    }
}
