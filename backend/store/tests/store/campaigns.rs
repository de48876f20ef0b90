//! A campaign queues everything once, however often it is started.

use std::time::Duration;

use common::cost::{Cost, Price};
use common::ids::ModelId;
use common::lease::Report;
use common::prompt::{Decoding, Kind, Task};
use common::run::{Failure, RunState};
use sqlx::PgPool;
use store::queue::Order;
use store::{Error, Store, campaigns, counts, leaderboard, machines, queue};

use crate::made_up::{MINUTE, MODEL, START, announcement, bench, campaign_order, measured, second, submit};

#[sqlx::test(migrations = "../../migrations")]
async fn a_second_start_queues_nothing_twice_but_picks_up_what_is_new(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let (old, new): (ModelId, ModelId) = (MODEL.parse().unwrap(), "new@a:f32".parse().unwrap());
    machines::announce(&store, &caller, &announcement(&[MODEL, "new@a:f32"]), START).await.unwrap();
    let id = campaigns::open(&store, "c", "about", None, START).await.unwrap();
    let on = |model: &ModelId| {
        vec![(campaign_order("2+2?"), model.clone()), (campaign_order("3+3?"), model.clone())]
    };
    assert_eq!(campaigns::enqueue(&store, id, &on(&old), START).await.unwrap(), 2);
    assert_eq!(campaigns::open(&store, "c", "about it", None, second(1)).await.unwrap(), id);
    assert_eq!(campaigns::enqueue(&store, id, &on(&old), second(1)).await.unwrap(), 0);
    let both = [on(&old), on(&new)].concat();
    assert_eq!(campaigns::enqueue(&store, id, &both, second(2)).await.unwrap(), 2);
    let mut hotter = on(&old);
    hotter[0].0.decoding = Decoding { temperature: 0.7, ..Decoding::default() };
    assert_eq!(
        campaigns::enqueue(&store, id, &hotter, second(3)).await.unwrap(),
        1,
        "another decoding is another prompt"
    );
    assert_eq!(campaigns::progress(&store, id).await.unwrap(), [(RunState::Queued, 5)]);
    let lease = queue::lease(&store, &caller, MINUTE, second(4)).await.unwrap().unwrap();
    assert_eq!((lease.prompt.expected.as_deref(), lease.streamed), (Some("4"), false));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_measured_is_read_once_in_order_and_its_bill_holds_everything_around_the_windows(
    pool: PgPool,
) {
    let (store, caller) = bench(pool).await;
    let model: ModelId = MODEL.parse().unwrap();
    let price = Price { per_kwh: 0.4, currency: "EUR".to_owned() };
    let id = campaigns::open(&store, "c", "", Some(&price), START).await.unwrap();
    let wanted = ["1+1?", "2+2?", "3+3?"].map(|text| (campaign_order(text), model.clone()));
    campaigns::enqueue(&store, id, &wanted, START).await.unwrap();
    for (index, joules) in [3.0, 4.0].into_iter().enumerate() {
        let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
        let at = second(10 + u64::try_from(index).unwrap());
        queue::report(&store, &caller, lease.id, &measured(joules), at).await.unwrap();
    }
    let named = campaigns::named(&store, "c").await.unwrap();
    assert_eq!(named, id);
    assert!(matches!(campaigns::named(&store, "d").await, Err(Error::Missing { .. })));
    let first = campaigns::measured_after(&store, id, None, 1).await.unwrap();
    let rest = campaigns::measured_after(&store, id, Some(first[0].0), 9).await.unwrap();
    assert_eq!((first.len(), rest.len()), (1, 1));
    assert!(campaigns::measured_after(&store, id, Some(rest[0].0), 9).await.unwrap().is_empty());

    // 5 J of work in 1 s; 1 s of pads and 2.5 s of waiting at 1.1 W; 0.2 s of warm-up at 5 W.
    let cost = Cost::of(&first[0].1);
    assert!((cost.energy.joules() - (5.0 + 1.1 * 3.5 + 0.2 * 5.0)).abs() < 1e-9, "{cost:?}");
    assert_eq!((cost.machine_time, cost.runs), (Duration::from_millis(4700), 1));
    assert!((cost.carbon.grams() - 9.85 * 1.2 * 380.95 / 3.6e6).abs() < 1e-12, "{cost:?}");
    assert_eq!(cost.labels.len() + cost.boundaries.len(), 2, "the bill says of what it is: {cost:?}");
    let both = cost.plus(Cost::of(&rest[0].1));
    let kept = campaigns::list(&store).await.unwrap().remove(0);
    assert_eq!((kept.measured_runs, kept.queued_runs, kept.failed_runs), (2, 1, 0));
    assert_eq!((&kept.cost, both.runs), (&both, 2), "the bill is kept as the runs are reported");
    assert_eq!((kept.price.as_ref(), kept.money), (Some(&price), Some(price.of(both.energy))));
    leaderboard::rebuild(&store).await.unwrap();
    assert_eq!(campaigns::list(&store).await.unwrap()[0].cost, both, "and can be made anew");

    let waiting = campaigns::waiting(&store, id, &model, Task::Plain, Some(Kind::Math), 1).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(campaigns::waiting(&store, id, &model, Task::Plain, None, 1).await.unwrap().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn how_the_runs_of_a_campaign_stand_is_counted_at_every_move_as_when_counted_anew(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let model: ModelId = MODEL.parse().unwrap();
    let id = campaigns::open(&store, "c", "", None, START).await.unwrap();
    let texts: Vec<String> = (0..8).map(|index| format!("{index}+1?")).collect();
    let order = |text| Order { max_attempts: 1, ..campaign_order(text) };
    let wanted: Vec<_> = texts.iter().map(|text| (order(text), model.clone())).collect();
    assert!(campaigns::progress(&store, id).await.unwrap().is_empty());
    campaigns::enqueue(&store, id, &wanted, START).await.unwrap();
    // A person's runs are nobody's campaign.
    let person = submit(&store, "2+2?").await.run_ids[0];
    queue::cancel(&store, person, START).await.unwrap();
    let mut leases = Vec::new();
    for _ in 0..6 {
        leases.push(queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap());
    }
    let failure = || Failure { code: "no".to_owned(), message: "No.".to_owned() };
    let reports = [
        measured(3.0),
        Report::Reject { failure: failure() },
        // Its only attempt.
        Report::Retry { failure: failure() },
        Report::Release { failure: failure() },
    ];
    for (lease, report) in leases.iter().zip(&reports) {
        queue::report(&store, &caller, lease.id, report, second(1)).await.unwrap();
    }
    queue::cancel(&store, leases[4].run_id, second(2)).await.unwrap();
    let stand = [
        (RunState::Queued, 3),
        (RunState::Leased, 1),
        (RunState::Measured, 1),
        (RunState::Failed, 2),
        (RunState::Cancelled, 1),
    ];
    assert_eq!(campaigns::progress(&store, id).await.unwrap(), stand);
    assert_eq!(waiting(&store).await, ((3, 1), 3));
    // The last lease runs out.
    assert_eq!(queue::reap(&store, second(100)).await.unwrap(), 1);
    let stand =
        [(RunState::Queued, 3), (RunState::Measured, 1), (RunState::Failed, 3), (RunState::Cancelled, 1)];
    assert_eq!(campaigns::progress(&store, id).await.unwrap(), stand);
    assert_eq!(waiting(&store).await, ((3, 0), 3));
    let kept = campaigns::list(&store).await.unwrap();
    leaderboard::rebuild(&store).await.unwrap();
    assert_eq!(campaigns::list(&store).await.unwrap(), kept);
    assert_eq!(waiting(&store).await, ((3, 0), 3));
}

/// What waits and what is leased, and how long the only machine's queue is.
async fn waiting(store: &Store) -> ((u64, u64), u64) {
    let machines = machines::list(store, START, MINUTE).await.unwrap();
    (counts::of_queue(store).await.unwrap(), machines[0].queue_length)
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_a_server_of_the_version_before_moved_uncounted_is_counted_when_the_next_one_starts(
    pool: PgPool,
) {
    let (store, caller) = bench(pool.clone()).await;
    let runs = [submit(&store, "1+1?").await, submit(&store, "2+2?").await];
    sqlx::query("delete from queue_count").execute(&pool).await.unwrap();
    queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    assert_eq!(waiting(&store).await, ((0, 1), 0), "never less than nothing");
    counts::recount_queue(&store).await.unwrap();
    assert_eq!(waiting(&store).await, ((1, 1), 1));
    for run in runs {
        queue::cancel(&store, run.run_ids[0], START).await.unwrap();
    }
    assert_eq!(waiting(&store).await, ((0, 0), 0));
}
