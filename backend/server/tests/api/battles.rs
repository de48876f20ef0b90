//! A battle: nothing is told before the vote, figures after it, names at the end; and it is voted on once.

use common::api::battles::{
    BattleQueued, ForgetBattle, GetBattle, ListBattles, NewBattle, SayWorth, SideEvent, Vote, Worth,
};
use common::bradley_terry::Outcome;
use common::ids::BattleId;
use common::lease::Step;
use common::run::RunState;
use serde_json::json;

use crate::app::{TestApp, hear};
use crate::worker::{announcement, ask, facts, progress, renew, report};

const MODELS: [&str; 2] = ["demo-1m@a:f32", "demo-3m@b:f32"];

/// A battle that is queued, on a machine that runs both models; the machine's token goes along.
async fn queued(app: &TestApp) -> (BattleId, String) {
    let (queued, token) = queued_with_secret(app).await;
    (queued.battle_id, token)
}

async fn queued_with_secret(app: &TestApp) -> (BattleQueued, String) {
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&MODELS)).await.unwrap();
    let new = NewBattle { text: "2+2?".to_owned(), task: common::prompt::Task::default() };
    (app.call(None, &new).await.unwrap(), token)
}

/// Answers the next run; the second model takes three times the energy.
async fn answer(app: &TestApp, token: &str) {
    let lease = app.call(Some(token), &ask(0.0)).await.unwrap().unwrap();
    let id = lease.model_id.to_string();
    let joules = if id == MODELS[0] { 2.0 } else { 6.0 };
    app.call(Some(token), &report(&lease, facts(&id, joules))).await.unwrap();
}

#[actix_web::test]
async fn names_come_last_and_nothing_before_the_vote_tells_them() {
    let app = TestApp::start(&[]).await;
    let (id, token) = queued(&app).await;
    let path = format!("/api/v1/battles/{id}");
    answer(&app, &token).await;
    let early = app.post(&format!("{path}/vote"), &json!({"vote": "tie"})).await;
    assert_eq!((early.status, early.problem().code.as_str()), (409, "answers_missing"));
    answer(&app, &token).await;

    let hidden = app.get(&path).await;
    for telling in ["demo-", "m1", "run_id", "prompt_id", "energy_j"] {
        assert!(!hidden.body.contains(telling), "{telling} in {}", hidden.body);
    }
    let before = app.call(None, &GetBattle { id }).await.unwrap();
    assert!(before.sides.iter().all(|side| side.state == RunState::Measured && side.answer.is_some()));
    assert_eq!((before.vote, before.energies, before.names.is_none()), (None, None, true));
    let unasked = app.post(&format!("{path}/worth"), &json!({"worth": "yes"})).await;
    assert_eq!((unasked.status, unasked.problem().code.as_str()), (409, "not_asked"));

    // Who votes does not know who took more; whoever it is, the test lets them win.
    let first = app.call(None, &Vote { id: Some(id), vote: Outcome::Tie }).await.unwrap();
    let energies = first.energies.unwrap().map(|side| side.energy_j.unwrap());
    assert!(energies == [2.0, 6.0] || energies == [6.0, 2.0], "{energies:?}");
    let names = first.names.unwrap().map(|side| side.model_id.to_string());
    assert_eq!(names == MODELS.map(str::to_owned), energies == [2.0, 6.0], "each keeps its figure");
    let again = app.post(&format!("{path}/vote"), &json!({"vote": "first"})).await;
    assert_eq!((again.status, again.problem().code.as_str()), (409, "answered_before"));
    app.stop().await;
}

#[actix_web::test]
async fn a_better_answer_that_took_more_is_asked_about_before_the_names() {
    let app = TestApp::start(&[]).await;
    let token = {
        let (_, token) = queued(&app).await;
        answer(&app, &token).await;
        answer(&app, &token).await;
        token
    };
    // Chance may put the cheaper one on either side; both votes are tried on battles of their own.
    let mut asked = 0;
    for vote in [Outcome::First, Outcome::Second, Outcome::First, Outcome::Second] {
        let new = NewBattle { text: "3+3?".to_owned(), task: common::prompt::Task::default() };
        let id = app.call(None, &new).await.unwrap().battle_id;
        answer(&app, &token).await;
        answer(&app, &token).await;
        let voted = app.call(None, &Vote { id: Some(id), vote }).await.unwrap();
        let [first, second] = voted.energies.unwrap().map(|side| side.energy_j.unwrap());
        let took_more = if vote == Outcome::First { first > second } else { second > first };
        assert_eq!((voted.asks_worth, voted.names.is_none()), (took_more, took_more));
        if took_more {
            asked += 1;
            let told = app.call(None, &SayWorth { id: Some(id), worth: Worth::No }).await.unwrap();
            assert_eq!((told.worth, told.asks_worth, told.names.is_some()), (Some(Worth::No), false, true));
            let again = app.post(&format!("/api/v1/battles/{id}/worth"), &json!({"worth": "yes"})).await;
            assert_eq!(again.status, 409);
        }
    }
    let listed = app.call(None, &ListBattles).await.unwrap().votes;
    assert_eq!(listed.len(), 4, "a battle without a vote is not listed");
    assert_eq!(listed.iter().filter(|vote| vote.worth == Some(Worth::No)).count(), asked);
    assert!(listed.iter().all(|vote| vote.models[0] != vote.models[1]));
    app.stop().await;
}

