//! One prompt the whole way, and what may go wrong on it.

use common::api::events::Event;
use common::api::leaderboard::GetLeaderboard;
use common::api::leases::SendReport;
use common::api::machines::ListMachines;
use common::api::prompts::GetPrompt;
use common::api::runs::{CancelRun, GetRun};
use common::lease::{Report, Step};
use common::machine::MachineState;
use common::prompt::NewPrompt;
use common::run::{Failure, RunState};

use crate::app::{TestApp, hear};
use crate::worker::{announcement, ask, facts, progress, renew, report};

const MODEL: &str = "demo-1m@a:f32";

fn prompt(text: &str) -> NewPrompt {
    serde_json::from_value(serde_json::json!({"text": text, "models": [MODEL]})).unwrap()
}

#[actix_web::test]
async fn a_prompt_becomes_a_measured_stored_comparable_number() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    let announced = app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    assert_eq!(announced.machine.hardware.cpu, "Test CPU");

    let submitted = app.call(None, &prompt("2+2?")).await.unwrap();
    let run_id = submitted.run_ids[0];
    let events = app.watch(&app.base, &format!("?prompt={}", submitted.prompt_id)).await;
    let run = app.call(None, &GetRun { id: run_id }).await.unwrap();
    assert_eq!((run.state, run.queue_position), (RunState::Queued, Some(0)));

    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    assert_eq!((lease.run_id, lease.prompt.text.as_str(), lease.streamed), (run_id, "2+2?", true));
    let (_, events) = hear(events, |event| matches!(event, Event::Run { state: RunState::Leased, .. })).await;
    app.call(Some(&token), &renew(&lease, Step::WarmingUp)).await.unwrap();
    let (_, events) = hear(events, |event| matches!(event, Event::Step { step: Step::WarmingUp, .. })).await;
    let machines = app.call(None, &ListMachines::default()).await.unwrap();
    assert_eq!(machines.machines[0].state, MachineState::Busy { step: Step::WarmingUp });
    assert_eq!((machines.queued_runs, machines.leased_runs), (0, 1));
    app.call(Some(&token), &progress(&lease, "fo")).await.unwrap();
    let (told, events) = hear(events, |event| matches!(event, Event::Progress { .. })).await;
    assert!(matches!(told, Event::Progress { tokens, .. } if tokens[0].text == "fo"));

    let sent = report(&lease, facts(MODEL, 5.25));
    assert_eq!(app.call(Some(&token), &sent).await.unwrap().state, RunState::Measured);
    let (_, events) =
        hear(events, |event| matches!(event, Event::Run { state: RunState::Measured, .. })).await;
    drop(events);
    let view = app.call(None, &GetPrompt { id: submitted.prompt_id }).await.unwrap();
    let measurement = view.runs[0].measurement.as_deref().unwrap();
    assert_eq!(measurement.facts, facts(MODEL, 5.25));
    assert_eq!(measurement.grid.zone.as_str(), "DE");

    let board = app.call(None, &GetLeaderboard).await.unwrap();
    assert_eq!((board.cells.len(), board.models.len(), board.machines.len()), (1, 1, 1));
    assert_eq!(board.cells[0].sums.energy_j.mean, 5.25);

    let trace = app.get(&format!("/api/v1/runs/{run_id}/power_trace.csv")).await;
    let lines: Vec<&str> = trace.body.lines().collect();
    assert_eq!(
        (lines[0], lines[2]),
        ("repetition,domain,label,at_s,power_w", "1,cpu_package_0,simulated,0.2,20.5")
    );
    let table = app.get("/api/v1/leaderboard.csv").await;
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    let mut lines = table.body.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let energy = names.iter().position(|name| *name == "energy_j_mean").unwrap();
    assert_eq!((names.len(), values[energy]), (values.len(), "5.25"));

    assert_eq!(app.call(Some(&token), &sent).await.unwrap().state, RunState::Measured);
    let again = app.call(None, &GetLeaderboard).await.unwrap();
    assert_eq!(again.cells[0].sums.runs, 1, "the same report counts once");
    app.stop().await;
}

#[actix_web::test]
async fn a_run_that_was_taken_back_is_lost_to_its_lease() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let submitted = app.call(None, &prompt("2+2?")).await.unwrap();
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    let cancel = CancelRun { id: submitted.run_ids[0] };
    assert_eq!(app.call(None, &cancel).await.unwrap().state, RunState::Cancelled);
    for (status, problem) in [
        app.call(Some(&token), &renew(&lease, Step::Baseline)).await.unwrap_err(),
        app.call(Some(&token), &progress(&lease, "x")).await.unwrap_err(),
        app.call(Some(&token), &report(&lease, facts(MODEL, 1.0))).await.unwrap_err(),
    ] {
        assert_eq!((status, problem.code.as_str()), (409, "lease_not_current"));
    }
    let (status, problem) = app.call(None, &cancel).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (409, "run_ended"));
    app.stop().await;
}

#[actix_web::test]
async fn a_worker_that_dies_loses_nothing_and_a_run_that_kills_all_fails() {
    let app = TestApp::start(&["--lease-seconds", "0.2", "--max-attempts", "2"]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let submitted = app.call(None, &prompt("2+2?")).await.unwrap();
    let first = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    let second = app.call(Some(&token), &ask(5.0)).await.unwrap().unwrap();
    assert_eq!((first.attempt, second.attempt, second.run_id), (1, 2, first.run_id));
    let (status, _) = app.call(Some(&token), &report(&first, facts(MODEL, 1.0))).await.unwrap_err();
    assert_eq!(status, 409, "the first lease is not current any more");
    let retry = Report::Retry {
        failure: Failure { code: "not_calm".to_owned(), message: "It was not calm.".to_owned() },
    };
    let given_back = SendReport { id: Some(second.id), report: retry };
    assert_eq!(app.call(Some(&token), &given_back).await.unwrap().state, RunState::Failed);
    let run = app.call(None, &GetRun { id: submitted.run_ids[0] }).await.unwrap();
    let failure = run.failure.unwrap();
    assert_eq!(failure.code, "attempts_exhausted");
    assert!(failure.message.contains("It was not calm."), "{failure:?}");
    app.stop().await;
}

#[actix_web::test]
async fn a_report_that_contradicts_itself_is_refused_and_the_lease_stays() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    app.call(None, &prompt("2+2?")).await.unwrap();
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    let mut wrong = facts(MODEL, 1.0);
    wrong.repetitions[0].output_tokens = 7;
    let (status, problem) = app.call(Some(&token), &report(&lease, wrong)).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (422, "report_contradictory"));
    let other = facts("demo-1m@a:f16", 1.0);
    let (status, problem) = app.call(Some(&token), &report(&lease, other)).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (422, "unfit"));
    let state = app.call(Some(&token), &report(&lease, facts(MODEL, 1.0))).await.unwrap().state;
    assert_eq!(state, RunState::Measured);
    app.stop().await;
}
