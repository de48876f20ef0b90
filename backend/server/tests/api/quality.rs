//! From a file of results to a column of the ranking, through the operator's command.

use clap::Parser;
use common::api::leaderboard::GetLeaderboard;
use common::api::quality::ListQuality;
use common::prompt::NewPrompt;
use serde_json::json;
use server::config::{Cli, Command};

use crate::app::TestApp;
use crate::worker::{announcement, ask, facts, report};

const MODEL: &str = "demo-1m@a:f16";
const COLUMN: &str = "HellaSwag acc_norm, 10-shot (harness 2023)";

async fn command(app: &TestApp, arguments: &[&str]) -> Result<(), String> {
    let url = app.database_url();
    let database = ["--database-url", url.as_str()];
    let all = ["jouleboard-server", "quality"].iter().chain(arguments).chain(&database);
    let Command::Quality { command } = Cli::parse_from(all).command else { unreachable!() };
    server::quality::command(command).await.map_err(|error| error.to_string())
}

#[actix_web::test]
async fn a_file_of_results_becomes_a_column_with_where_it_comes_from_and_can_be_taken_back() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let new: NewPrompt = serde_json::from_value(json!({"text": "2+2?", "models": [MODEL]})).unwrap();
    app.call(None, &new).await.unwrap();
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    app.call(Some(&token), &report(&lease, facts(MODEL, 1.0))).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, score: f64, limit: Option<u32>| {
        let file = folder.path().join(name);
        let document = json!({
            "results": {"hellaswag": {"acc_norm": score, "acc_norm_stderr": 0.004}}, "versions": {"hellaswag": 0},
            "config": {"model": "hf-causal", "model_args": "pretrained=demo,dtype=float16", "num_fewshot": 10, "limit": limit},
        });
        std::fs::write(&file, document.to_string()).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (good, limited) = (write("good.json", 0.785, None), write("limited.json", 0.9, Some(100)));
    let refused = command(&app, &["import", &good, &limited, "--model", "demo-1m"]).await.unwrap_err();
    assert!(refused.contains("limited.json was made with a limit of 100"), "{refused}");
    assert_eq!(app.call(None, &ListQuality).await.unwrap().scores, [], "of several files all or none");
    let refused = command(&app, &["import", &good]).await.unwrap_err();
    assert!(refused.contains("--model"), "{refused}");

    command(&app, &["import", &good, "--model", "demo-1m"]).await.unwrap();
    let board = app.call(None, &GetLeaderboard).await.unwrap();
    let quality = board.models[0].quality.iter().find(|quality| quality.benchmark == COLUMN).unwrap();
    assert_eq!((quality.score, quality.n, quality.standard_error), (0.785, 10_042, Some(0.004)));
    let scores = app.call(None, &ListQuality).await.unwrap().scores;
    assert_eq!(scores[0].provenance.file_name, "good.json");
    let sheet = app.get("/api/v1/quality.csv").await.body;
    let (head, row) = sheet.split_once("\r\n").unwrap();
    assert!(
        head.contains("provenance_file_sha256") && row.starts_with(&format!("{MODEL},\"{COLUMN}\",0.785")),
        "{sheet}"
    );
    command(&app, &["remove", &scores[0].provenance.file_sha256]).await.unwrap();
    assert_eq!(app.call(None, &ListQuality).await.unwrap().scores, []);
    app.stop().await;
}
