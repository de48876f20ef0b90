//! Averaging windows of simulated sensors.

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
    assert!(rows.iter().filter(|row| row.averaging_ms >= 50).all(|row| row.half_width < 0.033), "{rows:?}");
}

#[test]
fn a_moving_average_over_a_second_is_told_from_a_window_of_its_update_period() {
    let found = found(100, 1000, 0.0);
    assert!(found.is_none_or(|found| found.window > Duration::from_millis(700)), "{found:?}");
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
