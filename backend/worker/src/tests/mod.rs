//! The worker against a stub server, with the tiny engine and a replay meter: whole Leases.

mod quiet;
pub(crate) mod stub;
mod wall;

use std::path::Path;
use std::time::Duration;

use common::lease::Report;
use common::measurement::Facts;
use common::meter::Label;
use common::protocol::Protocol;
use common::verdict::{Reason, Verdict};
use meter::replay::{Replay, Script};
use meter::{Instruments, Monotonic};
use serde_json::{Value, json};

use self::stub::{Call, Stub};
use crate::client::{Client, Token};
use crate::control::Controls;
use crate::cooldown::{Gate, Limits};
use crate::error::Error;
use crate::hub::Hub;
use crate::lease_loop::{Protocols, Settings, Worker};
use crate::models::Shelf;
use crate::outbox::{Delivery, Outbox};
use crate::source::Opening;
use crate::state::State;
use crate::stop::Stop;

const ID: &str = "00000000-0000-0000-0000-00000000000";

fn shelf(root: &Path) -> Shelf {
    engine::tiny::write(root, 7).unwrap();
    let opening = Opening { threads: Some(1), ..Opening::default() };
    Shelf::fill(&[root.to_str().unwrap().parse().unwrap()], opening, &Hub::nowhere(), &mut ()).ok().unwrap()
}

/// The same with idle power read for moments; before and after differ, as a quiet Run's do.
fn hurried(protocol: Protocol) -> Protocol {
    let (idle_before, idle_after) = (Duration::from_millis(90), Duration::from_millis(60));
    Protocol {
        idle_before,
        idle_after,
        least_warm_ups: 1,
        most_warm_ups: protocol.most_warm_ups.min(2),
        least_together: protocol.least_together.min(Duration::from_millis(60)),
        ..protocol
    }
}

fn worker(stub: &Stub, root: &Path) -> Worker {
    let instruments = Instruments::alone(vec![Box::new(Replay::new(Script::constant(50.0)))]);
    let options = instruments.options();
    Worker {
        client: Client::new(&stub.address, Token::new("secret"), Duration::from_secs(10)),
        outbox: Outbox::open(Some(root.join("outbox")), &stub.address).unwrap(),
        clock: Monotonic::start(),
        stop: Stop::default(),
        instruments,
        shelf: shelf(root),
        gate: Gate::default(),
        state: State::default(),
        controls: Controls::default(),
        settings: Settings {
            limits: Limits {
                timeout: Duration::from_secs(5),
                thermal_timeout: Duration::from_secs(5),
                min_pause: Duration::ZERO,
            },
            protocol: Protocols { watched: hurried(Protocol::WATCHED), quiet: hurried(Protocol::QUIET) },
            options,
            control_every: None,
        },
    }
}

/// A Lease as the server would hand it out.
fn lease(model: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut lease = json!({
        "id": format!("{ID}1"), "run_id": format!("{ID}2"), "machine_id": format!("{ID}3"),
        "model_id": model,
        "prompt": {
            "text": "What is 2 plus 2?", "task": "plain", "kind": null, "expected": null,
            "decoding": { "max_output_tokens": 12, "temperature": 0.0, "top_p": 1.0, "seed": 0 },
        },
        "repetitions": 2, "streamed": false, "attempt": 1,
        "expires_at": "2026-01-01T00:00:00Z", "lasts_s": 60.0,
    });
    change(&mut lease);
    lease
}

/// Answers as a server that is content with everything.
fn content(call: &Call, lease: &Value) -> (u16, Value) {
    match call.path.rsplit('/').next().unwrap() {
        "leases" => (200, lease.clone()),
        "renew" => (200, json!({ "lasts_s": 60.0 })),
        "progress" => (204, Value::Null),
        "report" => (200, json!({ "state": "measured" })),
        other => panic!("unexpected call of {other}"),
    }
}

fn model_id(root: &Path) -> String {
    shelf(root).models()[0].id.to_string()
}

/// Serves one Lease and returns what the stub saw.
fn one_lease(
    change: impl FnOnce(&mut Value),
    mut answer: impl FnMut(&Call, &Value) -> (u16, Value) + Send + 'static,
) -> (Stub, Result<(), Error>) {
    let root = tempfile::tempdir().unwrap();
    let lease = lease(&model_id(root.path()), change);
    let stub = Stub::start(move |call| answer(call, &lease));
    let outcome = worker(&stub, root.path()).work(true);
    (stub, outcome)
}

