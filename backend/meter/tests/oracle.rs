//! The method against a truth with an exact integral: accuracy, the interval's coverage, and injected faults.
//!
//! Everything runs on a virtual clock with simulated sensors; nothing here needs hardware.

use std::time::Duration;

use common::meter::Domain;
use common::verdict::{Grade, Reason};
use meter::oracle::{self, Case, Chance, FAULTS, Injected, verdict_with};
use meter::replay::Script;
use meter::sensor::{Distortion, Integrates, Sensor};
use meter::{Clock, Meter, Options, Virtual, rehearse};

#[test]
fn windows_of_five_seconds_and_more_are_right_to_half_a_percent() {
    let found = oracle::accuracy(1, 300, 5.0);
    println!("300 windows of at least 5 s: {found:?}");
    assert_eq!(found.windows, 300, "every one has an energy");
    assert!(found.worst <= 0.005, "{found:?}");
}

#[test]
fn a_prompt_of_40_milliseconds_is_right_to_one_and_a_half_percent_on_a_sensor_that_sees_25_of_100() {
    for from in [1.0, 1.013, 1.027, 1.041, 1.066, 1.089] {
        let honest = oracle::short_prompt(Integrates::Everything, 16, true, from).unwrap();
        let duty_cycled = oracle::short_prompt(Integrates::WindowsOnly, 125, true, from).unwrap();
        println!("40 ms: whole counter {:+.2} %, duty-cycled {:+.2} %", honest * 100.0, duty_cycled * 100.0);
        assert!(honest.abs() <= 0.015, "{honest}");
        assert!(duty_cycled.abs() <= 0.015, "{duty_cycled}");
        for integrates in [Integrates::Everything, Integrates::WindowsOnly] {
            let in_a_row = oracle::short_prompt_in_a_row(integrates, 125, from).unwrap();
            println!("40 ms, 125 in one window, {integrates:?}: {:+.2} %", in_a_row * 100.0);
            assert!(in_a_row.abs() <= 0.015, "{in_a_row}");
        }
    }
}

#[test]
fn without_spreading_a_duty_cycled_sensor_is_far_off_however_often_one_repeats() {
    let error = oracle::short_prompt(Integrates::WindowsOnly, 20, false, 1.0).unwrap();
    assert!(error.abs() > 0.2, "{error}");
}

#[test]
fn the_stated_interval_covers_the_truth_in_94_to_99_of_100_cases() {
    let found = oracle::coverage(7, 1000);
    println!("the interval covers the truth in {} of {}", found.covered, found.windows);
    assert!((940..=990).contains(&found.covered), "{found:?}");
}

#[test]
fn none_of_two_hundred_injected_faults_ends_as_valid_and_without_a_fault_all_do() {
    let rows = oracle::fault_rows(3, 15);
    assert!(rows.iter().map(|row| row.injected).sum::<u32>() >= 200);
    for row in &rows {
        println!("{row:?}");
        assert_eq!((row.valid, row.false_alarms), (0, 0), "{row:?}");
    }
    assert_eq!(rows.len(), FAULTS.len());
}

/// What one fault of each kind is called.
fn reasons_of(fault: Injected) -> (Grade, Vec<Reason>) {
    let case = Case {
        idle_w: 60.0,
        steps: vec![(6.0, 300.0)],
        distortion: Distortion::of_millis(100, 100),
        from: Duration::from_secs(1),
        nth: 0,
        baseline_errors: (0.0, 0.0),
    };
    let verdict = verdict_with(&case, Some(fault), Duration::from_secs(2));
    (verdict.grade, verdict.reasons)
}

#[test]
fn each_fault_is_called_by_its_name() {
    for (fault, grade, reason) in [
        (Injected::Reset, Grade::Rejected, Reason::CounterReset),
        (Injected::Backward, Grade::Rejected, Reason::CounterReset),
        (Injected::Leap, Grade::Rejected, Reason::CounterReset),
        (Injected::Frozen, Grade::Redo, Reason::StaleMeter),
        (Injected::Stalled, Grade::Redo, Reason::StaleMeter),
        (Injected::Gap, Grade::Flagged, Reason::ReadError),
        (Injected::Denied, Grade::Flagged, Reason::ReadError),
        (Injected::Lost, Grade::Rejected, Reason::DeviceLost),
        (Injected::ClockJump, Grade::Redo, Reason::LowCoverage),
        (Injected::Suspended, Grade::Rejected, Reason::Suspended),
        (Injected::ForeignLoad, Grade::Flagged, Reason::ForeignLoad),
        (Injected::ForeignProcess, Grade::Redo, Reason::ForeignOnAccelerator),
        (Injected::Throttled, Grade::Redo, Reason::Throttled),
        (Injected::Stolen, Grade::Rejected, Reason::StolenTime),
    ] {
        let (found, reasons) = reasons_of(fault);
        assert!(reasons.contains(&reason), "{fault:?}: {reasons:?}");
        assert!(found >= grade, "{fault:?}: {found:?} {reasons:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_case() {
    let of = || Case::random(&mut Chance::new(5), 2.0);
    assert_eq!(of().steps, of().steps);
}

#[test]
fn two_boards_of_200_watts_for_10_seconds_are_2000_joules_each() {
    let truth = Script::constant(200.0);
    let mut meters: Vec<Box<dyn Meter>> = (0..2)
        .map(|index| -> Box<dyn Meter> {
            Box::new(Sensor::new(truth.clone(), Distortion::of_millis(100, 100), Domain::Gpu(index)))
        })
        .collect();
    let options = Options::suited_to(meters.iter().map(|meter| meter.card())).unpadded();
    let clock = Virtual::default();
    clock.sleep(Duration::from_secs(1));
    let measured = rehearse(&mut meters, &clock, options, Duration::from_secs(10));
    let mut sum = 0.0;
    for reading in &measured.readings {
        let watts = reading.energy.unwrap() / measured.window.length;
        let joules = (watts * Duration::from_secs(10)).joules();
        assert!((joules - 2000.0).abs() < 2000.0 * 0.005, "{} {joules}", reading.domain);
        sum += joules;
    }
    assert!((sum - 4000.0).abs() < 20.0, "{sum}");
}
