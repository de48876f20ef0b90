//! Every move of a Run, and the moves that are not legal.

use std::collections::HashSet;

use common::ids::LeaseId;
use common::lease::{Report, Step};
use common::run::{Failure, RunState};
use sqlx::PgPool;
use store::{Error, campaigns, machines, queue, runs};

use crate::made_up::{
    MINUTE, MODEL, START, announcement, bench, campaign_order, enrol, facts, measured, second, submit,
};

fn failure(code: &str) -> Failure {
    Failure { code: code.to_owned(), message: format!("because of {code}") }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_is_leased_to_a_machine_that_runs_its_model_and_to_no_other(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let other = enrol(&store, "m2").await;
    machines::announce(&store, &other, &announcement(&["else@a:f32"]), START).await.unwrap();
    let submitted = submit(&store, "2+2?").await;
    assert!(queue::lease(&store, &other, MINUTE, START).await.unwrap().is_none());
    let lease = queue::lease(&store, &caller, MINUTE, second(1)).await.unwrap().unwrap();
    assert_eq!((lease.run_id, lease.machine_id), (submitted.run_ids[0], caller.id));
    assert_eq!((lease.prompt.text.as_str(), lease.repetitions, lease.attempt), ("2+2?", 2, 1));
    assert_eq!(lease.expires_at, second(61));
    assert!(queue::lease(&store, &caller, MINUTE, START).await.unwrap().is_none(), "nobody gets it twice");
    let run = runs::get(&store, lease.run_id).await.unwrap();
    assert_eq!((run.state, run.machine), (RunState::Leased, Some(caller.name)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_forty_runs_and_eight_claimers_at_once_each_run_is_leased_once(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    for index in 0..40 {
        submit(&store, &format!("{index}+1?")).await;
    }
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let (store, caller) = (store.clone(), caller.clone());
            tokio::spawn(async move {
                let mut mine = Vec::new();
                while let Some(lease) = queue::lease(&store, &caller, MINUTE, START).await.unwrap() {
                    mine.push(lease.run_id);
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    // A claimer may skip what another one has locked and stop early; together they miss nothing.
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_person_is_served_before_a_campaign_and_each_in_the_order_asked(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let model = MODEL.parse().unwrap();
    campaigns::enqueue(&store, id, &[(campaign_order("from a campaign"), model)], START).await.unwrap();
    let first = submit(&store, "first").await;
    let later = submit(&store, "second").await;
    let position = runs::get(&store, later.run_ids[0]).await.unwrap().queue_position;
    assert_eq!(position, Some(1));
    assert_eq!(runs::get(&store, first.run_ids[0]).await.unwrap().queue_position, Some(0));
    let mut served = Vec::new();
    while let Some(lease) = queue::lease(&store, &caller, MINUTE, START).await.unwrap() {
        served.push(lease.prompt.text);
    }
    assert_eq!(served, ["first", "second", "from a campaign"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_renewed_lease_outlives_its_first_end_and_an_expired_one_gives_its_run_back(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::renew(&store, &caller, lease.id, Step::WarmingUp, MINUTE, second(50)).await.unwrap();
    assert_eq!(queue::reap(&store, second(70)).await.unwrap(), 0, "renewed until 110");
    assert_eq!(runs::get(&store, lease.run_id).await.unwrap().step, Some(Step::WarmingUp));
    assert_eq!(queue::reap(&store, second(111)).await.unwrap(), 1);
    let run = runs::get(&store, lease.run_id).await.unwrap();
    assert_eq!((run.state, run.attempts, run.step), (RunState::Queued, 1, None));
    assert_eq!(run.failure.unwrap().code, "lease_expired");
    let renewed = queue::renew(&store, &caller, lease.id, Step::WarmingUp, MINUTE, second(112)).await;
    assert!(matches!(renewed, Err(Error::Stale)), "{renewed:?}");
    let again = queue::lease(&store, &caller, MINUTE, second(113)).await.unwrap().unwrap();
    assert_eq!((again.run_id, again.attempt), (lease.run_id, 2));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_that_expires_at_every_attempt_fails_at_the_last(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let submitted = submit(&store, "2+2?").await;
    for attempt in 0..3 {
        let start = attempt * 100;
        queue::lease(&store, &caller, MINUTE, second(start)).await.unwrap().unwrap();
        assert_eq!(queue::reap(&store, second(start + 61)).await.unwrap(), 1);
    }
    let run = runs::get(&store, submitted.run_ids[0]).await.unwrap();
    assert_eq!((run.state, run.ended_at), (RunState::Failed, Some(second(261))));
    assert_eq!(run.failure.unwrap().code, "attempts_exhausted");
    assert!(queue::lease(&store, &caller, MINUTE, second(300)).await.unwrap().is_none());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_same_report_again_gets_the_same_answer_and_counts_once(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    for _ in 0..2 {
        let state = queue::report(&store, &caller, lease.id, &measured(3.0), second(5)).await.unwrap();
        assert_eq!(state, RunState::Measured);
    }
    let other = queue::report(&store, &caller, lease.id, &measured(4.0), second(6)).await;
    assert!(matches!(other, Err(Error::Stale)), "{other:?}");
    let board = store::leaderboard::get(&store, START).await.unwrap();
    assert_eq!((board.cells.len(), board.cells[0].sums.runs + board.cells[0].sums.excluded_runs), (1, 1));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_retry_waits_again_and_its_report_keeps_its_answer_after_the_run_moved_on(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let first = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let retry = Report::Retry { failure: failure("not_calm") };
    let state = queue::report(&store, &caller, first.id, &retry, second(1)).await.unwrap();
    assert_eq!(state, RunState::Queued);
    let next = queue::lease(&store, &caller, MINUTE, second(2)).await.unwrap().unwrap();
    queue::report(&store, &caller, next.id, &measured(3.0), second(3)).await.unwrap();
    let again = queue::report(&store, &caller, first.id, &retry, second(4)).await.unwrap();
    assert_eq!(again, RunState::Queued);
    let run = runs::get(&store, first.run_id).await.unwrap();
    assert_eq!((run.state, run.failure), (RunState::Measured, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_rejected_run_fails_at_once_with_the_reason_given(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let reject = Report::Reject { failure: failure("prompt_too_long") };
    let state = queue::report(&store, &caller, lease.id, &reject, second(1)).await.unwrap();
    assert_eq!(state, RunState::Failed);
    assert_eq!(runs::get(&store, lease.run_id).await.unwrap().failure, Some(failure("prompt_too_long")));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_late_report_counts_while_nobody_else_has_the_run_and_not_after(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "one").await;
    submit(&store, "two").await;
    let one = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let two = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let late = queue::report(&store, &caller, one.id, &measured(3.0), second(90)).await.unwrap();
    assert_eq!(late, RunState::Measured);
    assert_eq!(queue::reap(&store, second(91)).await.unwrap(), 1);
    let too_late = queue::report(&store, &caller, two.id, &measured(3.0), second(92)).await;
    assert!(matches!(too_late, Err(Error::Stale)), "{too_late:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_lease_belongs_to_its_machine(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let other = enrol(&store, "m2").await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let stolen = queue::report(&store, &other, lease.id, &measured(3.0), second(1)).await;
    assert!(matches!(stolen, Err(Error::Missing { .. })), "{stolen:?}");
    let renewed = queue::renew(&store, &other, lease.id, Step::Baseline, MINUTE, second(1)).await;
    assert!(matches!(renewed, Err(Error::Missing { .. })), "{renewed:?}");
    let unknown: LeaseId = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    let told = queue::progress(&store, &caller, unknown, Vec::new(), Vec::new()).await;
    assert!(matches!(told, Err(Error::Missing { .. })), "{told:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_contradictory_report_is_refused_and_the_lease_stays(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let mut wrong = facts(3.0);
    wrong.repetitions[1].output_tokens = 9;
    let report = Report::Measured { facts: Box::new(wrong) };
    let refused = queue::report(&store, &caller, lease.id, &report, second(1)).await;
    assert!(matches!(refused, Err(Error::Contradiction(_))), "{refused:?}");
    let state = queue::report(&store, &caller, lease.id, &measured(3.0), second(2)).await.unwrap();
    assert_eq!(state, RunState::Measured);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_run_can_be_taken_back_until_it_has_ended(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let waiting = submit(&store, "one").await.run_ids[0];
    assert_eq!(queue::cancel(&store, waiting, second(1)).await.unwrap(), RunState::Cancelled);
    let leased = submit(&store, "two").await.run_ids[0];
    let lease = queue::lease(&store, &caller, MINUTE, second(2)).await.unwrap().unwrap();
    assert_eq!(lease.run_id, leased, "what was taken back is not served");
    queue::cancel(&store, leased, second(3)).await.unwrap();
    let renewed = queue::renew(&store, &caller, lease.id, Step::Baseline, MINUTE, second(4)).await;
    assert!(matches!(renewed, Err(Error::Stale)), "{renewed:?}");
    let again = queue::cancel(&store, leased, second(5)).await;
    assert!(matches!(again, Err(Error::Ended(RunState::Cancelled))), "{again:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_report_and_a_cancel_at_once_leave_one_of_the_two(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    for round in 0..10 {
        submit(&store, &format!("{round}")).await;
        let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
        let report = measured(3.0);
        let (reported, cancelled) = tokio::join!(
            queue::report(&store, &caller, lease.id, &report, second(1)),
            queue::cancel(&store, lease.run_id, second(1)),
        );
        let state = runs::get(&store, lease.run_id).await.unwrap().state;
        match (reported, cancelled) {
            (Ok(_), Err(Error::Ended(RunState::Measured))) => assert_eq!(state, RunState::Measured),
            (Err(Error::Stale), Ok(_)) => assert_eq!(state, RunState::Cancelled),
            other => panic!("{other:?}"),
        }
    }
}
