//! `jouleboard-worker measure`, `meters` and `characterise` as an operator calls them: the built program, against a library
//! that stands in for NVIDIA's and a powercap tree that advances.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the failure")]

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Cargo builds examples beside the tests.
fn library() -> PathBuf {
    let tests = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    let library = tests.join("examples/libfake_nvml.so");
    assert!(
        library.exists(),
        "build it first: cargo build --release -p engine -p meter -p worker --examples"
    );
    library
}

/// A package whose counter advances at a steady power until it is dropped.
struct Package {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Package {
    fn at(root: &Path, watts: f64, from: u64, modulus: u64) -> Self {
        let zone = root.join("intel-rapl:0");
        fs::create_dir_all(&zone).unwrap();
        fs::write(zone.join("name"), "package-0\n").unwrap();
        fs::write(zone.join("max_energy_range_uj"), format!("{}\n", modulus - 1)).unwrap();
        let path = zone.join("energy_uj");
        fs::write(&path, format!("{from:020}\n")).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            #[expect(clippy::disallowed_methods, reason = "a test plays the kernel's counter")]
            let start = Instant::now();
            while !over.load(Ordering::Relaxed) {
                #[expect(clippy::as_conversions, reason = "whole microjoules")]
                let counted = (watts * start.elapsed().as_secs_f64() * 1e6) as u64;
                // In place and of one length, so that no reader sees half a number.
                file.write_all_at(format!("{:020}\n", (from + counted) % modulus).as_bytes(), 0).unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self { is_over, thread: Some(thread) }
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn worker(root: &Path, fake: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jouleboard-worker"))
        .args(args)
        .env("JOULEBOARD_NVML_LIB", library())
        .env("JOULEBOARD_FAKE_NVML", fake)
        .env("JOULEBOARD_POWERCAP_ROOT", root.join("powercap"))
        .env("JOULEBOARD_HWMON_ROOT", root.join("hwmon"))
        .env("JOULEBOARD_STATE_DIR", root.join("state"))
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr));
    })
}

const QUICK: [&str; 6] = ["--json", "--baseline-s", "0.5", "--calm-timeout-s", "0", "--"];

fn measured(root: &Path, fake: &str, command: &[&str]) -> Value {
    json(&worker(root, fake, &[&["measure"], &QUICK[..], command].concat()))
}

fn domain<'a>(found: &'a Value, name: &str) -> &'a Value {
    found["domains"].as_array().unwrap().iter().find(|domain| domain["domain"] == name).unwrap()
}

fn reasons(found: &Value) -> Vec<String> {
    found["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap().to_owned()).collect()
}

#[test]
fn two_boards_and_a_package_are_measured_apart_and_summed_by_name() {
    let root = tempfile::tempdir().unwrap();
    let _package = Package::at(&root.path().join("powercap"), 40.0, 1_000_000, 262_143_328_851);
    let fake = "gpus=2,period_ms=20,averaging_ms=20,watts=150:1";
    let found = measured(root.path(), fake, &["sleep", "1.5"]);
    let window = found["window_s"].as_f64().unwrap();
    assert!((1.5..4.0).contains(&window), "{window}");
    let mut sum = 0.0;
    for (name, watts) in [("gpu_0", 150.0), ("gpu_1", 150.0), ("cpu_package_0", 40.0)] {
        let domain = domain(&found, name);
        let energy = domain["energy_j"].as_f64().unwrap();
        assert!((energy / (watts * window) - 1.0).abs() < 0.05, "{name}: {energy} J in {window} s: {found}");
        assert!(
            domain["null_reason"].is_null() && domain["uncertainty_j"].as_f64().unwrap() > 0.0,
            "{domain}"
        );
        // Steady power is idle power: there is next to nothing net of it.
        assert!(domain["net_j"].as_f64().unwrap().abs() < 0.1 * energy, "{domain}");
        sum += energy;
    }
    assert!((found["machine_energy_j"].as_f64().unwrap() - sum).abs() < 1e-6, "{found}");
    assert_ne!(found["verdict"], "valid", "{found}");
    assert!(reasons(&found).contains(&"simulated".to_owned()), "{found}");
}

#[test]
fn a_package_counter_that_wraps_meanwhile_loses_nothing() {
    let root = tempfile::tempdir().unwrap();
    // 60 J before its end, 40 W: it wraps 1.5 s after the start, while the command runs.
    let modulus = 262_143_328_851;
    let _package = Package::at(&root.path().join("powercap"), 40.0, modulus - 60_000_000, modulus);
    let found = measured(root.path(), "gpus=0", &["sleep", "3"]);
    let (package, window) = (domain(&found, "cpu_package_0"), found["window_s"].as_f64().unwrap());
    let energy = package["energy_j"].as_f64().unwrap();
    assert!((energy / (40.0 * window) - 1.0).abs() < 0.05, "{found}");
    assert!(!reasons(&found).contains(&"counter_reset".to_owned()), "{found}");
}

#[test]
fn one_board_of_two_that_is_lost_leaves_no_sum_and_rejects_the_measurement() {
    let root = tempfile::tempdir().unwrap();
    let fake = "gpus=2,period_ms=20,averaging_ms=20,watts=150:1,lost=1@2";
    let found = measured(root.path(), fake, &["sleep", "3"]);
    assert!(domain(&found, "gpu_0")["energy_j"].is_number(), "{found}");
    let lost = domain(&found, "gpu_1");
    assert!(lost["energy_j"].is_null() && lost["net_j"].is_null(), "{found}");
    assert_eq!(lost["null_reason"], "lost", "{found}");
    assert!(found["machine_energy_j"].is_null(), "a part of a sum is not the sum: {found}");
    assert_eq!(found["verdict"], "rejected");
    assert!(reasons(&found).contains(&"device_lost".to_owned()), "{found}");
}

#[test]
fn boards_held_back_by_heat_are_to_be_measured_again() {
    let root = tempfile::tempdir().unwrap();
    let fake = "gpus=1,period_ms=20,averaging_ms=20,watts=150:1,slowed=0.3,foreign=1";
    let found = measured(root.path(), fake, &["sleep", "0.5"]);
    assert_eq!(found["verdict"], "redo", "{found}");
    let reasons = reasons(&found);
    assert!(reasons.contains(&"throttled".to_owned()), "{found}");
    assert!(reasons.contains(&"foreign_on_accelerator".to_owned()), "{found}");
}

#[test]
fn an_amd_board_of_the_hardware_monitor_is_measured_by_its_power() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("hwmon/hwmon0");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in [("name", "amdgpu"), ("power1_input", "75000000"), ("power1_cap", "300000000")] {
        fs::write(folder.join(name), text).unwrap();
    }
    let found = measured(root.path(), "gpus=0", &["sleep", "1"]);
    let board = domain(&found, "gpu_0");
    let expected = 75.0 * found["window_s"].as_f64().unwrap();
    assert!((board["energy_j"].as_f64().unwrap() / expected - 1.0).abs() < 0.02, "{found}");
    assert_eq!(board["label"], "measured");
}