#[actix_web::test]
async fn answers_come_word_by_word_to_their_side_and_nothing_else_is_told() {
    let app = TestApp::start(&[]).await;
    let (id, token) = queued(&app).await;
    let events = app.watch::<serde_json::Value>(&app.base, &format!("?battle={id}")).await;
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    app.call(Some(&token), &renew(&lease, Step::WarmingUp)).await.unwrap();
    let (step, events) = hear(events, |event| event["event"] == "step").await;
    let side = step["side"].as_u64().and_then(|side| usize::try_from(side).ok()).unwrap();
    let shown = app.call(None, &GetBattle { id }).await.unwrap();
    assert_eq!(shown.sides[side].step, Some(Step::WarmingUp), "the side that is measured");
    assert_eq!(shown.sides[1 - side].state, RunState::Queued, "the other one waits");
    app.call(Some(&token), &progress(&lease, "fo")).await.unwrap();
    let (words, events) = hear(events, |event| event["event"] == "words").await;
    let told: SideEvent = serde_json::from_value(words.clone()).unwrap();
    assert!(matches!(told, SideEvent::Words { side: of, words } if of == side && words[0].text == "fo"));
    for event in [&step, &words] {
        let text = event.to_string();
        for telling in ["_id", "_s\"", "samples", "m1", "demo-"] {
            assert!(!text.contains(telling), "{telling} in {text}");
        }
    }
    drop(events);
    let unknown = app.get("/api/v1/events?battle=00000000-0000-4000-8000-000000000000").await;
    assert_eq!(unknown.status, 404);
    app.stop().await;
}

#[actix_web::test]
async fn a_forgotten_battle_is_gone_for_good_and_only_its_vote_stays() {
    let app = TestApp::start(&[]).await;
    let (asked, token) = queued_with_secret(&app).await;
    let id = asked.battle_id;
    answer(&app, &token).await;
    answer(&app, &token).await;
    app.call(None, &Vote { id: Some(id), vote: Outcome::Tie }).await.unwrap();
    let forget = |secret: &str| ForgetBattle { id: Some(id), secret: secret.to_owned() };
    assert_eq!(app.call(None, &forget("guess")).await.unwrap_err().0, 404);
    assert_eq!(app.call(None, &GetBattle { id }).await.unwrap().text, "2+2?", "a guess removes nothing");
    let votes = app.call(None, &ListBattles).await.unwrap();
    app.call(None, &forget(&asked.secret)).await.unwrap();
    let (status, problem) = app.call(None, &GetBattle { id }).await.unwrap_err();
    assert_eq!((status, problem.code.as_str()), (410, "forgotten"));
    assert_eq!(app.call(None, &forget(&asked.secret)).await.unwrap_err().0, 410);
    assert_eq!(app.call(None, &ListBattles).await.unwrap(), votes);
    app.stop().await;
}

#[actix_web::test]
async fn a_battle_that_is_forgotten_while_it_is_made_is_taken_back() {
    let app = TestApp::start(&[]).await;
    let (asked, token) = queued_with_secret(&app).await;
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    app.call(None, &ForgetBattle { id: Some(asked.battle_id), secret: asked.secret }).await.unwrap();
    let sent = report(&lease, facts(lease.model_id.as_str(), 1.0));
    assert_eq!(app.call(Some(&token), &sent).await.unwrap_err().0, 409);
    assert_eq!(app.call(Some(&token), &ask(0.0)).await.unwrap(), None, "the other side is not asked either");
    app.stop().await;
}

#[actix_web::test]
async fn a_battle_needs_two_models_and_a_text() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&MODELS[..1])).await.unwrap();
    let alone = app.post("/api/v1/battles", &json!({"text": "2+2?"})).await;
    assert_eq!((alone.status, alone.problem().code.as_str()), (409, "too_few_models"));
    let empty = app.post("/api/v1/battles", &json!({"text": " "})).await;
    assert_eq!((empty.status, empty.problem().code.as_str()), (422, "text_empty"));
    let unknown = app.get("/api/v1/battles/00000000-0000-4000-8000-000000000000").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(app.get("/api/v1/machines").await.json()["queued_runs"], 0);
    app.stop().await;
}
