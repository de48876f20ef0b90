//! A worker without an engine: leases, waits a little, and reports figures that it makes up, labelled simulated.
//!
//! Must not: be mistaken for a worker; it exists to be killed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use fastrand::Rng;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http;
use crate::stack::API;

/// The model that it pretends to run.
pub(crate) const MODEL: &str = "fake@0:f32";

/// Whom it serves.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Servers, asked in turn
    #[arg(long, required = true, value_delimiter = ',')]
    servers: Vec<SocketAddr>,
    /// A file that holds its token
    #[arg(long)]
    token_file: PathBuf,
    /// Seed of its moods
    #[arg(long)]
    seed: u64,
}

#[derive(Deserialize)]
struct Lease {
    id: String,
}

/// Works until it is killed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let token = std::fs::read_to_string(&options.token_file).context("the token cannot be read")?;
    let mut dice = Rng::with_seed(options.seed);
    let mut is_announced = false;
    loop {
        let server = options.servers[dice.usize(..options.servers.len())];
        let call = |method: &str, path: &str, body: &Value| -> Result<Value> {
            http::call_as(server, method, &format!("{API}{path}"), Some(token.trim()), &body.to_string())
        };
        if !is_announced {
            is_announced = call("POST", "/worker/announce", &announcement()).is_ok();
        }
        let leased = call("POST", "/leases", &json!({"wait_s": 1.0}));
        let Ok(Some(lease)) = leased.and_then(|value| Ok(serde_json::from_value::<Option<Lease>>(value)?))
        else {
            // There is nothing to do, or the server is away.
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        std::thread::sleep(Duration::from_millis(5 + dice.u64(..60)));
        let renewed = call(
            "POST",
            &format!("/leases/{}/renew", lease.id),
            &json!({"step": {"step": "measuring", "repetition": 1, "of": 1}}),
        );
        if renewed.is_err() && dice.bool() {
            continue;
        }
        let report = match dice.u8(..40) {
            0 => {
                json!({"outcome": "retry", "failure": {"code": "not_calm", "message": "The fake machine was not calm."}})
            }
            1 => {
                json!({"outcome": "reject", "failure": {"code": "made_up", "message": "The fake machine refuses."}})
            }
            _ => json!({"outcome": "measured", "facts": facts()}),
        };
        // Sent until it is heard: twice counts once.
        for _ in 0..20 {
            if call("PUT", &format!("/leases/{}/report", lease.id), &report).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn model() -> Value {
    json!({
        "id": MODEL, "name": "fake", "family": "none", "parameters": 1, "dtype": "f32", "bits_per_weight": 32.0,
        "weight_bytes": 4, "revision": "0", "weights_sha256": "00", "weights": "random", "context_length": 512,
        "quality": [],
    })
}

fn card() -> Value {
    json!({
        "name": "fake", "domain": "cpu_package_0", "label": "simulated", "method": "trace", "boundary": "nothing",
        "update_period_s": 0.1, "resolution_j": 0.001, "gain_uncertainty": 0.1, "power_limit_w": 100.0, "version": null,
    })
}

fn announcement() -> Value {
    json!({
        "worker_version": "fake",
        "hardware": {"cpu": "fake", "cores": 1, "memory_bytes": 1024, "accelerators": [], "system": "fake"},
        "meters": [card()], "missing_meters": [], "models": [model()],
    })
}

/// What it says of an answer of three tokens.
pub(crate) fn facts() -> Value {
    json!({
        "method_version": 1,
        "software": {"worker_version": "fake", "engine_version": "fake", "device": "none", "threads": 1, "batch": 1},
        "model": model(), "meters": [card()], "started_at": "2026-01-01T00:00:00Z",
        "repetitions": [{
            "output_text": "made up", "finish": "stop", "prompt_tokens": 5, "output_tokens": 3,
            "token_times_s": [0.1, 0.2, 0.3],
            "window": {"body_start_s": 0.0, "body_end_s": 0.4, "length_s": 0.4},
            "readings": [{
                "domain": "cpu_package_0", "label": "simulated", "method": "trace", "energy_j": 4.0, "null_reason": null,
                "faults": [], "trace": [{"at_s": 0.0, "power_w": 10.0}, {"at_s": 0.2, "power_w": 10.0}, {"at_s": 0.4, "power_w": 10.0}],
            }],
        }],
        "baselines": [{"domain": "cpu_package_0", "before_w": 1.0, "after_w": 1.0}],
        "overhead": {"load_s": 0.0, "cool_down_s": 0.0, "baseline_s": 0.0, "warm_up_s": 0.0, "warm_up_repetitions": 0},
        "conditions": {"foreign_load": 0.0, "was_calm": true, "temperature_before_c": null, "temperature_after_c": null,
                       "streamed": true},
    })
}