fn report(stub: &Stub) -> Report {
    let calls = stub.calls("/report");
    assert_eq!(calls.len(), 1, "one report ends a lease");
    assert_eq!((calls[0].method.as_str(), calls[0].token.as_str()), ("PUT", "Bearer secret"));
    serde_json::from_value(calls[0].body.clone()).unwrap()
}

fn facts(stub: &Stub) -> Facts {
    match report(stub) {
        Report::Measured { facts } => *facts,
        other => panic!("not measured: {other:?}"),
    }
}

#[test]
fn a_whole_lease_becomes_a_record_that_does_not_contradict_itself() {
    let (stub, outcome) = one_lease(|_| {}, content);
    outcome.unwrap();
    let facts = facts(&stub);
    facts.check().unwrap();
    assert_eq!(facts.repetitions.len(), 2);
    for repetition in &facts.repetitions {
        assert!(repetition.output_tokens > 0 && repetition.prompt_tokens > 0);
        let (reading, window) = (&repetition.readings[0], repetition.window);
        let expected = 50.0 * window.length.as_secs_f64();
        let found = reading.energy.unwrap().joules();
        assert!((found / expected - 1.0).abs() < 0.05, "{found} J instead of {expected} J");
        assert!(window.body() >= *repetition.token_times.last().unwrap());
    }
    assert_eq!(facts.repetitions[0].output_text, facts.repetitions[1].output_text, "greedy answers repeat");
    assert!(facts.overhead.warm_up_repetitions >= 1 && facts.overhead.warm_up > Duration::ZERO);
    let baseline = facts.baselines[0];
    assert!((baseline.before.unwrap().watts() - 50.0).abs() < 1.0, "{baseline:?}");
    assert!(facts.conditions.was_calm && !facts.conditions.streamed);
    assert_eq!((facts.conditions.attempt, facts.conditions.control.as_ref()), (Some(1), None));
    assert_eq!(facts.meters[0].label, Label::Simulated);
    let computing = facts.software.computing.as_ref().unwrap();
    assert!(facts.software.device.ends_with(&computing.kernels), "the CPU is named with its kernels");
    assert_eq!(
        (&computing.decode, &computing.tuned),
        (&None, &Some(vec![])),
        "a CPU records and tries nothing"
    );
    let mut reasons = Verdict::on(&facts).reasons;
    // However busy the machine that tests are run on.
    reasons.retain(|reason| *reason != Reason::LateSampler);
    assert_eq!(reasons, [Reason::Simulated]);
}

#[test]
fn an_idle_worker_does_its_control_workload_once_in_its_time_and_only_where_an_instrument_reads() {
    let root = tempfile::tempdir().unwrap();
    let stub = Stub::start(|_| (204, Value::Null));
    let mut worker = worker(&stub, root.path());
    worker.settings.control_every = Some(Duration::from_secs(3600));
    worker.control();
    assert_eq!(worker.controls.told(), None, "a replay is simulated");
    let read = Replay::new(Script::constant(50.0)).labelled(Label::Measured);
    worker.instruments.meters = vec![Box::new(read)];
    worker.control();
    worker.control();
    let told = worker.controls.told().unwrap();
    assert_eq!((told.n, told.energy_spread), (1, None), "the second is not due yet");
    assert_eq!(told.model_id, worker.shelf.models()[0].id);
    worker.settings.control_every = None;
    assert!(stub.calls("/renew").is_empty(), "it is nobody's lease");
}

#[test]
fn a_batch_is_one_window_with_an_answer_and_times_for_each_sequence() {
    let (stub, outcome) = one_lease(
        |lease| {
            lease["batch"] = 3.into();
            lease["streamed"] = true.into();
            lease["prompt"]["decoding"]["temperature"] = 1.0.into();
        },
        content,
    );
    outcome.unwrap();
    let facts = facts(&stub);
    facts.check().unwrap();
    assert_eq!(facts.software.batch, 3);
    for repetition in &facts.repetitions {
        let answers: Vec<_> = repetition.answers().collect();
        assert_eq!(answers.len(), 3);
        assert!(answers.iter().all(|answer| answer.output_tokens > 0));
        assert!(answers.iter().any(|answer| answer.output_text != answers[0].output_text), "seeds differ");
        assert_eq!(repetition.readings.len(), 1, "one window for all");
    }
    // Watchers see one answer, whole and once.
    let told: usize =
        stub.calls("/progress").iter().map(|call| call.body["tokens"].as_array().unwrap().len()).sum();
    assert_eq!(u32::try_from(told).unwrap(), facts.repetitions[0].output_tokens);
}

