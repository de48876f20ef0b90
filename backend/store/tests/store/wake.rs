//! What happens is told to every listener, when it is done.

use std::time::Duration;

use common::api::events::Event;
use common::lease::LiveToken;
use common::run::RunState;
use sqlx::PgPool;
use store::queue;
use store::wake::{Signal, Wake};
use tokio::sync::broadcast::Receiver;

use crate::made_up::{MINUTE, START, bench, submit};

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
