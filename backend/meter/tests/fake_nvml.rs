//! NVML as it is really called, against the library that this crate builds in its place.
//!
//! What the library simulates is said in the environment, so each case runs this test binary again with its own.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the failure")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::meter::{Domain, Label, NullReason};
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
