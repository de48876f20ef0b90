//! Runs that everybody may see: listed in pages, filtered, and in nobody's hands but their submitter's.

use std::collections::BTreeSet;

use common::api::machines::{GetMachine, ListMachines};
use common::api::models::ListModels;
use common::api::prompts::ForgetPrompt;
use common::api::runs::{CancelRun, GetRun, RunPage};
use common::prompt::NewPrompt;
use common::run::RunState;
use serde_json::json;

use crate::app::TestApp;
use crate::tables::measured;
use crate::worker::{announcement, ask};

const MODEL: &str = "demo-1m@a:f32";

async fn listed(app: &TestApp, query: &str) -> RunPage {
    serde_json::from_str(&app.get(&format!("/api/v1/runs{query}")).await.body).unwrap()
}

#[actix_web::test]
async fn public_runs_are_listed_newest_first_in_pages_that_newer_runs_do_not_shift() {
    let (app, submitted) = measured(5).await;
    let first = listed(&app, "?limit=2").await;
    let newer: NewPrompt =
        serde_json::from_value(json!({"text": "new", "models": [MODEL], "is_public": true})).unwrap();
    let newer = app.call(None, &newer).await.unwrap();
    let mut seen: Vec<_> = first.runs.iter().map(|run| run.id).collect();
    let mut next = first.next;
    while let Some(after) = next {
        let page = listed(&app, &format!("?limit=2&after={after}")).await;
        assert!(page.runs.len() <= 2);
        seen.extend(page.runs.iter().map(|run| run.id));
        next = page.next;
    }
    let public: Vec<_> = submitted[1..].iter().rev().map(|one| one.run_ids[0]).collect();
    assert_eq!(seen, public, "the private one is not among them, and none comes twice");
    let all = listed(&app, "").await;
    assert_eq!((all.runs.len(), all.runs[0].id, all.runs[0].state), (6, newer.run_ids[0], RunState::Queued));
    let line = &all.runs[1];
    assert_eq!((line.text.as_str(), line.figures.as_ref().unwrap().energy_j), ("5+2?", Some(6.0)));
    assert_eq!(line.machine.as_ref().unwrap().as_str(), "m1");
    app.stop().await;
}

