//! NVML as it is really called, against the library that this crate builds in its place.
//!
//! What the library simulates is said in the environment, so each case runs this test binary again with its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the failure")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::measurement::{Conditions, Reading};
use common::meter::{Domain, Fault, Label, Method, NullReason};
use meter::looks::Looks;
use meter::preflight::Preflight;
use meter::{Config, Instruments, Monotonic, measure, open_all};

const VARIABLE: &str = "JOULEBOARD_FAKE_NVML";

/// Cargo builds examples beside the tests.
fn library() -> PathBuf {
    let tests = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let library = tests.join("examples/libfake_nvml.so");
    assert!(library.exists(), "build it first: cargo build --release -p meter --examples");
    library
}

fn instruments() -> Instruments {
    let mut config = Config::of_this_machine(Config::assumed_watts(1), 1);
    config.nvml_library = Some(library());
    config.powercap_root = Path::new("/nonexistent").to_owned();
    config.hwmon_root = Path::new("/nonexistent").to_owned();
    open_all(&config).unwrap()
}

/// Runs `body` in a process of its own in which the library simulates `what`.
fn with(test: &str, what: &str, body: impl FnOnce()) {
    if std::env::var(VARIABLE).is_ok() {
        return body();
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(VARIABLE, what)
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed with {VARIABLE}={what}");
}

#[test]
fn two_boards_are_read_through_the_real_wrapper_and_their_energy_is_the_scripts() {
    with(
        "two_boards_are_read_through_the_real_wrapper_and_their_energy_is_the_scripts",
        "gpus=2,period_ms=20,averaging_ms=20,watts=50:0.1;250:0.1",
        || {
            let mut found = instruments();
            let cards = found.cards();
            assert_eq!(
                cards.iter().map(|card| card.domain).collect::<Vec<_>>(),
                [Domain::Gpu(0), Domain::Gpu(1)]
            );
            // The library says that it is simulated, and so does everything that comes from it.
            assert!(cards.iter().all(|card| card.label == Label::Simulated && card.name == "nvml"));
            assert_eq!(found.accelerators(), ["Simulated Board 100", "Simulated Board 100"]);
            assert_eq!(found.temperature().unwrap().celsius(), 41.0);
            let options = found.options().unpadded();
            let (_, measured) = measure(&mut found.meters, Monotonic::start(), options, None, |_| {
                std::thread::sleep(Duration::from_secs(2));
            })
            .unwrap();
            for reading in &measured.readings {
                let watts = (reading.energy.unwrap() / measured.window.length).watts();
                // Mean of the script is 150 W; ten and a bit of its rounds lie in the window.
                assert!((watts - 150.0).abs() < 15.0, "{} {watts} W", reading.domain);
                assert!(reading.trace.0.iter().any(|sample| sample.power.watts() > 200.0));
                assert!(reading.trace.0.iter().any(|sample| sample.power.watts() < 100.0));
            }
        },
    );
}

#[test]
fn a_board_in_slices_is_refused_with_the_reason() {
    with("a_board_in_slices_is_refused_with_the_reason", "gpus=1,mig", || {
        let found = instruments();
        assert!(found.cards().iter().all(|card| card.name != "nvml"));
        assert!(found.missing.iter().any(|sentence| sentence.contains("MIG is on")), "{:?}", found.missing);
    });
}

#[test]
fn a_board_shared_with_other_guests_is_refused_with_the_reason() {
    with("a_board_shared_with_other_guests_is_refused_with_the_reason", "gpus=1,vgpu", || {
        let found = instruments();
        assert!(
            found.missing.iter().any(|sentence| sentence.contains("it is a vGPU")),
            "{:?}",
            found.missing
        );
    });
}

#[test]
fn one_board_of_two_that_goes_away_has_no_figure_and_the_other_keeps_its_own() {
    with(
        "one_board_of_two_that_goes_away_has_no_figure_and_the_other_keeps_its_own",
        "gpus=2,period_ms=20,averaging_ms=20,lost=1@0.8",
        || {
            let mut found = instruments();
            let options = found.options().unpadded();
            let (_, measured) = measure(&mut found.meters, Monotonic::start(), options, None, |_| {
                std::thread::sleep(Duration::from_millis(1500));
            })
            .unwrap();
            assert!(measured.readings[0].energy.is_some(), "{:?}", measured.readings[0].null_reason);
            assert_eq!(measured.readings[1].energy, None);
            assert_eq!(measured.readings[1].null_reason, Some(NullReason::Lost));
        },
    );
}

/// What one board says over a second and a half.
fn readings() -> Vec<Reading> {
    let mut found = instruments();
    let options = found.options().unpadded();
    let (_, measured) = measure(&mut found.meters, Monotonic::start(), options, None, |_| {
        std::thread::sleep(Duration::from_millis(1500));
    })
    .unwrap();
    measured.readings
}

#[test]
fn a_board_whose_driver_was_loaded_again_has_no_figure_and_says_why() {
    with(
        "a_board_whose_driver_was_loaded_again_has_no_figure_and_says_why",
        // The counter must be high enough that a thousandth of it is a step back.
        "gpus=1,period_ms=20,averaging_ms=20,watts=500:1,fault=reset:0@0.8",
        || {
            let readings = readings();
            assert_eq!((readings[0].energy, readings[0].null_reason), (None, Some(NullReason::CounterReset)));
        },
    );
}

#[test]
fn a_board_that_cannot_be_read_for_a_second_is_noted_and_its_counter_loses_nothing() {
    with(
        "a_board_that_cannot_be_read_for_a_second_is_noted_and_its_counter_loses_nothing",
        "gpus=1,period_ms=20,averaging_ms=20,watts=200:1,fault=unreadable:0@0.3",
        || {
            let mut found = instruments();
            let options = found.options().unpadded();
            let (_, measured) = measure(&mut found.meters, Monotonic::start(), options, None, |_| {
                std::thread::sleep(Duration::from_millis(2000));
            })
            .unwrap();
            let reading = &measured.readings[0];
            assert_eq!(reading.faults, [Fault::ReadError]);
            let watts = (reading.energy.unwrap() / measured.window.length).watts();
            assert!((watts - 200.0).abs() < 10.0, "{watts}");
        },
    );
}

#[test]
fn boards_without_one_of_the_two_fields_are_read_by_the_other() {
    with(
        "boards_without_one_of_the_two_fields_are_read_by_the_other",
        "gpus=1,period_ms=20,averaging_ms=20,watts=200:1,no_counter",
        || {
            let readings = readings();
            assert_eq!(readings[0].method, Method::Trace);
            assert!(readings[0].energy.is_some(), "{:?}", readings[0].null_reason);
        },
    );
}

#[test]
fn module_and_memory_of_a_board_are_told_apart_and_never_added() {
    with(
        "module_and_memory_of_a_board_are_told_apart_and_never_added",
        "gpus=1,period_ms=20,averaging_ms=20,watts=200:1,module,memory",
        || {
            let found = instruments();
            assert_eq!(found.cards().iter().map(|card| card.domain).collect::<Vec<_>>(), [Domain::Gpu(0)]);
            let sentences = found.missing.join(" ");
            assert!(sentences.contains("module with its processor of gpu_0"), "{sentences}");
            assert!(sentences.contains("memory, a part of the board, of gpu_0"), "{sentences}");
        },
    );
}

#[test]
fn a_board_that_tells_its_module_only_is_refused_for_its_processor_would_be_counted_twice() {
    with(
        "a_board_that_tells_its_module_only_is_refused_for_its_processor_would_be_counted_twice",
        "gpus=1,watts=200:1,module_only",
        || {
            let found = instruments();
            assert!(found.cards().iter().all(|card| card.name != "nvml"));
            let sentences = found.missing.join(" ");
            assert!(
                sentences.contains("GPU 0 is not read: it tells the power of its whole module only"),
                "{sentences}"
            );
        },
    );
}

#[test]
fn a_board_that_updates_otherwise_than_its_make_is_seen_at_start_up() {
    with(
        "a_board_that_updates_otherwise_than_its_make_is_seen_at_start_up",
        "gpus=2,period_ms=20,averaging_ms=20,watts=200:1",
        || {
            let mut found = instruments();
            let known = |found: &Instruments| found.cards()[1].update_period.unwrap();
            assert_eq!(known(&found), Duration::from_millis(100), "as of its make");
            found.find_periods(&Monotonic::start());
            assert!(
                known(&found).abs_diff(Duration::from_millis(20)) < Duration::from_millis(8),
                "{:?}",
                known(&found)
            );
            assert_eq!(found.cards()[1].averaging, None, "25 ms are more than its period");
        },
    );
}

#[test]
fn time_held_back_by_heat_is_counted_over_the_window_and_noted() {
    with(
        "time_held_back_by_heat_is_counted_over_the_window_and_noted",
        "gpus=1,period_ms=20,averaging_ms=20,watts=200:1,slowed=0.25,power_capped=0.005",
        || {
            let mut found = instruments();
            let options = found.options().unpadded();
            let preflight = Preflight::look(&mut found, &Monotonic::start());
            let (_, measured) = measure(&mut found.meters, Monotonic::start(), options, None, |_| {
                std::thread::sleep(Duration::from_millis(1000));
            })
            .unwrap();
            assert_eq!(measured.readings[0].faults, [Fault::Throttled]);
            let conditions = preflight.conclude(&mut found, &measured.held_back, Conditions::default());
            let state = &conditions.accelerators[0];
            let share = state.slowed.unwrap().as_secs_f64() / measured.window.length.as_secs_f64();
            assert!((share - 0.25).abs() < 0.08, "{share}");
            assert_eq!((state.core_clock_mhz, state.memory_clock_mhz), (Some(1980), Some(2619)));
            assert_eq!((state.is_persistent, state.has_ecc), (Some(true), Some(true)));
            assert_eq!(state.power_limit.unwrap().watts(), 700.0);
            assert_eq!(conditions.foreign_accelerator_processes, Some(0));
            assert!(conditions.silent_meters.is_empty());
        },
    );
}

#[test]
fn a_process_of_somebody_else_on_a_board_is_seen_and_a_frozen_board_is_silent() {
    with(
        "a_process_of_somebody_else_on_a_board_is_seen_and_a_frozen_board_is_silent",
        "gpus=2,foreign=1,fault=freeze:1@0",
        || {
            let mut found = instruments();
            let preflight = Preflight::look(&mut found, &Monotonic::start());
            let conditions = preflight.conclude(&mut found, &[], Conditions::default());
            assert_eq!(conditions.foreign_accelerator_processes, Some(1));
            // Its values stand still, but the driver says a new time with each: it answers, and that is all that is known.
            assert_eq!(conditions.silent_meters, []);
        },
    );
}

#[test]
fn the_drivers_clock_is_compared_with_the_machines_and_its_period_is_found() {
    with(
        "the_drivers_clock_is_compared_with_the_machines_and_its_period_is_found",
        "gpus=1,period_ms=50,averaging_ms=50,watts=200:1,ahead_ms=250",
        || {
            let mut found = instruments();
            let (span, pause) = (Duration::from_millis(1500), Duration::from_micros(200));
            let looks = Looks::take(found.meters[0].as_mut(), &Monotonic::start(), span, pause);
            let residual = looks.clock_residual_s().unwrap();
            assert!((residual - 0.25).abs() < 0.02, "{residual}");
            let period = looks.update_period().unwrap();
            assert!(period.abs_diff(Duration::from_millis(50)) < Duration::from_millis(8), "{period:?}");
            assert!(looks.has_power() && looks.read().unwrap() < Duration::from_millis(5));
        },
    );
}
