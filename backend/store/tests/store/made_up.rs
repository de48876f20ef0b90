//! Made-up machines, prompts and reports.

use std::num::NonZeroU32;
use std::time::Duration;

use common::api::prompts::Submitted;
use common::carbon::GridIntensity;
use common::lease::Report;
use common::machine::Announcement;
use common::measurement::{Answer, Facts};
use common::needs::Needs;
use common::prompt::{Decoding, Kind, Origin, Task};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::machines::{Caller, NewMachine, Token};
use store::queue::Order;
use store::{Store, grid, machines, queue};
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) const START: OffsetDateTime = datetime!(2026-11-21 00:00:00 UTC);
pub(crate) const MODEL: &str = "demo-1m@a:f32";
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn second(n: u64) -> OffsetDateTime {
    START + Duration::from_secs(n)
}

pub(crate) fn intensity(
    zone: &str,
    intensity_g_per_kwh: f64,
    year: Option<u16>,
    at: Option<&str>,
) -> GridIntensity {
    serde_json::from_value(json!({
        "zone": zone, "zone_name": zone, "intensity_g_per_kwh": intensity_g_per_kwh, "source": "test", "year": year,
        "quality": if at.is_some() { "measured" } else { "static_country_year" },
        "factor_type": "lifecycle", "at": at,
    }))
    .unwrap()
}

pub(crate) fn model(id: &str) -> Value {
    json!({
        "id": id, "name": id.split('@').next(), "family": "llama", "parameters": 1_000_000, "dtype": "f32",
        "bits_per_weight": 32.0, "weight_bytes": 4_000_000, "revision": "a", "weights_sha256": "00",
        "weights": "trained", "context_length": 512,
        "quality": [{"benchmark": "held-out", "score": 0.5, "n": 10, "source": "test"}],
    })
}

fn card(domain: &str) -> Value {
    json!({
        "name": "test", "domain": domain, "label": "simulated", "method": "trace", "boundary": "nothing",
        "update_period_s": null, "resolution_j": 0.001, "gain_uncertainty": 0.1, "power_limit_w": 100.0,
        "version": "1",
    })
}

pub(crate) fn announcement(models: &[&str]) -> Announcement {
    serde_json::from_value(json!({
        "worker_version": "0.1.0",
        "hardware": {"cpu": "Test CPU", "cores": 2, "memory_bytes": 1024, "accelerators": [], "system": "test"},
        "meters": [card("cpu_package_0")], "missing_meters": ["NVML: there is no library."],
        "models": models.iter().map(|id| model(id)).collect::<Vec<_>>(),
    }))
    .unwrap()
}

/// Two repetitions of three tokens that took about `joules` each, with everything that a record can hold.
pub(crate) fn facts(joules: f64) -> Facts {
    let repetition = |joules: f64| {
        json!({
            "output_text": "4, \u{e4}", "finish": "length", "prompt_tokens": 5, "output_tokens": 3,
            "token_times_s": [0.1, 0.200_000_003, 0.3],
            "window": {"body_start_s": 0.25, "body_end_s": 0.75, "length_s": 1.0},
            "readings": [
                {"domain": "cpu_package_0", "label": "simulated", "method": "trace", "energy_j": joules,
                 "null_reason": null, "faults": ["late", "jitter"],
                 "trace": [{"at_s": 0.0, "power_w": 10.1}, {"at_s": 0.5, "power_w": 10.1}, {"at_s": 1.0, "power_w": 9.25}]},
                {"domain": "dram_0", "label": "simulated", "method": "counter", "energy_j": null,
                 "null_reason": "unreadable", "faults": [], "trace": []},
            ],
        })
    };
    serde_json::from_value(json!({
        "method_version": 1,
        "software": {"worker_version": "0.1.0", "engine_version": "test", "device": "none", "threads": 1, "batch": 1},
        "model": model(MODEL),
        "meters": [card("cpu_package_0"), card("dram_0")],
        "started_at": "2026-11-21T00:00:01.000001Z",
        "repetitions": [repetition(joules), repetition(joules + 0.1)],
        "baselines": [{"domain": "cpu_package_0", "before_w": 1.1, "after_w": null},
                      {"domain": "dram_0", "before_w": null, "after_w": null}],
        "overhead": {"load_s": 0.0, "cool_down_s": 1.5, "baseline_s": 1.0, "warm_up_s": 0.2, "warm_up_repetitions": 1},
        "conditions": {"foreign_load": 0.01, "was_calm": true, "temperature_before_c": 40.5,
                       "temperature_after_c": null, "streamed": true},
    }))
    .unwrap()
}

/// The same computed so many times at once.
pub(crate) fn at_once(mut facts: Facts, batch: NonZeroU32) -> Facts {
    facts.software.batch = batch.get();
    for repetition in &mut facts.repetitions {
        let answer = Answer {
            output_text: "four".to_owned(),
            finish: repetition.finish,
            prompt_tokens: repetition.prompt_tokens,
            output_tokens: repetition.output_tokens,
            token_times: repetition.token_times.clone(),
        };
        repetition.others = (1..batch.get()).map(|_| answer.clone()).collect();
    }
    facts
}

pub(crate) fn measured(joules: f64) -> Report {
    Report::Measured { facts: Box::new(facts(joules)) }
}

pub(crate) fn order(text: &str) -> Order<'_> {
    Order {
        text,
        task: Task::Plain,
        conversation: None,
        decoding: Decoding::default(),
        kind: None,
        expected: None,
        origin: Origin::Interactive,
        repetitions: 2,
        batch: NonZeroU32::MIN,
        streamed: true,
        max_attempts: 3,
        needs: Needs::default(),
        submitter: None,
        is_public: false,
        secret_sha256: None,
    }
}

pub(crate) fn campaign_order(text: &str) -> Order<'_> {
    Order {
        origin: Origin::Campaign,
        streamed: false,
        kind: Some(Kind::Math),
        expected: Some("4"),
        ..order(text)
    }
}

/// A store whose grid is known, with one enrolled machine that runs [`MODEL`].
pub(crate) async fn bench(pool: PgPool) -> (Store, Caller) {
    let store = Store::new(pool);
    let world = intensity(grid::WORLD, 480.0, Some(2023), None);
    grid::keep(&store, &[world, intensity("DE", 380.95, Some(2023), None)], START).await.unwrap();
    let caller = enrol(&store, "m1").await;
    machines::announce(&store, &caller, &announcement(&[MODEL]), START).await.unwrap();
    (store, caller)
}

pub(crate) async fn enrol(store: &Store, name: &str) -> Caller {
    enrol_in(store, name, "DE").await
}

pub(crate) async fn enrol_in(store: &Store, name: &str, zone: &str) -> Caller {
    let new = NewMachine {
        name: name.parse().unwrap(),
        zone: zone.parse().unwrap(),
        pue: 1.2,
        embodied: serde_json::from_value(
            json!({"total_g": 181_000.0, "lifetime_s": 126_144_000.0, "source": "test"}),
        )
        .unwrap(),
    };
    let token = Token::new(format!("token-of-{name}"));
    machines::enrol(store, &new, &token, false, START).await.unwrap();
    machines::authenticate(store, &token, START).await.unwrap().unwrap()
}

pub(crate) async fn submit(store: &Store, text: &str) -> Submitted {
    let (prompt_id, run_ids) =
        queue::enqueue(store, &order(text), &[MODEL.parse().unwrap()], START).await.unwrap();
    Submitted { prompt_id, run_ids, secret: String::new() }
}
