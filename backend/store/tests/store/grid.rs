//! Which intensity a record is read with.

use std::time::Duration;

use common::carbon::{GridIntensity, GridQuality};
use common::ids::Zone;
use sqlx::PgPool;
use store::{grid, grid_watch, machines, queue, runs};

use crate::made_up::{self, MINUTE, START, bench, intensity, measured, second, submit};

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
    let latest = grid::latest(&store, second(2)).await.unwrap();
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

#[sqlx::test(migrations = "../../migrations")]
async fn a_live_value_that_is_too_old_gives_way_to_the_year_and_an_earlier_hour_says_so(pool: PgPool) {
    let (store, _) = bench(pool).await;
    let live = GridIntensity {
        span: Some(Duration::from_secs(3600)),
        ..intensity("DE", 111.0, None, Some("2026-11-21T00:00:00Z"))
    };
    grid::keep(&store, &[live], START).await.unwrap();
    let latest = async |seconds| {
        let zones = grid::latest(&store, second(seconds)).await.unwrap();
        let zone = zones.into_iter().find(|zone| zone.zone.as_str() == "DE").unwrap();
        (zone.intensity.grams_per_kwh(), zone.quality)
    };
    assert_eq!(latest(3599).await, (111.0, GridQuality::Measured));
    assert_eq!(latest(3 * 3600).await, (111.0, GridQuality::Cached));
    assert_eq!(latest(3 * 3600 + 1).await, (380.95, GridQuality::StaticCountryYear));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_figure_that_comes_again_stays_as_it_came_and_a_better_one_replaces_it(pool: PgPool) {
    let (store, _) = bench(pool).await;
    let mut live = intensity("DE", 111.0, None, Some("2026-11-21T00:00:00Z"));
    for (quality, seconds, changed) in
        [(GridQuality::Estimated, 10, 1), (GridQuality::Estimated, 20, 0), (GridQuality::Measured, 30, 1)]
    {
        live.quality = quality;
        assert_eq!(grid::keep(&store, std::slice::from_ref(&live), second(seconds)).await.unwrap(), changed);
    }
    let hours = grid::hours(&store, START).await.unwrap();
    assert_eq!((hours.len(), hours[0].retrieved_at), (1, Some(second(30))));
    assert_eq!(grid::hours(&store, second(1)).await.unwrap(), []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_source_is_asked_by_one_at_a_time_and_left_alone_as_long_as_it_wants(pool: PgPool) {
    let (store, _) = bench(pool).await;
    let (de, fr): (Zone, Zone) = ("DE".parse().unwrap(), "FR".parse().unwrap());
    grid_watch::set(&store, &[(de.clone(), "a"), (fr.clone(), "a")], START).await.unwrap();
    let take = async |seconds| {
        grid_watch::take(&store, MINUTE, second(seconds)).await.unwrap().map(|due| due.zone.to_string())
    };
    let mut both = [take(0).await.unwrap(), take(0).await.unwrap()];
    both.sort();
    assert_eq!((both, take(59).await), (["DE".to_owned(), "FR".to_owned()], None));
    grid_watch::failed(&store, &de, "no", second(600)).await.unwrap();
    assert_eq!((take(60).await.as_deref(), take(60).await), (Some("FR"), None));
    let due = grid_watch::take(&store, MINUTE, second(600)).await.unwrap();
    assert_eq!(due.map(|due| due.failures), Some(0), "France again");
    let due = grid_watch::take(&store, MINUTE, second(600)).await.unwrap().unwrap();
    assert_eq!((due.zone.as_str(), due.failures, due.day_asked_at), ("DE", 1, None));
    let asked = grid_watch::Asked { day: true, back_fill: false };
    grid_watch::answered(&store, &de, asked, second(700), second(601)).await.unwrap();
    let stands = grid_watch::list(&store).await.unwrap().remove(0);
    assert_eq!((stands.answered_at, stands.trouble), (Some(second(601)), None));
    grid_watch::set(&store, &[(de, "b")], second(602)).await.unwrap();
    let due = grid_watch::take(&store, MINUTE, second(602)).await.unwrap().unwrap();
    assert_eq!((due.zone.as_str(), due.day_asked_at), ("DE", None), "another source starts anew");
    assert_eq!(grid_watch::list(&store).await.unwrap().len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn records_without_a_measured_intensity_are_missing_until_it_comes(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(5)).await.unwrap();
    let de: Zone = "DE".parse().unwrap();
    let day = 86_400;
    let missing = async |seconds| grid_watch::missing(&store, &de, second(seconds)).await.unwrap();
    assert_eq!(missing(60).await, None, "its source may still measure what it estimated");
    let (first, last) = missing(day + 60).await.unwrap();
    assert_eq!((first, last), (last, first));
    assert_eq!(missing(10 * day).await, None, "no source is asked for so long ago");
    let live = GridIntensity {
        span: Some(Duration::from_secs(3600)),
        ..intensity("DE", 111.0, None, Some("2026-11-21T00:00:00Z"))
    };
    grid::keep(&store, &[live], second(day)).await.unwrap();
    assert_eq!(missing(day + 60).await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_part_of_a_country_is_read_with_its_countrys_year(pool: PgPool) {
    let (store, _) = bench(pool).await;
    let caller = made_up::enrol_in(&store, "m2", "DE-50HZT").await;
    machines::announce(&store, &caller, &made_up::announcement(&[made_up::MODEL]), START).await.unwrap();
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(5)).await.unwrap();
    let grid = runs::get(&store, lease.run_id).await.unwrap().measurement.unwrap().grid;
    assert_eq!((grid.zone.as_str(), grid.intensity.grams_per_kwh()), ("DE", 380.95));
}
