//! Many claimers at once.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use store::{Store, machines, queue};

use crate::made_up::{MINUTE, MODEL, START, announcement, bench, enrol};

/// Runs that wait, and claims made at once.
const RUNS: usize = 10_000;

#[sqlx::test(migrations = "../../migrations")]
async fn ten_thousand_claims_at_once_give_each_run_to_one_machine_only(pool: PgPool) {
    let (store, first) = bench(pool.clone()).await;
    let mut callers = vec![first];
    for name in ["m2", "m3", "m4", "m5"] {
        let caller = enrol(&store, name).await;
        machines::announce(&store, &caller, &announcement(&[MODEL]), START).await.unwrap();
        callers.push(caller);
    }
    let made = sqlx::query(
        "with asked as (
             insert into prompt (text, task, max_output_tokens, temperature, top_p, seed, created_at)
             select 'prompt ' || number, 'plain', 8, 0, 1, 0, $2 from generate_series(1, $3) number
             returning id
         )
         insert into run (prompt_id, model_id, position, origin, priority, repetitions, streamed, max_attempts,
                          queued_at, due_at)
         select id, $1, 0, 'interactive', 0, 1, false, 3, $2, $2 from asked",
    )
    .bind(MODEL)
    .bind(START)
    .bind(i32::try_from(RUNS).unwrap())
    .execute(&pool)
    .await
    .unwrap();
    assert_eq!(made.rows_affected(), u64::try_from(RUNS).unwrap());

    // As PostgreSQL does by itself before long; a table that it knows nothing of is sorted at every claim.
    sqlx::query("analyze").execute(&pool).await.unwrap();
    // Sixteen connections, and far more claims that wait for one than any service sees.
    let options = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(600));
    let store = Store::new(options.connect_with((*pool.connect_options()).clone()).await.unwrap());
    let claims: Vec<_> = (0..RUNS)
        .map(|index| {
            let (store, caller) = (store.clone(), callers[index % callers.len()].clone());
            tokio::spawn(async move { queue::lease(&store, &caller, MINUTE, START).await.unwrap() })
        })
        .collect();
    let (mut runs, mut leases) = (HashSet::new(), HashSet::new());
    for claim in claims {
        let lease = claim.await.unwrap().expect("there is a run for each claim");
        assert_eq!(lease.attempt, 1);
        assert!(runs.insert(lease.run_id) && leases.insert(lease.id), "{lease:?} was given twice");
    }
    assert_eq!(queue::lease(&store, &callers[0], MINUTE, START).await.unwrap(), None);
    let open: i64 = sqlx::query_scalar("select count(distinct run_id) from lease where ended_at is null")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!((runs.len(), open), (RUNS, i64::try_from(RUNS).unwrap()));
}
