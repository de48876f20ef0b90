//! Which intensity a record is read with.

use sqlx::PgPool;
use store::{grid, queue, runs};

use crate::made_up::{MINUTE, START, bench, intensity, measured, second, submit};

#[sqlx::test(migrations = "../../migrations")]
async fn the_latest_of_each_zone_is_listed_and_an_instant_is_later_than_a_year(pool: PgPool) {
    let (store, _) = bench(pool).await;
    let newer = [
        intensity("DE", 344.0, Some(2024), None),
        intensity("FR", 56.0, Some(2023), None),
        intensity("FR", 21.0, None, Some("2026-11-21T00:00:00Z")),
    ];
    grid::keep(&store, &newer, second(1)).await.unwrap();
    grid::keep(&store, &newer, second(2)).await.unwrap();
    let latest = grid::latest(&store).await.unwrap();
    let found: Vec<_> = latest.iter().map(|row| (row.zone.as_str(), row.intensity.grams_per_kwh())).collect();
    assert_eq!(found, [("DE", 344.0), ("FR", 21.0), ("WORLD", 480.0)]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_record_is_read_with_the_value_near_its_window_even_if_that_came_later(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(5)).await.unwrap();
    let read = async || {
        runs::get(&store, lease.run_id).await.unwrap().measurement.unwrap().grid.intensity.grams_per_kwh()
    };
    assert_eq!(read().await, 380.95);
    let back_filled = [
        intensity("DE", 111.0, None, Some("2026-11-21T00:15:00Z")),
        intensity("DE", 222.0, None, Some("2026-11-21T00:45:00Z")),
        intensity("DE", 333.0, None, Some("2026-11-21T03:00:00Z")),
    ];
    grid::keep(&store, &back_filled, second(9)).await.unwrap();
    assert_eq!(read().await, 111.0);
}