#[test]
fn the_commands_own_output_and_failure_do_not_mix_with_the_result() {
    let root = tempfile::tempdir().unwrap();
    let output = worker(
        root.path(),
        "gpus=1,period_ms=20,averaging_ms=20",
        &[&["measure", "--repeat", "2"], &QUICK[..], &["sh", "-c", "echo hello; exit 7"]].concat(),
    );
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(json(&output)["repetitions"], 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("hello"));
}

/// What the issue promises of every object, whatever else it holds.
fn assert_promised(found: &Value) {
    for key in ["window_s", "domains", "machine_energy_j", "verdict", "reasons"] {
        assert!(found.get(key).is_some(), "{key}: {found}");
    }
    assert!(found["window_s"].is_number() && found["verdict"].is_string(), "{found}");
    for domain in found["domains"].as_array().unwrap() {
        for key in ["domain", "energy_j", "uncertainty_j", "net_j", "null_reason"] {
            assert!(domain.get(key).is_some(), "{key}: {domain}");
        }
        assert_ne!(
            domain["energy_j"].is_null(),
            domain["null_reason"].is_null(),
            "a figure or a reason: {domain}"
        );
    }
    reasons(found);
}

#[test]
fn every_result_has_the_promised_keys_whatever_became_of_the_command_and_the_meters() {
    let root = tempfile::tempdir().unwrap();
    let run = |fake: &str, more: &[&str], command: &[&str]| {
        let output = worker(root.path(), fake, &[&["measure"], more, &QUICK[..], command].concat());
        let found = json(&output);
        assert_promised(&found);
        (found, output.status.code())
    };
    let board = "gpus=1,period_ms=20,averaging_ms=20,watts=100:1";
    assert_eq!(run(board, &[], &["true"]).1, Some(0));
    assert_eq!(run(board, &["--repeat", "3"], &["sh", "-c", "exit 3"]).1, Some(3));
    assert_eq!(run(board, &[], &["sh", "-c", "kill -9 $$"]).1, Some(137), "as a shell says it of a signal");
    let (modelled, _) = run("gpus=0", &[], &["sleep", "0.1"]);
    assert_eq!(
        domain(&modelled, "cpu_package_0")["label"],
        "modelled",
        "there is no meter at all: {modelled}"
    );
    assert!(reasons(&modelled).contains(&"modelled".to_owned()), "{modelled}");
    let (lost, _) = run("gpus=1,period_ms=20,averaging_ms=20,lost=0@0", &[], &["true"]);
    assert_ne!(lost["verdict"], "valid", "{lost}");
    let (sliced, _) = run("gpus=1,mig", &[], &["true"]);
    assert!(
        domain(&sliced, "gpu_0")["energy_j"].is_null() && sliced["machine_energy_j"].is_null(),
        "{sliced}"
    );
}

