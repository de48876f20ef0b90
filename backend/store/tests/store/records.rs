//! A record is read back as it was written.

use std::num::NonZeroU32;

use common::ids::ModelId;
use common::lease::Report;
use common::measurement::Round;
use common::units::Power;
use serde_json::json;
use sha2::Digest as _;
use sqlx::PgPool;
use store::machines::Caller;
use store::queue::Order;
use store::{Error, Store, machines, prompts, queue, runs};

use crate::made_up::{
    MINUTE, MODEL, START, announcement, at_once, bench, enrol, facts, measured, order, second, submit,
};

#[sqlx::test(migrations = "../../migrations")]
async fn a_measurement_is_the_same_there_and_back(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let submitted = submit(&store, "Was ist 2+2? \u{1F914}").await;
    let lease = queue::lease(&store, &caller, MINUTE, second(1)).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.3), second(5)).await.unwrap();
    let view = prompts::get(&store, submitted.prompt_id).await.unwrap();
    let record = view.runs[0].measurement.as_deref().unwrap();
    assert_eq!(record.facts, facts(3.3));
    assert_eq!(record.prompt, lease.prompt);
    assert_eq!((record.run_id, record.prompt_id, record.lease_id), (lease.run_id, view.id, lease.id));
    assert_eq!((record.recorded_at, record.machine.pue), (second(5), 1.2));
    assert_eq!(record.grid.intensity.grams_per_kwh(), 380.95);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_record_keeps_the_machine_as_it_was(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(5)).await.unwrap();
    let mut changed = announcement(&[crate::made_up::MODEL]);
    changed.hardware.cpu = "Another CPU".to_owned();
    machines::announce(&store, &caller, &changed, second(6)).await.unwrap();
    let record = runs::get(&store, lease.run_id).await.unwrap().measurement.unwrap();
    assert_eq!(record.machine.hardware.cpu, "Test CPU");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_nul_in_an_answer_is_kept_as_a_replacement_character_and_elsewhere_refused(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let mut with_nul = facts(3.0);
    with_nul.software.device = "a\0b".to_owned();
    let report = Report::Measured { facts: Box::new(with_nul.clone()) };
    let refused = queue::report(&store, &caller, lease.id, &report, second(1)).await;
    assert!(matches!(refused, Err(Error::Unfit(_))), "{refused:?}");
    with_nul.software.device = "none".to_owned();
    with_nul.repetitions[0].output_text = "a\0b".to_owned();
    let report = Report::Measured { facts: Box::new(with_nul) };
    queue::report(&store, &caller, lease.id, &report, second(2)).await.unwrap();
    let record = runs::get(&store, lease.run_id).await.unwrap().measurement.unwrap();
    assert_eq!(record.facts.repetitions[0].output_text, "a\u{FFFD}b");
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_answer_of_a_batch_is_read_back_and_forgotten_with_the_first(pool: PgPool) {
    let (store, caller) = bench(pool.clone()).await;
    let (model, three): (ModelId, _) = (MODEL.parse().unwrap(), NonZeroU32::new(3).unwrap());
    let mut said = announcement(&[MODEL]);
    said.max_batches = [(model.clone(), three)].into();
    machines::announce(&store, &caller, &said, START).await.unwrap();
    let secret = sha2::Sha256::digest("secret");
    let order = Order { secret_sha256: Some(secret.as_slice()), batch: three, ..order("2+2?") };
    let (prompt_id, _) = queue::enqueue(&store, &order, &[model], START).await.unwrap();
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let mut batch = at_once(facts(3.0), three);
    for repetition in &mut batch.repetitions {
        repetition.others[1].output_text = "a\0b".to_owned();
        repetition.others[1].output_tokens = 2;
        repetition.others[1].token_times.pop();
    }
    let report = Report::Measured { facts: Box::new(batch.clone()) };
    queue::report(&store, &caller, lease.id, &report, second(2)).await.unwrap();
    for repetition in &mut batch.repetitions {
        repetition.others[1].output_text = "a\u{FFFD}b".to_owned();
    }
    let record = runs::get(&store, lease.run_id).await.unwrap().measurement.unwrap();
    assert_eq!(record.facts, batch);
    prompts::forget(&store, prompt_id, "secret", second(3)).await.unwrap();
    let left = "select count(*) from repetition cross join jsonb_array_elements(others) answer
                where answer ->> 'output_text' <> '' or jsonb_array_length(answer -> 'token_times_s') < 2";
    assert_eq!(
        sqlx::query_scalar::<_, i64>(left).fetch_one(&pool).await.unwrap(),
        0,
        "words are gone, times stay"
    );
    let kept = "select count(*) from repetition cross join jsonb_array_elements(others)";
    assert_eq!(sqlx::query_scalar::<_, i64>(kept).fetch_one(&pool).await.unwrap(), 4);
}

#[sqlx::test(migrations = "../../migrations")]
async fn answers_in_a_row_in_one_window_are_read_back_with_what_lies_between_them(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    let mut said = facts(3.0);
    for repetition in &mut said.repetitions {
        let millis = std::time::Duration::from_millis;
        repetition.token_times = [50, 100, 150].map(millis).to_vec();
        repetition.window.gaps = millis(40);
        repetition.again =
            vec![Round { start: millis(200), token_times: [60, 120, 180].map(millis).to_vec() }];
    }
    let report = Report::Measured { facts: Box::new(said.clone()) };
    queue::report(&store, &caller, lease.id, &report, second(2)).await.unwrap();
    let record = runs::get(&store, lease.run_id).await.unwrap().measurement.unwrap();
    assert_eq!(record.facts, said);
}

/// A Run measured on a day, and what its record says was usual; its idle power was read, or is configured.
async fn idle_on(store: &Store, caller: &Caller, day: u64, idle_w: f64, is_read: bool) -> Option<f64> {
    let now = second(day * 86_400);
    submit(store, &format!("2+2 on day {day}?")).await;
    let lease = queue::lease(store, caller, MINUTE, now).await.unwrap().unwrap();
    let mut said = facts(3.0);
    let known = json!({ "blocks": 30, "deviation_w": 0.1, "standard_error_w": 0.02, "furthest": 2.0 });
    let baseline = &mut said.baselines[0];
    (baseline.before, baseline.usual) = (Some(Power::from_watts(idle_w)), None);
    baseline.steadiness_before = is_read.then(|| serde_json::from_value(known).unwrap());
    let report = Report::Measured { facts: Box::new(said) };
    queue::report(store, caller, lease.id, &report, now).await.unwrap();
    let kept = runs::get(store, lease.run_id).await.unwrap().measurement.unwrap().facts.baselines[0];
    let told = lease.usual_idle.iter().find(|usual| usual.domain == kept.domain).map(|usual| usual.power);
    assert_eq!(
        kept.usual,
        told.filter(|_| is_read),
        "the record is told the same as the worker, of what was read"
    );
    told.map(Power::watts)
}

#[sqlx::test(migrations = "../../migrations")]
async fn usual_idle_power_is_the_median_of_the_runs_of_seven_days_that_read_it(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    for (day, idle_w) in [(1, 50.0), (2, 10.0), (3, 12.0), (4, 11.0), (5, 10.0)] {
        assert_eq!(idle_on(&store, &caller, day, idle_w, true).await, None, "four are too few");
    }
    assert_eq!(idle_on(&store, &caller, 6, 900.0, false).await, Some(11.0));
    assert_eq!(
        idle_on(&store, &caller, 7, 13.0, true).await,
        Some(11.0),
        "what is configured does not count"
    );
    // The day of 50 W is eight days ago by then: 10, 12, 11, 10 and 13.
    assert_eq!(idle_on(&store, &caller, 8, 11.0, true).await, Some(11.0));
    let other = enrol(&store, "m2").await;
    machines::announce(&store, &other, &announcement(&[MODEL]), second(8 * 86_400)).await.unwrap();
    assert_eq!(idle_on(&store, &other, 8, 11.0, true).await, None, "each machine has its own");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_day_of_many_runs_weighs_no_more_than_its_newest(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    for _ in 0..20 {
        idle_on(&store, &caller, 2, 10.0, true).await;
    }
    for day in [3, 4] {
        for _ in 0..8 {
            idle_on(&store, &caller, day, 20.0, true).await;
        }
    }
    // 15 of the first day and 16 of the others.
    assert_eq!(idle_on(&store, &caller, 5, 20.0, true).await, Some(20.0));
}
