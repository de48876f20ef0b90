//! What happens is told to every listener, when it is done.

use std::time::Duration;

use common::api::events::Event;
use common::lease::LiveToken;
use common::run::RunState;
use common::wall::{DEFAULT_NAME, WallTrouble};
use sqlx::PgPool;
use store::wake::{Signal, Wake};
use store::{queue, wall};
use tokio::sync::broadcast::Receiver;

use crate::made_up::{MINUTE, START, bench, second, submit};
use crate::wall::{enrol, look};

/// What was told so far, once `last` was.
async fn heard_until(signals: &mut Receiver<Signal>, last: &Event) -> Vec<Event> {
    let mut heard = Vec::new();
    while heard.last() != Some(last) {
        heard.push(next(signals).await);
    }
    heard
}

async fn next(signals: &mut Receiver<Signal>) -> Event {
    match tokio::time::timeout(Duration::from_secs(2), signals.recv()).await.unwrap().unwrap() {
        Signal::Event { event, json } => {
            assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), *event);
            (*event).clone()
        }
        Signal::Gap => panic!("a gap"),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_listener_hears_of_a_run_and_of_long_progress_in_order(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let (first, second) = (Wake::start(&store).await.unwrap(), Wake::start(&store).await.unwrap());
    let (mut one, mut other) = (first.subscribe(), second.subscribe());
    let submitted = submit(&store, "2+2?").await;
    let (prompt_id, run_id) = (submitted.prompt_id, submitted.run_ids[0]);
    for signals in [&mut one, &mut other] {
        assert_eq!(next(signals).await, Event::Run { prompt_id, run_id, state: RunState::Queued });
        assert_eq!(next(signals).await, Event::Board);
    }
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let tokens: Vec<LiveToken> =
        (0..500).map(|index| LiveToken { index, text: "word ".to_owned(), at: Duration::ZERO }).collect();
    queue::progress(&store, &caller, lease.id, tokens.clone(), Vec::new()).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < tokens.len() {
        if let Event::Progress { tokens, .. } = next(&mut one).await {
            heard.extend(tokens);
        }
    }
    assert_eq!(heard, tokens);
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_change_of_a_meter_at_a_socket_is_told_once(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let wake = Wake::start(&store).await.unwrap();
    let mut signals = wake.subscribe();
    let changed = Event::Machine { name: caller.name.clone() };
    let trouble = |at, message: &str| WallTrouble { at: second(at), message: message.to_owned() };
    enrol(&store, &caller).await;
    wall::fail(&store, caller.id, DEFAULT_NAME, &trouble(1, "It is switched off.")).await.unwrap();
    wall::fail(&store, caller.id, DEFAULT_NAME, &trouble(2, "It is switched off.")).await.unwrap();
    wall::fail(&store, caller.id, DEFAULT_NAME, &trouble(3, "It asks for a password.")).await.unwrap();
    look(&store, &caller, 4).await;
    look(&store, &caller, 5).await;
    wall::remove(&store, &caller.name, None).await.unwrap();
    let submitted = submit(&store, "2+2?").await;
    let (prompt_id, run_id) = (submitted.prompt_id, submitted.run_ids[0]);
    let last = Event::Run { prompt_id, run_id, state: RunState::Queued };
    let heard = heard_until(&mut signals, &last).await;
    // Enrolled, in trouble, in other trouble, well again, gone: what says the same again is not told.
    assert_eq!(heard, [vec![changed; 5], vec![last]].concat());
}
