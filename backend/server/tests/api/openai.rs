//! The API that OpenAI clients speak, with a worker that makes its figures up.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::time::Duration;

use common::api::leases::{AskLease, SendReport};
use common::conversation::Role;
use common::lease::{Lease, Report, Step};
use common::measurement::{Answer, Finish};
use common::prompt::Task;
use common::run::Failure;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::worker::{announcement, ask, facts, progress, renew, report};

const MODEL: &str = "demo-1m@a:f32";

async fn ready() -> (TestApp, String) {
    let app = TestApp::start(&["--public-url", "https://joules.example/"]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    (app, token)
}

fn question(more: Value) -> Value {
    let mut body = json!({"model": MODEL, "messages": [{"role": "user", "content": "2+2?"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Serves one run: shows a piece of the answer, then reports it.
async fn serve(app: &TestApp, token: &str) -> Lease {
    let lease = app.call::<AskLease>(Some(token), &ask(10.0)).await.unwrap().unwrap();
    app.call(Some(token), &progress(&lease, "4,")).await.unwrap();
    app.call(Some(token), &report(&lease, facts(MODEL, 5.25))).await.unwrap();
    lease
}

#[actix_web::test]
async fn an_answer_comes_with_what_it_cost() {
    let (app, token) = ready().await;
    let body = question(json!({"user": "someone", "temperature": 0.5}));
    let (reply, lease) = tokio::join!(app.post("/v1/chat/completions", &body), serve(&app, &token));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let answer = reply.json();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["choices"][0]["message"]["content"], "4, \u{e4}");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let usage = &answer["usage"];
    assert_eq!((usage["prompt_tokens"].as_u64(), usage["total_tokens"].as_u64()), (Some(5), Some(8)));
    let energy = &usage["energy"];
    assert_eq!(energy["energy_j"], 5.25);
    assert_eq!(energy["domains"]["cpu_package_0"]["energy_j"], 5.25);
    assert_eq!((&energy["label"], &energy["boundary"]), (&json!("simulated"), &json!("cpu")));
    assert_eq!(energy["verdict"]["grade"], "flagged");
    assert_eq!(energy["permalink"], format!("https://joules.example/r/{}", lease.run_id));
    // Operational: 5.25 J at a PUE of 1.2 under 380.95 g/kWh.
    let carbon = energy["carbon_g"].as_f64().unwrap();
    assert!((carbon - 5.25 * 1.2 * 380.95 / 3.6e6).abs() < 1e-9, "{carbon}");
    let interval = energy["interval_j"].as_array().unwrap();
    assert!(interval[0].as_f64().unwrap() < 5.25 && interval[1].as_f64().unwrap() > 5.25);
    assert_eq!((lease.prompt.task, lease.prompt.decoding.temperature), (Task::Plain, 0.5));
    assert_eq!(lease.prompt.decoding.max_output_tokens, 256, "half of a context of 512");
    app.stop().await;
}

#[actix_web::test]
async fn a_stream_tells_pieces_then_the_rest_then_the_usage() {
    let (app, token) = ready().await;
    let body = question(json!({"stream": true, "stream_options": {"include_usage": true}}));
    let (reply, _) = tokio::join!(app.post("/v1/chat/completions", &body), serve(&app, &token));
    assert_eq!(reply.header("content-type"), Some("text/event-stream"));
    let said: Vec<&str> = reply.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(said.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> =
        said[..said.len() - 1].iter().map(|json| serde_json::from_str(json).unwrap()).collect();
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "4, \u{e4}");
    let usage = chunks.last().unwrap();
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["energy"]["energy_j"], 5.25);
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "stop");
    app.stop().await;
}

#[actix_web::test]
async fn a_conversation_reaches_the_worker_turn_by_turn_and_a_completion_as_it_stands() {
    let (app, token) = ready().await;
    let body = json!({"model": "demo-1m", "messages": [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"},
        {"role": "assistant", "content": "2"}, {"role": "user", "content": "Why?"}]});
    let (reply, lease) = tokio::join!(app.post("/v1/chat/completions", &body), serve(&app, &token));
    assert_eq!(reply.status, 200);
    assert_eq!((lease.prompt.task, lease.prompt.text.as_str()), (Task::Own, "Why?"));
    assert_eq!(lease.prompt.system(), Some("Be brief."));
    let roles: Vec<Role> = lease.prompt.conversation.earlier.iter().map(|turn| turn.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant]);

    let body = json!({"model": MODEL, "prompt": "Once upon", "max_tokens": 8});
    let (reply, lease) = tokio::join!(app.post("/v1/completions", &body), serve(&app, &token));
    assert_eq!(reply.json()["choices"][0]["text"], "4, \u{e4}");
    assert_eq!((lease.prompt.task, lease.prompt.decoding.max_output_tokens), (Task::Completion, 8));
    app.stop().await;
}

#[actix_web::test]
async fn what_cannot_run_is_refused_in_openais_words() {
    let (app, token) = ready().await;
    let table = [
        (question(json!({"model": "gpt-9"})), 404, "model_not_found", json!("model")),
        (question(json!({"n": 0})), 400, "invalid_value", json!("n")),
        (question(json!({"n": 2})), 400, "too_many_answers", json!("n")),
        (question(json!({"best_of": 2})), 400, "unsupported_parameter", json!("best_of")),
        (question(json!({"temperatur": 2})), 400, "unknown_parameter", json!("temperatur")),
        (question(json!({"temperature": 3})), 400, "temperature_out_of_range", json!("temperature")),
        (
            question(json!({"max_tokens": 0})),
            400,
            "max_output_tokens_out_of_range",
            json!("max_completion_tokens"),
        ),
        (
            question(json!({"messages": [{"role": "user", "content": " "}]})),
            400,
            "text_empty",
            json!("messages"),
        ),
    ];
    for (body, status, code, param) in table {
        let reply = app.post("/v1/chat/completions", &body).await;
        let error = &reply.json()["error"];
        assert_eq!((reply.status, &error["code"], &error["param"]), (status, &json!(code), &param), "{body}");
        assert_eq!(error["type"], "invalid_request_error");
    }
    let broken = app.send("POST", &format!("{}/v1/completions", app.base), None, Some("{".to_owned())).await;
    assert_eq!((broken.status, &broken.json()["error"]["code"]), (400, &json!("body_malformed")));
    assert_eq!(app.get("/v1/nothing").await.json()["error"]["code"], "unknown_url");
    assert_eq!(app.get("/v1/chat/completions").await.status, 405);

    // A run that fails answers with the reason.
    let fail = async {
        let lease = app.call::<AskLease>(Some(&token), &ask(10.0)).await.unwrap().unwrap();
        let failure = Failure { code: "prompt_too_long".to_owned(), message: "Too long.".to_owned() };
        let report = SendReport { id: Some(lease.id), report: Report::Reject { failure } };
        app.call(Some(&token), &report).await.unwrap();
    };
    let (body, streamed) = (question(json!({})), question(json!({"stream": true})));
    let (reply, ()) = tokio::join!(app.post("/v1/chat/completions", &body), fail);
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("context_length_exceeded")));
    let fail = async {
        let lease = app.call::<AskLease>(Some(&token), &ask(10.0)).await.unwrap().unwrap();
        let failure = Failure { code: "odd".to_owned(), message: "Odd.".to_owned() };
        let report = SendReport { id: Some(lease.id), report: Report::Reject { failure } };
        app.call(Some(&token), &report).await.unwrap();
    };
    let (reply, ()) = tokio::join!(app.post("/v1/chat/completions", &streamed), fail);
    assert!(reply.body.contains(r#""code":"odd""#) && !reply.body.contains("[DONE]"), "{}", reply.body);
    app.stop().await;
}

#[actix_web::test]
async fn models_are_listed_by_id_and_found_by_name() {
    let (app, _) = ready().await;
    let list = app.get("/v1/models").await.json();
    assert_eq!((list["object"].as_str(), list["data"][0]["id"].as_str()), (Some("list"), Some(MODEL)));
    let one = app.get(&format!("/v1/models/{MODEL}")).await.json();
    assert_eq!((one["object"].as_str(), one["id"].as_str()), (Some("model"), Some(MODEL)));
    assert_eq!(app.get("/v1/models/gpt-9").await.status, 404);
    app.stop().await;
}

#[actix_web::test]
async fn a_client_that_hangs_up_takes_its_run_back() {
    let (app, token) = ready().await;
    for stream in [false, true] {
        let address = app.base.strip_prefix("http://").unwrap().to_owned();
        let body = question(json!({"stream": stream})).to_string();
        let client = actix_web::rt::task::spawn_blocking(move || {
            let mut client = TcpStream::connect(address).unwrap();
            let head = format!(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            client.write_all((head + &body).as_bytes()).unwrap();
            if stream {
                // Its answer has begun.
                assert!(client.read(&mut [0; 64]).unwrap() > 0);
            }
            client
        });
        let client = client.await.unwrap();
        let lease = app.call(Some(&token), &ask(10.0)).await.unwrap().unwrap();
        app.call(Some(&token), &renew(&lease, Step::WarmingUp)).await.unwrap();
        drop(client);
        let mut tries = 0;
        let refused = loop {
            // A stream notices when it next has something to say.
            let told = app.call(Some(&token), &progress(&lease, "4")).await;
            if let Err(refused) = told {
                break refused;
            }
            tries += 1;
            assert!(tries < 100, "the run goes on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!(refused.0, 409);
    }
    app.stop().await;
}

/// Serves one run of two answers at once.
async fn serve_two(app: &TestApp, token: &str) -> Lease {
    let lease = app.call::<AskLease>(Some(token), &ask(10.0)).await.unwrap().unwrap();
    app.call(Some(token), &progress(&lease, "4,")).await.unwrap();
    let mut found = facts(MODEL, 5.25);
    found.software.batch = 2;
    found.repetitions[0].others = vec![Answer {
        output_text: "Four".to_owned(),
        finish: Finish::Length,
        prompt_tokens: 5,
        output_tokens: 2,
        token_times: [100, 200].map(Duration::from_millis).to_vec(),
    }];
    app.call(Some(token), &report(&lease, found)).await.unwrap();
    lease
}

#[actix_web::test]
async fn several_answers_are_computed_at_once_and_the_usage_is_of_all_of_them() {
    let (app, token) = ready().await;
    let mut said = announcement(&[MODEL]);
    said.max_batches = [(MODEL.parse().unwrap(), NonZeroU32::new(2).unwrap())].into();
    app.call(Some(&token), &said).await.unwrap();
    let many = app.post("/v1/chat/completions", &question(json!({"n": 3}))).await;
    assert_eq!((many.status, &many.json()["error"]["param"]), (400, &json!("n")));

    let body = question(json!({"n": 2}));
    let (reply, lease) = tokio::join!(app.post("/v1/chat/completions", &body), serve_two(&app, &token));
    assert_eq!(lease.batch.get(), 2);
    let answer = reply.json();
    let told: Vec<_> = answer["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| {
            (
                choice["index"].as_u64().unwrap(),
                choice["message"]["content"].as_str().unwrap(),
                choice["finish_reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(0, "4, \u{e4}", "stop"), (1, "Four", "length")]);
    let usage = &answer["usage"];
    assert_eq!((usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64()), (Some(5), Some(5)));
    assert_eq!(
        (usage["energy"]["answers"].as_u64(), usage["energy"]["energy_j"].as_f64()),
        (Some(2), Some(5.25))
    );
    let share = usage["energy"]["sci_per_response_g"].as_f64().unwrap() * 2.0;
    let whole =
        ["carbon_g", "embodied_g"].map(|part| usage["energy"][part].as_f64().unwrap()).iter().sum::<f64>();
    assert!((share - whole).abs() < 1e-12, "{usage}");

    let body = question(json!({"n": 2, "stream": true}));
    let (reply, _) = tokio::join!(app.post("/v1/chat/completions", &body), serve_two(&app, &token));
    let mut texts = [String::new(), String::new()];
    let mut ends = Vec::new();
    for json in
        reply.body.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|json| *json != "[DONE]")
    {
        let chunk: Value = serde_json::from_str(json).unwrap();
        let choice = &chunk["choices"][0];
        let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
        texts[index] += choice["delta"]["content"].as_str().unwrap_or_default();
        ends.extend(choice["finish_reason"].as_str().map(|end| (index, end.to_owned())));
    }
    assert_eq!(texts, ["4, \u{e4}", "Four"]);
    assert_eq!(ends, [(0, "stop".to_owned()), (1, "length".to_owned())]);
    app.stop().await;
}
