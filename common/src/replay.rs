//! A published row measured once more: does the new figure fall where one new measurement should fall?
//!
//! The interval of a row's mean says where the mean lies; a single new run scatters more. What is asked here is the 95 %
//! **prediction interval of one new run**, `mean ± t · s · √(1 + 1/n)`: of runs made under the same conditions, 19 of 20
//! fall inside. Must not: compare figures of different labels or boundaries (the caller checks).

use serde::{Deserialize, Serialize};

use crate::stats::Moments;

/// Where a new figure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Below the interval.
    Below,
    /// Inside.
    Inside,
    /// Above it.
    Above,
}

/// A new figure beside the row that it repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replayed {
    /// Runs of the row.
    pub n: u64,
    /// Ends of the 95 % prediction interval of one new run.
    pub interval: [f64; 2],
    /// Where the new figure lies.
    pub place: Place,
    /// The new figure over the row's mean; `None` where that is 0.
    pub ratio: Option<f64>,
}

/// Compares a new figure with a row's; `None` where the row has fewer than two runs, because one tells no spread.
pub fn replayed(row: Moments, figure: f64) -> Option<Replayed> {
    let half = row.prediction_half_width()?;
    let [low, high] = [row.mean - half, row.mean + half];
    let place = match figure {
        figure if figure < low => Place::Below,
        figure if figure > high => Place::Above,
        _ => Place::Inside,
    };
    Some(Replayed {
        n: row.n,
        interval: [low, high],
        place,
        ratio: (row.mean != 0.0).then(|| figure / row.mean),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hand_worked_prediction_interval() {
        let row = Moments::of([10.0, 12.0, 11.0, 13.0]);
        // t(3) = 3.1824, s = 1.290994: 3.1824 × 1.290994 × √1.25 = 4.59344
        let inside = replayed(row, 16.0).unwrap();
        assert!((inside.interval[0] - 6.90656).abs() < 1e-4 && (inside.interval[1] - 16.09344).abs() < 1e-4);
        assert_eq!((inside.n, inside.place), (4, Place::Inside));
        assert_eq!(replayed(row, 16.2).unwrap().place, Place::Above);
        assert_eq!(replayed(row, 6.8).unwrap().place, Place::Below);
        assert_eq!(replayed(row, 23.0).unwrap().ratio, Some(2.0));
    }

    #[test]
    fn a_row_of_one_run_tells_nothing() {
        assert_eq!(replayed(Moments::one(3.0), 3.0), None);
        assert_eq!(replayed(Moments::default(), 3.0), None);
    }

    proptest! {
        #[test]
        fn the_mean_is_inside_and_the_interval_of_a_new_run_holds_that_of_the_mean(values in prop::collection::vec(0.1f64..1e4, 2..40)) {
            let row = Moments::of(values);
            let found = replayed(row, row.mean).unwrap();
            prop_assert_eq!(found.place, Place::Inside);
            let half = row.estimate().unwrap().half_width.unwrap();
            prop_assert!(found.interval[0] <= row.mean - half && found.interval[1] >= row.mean + half);
        }
    }
}
