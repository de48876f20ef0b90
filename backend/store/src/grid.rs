//! How clean the power of each Zone is, as far as known.
//!
//! Must not: fetch anything, or give an intensity without its source.

use std::time::Duration;

use common::carbon::{self, GridIntensity, GridQuality, STANDS_IN};
use common::ids::Zone;
use common::units::CarbonIntensity;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::columns::{count, duration, read};
use crate::{Error, Store};

pub use common::carbon::WORLD;

/// A value of an instant is looked for in rows that begin at most this long before: no source has longer steps.
const LONGEST_SPAN: Duration = Duration::from_secs(3600);
/// Most live values that are listed.
const MOST: i64 = 2000;

struct GridRow {
    zone: String,
    zone_name: String,
    intensity_g_per_kwh: f64,
    quality: String,
    source: String,
    year: Option<i32>,
    factor_type: String,
    at: Option<OffsetDateTime>,
    span_s: Option<f64>,
    retrieved_at: OffsetDateTime,
}

impl TryFrom<GridRow> for GridIntensity {
    type Error = Error;
    fn try_from(row: GridRow) -> Result<Self, Error> {
        Ok(Self {
            zone: read("grid intensity", &row.zone)?,
            zone_name: row.zone_name,
            intensity: CarbonIntensity::from_grams_per_kwh(row.intensity_g_per_kwh),
            quality: read::<GridQuality>("grid intensity", &row.quality)?,
            source: row.source,
            year: row.year.map(|year| count("grid intensity", year)).transpose()?,
            factor_type: row.factor_type,
            at: row.at,
            span: row.span_s.map(|span| duration("grid intensity", span)).transpose()?,
            retrieved_at: row.at.map(|_| row.retrieved_at),
        })
    }
}

fn intensities(rows: Vec<GridRow>) -> Result<Vec<GridIntensity>, Error> {
    rows.into_iter().map(GridIntensity::try_from).collect()
}

/// Keeps intensities; a figure of the same source for the same time is replaced, and one that is the same stays as it
/// came. Returns how many are new or changed.
///
/// # Errors
/// [`Error::Database`].
pub async fn keep(store: &Store, intensities: &[GridIntensity], now: OffsetDateTime) -> Result<u64, Error> {
    let mut transaction = store.pool.begin().await?;
    let mut changed = 0;
    for grid in intensities {
        changed += sqlx::query!(
            "insert into grid_intensity (zone, zone_name, intensity_g_per_kwh, quality, source, year,
                                         factor_type, at, span_s, retrieved_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (zone, source, factor_type, year, at) do update
                 set zone_name = excluded.zone_name, intensity_g_per_kwh = excluded.intensity_g_per_kwh,
                     quality = excluded.quality, span_s = excluded.span_s, retrieved_at = excluded.retrieved_at
                 where (grid_intensity.zone_name, grid_intensity.intensity_g_per_kwh, grid_intensity.quality)
                       is distinct from (excluded.zone_name, excluded.intensity_g_per_kwh, excluded.quality)
                    or grid_intensity.span_s is distinct from excluded.span_s",
            grid.zone.as_str(),
            grid.zone_name,
            grid.intensity.grams_per_kwh(),
            grid.quality.name(),
            grid.source,
            grid.year.map(i32::from),
            grid.factor_type,
            grid.at,
            grid.span.map(|span| span.as_secs_f64()),
            now,
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
    }
    transaction.commit().await?;
    Ok(changed)
}

/// The latest known intensity of every Zone, by name of the Zone: a live one while it may stand in for now, else the
/// newest year's.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn latest(store: &Store, now: OffsetDateTime) -> Result<Vec<GridIntensity>, Error> {
    let rows = sqlx::query_as!(
        GridRow,
        "select * from (
             select distinct on (zone) zone, zone_name, intensity_g_per_kwh, quality, source, year, factor_type, at,
                    span_s, retrieved_at
             from grid_intensity
             where at is null or (at <= $1 and at + make_interval(secs => coalesce(span_s, 0)) >= $2)
             order by zone, at desc nulls last, year desc nulls last
         ) each
         order by zone_name, zone",
        now,
        now - STANDS_IN,
    )
    .fetch_all(&store.pool)
    .await?;
    Ok(intensities(rows)?.into_iter().map(|grid| grid.as_of(now)).collect())
}

