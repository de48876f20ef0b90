//! What every answer says to browsers: what may be loaded, kept, and called from where.

use crate::app::TestApp;

#[actix_web::test]
async fn pages_of_other_sites_may_call_only_if_the_operator_says_so() {
    let app = TestApp::start(&["--cors-origin", "https://friend.example"]).await;
    let allowed = async |origin: &str| {
        let reply = app.with("GET", "/api/v1/models", &[("Origin", origin)]).await;
        assert_eq!(reply.status, 200);
        reply.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(allowed("https://friend.example").await.as_deref(), Some("https://friend.example"));
    assert_eq!(allowed("https://else.example").await, None);
    app.stop().await;
}

#[actix_web::test]
async fn a_browser_that_asks_first_is_told_what_pages_of_friends_may_call() {
    let app = TestApp::start(&["--cors-origin", "https://friend.example"]).await;
    let ask = |origin, method| {
        [
            ("Origin", origin),
            ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", "content-type"),
        ]
    };
    for path in ["/api/v1/prompts", "/v1/chat/completions"] {
        let reply = app.with("OPTIONS", path, &ask("https://friend.example", "POST")).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("https://friend.example"));
        assert!(reply.header("access-control-allow-methods").unwrap().contains("POST"));
        assert!(
            reply.header("access-control-allow-headers").unwrap().to_lowercase().contains("content-type")
        );
        assert_eq!(reply.header("access-control-allow-credentials"), None);
        let stranger = app.with("OPTIONS", path, &ask("https://else.example", "POST")).await;
        assert_eq!(stranger.header("access-control-allow-origin"), None, "{path}");
        let report = app.with("OPTIONS", path, &ask("https://friend.example", "PUT")).await;
        assert_eq!(report.status, 400, "a worker is no page");
    }
    app.stop().await;
}

#[actix_web::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let app = TestApp::start(&[]).await;
    for path in
        ["/", "/api/v1/models", "/api/v1/nothing", "/v1/models", "/v1/nothing", "/api/docs", "/metrics"]
    {
        let reply = app.get(path).await;
        let policy = reply.header("content-security-policy").unwrap_or_else(|| panic!("{path}"));
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert!(reply.header("permissions-policy").is_some(), "{path}");
        assert!(reply.header("set-cookie").is_none(), "{path}");
        let caching = reply.header("cache-control").unwrap_or_else(|| panic!("{path}"));
        assert!(["no-store", "no-cache"].contains(&caching), "{path}: {caching}");
        assert_eq!(reply.header("strict-transport-security"), None, "it is not reached over https: {path}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_service_that_is_reached_over_https_says_so_to_browsers() {
    let app = TestApp::start(&["--public-url", "https://joule.example/"]).await;
    let reply = app.get("/api/v1/models").await;
    assert_eq!(reply.header("strict-transport-security"), Some("max-age=31536000"));
    app.stop().await;
}

#[actix_web::test]
async fn whoever_asks_for_the_head_alone_gets_that_of_the_whole_answer() {
    let app = TestApp::start(&[]).await;
    for (path, accept) in
        [("/api/v1/leaderboard", "application/json"), ("/api/v1/runs", "text/csv"), ("/healthz", "*/*")]
    {
        let whole = app.with("GET", path, &[("Accept", accept)]).await;
        let head = app.with("HEAD", path, &[("Accept", accept)]).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        for name in ["content-type", "content-length", "etag"] {
            assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
        }
    }
    assert_eq!(app.with("HEAD", "/api/v1/nothing", &[]).await.status, 404);
    assert_eq!(app.with("HEAD", "/api/v1/events", &[]).await.status, 405, "a stream has no end to wait for");
    app.stop().await;
}
