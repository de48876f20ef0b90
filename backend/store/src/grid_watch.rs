//! Live sources of intensity: whose turn it is to be asked, and how they stand.
//!
//! Any number of servers share this; a source that is due is handed to one of them. Must not: ask anything.

use std::time::Duration;

use common::api::carbon::LiveSource;
use common::ids::Zone;
use time::OffsetDateTime;

use crate::columns::{count, read};
use crate::{Error, Store};

/// What is missing is looked for in the records of so long …
const BACK_FILL: Duration = Duration::from_secs(9 * 86_400);
/// … and only once a source had a day to measure what it estimated.
const SETTLED: Duration = Duration::from_secs(86_400);

/// A Zone whose source is to be asked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which Zone.
    pub zone: Zone,
    /// How often the source failed since it answered last.
    pub failures: u32,
    /// When its last day was asked for.
    pub day_asked_at: Option<OffsetDateTime>,
    /// When what is missing was asked for.
    pub back_fill_asked_at: Option<OffsetDateTime>,
}

/// Says which source is asked for which Zone; others are asked no more. A source that failed before gets another chance
/// at once, because its operator may have mended it.
///
/// # Errors
/// [`Error::Database`].
pub async fn set(store: &Store, sources: &[(Zone, &str)], now: OffsetDateTime) -> Result<(), Error> {
    let zones: Vec<String> = sources.iter().map(|(zone, _)| zone.to_string()).collect();
    let names: Vec<String> = sources.iter().map(|(_, source)| (*source).to_owned()).collect();
    let mut transaction = store.pool.begin().await?;
    sqlx::query!("delete from grid_watch where zone <> all($1)", &zones).execute(&mut *transaction).await?;
    sqlx::query!(
        "insert into grid_watch as known (zone, source, next_at)
         select zone, source, $3 from unnest($1::text[], $2::text[]) as wanted (zone, source)
         on conflict (zone) do update
             set source = excluded.source, next_at = $3, failures = 0, trouble = null,
                 day_asked_at = null, back_fill_asked_at = null
             where known.source <> excluded.source or known.failures > 0",
        &zones,
        &names,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// Takes a Zone whose turn has come; nobody else takes it within `pause`.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn take(store: &Store, pause: Duration, now: OffsetDateTime) -> Result<Option<Due>, Error> {
    let row = sqlx::query!(
        "update grid_watch set next_at = $2
         where zone = (select zone from grid_watch where next_at <= $1 order by next_at limit 1
                       for update skip locked)
         returning zone, failures, day_asked_at, back_fill_asked_at",
        now,
        now + pause,
    )
    .fetch_optional(&store.pool)
    .await?;
    row.map(|row| {
        Ok(Due {
            zone: read("zone", &row.zone)?,
            failures: count("grid watch", row.failures)?,
            day_asked_at: row.day_asked_at,
            back_fill_asked_at: row.back_fill_asked_at,
        })
    })
    .transpose()
}

/// What was asked for besides the latest value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// The last day.
    pub day: bool,
    /// What is missing before.
    pub back_fill: bool,
}

/// Notes that the source of a Zone answered.
///
/// # Errors
/// [`Error::Database`].
pub async fn answered(
    store: &Store,
    zone: &Zone,
    asked: Asked,
    next_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), Error> {
    sqlx::query!(
        "update grid_watch
         set answered_at = $2, next_at = $3, failures = 0, trouble = null,
             day_asked_at = case when $4 then $2 else day_asked_at end,
             back_fill_asked_at = case when $5 then $2 else back_fill_asked_at end
         where zone = $1",
        zone.as_str(),
        now,
        next_at,
        asked.day,
        asked.back_fill,
    )
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// Notes why the source of a Zone did not answer, and when it is asked again.
///
/// # Errors
/// [`Error::Database`].
pub async fn failed(store: &Store, zone: &Zone, trouble: &str, next_at: OffsetDateTime) -> Result<(), Error> {
    sqlx::query!(
        "update grid_watch set failures = failures + 1, trouble = $2, next_at = $3 where zone = $1",
        zone.as_str(),
        trouble,
        next_at,
    )
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// From when to when records of a Zone lie that have no measured intensity, although its source had time to measure.
///
/// # Errors
/// [`Error::Database`].
pub async fn missing(
    store: &Store,
    zone: &Zone,
    now: OffsetDateTime,
) -> Result<Option<(OffsetDateTime, OffsetDateTime)>, Error> {
    let row = sqlx::query!(
        "select min(started_at) as first, max(started_at) as last from measurement
         where recorded_at >= $2 and started_at between $2 and $3 and zone = $1
           and not exists (
               select from grid_intensity
               where grid_intensity.zone = $1 and quality = 'measured' and at <= started_at
                 and at + make_interval(secs => coalesce(span_s, 0)) > started_at
           )",
        zone.as_str(),
        now - BACK_FILL,
        now - SETTLED,
    )
    .fetch_one(&store.pool)
    .await?;
    Ok(row.first.zip(row.last))
}

/// How all live sources stand, by Zone.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn list(store: &Store) -> Result<Vec<LiveSource>, Error> {
    let rows =
        sqlx::query!("select zone, source, answered_at, next_at, trouble from grid_watch order by zone")
            .fetch_all(&store.pool)
            .await?;
    rows.into_iter()
        .map(|row| {
            Ok(LiveSource {
                zone: read("zone", &row.zone)?,
                source: row.source,
                answered_at: row.answered_at,
                next_at: row.next_at,
                trouble: row.trouble,
            })
        })
        .collect()
}