#[test]
fn a_counter_that_may_not_be_read_is_null_with_its_reason_and_leaves_no_sum() {
    let root = tempfile::tempdir().unwrap();
    let _package = Package::at(&root.path().join("powercap"), 40.0, 1_000_000, 262_143_328_851);
    let other = root.path().join("powercap/intel-rapl:1");
    // Root may read any file; nobody may read a folder as one.
    fs::create_dir_all(other.join("energy_uj")).unwrap();
    fs::write(other.join("name"), "package-1\n").unwrap();
    let found = measured(root.path(), "gpus=0", &["sleep", "0.5"]);
    assert_promised(&found);
    let denied = domain(&found, "cpu_package_1");
    assert_eq!(
        (denied["energy_j"].is_null(), denied["null_reason"].as_str()),
        (true, Some("unreadable")),
        "{found}"
    );
    assert!(domain(&found, "cpu_package_0")["energy_j"].is_number(), "{found}");
    assert!(found["machine_energy_j"].is_null(), "a part of a sum is not the sum: {found}");
    assert!(reasons(&found).contains(&"read_error".to_owned()), "{found}");
    assert!(found["missing_meters"].to_string().contains("read access"), "{found}");
}

#[test]
fn a_net_energy_that_is_not_told_from_nothing_is_said_to_be_uncertain() {
    let root = tempfile::tempdir().unwrap();
    let _package = Package::at(&root.path().join("powercap"), 40.0, 1_000_000, 262_143_328_851);
    let found = measured(root.path(), "gpus=0", &["sleep", "1"]);
    assert!(reasons(&found).contains(&"wide_interval".to_owned()), "steady power is idle power: {found}");
    assert!(domain(&found, "cpu_package_0")["net_uncertainty_j"].as_f64().unwrap() > 0.0, "{found}");
}

#[test]
fn a_program_that_is_not_there_and_one_that_may_not_be_run_end_as_in_a_shell() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("no-program");
    fs::write(&file, "nothing").unwrap();
    let ended = |program: &str| {
        let output = worker(root.path(), "gpus=0", &[&["measure"], &QUICK[..], &[program]].concat());
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be started"), "{output:?}");
        output.status.code()
    };
    assert_eq!(ended("/nonexistent/program"), Some(127));
    assert_eq!(ended(file.to_str().unwrap()), Some(126));
}

#[test]
fn the_averaging_window_of_a_board_that_feels_the_load_is_found() {
    let root = tempfile::tempdir().unwrap();
    let fake = "gpus=1,period_ms=100,averaging_ms=25,watts=60:1,busy_watts=150";
    let args =
        ["characterise", "--json", "--looking-s", "1.5", "--idle-s", "0.5", "--load-s", "1", "--trials", "2"];
    let cards = json(&worker(root.path(), fake, &args));
    let (card, found) = (&cards[0], &cards[0]["characterised"]);
    // A machine that is too busy for its load to be felt resolves nothing; what is told is right.
    let Some(window) = found["averaging_s"].as_f64() else {
        return assert!(found["averaging_half_width_s"].is_null(), "{found}");
    };
    assert!((window - 0.025).abs() < 0.01, "{found}");
    assert!(found["averaging_half_width_s"].as_f64().unwrap() < 0.01, "{found}");
    assert_eq!(
        card["averaging_s"], found["averaging_s"],
        "what was found replaces what is known of the make"
    );
}

#[test]
fn what_is_characterised_is_kept_and_every_later_card_carries_it() {
    let root = tempfile::tempdir().unwrap();
    let fake = "gpus=2,period_ms=50,averaging_ms=50,watts=120:1,ahead_ms=40";
    let args = [
        "characterise",
        "--json",
        "--no-waves",
        "--looking-s",
        "1",
        "--idle-s",
        "1",
        "--load-s",
        "2",
        "--trials",
        "2",
    ];
    let cards = json(&worker(root.path(), fake, &args));
    assert_eq!(cards.as_array().unwrap().len(), 2, "{cards}");
    for card in cards.as_array().unwrap() {
        let found = &card["characterised"];
        let period = found["update_period_s"].as_f64().unwrap();
        assert!((period - 0.05).abs() < 0.02, "{found}");
        assert!((found["idle_power_w"].as_f64().unwrap() - 120.0).abs() < 6.0, "{found}");
        assert!(found["counter_bias"].as_f64().unwrap().abs() < 0.03, "{found}");
        assert!((found["clock_residual_s"].as_f64().unwrap() - 0.04).abs() < 0.02, "{found}");
        assert!(found["gain_error"].is_null(), "there was no reference");
        assert!(found["sampler_core_share"].as_f64().unwrap() < 0.5, "{found}");
    }
    let shown = String::from_utf8(worker(root.path(), fake, &["meters"]).stdout).unwrap();
    assert_eq!(shown.matches("clock_residual_s").count(), 2, "{shown}");
    // Another driver is another instrument: what was found of this one says nothing of it.
    let other =
        String::from_utf8(worker(root.path(), &format!("{fake},driver=999.1"), &["meters"]).stdout).unwrap();
    assert_eq!(other.matches("clock_residual_s").count(), 0, "{other}");
}
