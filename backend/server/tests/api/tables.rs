//! Tables in every form, pages of measurements, and what may be seen of them.

use common::api::prompts::ForgetPrompt;
use common::api::runs::GetRun;
use common::prompt::NewPrompt;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::worker::{announcement, ask, facts, report};

const MODEL: &str = "demo-1m@a:f32";

/// A server with one private and `public` public measurements.
pub(crate) async fn measured(public: usize) -> (TestApp, Vec<common::api::prompts::Submitted>) {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let mut submitted = Vec::new();
    for index in 0..=public {
        let new: NewPrompt = serde_json::from_value(
            json!({"text": format!("{index}+2?"), "models": [MODEL], "is_public": index > 0}),
        )
        .unwrap();
        submitted.push(app.call(None, &new).await.unwrap());
        let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
        let joules = f64::from(u32::try_from(index).unwrap()) + 1.0;
        app.call(Some(&token), &report(&lease, facts(MODEL, joules))).await.unwrap();
    }
    (app, submitted)
}

#[actix_web::test]
async fn every_table_comes_in_every_form_by_its_ending_and_by_what_is_accepted() {
    let (app, submitted) = measured(1).await;
    let trace = format!("runs/{}/power_trace", submitted[0].run_ids[0]);
    for table in ["leaderboard", "runs", "measurements", "machines", "models", "carbon", trace.as_str()] {
        let path = format!("/api/v1/{table}");
        let csv = app.get(&format!("{path}.csv")).await;
        assert_eq!(
            (csv.status, csv.header("content-type")),
            (200, Some("text/csv; charset=utf-8")),
            "{table}"
        );
        let names = csv.body.lines().next().unwrap().split(',').count();
        let rows: Vec<Value> = serde_json::from_str(&app.get(&format!("{path}.json")).await.body).unwrap();
        assert_eq!((rows.len() + 1, rows[0].as_object().unwrap().len()), (csv.body.lines().count(), names));
        let url = format!("{}{path}", app.base);
        let (agent, accepted) = (app.agent.clone(), url.clone());
        let (form, vary, start) = actix_web::rt::task::spawn_blocking(move || {
            let mut reply =
                agent.get(&accepted).header("Accept", "application/vnd.apache.parquet").call().unwrap();
            let header = |name: &str| reply.headers().get(name).unwrap().to_str().unwrap().to_owned();
            let (form, vary) = (header("content-type"), header("vary"));
            (form, vary, reply.body_mut().read_to_vec().unwrap()[..4].to_vec())
        })
        .await
        .unwrap();
        assert_eq!(
            (form.as_str(), vary.contains("accept"), start.as_slice()),
            ("application/vnd.apache.parquet", true, &b"PAR1"[..])
        );
    }
    // What is asked for JSON by `Accept` gets the same as by its ending, where the route is no call of its own.
    let path = format!("/api/v1/{trace}");
    let by_ending = app.get(&format!("{path}.json")).await.body;
    for accept in ["application/json", "*/*"] {
        let reply = app.with("GET", &path, &[("Accept", accept)]).await;
        assert_eq!((reply.status, &reply.body), (200, &by_ending));
    }
    app.stop().await;
}

#[actix_web::test]
async fn pages_follow_each_other_filters_hold_and_private_measurements_are_not_listed() {
    let (app, submitted) = measured(3).await;
    let first = app.get("/api/v1/measurements?limit=2").await.json();
    let energies = |page: &Value| -> Vec<f64> {
        page["measurements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["energy_j"].as_f64().unwrap())
            .collect()
    };
    assert_eq!(energies(&first), [4.0, 3.0]);
    let next = first["next"].as_str().unwrap();
    let second = app.get(&format!("/api/v1/measurements?limit=2&after={next}")).await.json();
    assert_eq!((energies(&second), &second["next"]), (vec![2.0], &Value::Null));
    let private = submitted[0].run_ids[0].to_string();
    assert!(!first.to_string().contains(&private) && !second.to_string().contains(&private));
    assert_eq!(app.get("/api/v1/measurements?model=other%40a:f32").await.json()["measurements"], json!([]));
    assert_eq!(
        energies(&app.get("/api/v1/measurements?machine=m1&task=plain&origin=interactive").await.json())
            .len(),
        3
    );
    for wrong in ["limit=0", "limit=201", "limit=x", "after=1", "task=poem", "colour=red"] {
        let reply = app.get(&format!("/api/v1/measurements?{wrong}")).await;
        assert_eq!((reply.status, reply.problem().code.as_str()), (400, "query_malformed"), "{wrong}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn what_is_forgotten_is_gone_but_its_figures_stay() {
    let (app, submitted) = measured(1).await;
    let asked = &submitted[1];
    let forget = |secret: &str| ForgetPrompt { id: Some(asked.prompt_id), secret: secret.to_owned() };
    let (status, _) = app.call(None, &forget("guess")).await.unwrap_err();
    assert_eq!(status, 404);
    let before = app.get("/api/v1/leaderboard").await.body;
    app.call(None, &forget(&asked.secret)).await.unwrap();
    let run = GetRun { id: asked.run_ids[0] };
    let (status, problem) = app.call(None, &run).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (410, "forgotten"));
    assert_eq!(app.get(&format!("/api/v1/prompts/{}", asked.prompt_id)).await.status, 410);
    assert_eq!(app.get("/api/v1/measurements").await.json()["measurements"], json!([]));
    assert_eq!(app.get("/api/v1/leaderboard").await.body, before);
    let (status, _) = app.call(None, &forget(&asked.secret)).await.unwrap_err();
    assert_eq!(status, 410);
    app.stop().await;
}

#[actix_web::test]
async fn what_is_forgotten_while_a_machine_has_it_is_taken_back() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let new: NewPrompt = serde_json::from_value(json!({"text": "secret", "models": [MODEL]})).unwrap();
    let submitted = app.call(None, &new).await.unwrap();
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    let forget = ForgetPrompt { id: Some(submitted.prompt_id), secret: submitted.secret };
    app.call(None, &forget).await.unwrap();
    let (status, _) = app.call(Some(&token), &report(&lease, facts(MODEL, 1.0))).await.unwrap_err();
    assert_eq!(status, 409);
    app.stop().await;
}
