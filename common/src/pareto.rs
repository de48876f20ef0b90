//! Pareto fronts by the standard definition: `a` dominates `b` if it is at least as good in every objective and better
//! in one. Exact ties stay on the front.
//!
//! Must not: guess a missing value (the caller lists those rows apart).

/// The points' places, by the first objective and then by the second. All that sorts here sorts by this: every other
/// kind of sorting would be compiled into the page once more.
fn in_order(points: &[[f64; 2]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| points[a][0].total_cmp(&points[b][0]).then(points[a][1].total_cmp(&points[b][1])));
    order
}

/// For each point (all objectives minimised), the index of a point that dominates it, or `None` on the front.
///
/// Points hold no NaN. Of several dominators the one closest in the first objective is named, of equal ones the first.
pub fn dominators(points: &[[f64; 2]]) -> Vec<Option<usize>> {
    let mut dominators = vec![None; points.len()];
    let mut best: Option<usize> = None;
    for index in in_order(points) {
        match best {
            Some(front) if points[front] == points[index] => {}
            Some(front) if points[front][1] <= points[index][1] => dominators[index] = Some(front),
            _ => best = Some(index),
        }
    }
    dominators
}

/// For each point, in which layer it lies: 1 on the front, 2 on the front of what remains without it, and so on.
pub fn layers(points: &[[f64; 2]]) -> Vec<usize> {
    let mut layers = vec![0; points.len()];
    // The least second objective of each layer so far; it never falls from one layer to the next.
    let mut least: Vec<f64> = Vec::new();
    let mut before: Option<usize> = None;
    for index in in_order(points) {
        let point = points[index];
        layers[index] = match before.filter(|&before| points[before] == point) {
            Some(twin) => layers[twin],
            None => {
                let layer = least.partition_point(|&least| least <= point[1]);
                match least.get_mut(layer) {
                    Some(least) => *least = point[1],
                    None => least.push(point[1]),
                }
                layer + 1
            }
        };
        before = Some(index);
    }
    layers
}

/// For each point whether it is dominated, but by nobody clearly: every point that dominates it lies within the
/// interval of the difference in both objectives. `half_widths` are those of the 95 % intervals; 0 where a figure is
/// exact.
pub fn tied(points: &[[f64; 2]], half_widths: &[[f64; 2]]) -> Vec<bool> {
    let width = |index: usize| half_widths.get(index).copied().unwrap_or_default();
    let is_clear = |front: usize, other: usize| {
        (0..2).any(|axis| {
            points[other][axis] - points[front][axis] > width(front)[axis].hypot(width(other)[axis])
        })
    };
    dominators(points)
        .into_iter()
        .enumerate()
        .map(|(index, dominator)| {
            dominator.is_some_and(|dominator| !is_clear(dominator, index))
                && !(0..points.len())
                    .any(|other| dominates(points[other], points[index]) && is_clear(other, index))
        })
        .collect()
}

/// Whether one point is at least as good in both objectives and better in one.
pub fn dominates(a: [f64; 2], b: [f64; 2]) -> bool {
    a[0] <= b[0] && a[1] <= b[1] && a != b
}

/// The area that some point dominates, up to a reference that is worse than all that counts.
pub fn hypervolume(points: &[[f64; 2]], reference: [f64; 2]) -> f64 {
    let is_inside = |point: &[f64; 2]| point[0] < reference[0] && point[1] < reference[1];
    let (mut area, mut height) = (0.0, reference[1]);
    for point in in_order(points).into_iter().map(|index| points[index]).filter(is_inside) {
        if point[1] < height {
            area += (reference[0] - point[0]) * (height - point[1]);
            height = point[1];
        }
    }
    area
}

