//! A third figure of points on a chart, told by their size or by their colour.
//!
//! Must not: decide who is on a front (two figures do), or give a point without the figure any of its sizes.

use crate::scale::Axis;

/// Radii of the smallest and the largest point, and of one whose figure is missing.
const RADII: (f64, f64) = (3.0, 12.0);
const MISSING_RADIUS: f64 = 3.0;
/// From little to much; the last is for points whose figure is missing.
const SHADES: [&str; 5] = ["third-0", "third-1", "third-2", "third-3", "third-4"];
const MISSING_SHADE: &str = "third-none";

/// The scale of a third figure: like an axis of its own, logarithmic where values lie far apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Third(Axis);

impl Third {
    /// A scale around these values; `None` where there are none.
    pub fn around(values: &[f64]) -> Option<Self> {
        let has_some = values.iter().any(|value| value.is_finite());
        has_some.then(|| Self(Axis::around(values.iter().copied(), 0.0, 1.0)))
    }

    /// How large a point is: its area grows with its place on the scale.
    pub fn radius(&self, value: Option<f64>) -> f64 {
        let (least, most) = RADII;
        value.map_or(MISSING_RADIUS, |value| {
            (least * least + self.0.place(value) * (most * most - least * least)).sqrt()
        })
    }

    /// In which class of colour a point is.
    pub fn shade(&self, value: Option<f64>) -> &'static str {
        let Some(value) = value else { return MISSING_SHADE };
        let place = self.0.place(value);
        let edges = [0.2, 0.4, 0.6, 0.8];
        let class = edges.iter().filter(|edge| place >= **edge).count();
        SHADES.get(class).copied().unwrap_or(MISSING_SHADE)
    }

    /// Values that a legend shows: the middle of each colour's class, which are five sizes as well.
    pub fn marks(&self) -> [f64; 5] {
        [0.1, 0.3, 0.5, 0.7, 0.9].map(|place| self.0.value_at(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_larger_and_of_a_later_colour() {
        let third = Third::around(&[1.0, 2.0, 3.0]).unwrap();
        let radii = [1.0, 2.0, 3.0].map(|value| third.radius(Some(value)));
        assert!(radii.is_sorted() && radii[0] > RADII.0 && radii[2] < RADII.1, "{radii:?}");
        let shades = third.marks().map(|value| third.shade(Some(value)));
        assert_eq!(shades, SHADES);
    }

    #[test]
    fn the_area_grows_evenly_with_the_place() {
        let third = Third::around(&[0.0, 10.0]).unwrap();
        let area = |value: f64| third.radius(Some(value)).powi(2);
        assert!((area(5.0) - f64::midpoint(area(2.0), area(8.0))).abs() < 1e-9);
    }

    #[test]
    fn a_missing_figure_looks_like_none() {
        assert_eq!(Third::around(&[]), None);
        let third = Third::around(&[5.0]).unwrap();
        assert_eq!((third.radius(None), third.shade(None)), (MISSING_RADIUS, MISSING_SHADE));
        assert_ne!(third.shade(Some(5.0)), MISSING_SHADE);
    }
}