/// What live sources said of the time since `since`, by Zone and instant.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn hours(store: &Store, since: OffsetDateTime) -> Result<Vec<GridIntensity>, Error> {
    let rows = sqlx::query_as!(
        GridRow,
        "select zone, zone_name, intensity_g_per_kwh, quality, source, year, factor_type, at, span_s, retrieved_at
         from grid_intensity where at >= $1 order by zone, source, factor_type, at limit $2",
        since,
        MOST,
    )
    .fetch_all(&store.pool)
    .await?;
    intensities(rows)
}

/// The best that is known for one Zone over a span of time: live values, else the newest year of the Zone, of its
/// country, or of the world.
pub(crate) async fn over(
    connection: &mut PgConnection,
    zone: &Zone,
    start: OffsetDateTime,
    end: OffsetDateTime,
) -> Result<GridIntensity, Error> {
    let found = over_each(connection, &[(zone.clone(), start, end)]).await?;
    found.into_iter().next().ok_or_else(|| Error::missing("grid intensity of zone", zone))
}

/// The same for each of several Zones and spans, read at once.
pub(crate) async fn over_each(
    connection: &mut PgConnection,
    spans: &[(Zone, OffsetDateTime, OffsetDateTime)],
) -> Result<Vec<GridIntensity>, Error> {
    let zones: Vec<String> = spans.iter().map(|(zone, ..)| zone.to_string()).collect();
    let near = |start: OffsetDateTime, end: OffsetDateTime| {
        (start - STANDS_IN - LONGEST_SPAN, end + carbon::STANDS_IN_BEFORE)
    };
    let (firsts, lasts): (Vec<_>, Vec<_>) = spans.iter().map(|(_, start, end)| near(*start, *end)).unzip();
    let live = sqlx::query_as!(
        GridRow,
        r#"select distinct grid_intensity.zone, zone_name, intensity_g_per_kwh, quality, source, year, factor_type, at,
                  span_s, retrieved_at
           from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as wanted (zone, first, last)
           join grid_intensity on grid_intensity.zone = wanted.zone and at between first and last"#,
        &zones,
        &firsts,
        &lasts,
    )
    .fetch_all(&mut *connection)
    .await?;
    let live = intensities(live)?;
    let mut named: Vec<String> = spans
        .iter()
        .flat_map(|(zone, ..)| [zone.as_str(), zone.country(), WORLD])
        .map(str::to_owned)
        .collect();
    named.sort_unstable();
    named.dedup();
    let yearly = sqlx::query_as!(
        GridRow,
        "select distinct on (zone) zone, zone_name, intensity_g_per_kwh, quality, source, year, factor_type, at, span_s,
                retrieved_at
         from grid_intensity where zone = any($1) and at is null
         order by zone, year desc nulls last",
        &named,
    )
    .fetch_all(connection)
    .await?;
    let yearly = intensities(yearly)?;
    spans
        .iter()
        .map(|(zone, start, end)| {
            let (first, last) = near(*start, *end);
            let is_near = |at: OffsetDateTime| first <= at && at <= last;
            let values: Vec<GridIntensity> = live
                .iter()
                .filter(|value| value.zone == *zone && value.at.is_some_and(is_near))
                .cloned()
                .collect();
            carbon::over(&values, *start, *end)
                .or_else(|| carbon::for_zone(&yearly, zone).cloned())
                .ok_or_else(|| Error::missing("grid intensity of zone", zone))
        })
        .collect()
}
