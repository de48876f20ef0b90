//! The ranking kept up to date is the ranking made anew.

use common::leaderboard::Leaderboard;
use common::lease::Report;
use serde_json::Value;
use sqlx::PgPool;
use store::{campaigns, leaderboard, queue};

use crate::made_up::{MINUTE, MODEL, START, bench, campaign_order, facts, second, submit};

#[sqlx::test(migrations = "../../migrations")]
async fn a_rebuilt_ranking_equals_the_one_kept_up_to_date(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let texts: Vec<String> = (0..6).map(|index| format!("{index}+1?")).collect();
    for text in &texts {
        submit(&store, text).await;
    }
    let id = campaigns::open(&store, "c", "", START).await.unwrap();
    let model: common::ids::ModelId = MODEL.parse().unwrap();
    let wanted: Vec<_> = texts.iter().map(|text| (campaign_order(text), model.clone())).collect();
    campaigns::enqueue(&store, id, &wanted, START).await.unwrap();

    let mut reports: u32 = 0;
    while let Some(lease) = queue::lease(&store, &caller, MINUTE, START).await.unwrap() {
        let mut facts = facts(2.0 + f64::from(reports) * 0.37);
        // Some records are left out of the figures: their trace covers too little of the window.
        if reports % 4 == 3 {
            facts.repetitions[0].readings[0].trace.0.truncate(2);
        }
        let report = Report::Measured { facts: Box::new(facts) };
        queue::report(&store, &caller, lease.id, &report, second(10 + u64::from(reports))).await.unwrap();
        reports += 1;
    }
    assert_eq!(reports, 12);
    let kept = leaderboard::get(&store, START).await.unwrap();
    assert_eq!(kept.cells.len(), 2, "one cell a person, one a campaign");
    let counted: u64 = kept.cells.iter().map(|cell| cell.sums.runs + cell.sums.excluded_runs).sum();
    assert_eq!(counted, 12);
    assert!(kept.cells.iter().all(|cell| cell.sums.excluded_runs > 0 && cell.sums.energy_j.n > 0));

    assert_eq!(leaderboard::rebuild(&store).await.unwrap(), 12);
    let made: Leaderboard = leaderboard::get(&store, START).await.unwrap();
    let (made, kept) = (serde_json::to_value(made).unwrap(), serde_json::to_value(kept).unwrap());
    assert!(is_the_same(&made, &kept), "{made:#}\n{kept:#}");
}

/// Equal but for the last digits: a stored sum went through a document, which may turn the last bit of a float.
fn is_the_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_the_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|each| is_the_same(value, each)))
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            (one - other).abs() <= 1e-12 * one.abs().max(1.0)
        }
        _ => one == other,
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn reports_at_once_lose_no_run(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let mut leases = Vec::new();
    for index in 0..12 {
        submit(&store, &format!("{index}+1?")).await;
        leases.push(queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap());
    }
    let reporting: Vec<_> = leases
        .into_iter()
        .zip(0_u32..)
        .map(|(lease, index)| {
            let (store, caller) = (store.clone(), caller.clone());
            tokio::spawn(async move {
                let report = Report::Measured { facts: Box::new(facts(2.0 + f64::from(index))) };
                queue::report(&store, &caller, lease.id, &report, second(5)).await.unwrap()
            })
        })
        .collect();
    for report in reporting {
        report.await.unwrap();
    }
    let board = leaderboard::get(&store, START).await.unwrap();
    let counted: u64 = board.cells.iter().map(|cell| cell.sums.runs + cell.sums.excluded_runs).sum();
    assert_eq!((board.cells.len(), counted), (1, 12));
}
