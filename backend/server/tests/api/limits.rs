//! How much one client may, and what is refused at once.

use serde_json::json;

use crate::app::TestApp;
use crate::worker::announcement;

const MODEL: &str = "demo-1m@a:f32";

async fn ready(more: &[&str]) -> TestApp {
    let app = TestApp::start(more).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    app
}

#[actix_web::test]
async fn a_client_may_have_so_many_runs_and_tokens_waiting_and_no_more() {
    let app = ready(&["--runs-per-client", "2", "--tokens-per-client", "300"]).await;
    let prompt = |tokens: u32| {
        json!({"text": "2+2?", "models": [MODEL],
               "decoding": {"max_output_tokens": tokens, "temperature": 0, "top_p": 1, "seed": 0}})
    };
    assert_eq!(app.post("/api/v1/prompts", &prompt(200)).await.status, 200);
    let reply = app.post("/api/v1/prompts", &prompt(200)).await;
    assert_eq!((reply.status, reply.problem().code.as_str()), (429, "too_many_tokens"));
    assert_eq!(app.post("/api/v1/prompts", &prompt(10)).await.status, 200);
    let reply = app.post("/api/v1/prompts", &prompt(10)).await;
    assert_eq!((reply.status, reply.problem().code.as_str()), (429, "too_many_runs"));
    let chat = json!({"model": MODEL, "messages": [{"role": "user", "content": "x"}]});
    let reply = app.post("/v1/chat/completions", &chat).await;
    assert_eq!((reply.status, &reply.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    assert!(
        reply.header("retry-after").unwrap().parse::<u32>().unwrap() > 0,
        "clients wait so long by themselves"
    );
    app.stop().await;
}

#[actix_web::test]
async fn a_client_that_asks_too_often_is_told_how_long_to_wait_and_machines_are_not_limited() {
    let app = TestApp::start(&["--requests-per-minute", "3"]).await;
    let token = app.enrol("m1").await;
    for _ in 0..3 {
        assert_eq!(app.get("/api/v1/models").await.status, 200);
    }
    let reply = app.get("/api/v1/models").await;
    assert_eq!((reply.status, reply.problem().code.as_str()), (429, "too_many_requests"));
    assert!(reply.header("retry-after").unwrap().parse::<u64>().unwrap() <= 21);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert!(reply.header("content-security-policy").is_some(), "every answer has the headers");
    assert_eq!(app.get("/v1/models").await.json()["error"]["code"], "too_many_requests");
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    assert_eq!(app.get("/healthz").await.status, 200);
    app.stop().await;
}

#[actix_web::test]
async fn what_no_machine_could_ever_serve_is_refused_at_once() {
    let app = ready(&[]).await;
    let prompt = |needs| json!({"text": "2+2?", "models": [MODEL], "needs": needs});
    let reply = app.post("/api/v1/prompts", &prompt(json!({"accelerator": true}))).await;
    let problem = reply.problem();
    assert_eq!(
        (reply.status, problem.code.as_str(), problem.field.as_deref()),
        (422, "no_such_machine", Some("needs"))
    );
    let document = reply.json();
    assert_eq!((&document["type"], &document["status"]), (&json!("about:blank"), &json!(422)));
    assert_eq!(document["title"], "Unprocessable Entity");
    assert_eq!(document["detail"], document["message"]);
    assert_eq!(app.post("/api/v1/prompts", &prompt(json!({"memory_bytes": 1024}))).await.status, 200);
    app.stop().await;
}

#[actix_web::test]
async fn without_any_machine_for_long_there_is_only_browsing() {
    let app = ready(&["--browse-only-seconds", "0.3", "--alive-seconds", "0.1"]).await;
    assert_eq!(app.get("/api/v1/health").await.json()["is_browse_only"], false);
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(app.get("/api/v1/health").await.json()["is_browse_only"], true);
    let reply = app.post("/api/v1/prompts", &json!({"text": "2+2?", "models": [MODEL]})).await;
    assert_eq!((reply.status, reply.problem().code.as_str()), (409, "browse_only"));
    let chat = json!({"model": MODEL, "messages": [{"role": "user", "content": "x"}]});
    let reply = app.post("/v1/chat/completions", &chat).await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (503, &json!("no_machine")));
    assert_eq!(app.get("/api/v1/leaderboard").await.status, 200);
    app.stop().await;
}
