//! A worker that speaks HTTP and makes its figures up.

use std::time::Duration;

use common::api::leases::{AskLease, RenewLease, SendProgress, SendReport};
use common::lease::{Lease, LiveToken, Report, Step};
use common::machine::Announcement;
use common::measurement::Facts;
use serde_json::{Value, json};

pub(crate) fn model(id: &str) -> Value {
    let dtype = id.rsplit(':').next().unwrap();
    json!({
        "id": id, "name": "demo-1m", "family": "llama", "parameters": 1_000_000, "dtype": dtype,
        "bits_per_weight": 32.0, "weight_bytes": 4_000_000, "revision": "a", "weights_sha256": "00",
        "weights": "trained", "context_length": 512,
        "quality": [{"benchmark": "held-out", "score": 0.5, "n": 10, "source": "test"}],
    })
}

pub(crate) fn announcement(models: &[&str]) -> Announcement {
    serde_json::from_value(json!({
        "worker_version": "0.1.0",
        "hardware": {"cpu": "Test CPU", "cores": 2, "memory_bytes": 1024, "accelerators": [], "system": "test"},
        "meters": [meter_card()],
        "missing_meters": ["NVML: there is no library."],
        "models": models.iter().map(|id| model(id)).collect::<Vec<_>>(),
    }))
    .unwrap()
}

fn meter_card() -> Value {
    json!({
        "name": "test", "domain": "cpu_package_0", "label": "simulated", "method": "trace",
        "boundary": "nothing", "update_period_s": 0.1, "resolution_j": 0.001, "gain_uncertainty": 0.1,
        "power_limit_w": 100.0, "version": null,
    })
}

/// The report of an answer of three tokens that took `joules`.
pub(crate) fn facts(model_id: &str, joules: f64) -> Facts {
    serde_json::from_value(json!({
        "method_version": 1,
        "software": {"worker_version": "0.1.0", "engine_version": "test", "device": "none", "threads": 1, "batch": 1},
        "model": model(model_id),
        "meters": [meter_card()],
        "started_at": "2026-11-21T00:00:00.000001Z",
        "repetitions": [{
            "output_text": "4, \u{e4}", "finish": "stop", "prompt_tokens": 5, "output_tokens": 3,
            "token_times_s": [0.1, 0.2, 0.3],
            "window": {"body_start_s": 0.0, "body_end_s": 0.4, "length_s": 0.4},
            "readings": [{
                "domain": "cpu_package_0", "label": "simulated", "method": "trace", "energy_j": joules,
                "null_reason": null, "faults": ["late"],
                "trace": [{"at_s": 0.0, "power_w": 10.0}, {"at_s": 0.2, "power_w": 20.5}, {"at_s": 0.4, "power_w": 9.25}],
            }],
        }],
        "baselines": [{"domain": "cpu_package_0", "before_w": 1.0, "after_w": null}],
        "overhead": {"load_s": 0.0, "cool_down_s": 1.5, "baseline_s": 1.0, "warm_up_s": 0.2, "warm_up_repetitions": 1},
        "conditions": {"foreign_load": 0.01, "was_calm": true, "temperature_before_c": 40.5,
                       "temperature_after_c": null, "streamed": true},
    }))
    .unwrap()
}

pub(crate) fn ask(wait_s: f64) -> AskLease {
    AskLease { wait: Duration::from_secs_f64(wait_s) }
}

pub(crate) fn renew(lease: &Lease, step: Step) -> RenewLease {
    RenewLease { id: Some(lease.id), step }
}

pub(crate) fn progress(lease: &Lease, text: &str) -> SendProgress {
    let token = LiveToken { index: 0, text: text.to_owned(), at: Duration::from_millis(10) };
    SendProgress { id: Some(lease.id), tokens: vec![token], samples: Vec::new() }
}

pub(crate) fn report(lease: &Lease, facts: Facts) -> SendReport {
    SendReport { id: Some(lease.id), report: Report::Measured { facts: Box::new(facts) } }
}