#[test]
fn every_step_is_told_in_order_and_nothing_is_sent_inside_a_quiet_window() {
    let (stub, outcome) = one_lease(|_| {}, content);
    outcome.unwrap();
    let steps: Vec<String> = stub
        .calls("/renew")
        .iter()
        .map(|call| call.body["step"]["step"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(steps, ["baseline", "warming_up", "measuring", "measuring", "baseline", "reporting"]);
    assert!(stub.calls("/progress").is_empty());
}

#[test]
fn a_lost_lease_drops_the_run_without_a_report() {
    let (stub, outcome) = one_lease(
        |_| {},
        |call, lease| {
            let is_lost = call.path.ends_with("/renew") && call.body["step"]["step"] == "measuring";
            if is_lost {
                return (409, json!({ "code": "lease_not_current", "message": "another machine has it" }));
            }
            content(call, lease)
        },
    );
    outcome.unwrap();
    assert!(stub.calls("/report").is_empty());
    assert_eq!(stub.calls("/renew").len(), 3, "nothing is done after the loss");
}

#[test]
fn a_report_is_sent_until_it_is_delivered_and_is_the_same_each_time() {
    let mut failures = 3;
    let (stub, outcome) = one_lease(
        |_| {},
        move |call, lease| {
            if call.path.ends_with("/report") && failures > 0 {
                failures -= 1;
                return (503, json!({}));
            }
            content(call, lease)
        },
    );
    outcome.unwrap();
    let sent: Vec<String> = stub.calls("/report").into_iter().map(|call| call.raw).collect();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|raw| *raw == sent[0]));
}

#[test]
fn a_report_that_was_not_delivered_is_sent_by_the_next_worker() {
    let root = tempfile::tempdir().unwrap();
    let model = model_id(root.path());
    let lease = lease(&model, |_| {});
    let (lease_id, mut failures) = (lease["id"].as_str().unwrap().parse().unwrap(), 3);
    let stub = Stub::start(move |call| {
        if call.path.ends_with("/report") && failures > 0 {
            failures -= 1;
            return (503, json!({}));
        }
        content(call, &lease)
    });
    let mut first = worker(&stub, root.path());
    first.work(true).unwrap();
    let Report::Measured { facts } = serde_json::from_value(stub.calls("/report")[0].body.clone()).unwrap()
    else {
        panic!("not measured")
    };
    assert!(
        std::fs::read_dir(root.path().join("outbox")).unwrap().next().is_none(),
        "delivered, so not kept"
    );

    let mut failures = 3;
    let stub = Stub::start(move |call| {
        let is_down = call.path.ends_with("/report") && failures > 0;
        failures -= i32::from(is_down);
        if is_down { (503, json!({})) } else { (200, json!({"state": "measured"})) }
    });
    let (client, stop) =
        (Client::new(&stub.address, Token::new("secret"), Duration::from_secs(10)), Stop::default());
    stop.ask();
    let outbox = Outbox::open(Some(root.path().join("outbox")), &stub.address).unwrap();
    let delivery = outbox.deliver(&client, &Monotonic::start(), &stop, lease_id, Report::Measured { facts });
    assert!(matches!(delivery, Delivery::GivenUp(_)), "{delivery:?}");
    Outbox::open(Some(root.path().join("outbox")), "http://elsewhere").unwrap().send_kept(&client);
    assert_eq!(stub.calls("/report").len(), 3, "another server is not told");
    Outbox::open(Some(root.path().join("outbox")), &stub.address).unwrap().send_kept(&client);
    let sent = stub.calls("/report");
    assert_eq!(sent.len(), 4);
    let answers = |call: &Call| call.body["facts"]["repetitions"][0]["output_text"].clone();
    assert_eq!((&sent[3].path, answers(&sent[3])), (&sent[0].path, answers(&sent[0])));
    assert!(std::fs::read_dir(root.path().join("outbox")).unwrap().next().is_none());
}

