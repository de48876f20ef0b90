//! Who is served first, who may serve, and how long a Run that was given back waits.

use std::num::NonZeroU32;
use std::time::Duration;

use common::ids::ModelId;
use common::lease::Report;
use common::needs::Needs;
use common::prompt::{Kind, Task};
use common::run::{Failure, RunState};
use sqlx::PgPool;
use store::machines::{Caller, Token};
use store::queue::Order;
use store::{Error, Store, campaigns, clients, machines, queue, runs};

use crate::made_up::{
    MINUTE, MODEL, START, announcement, at_once, bench, campaign_order, facts, measured, order, second,
};

const ONE: NonZeroU32 = NonZeroU32::MIN;

async fn ask(store: &Store, submitter: &str, text: &str) {
    let order = Order { submitter: Some(submitter), ..order(text) };
    queue::enqueue(store, &order, &[MODEL.parse().unwrap()], START).await.unwrap();
}

async fn serve_all(store: &Store, caller: &Caller) -> Vec<String> {
    let mut served = Vec::new();
    while let Some(lease) = queue::lease(store, caller, MINUTE, START).await.unwrap() {
        served.push(lease.prompt.text);
    }
    served
}

#[sqlx::test(migrations = "../../migrations")]
async fn submitters_take_turns(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    for text in ["a1", "a2", "a3"] {
        ask(&store, "a", text).await;
    }
    ask(&store, "b", "b1").await;
    ask(&store, "b", "b2").await;
    ask(&store, "c", "c1").await;
    assert_eq!(serve_all(&store, &caller).await, ["a1", "b1", "c1", "a2", "b2", "a3"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn whoever_waits_is_overtaken_for_a_while_but_not_for_ever(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    ask(&store, "a", "a1").await;
    ask(&store, "a", "a2").await;
    // Newcomers come all the time; the second run of `a` counts as if it had come 20 s later.
    for index in 0_u64..5 {
        let submitter = format!("new {index}");
        let order = Order { submitter: Some(&submitter), ..order("new") };
        let at = second(1 + index * 10);
        queue::enqueue(&store, &order, &[MODEL.parse().unwrap()], at).await.unwrap();
    }
    let served = serve_all(&store, &caller).await;
    assert_eq!(served, ["a1", "new", "new", "a2", "new", "new", "new"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_campaign_that_has_waited_long_gets_a_run_in_between(pool: PgPool) {
    let (store, mut caller) = bench(pool).await;
    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let model: common::ids::ModelId = MODEL.parse().unwrap();
    let wanted = ["c1", "c2"].map(|text| (campaign_order(text), model.clone()));
    campaigns::enqueue(&store, id, &wanted, START).await.unwrap();
    for text in ["p1", "p2"] {
        ask(&store, "p", text).await;
    }
    let mut served = Vec::new();
    for minute in [1, 11, 12, 13] {
        let now = second(60 * minute);
        caller = machines::authenticate(&store, &Token::new("token-of-m1"), now).await.unwrap().unwrap();
        served.push(queue::lease(&store, &caller, MINUTE, now).await.unwrap().unwrap().prompt.text);
    }
    assert_eq!(served, ["p1", "c1", "p2", "c2"]);
    assert!(caller.campaign_leased_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_that_asks_for_a_kind_of_machine_goes_to_such_a_one_only(pool: PgPool) {
    let (store, plain) = bench(pool).await;
    let lab = crate::made_up::enrol(&store, "lab").await;
    let needs = Needs { accelerator: true, measured: true, memory_bytes: 2048 };
    let model: common::ids::ModelId = MODEL.parse().unwrap();
    assert!(!machines::could_serve(&store, &model, needs, ONE).await.unwrap());
    assert!(machines::could_serve(&store, &model, Needs::default(), ONE).await.unwrap());
    let mut said = announcement(&[MODEL]);
    said.hardware.accelerators = vec!["Test GPU".to_owned()];
    said.hardware.memory_bytes = 4096;
    said.meters[0].label = common::meter::Label::Measured;
    machines::announce(&store, &lab, &said, START).await.unwrap();
    assert!(machines::could_serve(&store, &model, needs, ONE).await.unwrap());
    assert!(needs.are_met_by(&said), "the page and the queue agree");
    let order = Order { needs, ..order("2+2?") };
    queue::enqueue(&store, &order, &[model], START).await.unwrap();
    assert!(queue::lease(&store, &plain, MINUTE, START).await.unwrap().is_none());
    let lease = queue::lease(&store, &lab, MINUTE, START).await.unwrap().unwrap();
    assert_eq!(runs::get(&store, lease.run_id).await.unwrap().needs, needs);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_that_is_given_back_waits_longer_each_time(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    ask(&store, "a", "2+2?").await;
    let mut at = START;
    for wait in [1, 2] {
        let lease = queue::lease(&store, &caller, MINUTE, at).await.unwrap().unwrap();
        let failure = Failure { code: "not_calm".to_owned(), message: "It was not calm.".to_owned() };
        let state = queue::report(&store, &caller, lease.id, &Report::Retry { failure }, at).await.unwrap();
        assert_eq!(state, RunState::Queued);
        let nearly = at + Duration::from_millis(wait * 1000 - 1);
        assert!(queue::lease(&store, &caller, MINUTE, nearly).await.unwrap().is_none());
        at += Duration::from_secs(wait);
    }
    assert!(queue::lease(&store, &caller, MINUTE, at).await.unwrap().is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_submitter_is_known_only_while_something_of_theirs_waits(pool: PgPool) {
    let (store, _) = bench(pool).await;
    let order = Order { submitter: Some("a"), ..order("2+2?") };
    let run = queue::enqueue(&store, &order, &[MODEL.parse().unwrap()], START).await.unwrap().1[0];
    let waiting = clients::waiting(&store, "a").await.unwrap();
    assert_eq!((waiting.runs, waiting.output_tokens), (1, 128));
    queue::cancel(&store, run, second(1)).await.unwrap();
    assert_eq!(clients::waiting(&store, "a").await.unwrap(), clients::Waiting::default());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_batch_goes_to_a_machine_that_computes_so_many_at_once_and_its_report_must_be_of_it(pool: PgPool) {
    let (store, single) = bench(pool).await;
    let lab = crate::made_up::enrol(&store, "lab").await;
    let (model, eight): (ModelId, _) = (MODEL.parse().unwrap(), NonZeroU32::new(8).unwrap());
    assert!(!machines::could_serve(&store, &model, Needs::default(), eight).await.unwrap());
    let mut said = announcement(&[MODEL]);
    said.max_batches = [(model.clone(), eight)].into();
    machines::announce(&store, &lab, &said, START).await.unwrap();
    assert!(machines::could_serve(&store, &model, Needs::default(), eight).await.unwrap());
    let listed = machines::list(&store, START, MINUTE).await.unwrap();
    assert_eq!(listed[0].announcement.as_ref().unwrap().max_batch(&model), eight);

    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let wanted = [ONE, eight].map(|batch| (Order { batch, ..campaign_order("2+2?") }, model.clone()));
    assert_eq!(
        campaigns::enqueue(&store, id, &wanted, START).await.unwrap(),
        2,
        "each batch is a run of its own"
    );
    assert_eq!(campaigns::enqueue(&store, id, &wanted, START).await.unwrap(), 0);
    let waiting = async |batch| {
        campaigns::waiting(&store, id, &model, Task::Plain, Some(Kind::Math), batch).await.unwrap().len()
    };
    assert_eq!((waiting(1).await, waiting(8).await), (1, 1));
    let alone = queue::lease(&store, &single, MINUTE, START).await.unwrap().unwrap();
    assert_eq!(alone.batch, ONE);
    assert!(queue::lease(&store, &single, MINUTE, START).await.unwrap().is_none());
    let lease = queue::lease(&store, &lab, MINUTE, START).await.unwrap().unwrap();
    assert_eq!((lease.batch, runs::get(&store, lease.run_id).await.unwrap().batch), (eight, eight));
    let refused = queue::report(&store, &lab, lease.id, &measured(3.0), second(1)).await;
    assert!(matches!(refused, Err(Error::Unfit(_))), "it is of one sequence: {refused:?}");
    let report = Report::Measured { facts: Box::new(at_once(facts(3.0), eight)) };
    queue::report(&store, &lab, lease.id, &report, second(1)).await.unwrap();
    let board = store::leaderboard::get(&store, START).await.unwrap();
    assert_eq!(board.cells[0].key.batch, 8);
    let (shared, energy) = (&board.cells[0].sums, board.cells[0].sums.energy_j.mean);
    assert!(energy < 3.1 / 8.0 && !shared.reserved_s.is_empty(), "each answer has an eighth: {energy}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_that_a_stopping_worker_hands_back_waits_at_once_and_keeps_its_attempts(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    ask(&store, "a", "2+2?").await;
    let failure = Failure { code: "worker_stopped".to_owned(), message: "It was stopped.".to_owned() };
    // More often than there are attempts.
    for at in 0..5 {
        let lease = queue::lease(&store, &caller, MINUTE, second(at)).await.unwrap().unwrap();
        assert_eq!(lease.attempt, 1);
        let release = Report::Release { failure: failure.clone() };
        for _ in 0..2 {
            let state = queue::report(&store, &caller, lease.id, &release, second(at)).await.unwrap();
            assert_eq!(state, RunState::Queued, "sent twice it counts once");
        }
        let run = runs::get(&store, lease.run_id).await.unwrap();
        assert_eq!((run.state, run.attempts, run.failure), (RunState::Queued, 0, Some(failure.clone())));
    }
    let lease = queue::lease(&store, &caller, MINUTE, second(9)).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(10)).await.unwrap();
    assert_eq!(runs::get(&store, lease.run_id).await.unwrap().attempts, 1);
}
