//! What the server refuses to queue, and how it says so.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::worker::announcement;

const MODEL: &str = "demo-1m@a:f32";

#[actix_web::test]
async fn every_bad_prompt_is_refused_with_its_code_and_field() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let table: Vec<(Value, u16, &str, Option<&str>)> = vec![
        (json!({"text": " ", "models": [MODEL]}), 422, "text_empty", Some("text")),
        (json!({"text": "a\0b", "models": [MODEL]}), 422, "text_has_nul", Some("text")),
        (json!({"text": "x".repeat(8_001), "models": [MODEL]}), 422, "text_too_long", Some("text")),
        (json!({"text": "x", "models": []}), 422, "models_empty", Some("models")),
        (json!({"text": "x", "models": ["gpt-9"]}), 422, "model_unknown", Some("models")),
        (json!({"text": "x", "models": ["b\u{0}"]}), 422, "model_unknown", Some("models")),
        (json!({"text": "x", "models": [MODEL, MODEL]}), 422, "model_twice", Some("models")),
        (
            json!({"text": "x", "models": [MODEL], "decoding":
                   {"max_output_tokens": 0, "temperature": 0, "top_p": 1, "seed": 0}}),
            422,
            "max_output_tokens_out_of_range",
            Some("max_output_tokens"),
        ),
        (json!({"text": "x"}), 422, "body_unexpected", None),
        (json!({"text": 1, "models": [MODEL]}), 422, "body_unexpected", None),
        (json!({"text": "x", "models": [MODEL], "task": "poem"}), 422, "body_unexpected", None),
        (json!({"text": "x".repeat(1_100_000), "models": [MODEL]}), 413, "body_too_large", None),
    ];
    for (body, status, code, field) in table {
        let reply = app.post("/api/v1/prompts", &body).await;
        let problem = reply.problem();
        assert_eq!((reply.status, problem.code.as_str(), problem.field.as_deref()), (status, code, field));
    }
    let url = format!("{}/api/v1/prompts", app.base);
    let broken = app.send("POST", &url, None, Some("{".to_owned())).await;
    assert_eq!((broken.status, broken.problem().code.as_str()), (400, "body_malformed"));
    let unsaid = app.send("POST", &url, None, None).await;
    assert_eq!((unsaid.status, unsaid.problem().code.as_str()), (415, "body_not_json"));
    let machines = app.get("/api/v1/machines").await.json();
    assert_eq!(machines["queued_runs"], 0, "nothing that was refused was queued");
    app.stop().await;
}