#[test]
fn a_report_that_is_refused_is_not_sent_again() {
    let (stub, outcome) = one_lease(
        |_| {},
        |call, lease| {
            if call.path.ends_with("/report") {
                return (409, json!({ "code": "lease_not_current", "message": "too late" }));
            }
            content(call, lease)
        },
    );
    outcome.unwrap();
    assert_eq!(stub.calls("/report").len(), 1);
}

#[test]
fn a_prompt_longer_than_the_context_is_rejected_for_good() {
    let (stub, outcome) = one_lease(|lease| lease["prompt"]["text"] = json!("word ".repeat(1600)), content);
    outcome.unwrap();
    match report(&stub) {
        Report::Reject { failure } => assert_eq!(failure.code, "prompt_too_long"),
        other => panic!("not rejected: {other:?}"),
    }
}

#[test]
fn a_model_that_is_not_here_is_given_back() {
    let (stub, outcome) = one_lease(|lease| lease["model_id"] = json!("other@1:f32"), content);
    outcome.unwrap();
    match report(&stub) {
        Report::Retry { failure } => assert_eq!(failure.code, "model_not_here"),
        other => panic!("not given back: {other:?}"),
    }
}

#[test]
fn a_watched_run_streams_every_token_once_and_in_order_with_power() {
    let (stub, outcome) = one_lease(
        |lease| {
            lease["streamed"] = json!(true);
            lease["repetitions"] = json!(1);
            lease["prompt"]["decoding"]["max_output_tokens"] = json!(200);
        },
        content,
    );
    outcome.unwrap();
    let facts = facts(&stub);
    assert!(facts.conditions.streamed);
    let batches = stub.calls("/progress");
    let indices: Vec<u64> = batches
        .iter()
        .flat_map(|call| call.body["tokens"].as_array().unwrap().clone())
        .map(|token| token["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indices, (0..u64::from(facts.repetitions[0].output_tokens)).collect::<Vec<_>>());
    let samples: Vec<Value> =
        batches.iter().flat_map(|call| call.body["samples"].as_array().unwrap().clone()).collect();
    assert!(!samples.is_empty());
    assert_eq!((&samples[0]["domain"], &samples[0]["power_w"]), (&json!("machine"), &json!(50.0)));
}

#[test]
fn a_worker_that_is_asked_to_stop_hands_the_lease_back_without_an_attempt() {
    let root = tempfile::tempdir().unwrap();
    let lease = lease(&model_id(root.path()), |_| {});
    let stop = Stop::default();
    let asked = stop.clone();
    let stub = Stub::start(move |call| {
        if call.body["step"]["step"] == "warming_up" {
            asked.ask();
        }
        content(call, &lease)
    });
    let mut worker = worker(&stub, root.path());
    worker.stop = stop;
    worker.work(false).unwrap();
    match report(&stub) {
        Report::Release { failure } => assert_eq!(failure.code, "worker_stopped"),
        other => panic!("not handed back: {other:?}"),
    }
}

#[test]
fn a_token_that_is_refused_stops_the_worker() {
    let (_, outcome) = one_lease(|_| {}, |_, _| (401, json!({ "code": "token_refused", "message": "no" })));
    assert!(matches!(outcome, Err(Error::Unfit(_))));
}

#[test]
fn the_announcement_names_models_meters_and_what_is_missing() {
    let root = tempfile::tempdir().unwrap();
    let stub = Stub::start(|_| {
        (
            200,
            json!({ "machine": {
                "id": format!("{ID}3"), "name": "bench", "zone": "FR", "pue": 1.0,
                "embodied": { "total_g": 1.0, "lifetime_s": 1.0, "source": "test" },
                "hardware": { "cpu": "x", "cores": 1, "memory_bytes": 1, "accelerators": [], "system": "x" },
            } }),
        )
    });
    let mut worker = worker(&stub, root.path());
    worker.instruments.missing.push("RAPL is not read: a test.".to_owned());
    worker.announce(&worker.announcement()).unwrap();
    let body = &stub.calls("/worker/announce")[0].body;
    assert_eq!(body["models"].as_array().unwrap().len(), 1);
    assert_eq!(body["meters"][0]["label"], "simulated");
    assert_eq!(body["missing_meters"], json!(["RAPL is not read: a test."]));
}