/// The points with which the front changed, in the order of their dates: those that nothing dominates when they come. A
/// point counts from its first date on, so that later fronts are never worse.
pub fn changes(points: &[[f64; 2]], dates: &[f64]) -> Vec<usize> {
    let dated: Vec<[f64; 2]> = dates.iter().map(|&date| [date, 0.0]).collect();
    let mut front: Vec<[f64; 2]> = Vec::new();
    let mut changes = Vec::new();
    for index in in_order(&dated) {
        let Some(&point) = points.get(index) else { continue };
        if front.iter().any(|&known| dominates(known, point) || known == point) {
            continue;
        }
        front.retain(|&known| !dominates(point, known));
        front.push(point);
        changes.push(index);
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hand_drawn_front() {
        let points = [[1.0, 5.0], [2.0, 3.0], [3.0, 4.0], [4.0, 1.0], [2.0, 3.0], [4.0, 2.0]];
        assert_eq!(dominators(&points), [None, None, Some(1), None, None, Some(3)]);
        assert_eq!(layers(&points), [1, 1, 2, 1, 1, 2]);
        // (1,5) adds 5 × 1, (2,3) adds 4 × 2, (4,1) adds 2 × 2
        assert_eq!(hypervolume(&points, [6.0, 6.0]), 17.0);
        assert_eq!(hypervolume(&points, [1.0, 1.0]), 0.0);
    }

    #[test]
    fn within_its_interval_a_dominated_point_is_tied_and_beyond_it_is_not() {
        let points = [[1.0, 1.0], [1.1, 1.1], [2.0, 1.0]];
        let half_widths = [[0.2, 0.15], [0.0, 0.0], [0.2, 0.0]];
        assert_eq!(tied(&points, &half_widths), [false, true, false]);
        assert_eq!(tied(&points, &[]), [false, false, false]);
    }

    #[test]
    fn the_front_changes_when_something_new_is_not_dominated() {
        let points = [[2.0, 2.0], [3.0, 3.0], [2.0, 2.0], [4.0, 1.0], [9.0, 9.0]];
        assert_eq!(changes(&points, &[3.0, 4.0, 5.0, 6.0, 1.0]), [4, 0, 3]);
    }

    fn points(of: Vec<(u8, u8)>) -> Vec<[f64; 2]> {
        of.into_iter().map(|(x, y)| [f64::from(x), f64::from(y)]).collect()
    }

    proptest! {
        #[test]
        fn nothing_on_the_front_is_dominated_and_everything_else_is(
            drawn in prop::collection::vec((0u8..12, 0u8..12), 0..60),
        ) {
            let points = points(drawn);
            for (index, dominator) in dominators(&points).into_iter().enumerate() {
                match dominator {
                    Some(front) => prop_assert!(dominates(points[front], points[index])),
                    None => prop_assert!(!points.iter().any(|&other| dominates(other, points[index]))),
                }
            }
        }

        #[test]
        fn layers_are_what_peeling_front_after_front_gives(
            drawn in prop::collection::vec((0u8..12, 0u8..12), 0..60),
        ) {
            let points = points(drawn);
            let mut peeled = vec![0; points.len()];
            let mut left: Vec<usize> = (0..points.len()).collect();
            for layer in 1..=points.len() {
                let rest: Vec<[f64; 2]> = left.iter().map(|&index| points[index]).collect();
                let is_front: Vec<bool> = dominators(&rest).iter().map(Option::is_none).collect();
                for (&index, _) in left.iter().zip(&is_front).filter(|(_, is_front)| **is_front) {
                    peeled[index] = layer;
                }
                left = left.iter().zip(&is_front).filter(|(_, is_front)| !**is_front).map(|(&i, _)| i).collect();
            }
            prop_assert_eq!(layers(&points), peeled);
        }

        #[test]
        fn over_time_the_hypervolume_never_falls_and_grows_only_at_changes(
            drawn in prop::collection::vec((0u8..12, 0u8..12, 0u8..9), 0..60),
        ) {
            let all: Vec<[f64; 2]> = drawn.iter().map(|&(x, y, _)| [f64::from(x), f64::from(y)]).collect();
            let dates: Vec<f64> = drawn.iter().map(|drawn| f64::from(drawn.2)).collect();
            let changes: Vec<f64> = changes(&all, &dates).into_iter().map(|index| dates[index]).collect();
            let mut before = 0.0;
            for date in (0..9u8).map(f64::from) {
                let known: Vec<[f64; 2]> =
                    all.iter().zip(&dates).filter(|point| *point.1 <= date).map(|point| *point.0).collect();
                let now = hypervolume(&known, [20.0, 20.0]);
                prop_assert!(now >= before);
                prop_assert_eq!(now > before, changes.contains(&date));
                before = now;
            }
        }

        #[test]
        fn without_intervals_nothing_is_tied_and_with_endless_ones_all_that_is_dominated(
            drawn in prop::collection::vec((0u8..12, 0u8..12), 0..40),
        ) {
            let points = points(drawn);
            prop_assert!(!tied(&points, &[]).contains(&true));
            let is_dominated: Vec<bool> = dominators(&points).iter().map(Option::is_some).collect();
            prop_assert_eq!(tied(&points, &vec![[1e9, 1e9]; points.len()]), is_dominated);
        }
    }
}
