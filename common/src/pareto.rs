//! Pareto fronts by the standard definition: `a` dominates `b` if it is at least as good in every objective and better
//! in one. Exact ties stay on the front.
//!
//! Must not: guess a missing value (the caller lists those rows apart).

/// For each point (all objectives minimised), the index of a point that dominates it, or `None` on the front.
///
/// Points hold no NaN. Of several dominators the one closest in the first objective is named, of equal ones the first.
pub fn dominators(points: &[[f64; 2]]) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]).then(points[a][1].total_cmp(&points[b][1])));
    let mut dominators = vec![None; points.len()];
    let mut best: Option<usize> = None;
    for index in order {
        match best {
            Some(front) if points[front] == points[index] => {}
            Some(front) if points[front][1] <= points[index][1] => dominators[index] = Some(front),
            _ => best = Some(index),
        }
    }
    dominators
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dominates(a: [f64; 2], b: [f64; 2]) -> bool {
        a[0] <= b[0] && a[1] <= b[1] && a != b
    }

    #[test]
    fn a_hand_drawn_front() {
        let points = [[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [4.0, 1.0], [2.0, 3.0], [4.0, 2.0]];
        assert_eq!(dominators(&points), [None, None, Some(1), None, None, Some(3)]);
    }

    proptest! {
        #[test]
        fn nothing_on_the_front_is_dominated_and_everything_else_is(
            points in prop::collection::vec((0u8..12, 0u8..12), 0..60),
        ) {
            let points: Vec<[f64; 2]> = points.into_iter().map(|(x, y)| [f64::from(x), f64::from(y)]).collect();
            for (index, dominator) in dominators(&points).into_iter().enumerate() {
                match dominator {
                    Some(front) => prop_assert!(dominates(points[front], points[index])),
                    None => prop_assert!(!points.iter().any(|&other| dominates(other, points[index]))),
                }
            }
        }
    }
}