#[actix_web::test]
async fn every_filter_keeps_what_fits_and_a_wrong_one_is_refused() {
    let (app, _) = measured(2).await;
    let waiting = json!({"text": "waits", "models": [MODEL], "is_public": true});
    assert_eq!(app.post("/api/v1/prompts", &waiting).await.status, 200);
    for (query, runs) in [
        ("state=measured", 2),
        ("state=queued", 1),
        ("state=failed", 0),
        ("machine=m1", 2),
        ("machine=m2", 0),
        ("model=demo-1m@a:f32", 3),
        ("model=other@a:f32", 0),
        ("dtype=f32", 3),
        ("dtype=int4", 0),
        ("task=plain&origin=interactive", 3),
        ("task=chat", 0),
        ("kind=math", 0),
        ("origin=campaign", 0),
        ("campaign=none", 0),
        ("label=simulated", 2),
        ("label=measured", 0),
        ("verdict=flagged", 2),
        ("verdict=valid", 0),
        ("since=2000-01-01T00:00:00Z", 3),
        ("since=2900-01-01T00:00:00%2B02:00", 0),
        ("until=2000-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(listed(&app, &format!("?{query}")).await.runs.len(), runs, "{query}");
    }
    for wrong in [
        "limit=0",
        "after=1",
        "state=odd",
        "verdict=good",
        "since=yesterday",
        "colour=red",
        "campaign=%00",
        "dtype=",
    ] {
        let reply = app.get(&format!("/api/v1/runs?{wrong}")).await;
        assert_eq!((reply.status, reply.problem().code.as_str()), (400, "query_malformed"), "{wrong}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn a_file_of_a_page_leads_to_the_next_one_until_there_is_none() {
    let (app, _) = measured(3).await;
    let mut path = Some("/api/v1/runs.csv?state=measured&limit=2".to_owned());
    let mut rows = BTreeSet::new();
    while let Some(page) = path {
        let reply = app.get(&page).await;
        assert_eq!(reply.status, 200);
        let names: Vec<&str> = reply.body.lines().next().unwrap().split(',').collect();
        assert!(names.contains(&"energy_j") && names.contains(&"grade") && !names.contains(&"figures"));
        rows.extend(reply.body.lines().skip(1).map(str::to_owned));
        path = reply.header("link").map(|link| {
            let (address, rest) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
            assert_eq!(rest, "; rel=\"next\"");
            address.to_owned()
        });
    }
    assert_eq!(rows.len(), 3);
    app.stop().await;
}

#[actix_web::test]
async fn what_is_forgotten_is_listed_no_more() {
    let (app, submitted) = measured(1).await;
    assert_eq!(listed(&app, "").await.runs.len(), 1);
    let asked = &submitted[1];
    app.call(None, &ForgetPrompt { id: Some(asked.prompt_id), secret: asked.secret.clone() }).await.unwrap();
    assert_eq!(listed(&app, "").await.runs, []);
    app.stop().await;
}

#[actix_web::test]
async fn a_run_that_everybody_sees_is_taken_back_by_its_submitter_only() {
    let app = TestApp::start(&["--behind-proxy"]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let public: NewPrompt =
        serde_json::from_value(json!({"text": "x", "models": [MODEL], "is_public": true})).unwrap();
    let run = app.call(None, &public).await.unwrap().run_ids[0];
    let path = format!("/api/v1/runs/{run}/cancel");
    let stranger = app.with("POST", &path, &[("X-Forwarded-For", "198.51.100.7")]).await;
    assert_eq!((stranger.status, stranger.problem().code.as_str()), (403, "not_yours"));
    assert_eq!(app.call(None, &CancelRun { id: run }).await.unwrap().state, RunState::Cancelled);
    let private: NewPrompt = serde_json::from_value(json!({"text": "x", "models": [MODEL]})).unwrap();
    let run = app.call(None, &private).await.unwrap().run_ids[0];
    let path = format!("/api/v1/runs/{run}/cancel");
    let friend = app.with("POST", &path, &[("X-Forwarded-For", "198.51.100.7")]).await;
    assert_eq!(friend.status, 200, "whoever was given its link may");
    app.stop().await;
}

#[actix_web::test]
async fn machines_and_models_come_in_pages_where_a_limit_is_said() {
    let app = TestApp::start(&[]).await;
    for name in ["a", "b", "c"] {
        let token = app.enrol(name).await;
        app.call(Some(&token), &announcement(&[MODEL, &format!("demo-1m@{name}:f16")])).await.unwrap();
    }
    let all = app.call(None, &ListMachines::default()).await.unwrap();
    assert_eq!((all.machines.len(), all.next), (3, None));
    let mut list = ListMachines { limit: Some(2), ..ListMachines::default() };
    let page = app.call(None, &list).await.unwrap();
    assert_eq!((page.machines.len(), page.next.as_deref()), (2, Some("b")));
    list.after = page.next.map(|next| next.parse().unwrap());
    let page = app.call(None, &list).await.unwrap();
    assert_eq!((page.machines[0].name.as_str(), page.next), ("c", None));

    let (mut list, mut ids) = (ListModels { limit: Some(1), ..ListModels::default() }, Vec::new());
    loop {
        let page = app.call(None, &list).await.unwrap();
        ids.extend(page.models.iter().map(|model| model.id().to_string()));
        let Some(next) = page.next else { break };
        list.after = Some(next.parse().unwrap());
    }
    let whole = app.call(None, &ListModels::default()).await.unwrap();
    assert_eq!(ids, whole.models.iter().map(|model| model.id().to_string()).collect::<Vec<_>>());
    assert_eq!(ids.len(), 4);
    app.stop().await;
}

#[actix_web::test]
async fn a_machine_is_found_by_its_name_and_one_that_is_not_enrolled_is_not() {
    let app = TestApp::start(&[]).await;
    app.enrol("m1").await;
    let machine = app.call(None, &GetMachine { name: "m1".parse().unwrap() }).await.unwrap();
    assert_eq!(machine.name.as_str(), "m1");
    let (status, problem) = app.call(None, &GetMachine { name: "m2".parse().unwrap() }).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (404, "not_found"));
    assert_eq!(app.get("/api/v1/machines/No%20name").await.problem().code, "not_found");
    app.stop().await;
}

#[actix_web::test]
async fn a_run_says_when_its_machine_is_gone_until_it_is_heard_again() {
    let app = TestApp::start(&["--lease-seconds", "2", "--alive-seconds", "1"]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let new: NewPrompt = serde_json::from_value(json!({"text": "x", "models": [MODEL]})).unwrap();
    let run = app.call(None, &new).await.unwrap().run_ids[0];
    app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    // With a pause, because who asks without one is told to slow down.
    let get = async || {
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        app.call(None, &GetRun { id: run }).await.unwrap()
    };
    assert_eq!(get().await.gone, None);
    let mut view = get().await;
    while view.gone.is_none() {
        view = get().await;
    }
    while view.state == RunState::Leased {
        assert_eq!(view.gone.take().unwrap().machine.as_str(), "m1");
        view = get().await;
    }
    assert_eq!(view.state, RunState::Queued);
    assert_eq!(view.gone.unwrap().machine.as_str(), "m1", "it stays known while the run waits again");
    assert_eq!((view.machine, view.step), (None, None));
    let again = app.call(Some(&token), &ask(5.0)).await.unwrap().unwrap();
    assert_eq!((again.attempt, get().await.gone), (2, None));
    app.stop().await;
}
