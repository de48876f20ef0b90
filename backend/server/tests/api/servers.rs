//! Several servers on one database.

use common::api::events::Event;
use common::prompt::NewPrompt;
use common::run::RunState;

use crate::app::{TestApp, hear};
use crate::worker::{announcement, ask, progress};

const MODEL: &str = "demo-1m@a:f32";

#[actix_web::test]
async fn what_happens_on_one_server_is_seen_and_served_on_the_other() {
    let mut app = TestApp::start(&[]).await;
    let other = app.add_server(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();

    // A worker waits at one server, the prompt comes to the other.
    let (agent, url) = (app.agent.clone(), format!("{other}/api/v1/leases"));
    let (bearer, body) = (format!("Bearer {token}"), serde_json::to_string(&ask(10.0)).unwrap());
    let waiting = actix_web::rt::task::spawn_blocking(move || {
        let request = agent.post(&url).header("Authorization", bearer).content_type("application/json");
        request.send(body).unwrap().into_body().read_to_string().unwrap()
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let new: NewPrompt =
        serde_json::from_value(serde_json::json!({"text": "hi", "models": [MODEL]})).unwrap();
    let queued_at = tokio::time::Instant::now();
    let submitted = app.call(None, &new).await.unwrap();
    let lease: common::lease::Lease = serde_json::from_str(&waiting.await.unwrap()).unwrap();
    assert_eq!(lease.run_id, submitted.run_ids[0]);
    assert!(queued_at.elapsed().as_secs_f64() < 2.0, "it was woken, it did not wait for its next look");

    // A page watches at one server, the tokens come to the other.
    let events = app.watch(&app.base, &format!("?prompt={}", submitted.prompt_id)).await;
    let stranger = app.watch(&app.base, "").await;
    app.call_at(&other, Some(&token), &progress(&lease, "hello")).await.unwrap();
    let (_, events) = hear(events, |event| matches!(event, Event::Progress { .. })).await;
    let cancel = common::api::runs::CancelRun { id: lease.run_id };
    app.call_at(&other, None, &cancel).await.unwrap();
    hear(events, |event| matches!(event, Event::Run { state: RunState::Cancelled, .. })).await;
    // A stranger hears that the queue moved, and nothing of the prompt before it.
    let (first, _) = hear(stranger, |_: &Event| true).await;
    assert!(first.prompt_id().is_none(), "{first:?}");
    app.stop().await;
}

#[actix_web::test]
async fn a_worker_that_hangs_up_while_it_waits_takes_no_run_with_it() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let (url, body) = (format!("{}/api/v1/leases", app.base), serde_json::to_string(&ask(10.0)).unwrap());
    let bearer = format!("Bearer {token}");
    actix_web::rt::task::spawn_blocking(move || {
        let timeout = Some(std::time::Duration::from_millis(200));
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(timeout).build().into();
        let request = agent.post(&url).header("Authorization", bearer).content_type("application/json");
        request.send(body).expect_err("it hangs up before there is work");
    })
    .await
    .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let new: NewPrompt =
        serde_json::from_value(serde_json::json!({"text": "hi", "models": [MODEL]})).unwrap();
    app.call(None, &new).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().expect("the run still waits");
    assert_eq!(lease.attempt, 1);
    app.stop().await;
}
