//! Clients and a database that take their time: nobody else waits for them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::app::TestApp;

/// Sends something, then nothing more, and reads what comes until the server hangs up.
async fn stall(app: &TestApp, said: &str) -> String {
    let (address, said) = (app.base.strip_prefix("http://").unwrap().to_owned(), said.to_owned());
    actix_web::rt::task::spawn_blocking(move || {
        let mut client = TcpStream::connect(address).unwrap();
        // Only so that a server that waits for ever fails the test.
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        client.write_all(said.as_bytes()).unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let app = TestApp::start(&["--head-seconds", "0.2"]).await;
    let answer = stall(&app, "GET /api/v1/models HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    app.stop().await;
}

#[actix_web::test]
async fn a_body_that_does_not_end_is_not_waited_for_and_is_told_so_in_the_shape_of_its_api() {
    let app = TestApp::start(&["--body-seconds", "0.2"]).await;
    let start = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"text\":"
        )
    };
    let answer = stall(&app, &start("/api/v1/prompts")).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("\"code\":\"body_too_slow\""), "{answer}");
    let answer = stall(&app, &start("/v1/chat/completions")).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("{\"error\":{"), "{answer}");
    app.stop().await;
}

#[actix_web::test]
async fn a_query_that_takes_too_long_is_given_up_and_the_client_told_to_come_back() {
    let app = TestApp::start(&["--query-seconds", "0.2"]).await;
    let lock = app.hold("machine").await;
    let reply = app.get("/api/v1/machines").await;
    assert_eq!((reply.status, reply.problem().code.as_str()), (503, "busy"));
    assert!(reply.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    let reply = app.get("/v1/models").await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (503, &serde_json::json!("busy")));
    assert_eq!(app.get("/healthz").await.status, 200, "the process is well");
    drop(lock);
    assert_eq!(app.get("/api/v1/machines").await.status, 200);
    app.stop().await;
}
