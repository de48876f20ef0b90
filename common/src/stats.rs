//! Means, spreads and intervals from sums that can be added up in any order.
//!
//! [`Moments`] is what roll-ups store: two of them merge into the Moments of both samples, so a
//! view can regroup Cells in the browser. Must not: give an interval for fewer than two values.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Count, mean and sum of squared deviations of a sample (Welford's form, which does not lose digits
/// where values are large and close together).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Moments {
    /// How many values.
    pub n: u64,
    /// Their mean; 0 while there are none.
    pub mean: f64,
    /// Sum of their squared deviations from the mean.
    pub m2: f64,
}

/// A mean with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// How many values.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Half-width of the 95 % interval of the mean (Student's t); `None` with fewer than two values.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// The half-width as a share of the mean; `None` without an interval or where the mean is not above 0.
    pub fn relative(self) -> Option<f64> {
        self.half_width.filter(|_| self.mean > 0.0).map(|half| half / self.mean)
    }
}

/// Two-sided 95 % quantile of the normal distribution.
pub const Z95: f64 = 1.959_964;

#[expect(clippy::as_conversions, reason = "a count becomes a float; exact below 2^53")]
const fn float(n: u64) -> f64 {
    n as f64
}

impl Moments {
    /// The Moments of one value.
    pub const fn one(value: f64) -> Self {
        Self { n: 1, mean: value, m2: 0.0 }
    }

    /// The Moments of some values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        values.into_iter().fold(Self::default(), |sum, value| sum.merge(Self::one(value)))
    }

    /// Whether there is no value.
    pub const fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The Moments of both samples together (Chan, Golub and LeVeque 1979).
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let n = self.n + other.n;
        if n == 0 {
            return self;
        }
        let delta = other.mean - self.mean;
        let (a, b, all) = (float(self.n), float(other.n), float(n));
        Self { n, mean: self.mean + delta * b / all, m2: self.m2 + other.m2 + delta * delta * a * b / all }
    }

    /// The Moments of the same sample in another unit.
    #[must_use]
    pub fn scale(self, factor: f64) -> Self {
        Self { n: self.n, mean: self.mean * factor, m2: self.m2 * factor * factor }
    }

    /// Sum of the values.
    pub fn sum(self) -> f64 {
        self.mean * float(self.n)
    }

    /// Standard deviation of the sample; `None` with fewer than two values.
    pub fn deviation(self) -> Option<f64> {
        (self.n >= 2).then(|| (self.m2 / float(self.n - 1)).sqrt())
    }

    /// Half-width of the 95 % prediction interval of one more value (Student's t); `None` with fewer than two values.
    pub fn prediction_half_width(self) -> Option<f64> {
        self.deviation().map(|sd| t95(self.n - 1) * sd * (1.0 + 1.0 / float(self.n)).sqrt())
    }

    /// The mean with its 95 % interval; `None` without a value.
    pub fn estimate(self) -> Option<Estimate> {
        if self.n == 0 {
            return None;
        }
        let half_width = self.deviation().map(|sd| t95(self.n - 1) * sd / float(self.n).sqrt());
        Some(Estimate { n: self.n, mean: self.mean, half_width })
    }
}

/// Half-width of the 95 % interval of a share of `n` (Wilson 1927): even where all or none were right it is not 0, as it is by
/// the deviation of so few. `None` where nothing was asked.
pub fn share_half_width(share: f64, n: u64) -> Option<f64> {
    let (n, z2) = (float(n), Z95 * Z95);
    (n > 0.0).then(|| Z95 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n))
}

/// Two-sided 95 % quantile of Student's t with `degrees` degrees of freedom: exact to four digits from a
/// table up to 30, then by the Cornish–Fisher expansion (Abramowitz and Stegun 26.7.5).
pub fn t95(degrees: u64) -> f64 {
    const TABLE: [f64; 30] = [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788,
        2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
        2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
    ];
    let in_table = usize::try_from(degrees).ok().and_then(|d| d.checked_sub(1)).and_then(|d| TABLE.get(d));
    if let Some(quantile) = in_table {
        return *quantile;
    }
    if degrees == 0 {
        return f64::INFINITY;
    }
    let (z, v) = (Z95, float(degrees));
    z + (z.powi(3) + z) / (4.0 * v) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * v * v)
}

/// Median of some values; `None` without any. Sorts its argument.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        even if even % 2 == 0 => Some((values[middle - 1] + values[middle]) / 2.0),
        _ => Some(values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_of_few_is_never_certain() {
        // Wilson's interval of 4 of 4 is 0.5101 to 1.
        assert!((share_half_width(1.0, 4).unwrap() - (1.0 - 0.5101) / 2.0).abs() < 1e-4);
        assert!((share_half_width(0.75, 4).unwrap() - 0.3269).abs() < 1e-3);
        assert_eq!(share_half_width(0.5, 0), None);
    }

    #[test]
    fn a_hand_worked_interval() {
        let estimate = Moments::of([10.0, 12.0, 11.0, 13.0]).estimate().unwrap();
        assert_eq!((estimate.n, estimate.mean), (4, 11.5));
        // s = 1.290994, t(3) = 3.1824: 3.1824 × 1.290994 / 2
        assert!((estimate.half_width.unwrap() - 2.05423).abs() < 1e-4);
    }

    #[test]
    fn one_value_has_a_mean_and_no_interval() {
        let estimate = Moments::one(3.0).estimate().unwrap();
        assert_eq!((estimate.mean, estimate.half_width), (3.0, None));
        assert_eq!(Moments::default().estimate(), None);
    }

    #[test]
    fn the_quantile_is_continuous_where_the_table_ends() {
        assert!((t95(31) - 2.0395).abs() < 2e-4);
        assert!((t95(1_000_000) - 1.95996).abs() < 1e-4);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut []), None);
    }

    proptest! {
        #[test]
        fn merging_parts_equals_the_whole(values in prop::collection::vec(-1e6f64..1e6, 0..60), split in 0usize..60) {
            let split = split.min(values.len());
            let whole = Moments::of(values.iter().copied());
            let parts = Moments::of(values[..split].iter().copied()).merge(Moments::of(values[split..].iter().copied()));
            prop_assert_eq!(whole.n, parts.n);
            prop_assert!((whole.mean - parts.mean).abs() <= 1e-6);
            prop_assert!((whole.m2 - parts.m2).abs() <= 1e-6 * whole.m2.max(1.0));
        }
    }
}
