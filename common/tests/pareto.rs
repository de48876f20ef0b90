//! The front here is the published one: 22 of 1,073 configurations of language models by size and error, and the layers
//! behind it. The fixture and the script that makes it lie in `tests/fixtures`.

use common::pareto;

/// Size in GB and average error of each configuration, and whether the published figure draws it on the front.
fn published() -> Vec<([f64; 2], bool)> {
    let row = |line: &str| {
        let mut fields = line.split(',').filter_map(|field| field.parse::<f64>().ok());
        Some(([fields.next()?, fields.next()?], fields.next()? > 0.0))
    };
    include_str!("fixtures/pareto.csv").lines().skip(1).filter_map(row).collect()
}

#[test]
fn the_published_front_is_found_and_no_other_point() {
    let published = published();
    assert_eq!(published.len(), 1_073);
    let points: Vec<[f64; 2]> = published.iter().map(|(point, _)| *point).collect();
    let dominators = pareto::dominators(&points);
    for (index, (point, is_on_front)) in published.iter().enumerate() {
        assert_eq!(dominators[index].is_none(), *is_on_front, "{point:?}");
    }
    assert_eq!(dominators.iter().filter(|dominator| dominator.is_none()).count(), 22);
}

#[test]
fn the_layers_behind_it_and_the_area_are_those_of_independent_sorting() {
    let points: Vec<[f64; 2]> = published().into_iter().map(|(point, _)| point).collect();
    let layers = pareto::layers(&points);
    let sizes: Vec<usize> = (1..=6).map(|layer| layers.iter().filter(|of| **of == layer).count()).collect();
    assert_eq!(sizes, [22, 24, 20, 23, 20, 26]);
    let area = pareto::hypervolume(&points, [200.0, 1.0]);
    assert!((area - 144.698_358).abs() < 1e-6, "{area}");
}
