//! The ranking kept up to date is the ranking made anew.

use std::num::NonZeroU32;

use common::ids::ModelId;
use common::leaderboard::Leaderboard;
use common::lease::Report;
use common::prompt::{Kind, Origin, Task};
use serde_json::Value;
use sqlx::PgPool;
use store::queue::Order;
use store::{Store, campaigns, leaderboard, machines, queue};

use crate::made_up::{
    MINUTE, MODEL, START, announcement, at_once, bench, campaign_order, enrol, facts, second, submit,
};

#[sqlx::test(migrations = "../../migrations")]
async fn a_rebuilt_ranking_equals_the_one_kept_up_to_date(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let texts: Vec<String> = (0..6).map(|index| format!("{index}+1?")).collect();
    for text in &texts {
        submit(&store, text).await;
    }
    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let model: ModelId = MODEL.parse().unwrap();
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
    let short = leaderboard::get(&store, START).await.unwrap();
    assert!(short.cells.iter().all(|cell| cell.sums.profile.is_empty()));
    let kept = leaderboard::with_profiles(&store, START).await.unwrap();
    assert!(kept.cells.iter().any(|cell| !cell.sums.profile.is_empty()), "a campaign's cell knows lengths");
    assert_eq!(kept.cells.len(), 2, "one cell a person, one a campaign");
    let counted: u64 = kept.cells.iter().map(|cell| cell.sums.runs + cell.sums.excluded_runs).sum();
    assert_eq!(counted, 12);
    assert!(kept.cells.iter().all(|cell| cell.sums.excluded_runs > 0 && cell.sums.energy_j.n > 0));

    assert_eq!(leaderboard::rebuild(&store).await.unwrap(), 12);
    let made: Leaderboard = leaderboard::with_profiles(&store, START).await.unwrap();
    let (made, kept) = (serde_json::to_value(made).unwrap(), serde_json::to_value(kept).unwrap());
    assert!(is_the_same(&made, &kept), "{made:#}\n{kept:#}");
}

/// Equal but for the last digits: a stored sum went through a document, which may turn the last bit of a float.
pub(crate) fn is_the_same(one: &Value, other: &Value) -> bool {
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

/// Numbers that look like chance and are the same each time (an xorshift generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn whatever_was_reported_in_whatever_order_the_ranking_and_the_bills_can_be_made_anew(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let (model, eight) = (MODEL.parse::<ModelId>().unwrap(), NonZeroU32::new(8).unwrap());
    let mut said = announcement(&[MODEL]);
    said.max_batches = [(model.clone(), eight)].into();
    machines::announce(&store, &caller, &said, START).await.unwrap();
    let other = enrol(&store, "m2").await;
    machines::announce(&store, &other, &said, START).await.unwrap();
    for seed in 1..=4 {
        let mut dice = Dice(seed * 0x9E37_79B9);
        let name = format!("c{}", seed % 2);
        let id = campaigns::open(&store, &name, "", None, START).await.unwrap();
        let texts: Vec<String> = (0..24).map(|index| format!("{seed} and {index}?")).collect();
        let mut wanted = Vec::new();
        for text in &texts {
            if dice.below(3) == 0 {
                submit(&store, text).await;
            } else {
                let kind = Kind::ALL.get(usize::try_from(dice.below(6)).unwrap()).copied();
                let task = Task::WORDED[usize::try_from(dice.below(5)).unwrap()];
                let batch = if dice.below(4) == 0 { eight } else { NonZeroU32::MIN };
                let expected = kind.filter(|_| dice.below(3) > 0).map(|_| "4");
                let origin = if dice.below(4) == 0 { Origin::Profile } else { Origin::Campaign };
                let order = Order { kind, task, batch, expected, origin, ..campaign_order(text) };
                wanted.push((order, model.clone()));
            }
        }
        campaigns::enqueue(&store, id, &wanted, START).await.unwrap();
        let mut leases = Vec::new();
        loop {
            let machine = if dice.below(2) == 0 { &caller } else { &other };
            let Some(lease) = queue::lease(&store, machine, MINUTE, START).await.unwrap() else { break };
            leases.push((machine.clone(), lease));
        }
        // Reported in another order than leased.
        while !leases.is_empty() {
            let at = usize::try_from(dice.below(u64::try_from(leases.len()).unwrap())).unwrap();
            let (machine, lease) = leases.swap_remove(at);
            let found = facts(1.0 + f64::from(u32::try_from(dice.below(1000)).unwrap()) / 7.0);
            let mut found = at_once(found, lease.batch);
            found.repetitions.truncate(1 + usize::try_from(dice.below(2)).unwrap());
            for repetition in &mut found.repetitions {
                repetition.prompt_tokens = u32::try_from(1 + dice.below(40)).unwrap();
                match dice.below(8) {
                    // Energy that nobody read: no cell, and a bill that says so.
                    0 => {
                        repetition.readings[0].energy = None;
                        repetition.readings[0].null_reason = repetition.readings[1].null_reason;
                    }
                    // A trace that covers too little: left out of the figures.
                    1 => repetition.readings[0].trace.0.truncate(2),
                    _ => {}
                }
            }
            let report = Report::Measured { facts: Box::new(found) };
            let at = second(10 + dice.below(5));
            queue::report(&store, &machine, lease.id, &report, at).await.unwrap();
        }
    }
    let kept = leaderboard::with_profiles(&store, START).await.unwrap();
    let bills = campaigns::list(&store).await.unwrap();
    let counts = counts_of_machines(&store).await;
    assert_eq!(counts.iter().sum::<u64>(), 96);
    assert!(kept.cells.len() > 20, "{}", kept.cells.len());
    assert!(
        bills.iter().all(|bill| bill.cost.runs == bill.measured_runs && bill.cost.runs_without_energy > 0)
    );
    assert_eq!(leaderboard::rebuild(&store).await.unwrap(), 96);
    let made = serde_json::to_value(leaderboard::with_profiles(&store, START).await.unwrap()).unwrap();
    let kept = serde_json::to_value(kept).unwrap();
    assert!(is_the_same(&made, &kept), "{made:#}\n{kept:#}");
    let made = serde_json::to_value(campaigns::list(&store).await.unwrap()).unwrap();
    assert!(is_the_same(&made, &serde_json::to_value(&bills).unwrap()), "{made:#}\n{bills:#?}");
    assert_eq!(counts_of_machines(&store).await, counts);
}

async fn counts_of_machines(store: &Store) -> Vec<u64> {
    let machines = machines::list(store, START, MINUTE).await.unwrap();
    machines.iter().map(|machine| machine.measured_runs).collect()
}
