//! Commands measured on made-up instruments.

use std::path::Path;

use common::meter::{Domain, NullReason};
use common::verdict::{Grade, Reason};

use super::*;

fn tree(root: &Path, microjoules: u64) -> std::path::PathBuf {
    let zone = root.join("intel-rapl:0");
    std::fs::create_dir_all(&zone).unwrap();
    std::fs::write(zone.join("name"), "package-0\n").unwrap();
    std::fs::write(zone.join("max_energy_range_uj"), "262143328850\n").unwrap();
    let counter = zone.join("energy_uj");
    std::fs::write(&counter, format!("{microjoules}\n")).unwrap();
    counter
}

fn measured(root: &Path, repeat: u32, command: &[&str]) -> CommandResult {
    let mut config = meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1);
    config.nvml_library = Some(root.join("none.so"));
    config.powercap_root = root.to_owned();
    let mut instruments = meter::open_all(&config).unwrap();
    let plan = Plan {
        repeat,
        warm_up: 0,
        baseline: Duration::from_millis(50),
        limits: Limits {
            timeout: Duration::ZERO,
            thermal_timeout: Duration::ZERO,
            min_pause: Duration::ZERO,
        },
        options: instruments.options(),
    };
    let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
    measure(&mut instruments, Monotonic::start(), plan, &command).unwrap().0
}

#[test]
fn a_command_during_which_the_counter_wraps_took_what_the_wrap_says() {
    let root = tempfile::tempdir().unwrap();
    let counter = tree(root.path(), 262_143_000_000);
    let script = format!("echo 500000 > {}; sleep 0.05", counter.display());
    let result = measured(root.path(), 1, &["sh", "-c", &script]);
    let found = &result.domains[0];
    assert!((found.energy.unwrap().joules() - 0.828_851).abs() < 1e-6, "{result:?}");
    assert_eq!((found.domain, found.null_reason), (Domain::CpuPackage(0), None));
    assert_eq!(result.machine_energy, found.energy);
    assert!(result.window_s >= 0.05);
}

#[test]
fn a_command_during_which_the_counter_is_set_back_is_rejected_without_a_figure() {
    let root = tempfile::tempdir().unwrap();
    let counter = tree(root.path(), 200_000_000_000);
    let script = format!("echo 1000000 > {}; sleep 0.05", counter.display());
    let result = measured(root.path(), 1, &["sh", "-c", &script]);
    assert_eq!((result.domains[0].energy, result.machine_energy), (None, None));
    assert_eq!(result.domains[0].null_reason, Some(NullReason::CounterReset));
    assert_eq!(result.verdict, Grade::Rejected);
    assert!(result.reasons.contains(&Reason::CounterReset));
}

#[test]
fn the_json_has_the_promised_fields() {
    let root = tempfile::tempdir().unwrap();
    tree(root.path(), 5);
    let json = serde_json::to_value(measured(root.path(), 2, &["sleep", "0.03"])).unwrap();
    let domain = &json["domains"][0];
    assert_eq!(domain["domain"], "cpu_package_0");
    for field in ["energy_j", "uncertainty_j", "net_j"] {
        assert!(domain[field].is_number(), "{field}: {json}");
    }
    assert!(domain["null_reason"].is_null() && json["window_s"].as_f64().unwrap() >= 0.03);
    assert!(json["machine_energy_j"].is_number() && json["reasons"].is_array());
    assert_eq!(json["repetitions"], 2);
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    let root = tempfile::tempdir().unwrap();
    let mut instruments =
        meter::open_all(&meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1)).unwrap();
    let plan = Plan {
        repeat: 1,
        warm_up: 0,
        baseline: Duration::ZERO,
        limits: Limits {
            timeout: Duration::ZERO,
            thermal_timeout: Duration::ZERO,
            min_pause: Duration::ZERO,
        },
        options: instruments.options(),
    };
    let command = [root.path().join("nothing").to_str().unwrap().to_owned()];
    let error = measure(&mut instruments, Monotonic::start(), plan, &command).unwrap_err();
    assert!(error.to_string().contains("nothing cannot be started"), "{error}");
}
