//! Lists of public runs: pages over many, and where a run belongs.

use common::api::runs::{ListRuns, RunLine};
use common::ids::ModelId;
use common::lease::Report;
use common::prompt::Kind;
use common::run::{Failure, RunState};
use sqlx::PgPool;
use store::{Store, campaigns, machines, public_measurements, public_runs, queue};

use crate::made_up::{MINUTE, MODEL, START, announcement, bench, campaign_order, enrol, measured, second};

async fn found(store: &Store, wanted: &ListRuns) -> Vec<RunLine> {
    public_runs::list(store, wanted, None, 50).await.unwrap().0
}

/// Runs of another kind that wait, newer than all others.
async fn bury(pool: &PgPool, runs: i32) {
    let prompts = "insert into prompt (campaign_id, text, task, max_output_tokens, temperature, top_p, seed, kind, created_at)
                   select id, 'newer ' || n, 'plain', 1, 0, 1, 0, 'code', $2 + n * interval '1 second'
                   from campaign cross join generate_series(1, $1) n";
    let queued = "insert into run (prompt_id, model_id, position, origin, priority, repetitions, streamed, max_attempts,
                                   queued_at, due_at, is_public)
                  select id, $1, 0, 'campaign', 1, 1, false, 1, created_at, created_at, true
                  from prompt where text like 'newer %'";
    sqlx::query(prompts).bind(runs).bind(second(1000)).execute(pool).await.unwrap();
    sqlx::query(queued).bind(MODEL).execute(pool).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_lies_behind_more_runs_than_a_page_looks_through_is_found_by_going_on(pool: PgPool) {
    let (store, caller) = bench(pool.clone()).await;
    let model: ModelId = MODEL.parse().unwrap();
    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let wanted = ["1+1?", "2+2?"].map(|text| (campaign_order(text), model.clone()));
    campaigns::enqueue(&store, id, &wanted, START).await.unwrap();
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(1)).await.unwrap();
    bury(&pool, 1500).await;

    let math = ListRuns { kind: Some(Kind::Math), ..ListRuns::default() };
    let (mut lines, mut next) = public_runs::list(&store, &math, None, 1).await.unwrap();
    assert!(lines.is_empty() && next.is_some());
    while let Some(place) = next {
        let (more, after) = public_runs::list(&store, &math, Some(place), 1).await.unwrap();
        lines.extend(more);
        next = after;
    }
    let mut texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["1+1?", "2+2?"]);
    // What has an index of its own is found at once.
    let state = ListRuns { state: Some(RunState::Measured), campaign: Some("c".to_owned()), ..math.clone() };
    assert_eq!(found(&store, &state).await.len(), 1);
    let machine = ListRuns { machine: Some(caller.name.clone()), ..ListRuns::default() };
    assert_eq!(found(&store, &machine).await.len(), 1);
    assert!(found(&store, &ListRuns { campaign: Some("d".to_owned()), ..math }).await.is_empty());
    let (records, next) =
        public_measurements::list(&store, &public_measurements::Filter::default(), None, 9).await.unwrap();
    assert_eq!((records.len(), next), (1, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_that_was_handed_back_is_listed_under_the_machine_that_tried_it_before(pool: PgPool) {
    let (store, first) = bench(pool).await;
    let second_one = enrol(&store, "m2").await;
    machines::announce(&store, &second_one, &announcement(&[MODEL]), START).await.unwrap();
    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let wanted = [(campaign_order("1+1?"), MODEL.parse::<ModelId>().unwrap())];
    campaigns::enqueue(&store, id, &wanted, START).await.unwrap();
    let failure = || Failure { code: "no".to_owned(), message: "No.".to_owned() };
    let on =
        |machine: &machines::Caller| ListRuns { machine: Some(machine.name.clone()), ..ListRuns::default() };
    let lease = queue::lease(&store, &second_one, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &second_one, lease.id, &Report::Release { failure: failure() }, START)
        .await
        .unwrap();
    assert!(found(&store, &on(&second_one)).await.is_empty(), "nobody has tried it yet");
    let lease = queue::lease(&store, &first, MINUTE, second(10)).await.unwrap().unwrap();
    queue::report(&store, &first, lease.id, &Report::Retry { failure: failure() }, second(11)).await.unwrap();
    let lease = queue::lease(&store, &second_one, MINUTE, second(600)).await.unwrap().unwrap();
    assert_eq!(found(&store, &on(&second_one)).await[0].machine.as_ref(), Some(&second_one.name));
    queue::report(&store, &second_one, lease.id, &Report::Release { failure: failure() }, second(601))
        .await
        .unwrap();
    assert!(found(&store, &on(&second_one)).await.is_empty());
    let lines = found(&store, &on(&first)).await;
    assert_eq!((lines.len(), lines[0].machine.as_ref()), (1, Some(&first.name)));
    assert_eq!(lines[0].campaign.as_deref(), Some("c"));
}
