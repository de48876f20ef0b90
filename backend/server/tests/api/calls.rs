//! The document and the routes: everything that is documented is there, everything else is said to be not.

use serde_json::Value;

use crate::app::TestApp;

#[actix_web::test]
async fn every_documented_call_is_there_and_answers_as_documented() {
    let app = TestApp::start(&[]).await;
    let document = app.get("/api/openapi.json").await.json();
    assert_eq!(document, app.get("/api/v1/openapi.json").await.json());
    let token = app.enrol("m1").await;
    for token in [None, Some(token.as_str())] {
        let mut calls = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if path.ends_with("/events") {
                    continue; // It has no end; `watch` calls it.
                }
                let path = path.replace("{id}", "00000000-0000-4000-8000-000000000000");
                let url = format!("{}{path}", app.base);
                let body = (method != "get").then(|| "{}".to_owned());
                let reply = app.send(&method.to_uppercase(), &url, token, body).await;
                let status = reply.status.to_string();
                let answer = &operation["responses"][&status];
                assert!(answer.is_object(), "{method} {path} answers {status}, which is not documented");
                if reply.status >= 400 {
                    assert!(!reply.problem().message.is_empty());
                    assert_ne!(reply.problem().code, "route_unknown", "{method} {path}");
                }
                assert!(token.is_none() || reply.status != 401, "{method} {path} does not know its machine");
                calls += 1;
            }
        }
        assert!(calls >= 59, "{calls}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn what_is_not_there_is_said_in_the_same_form() {
    let app = TestApp::start(&[]).await;
    let unknown = app.get("/api/v1/nothing").await;
    assert_eq!((unknown.status, unknown.problem().code.as_str()), (404, "route_unknown"));
    let not_an_id = app.get("/api/v1/runs/7").await;
    assert!(!not_an_id.problem().message.contains("deserialize"), "{}", not_an_id.problem().message);
    assert_eq!((not_an_id.status, not_an_id.problem().code.as_str()), (404, "not_found"));
    let method = app.send("DELETE", &format!("{}/api/v1/models", app.base), None, None).await;
    assert_eq!((method.status, method.problem().code.as_str()), (405, "method_not_allowed"));
    assert_eq!(method.header("allow"), Some("GET"));
    let moved = app.get("/api/leaderboard?x=1").await;
    assert_eq!((moved.status, moved.header("location")), (308, Some("/api/v1/leaderboard?x=1")));
    let away = app.get("/api//evil.example").await;
    assert_eq!(away.status, 404, "a redirect never leads to another host");
    app.stop().await;
}

#[actix_web::test]
async fn pages_files_and_missing_files_are_told_apart() {
    let dist = tempfile::tempdir().unwrap();
    std::fs::create_dir(dist.path().join("assets")).unwrap();
    std::fs::write(dist.path().join("index.html"), "<!doctype html>page").unwrap();
    std::fs::write(dist.path().join("assets/app.123.js"), "js").unwrap();
    std::fs::write(dist.path().join("assets/app.123.js.gz"), "packed").unwrap();
    let app = TestApp::start(&["--dist", dist.path().to_str().unwrap()]).await;
    for page in ["/", "/leaderboard", "/runs/1"] {
        let reply = app.get(page).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "<!doctype html>page"), "{page}");
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        assert!(reply.header("content-security-policy").unwrap().contains("default-src 'none'"));
    }
    let asset = app.get("/assets/app.123.js").await;
    assert_eq!(asset.status, 200);
    assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let missing = app.get("/assets/app.999.js").await;
    assert_eq!((missing.status, missing.header("cache-control")), (404, Some("no-cache")));
    let unknown: Value = app.get("/api/v1/nothing").await.json();
    assert_eq!(unknown["code"], "route_unknown");
    assert_eq!(app.get("/api/docs").await.status, 200);
    app.stop().await;
}

#[actix_web::test]
async fn a_reader_who_has_the_ranking_already_is_told_so_until_it_changes() {
    let app = TestApp::start(&[]).await;
    let first = app.get("/api/v1/leaderboard").await;
    let tag = first.header("etag").unwrap().to_owned();
    let (agent, url) = (app.agent.clone(), format!("{}/api/v1/leaderboard", app.base));
    let ask = move |tag: String| {
        let (agent, url) = (agent.clone(), url.clone());
        actix_web::rt::task::spawn_blocking(move || {
            let response =
                agent.get(&url).header("If-None-Match", format!("\"other\", {tag}")).call().unwrap();
            response.status().as_u16()
        })
    };
    assert_eq!(ask(tag.clone()).await.unwrap(), 304);
    let now = time::OffsetDateTime::now_utc();
    let at = now.format(&time::format_description::well_known::Rfc3339).unwrap();
    let zone = serde_json::from_value(serde_json::json!({
        "zone": "FR", "zone_name": "France", "intensity_g_per_kwh": 21.0, "quality": "measured", "source": "test",
        "year": null, "factor_type": "lifecycle", "at": at,
    }));
    store::grid::keep(app.store(), &[zone.unwrap()], now).await.unwrap();
    assert_eq!(ask(tag).await.unwrap(), 200);
    app.stop().await;
}

#[actix_web::test]
async fn those_who_look_after_the_service_learn_how_it_is() {
    let app = TestApp::start(&[]).await;
    assert_eq!((app.get("/healthz").await.status, app.get("/readyz").await.status), (200, 200));
    let token = app.enrol("m1").await;
    app.call(Some(&token), &crate::worker::announcement(&["demo-1m@a:f32"])).await.unwrap();
    let prompt = serde_json::json!({"text": "2+2?", "models": ["demo-1m@a:f32"]});
    assert_eq!(app.post("/api/v1/prompts", &prompt).await.status, 200);
    let metrics = app.get("/metrics").await.body;
    assert!(metrics.contains("\njouleboard_queued_runs 1\n"), "{metrics}");
    assert!(metrics.contains("\njouleboard_machines_alive 1\n"), "{metrics}");
    app.stop().await;
}
