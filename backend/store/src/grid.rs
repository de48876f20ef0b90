//! How clean the power of each Zone is, as far as known.
//!
//! Must not: fetch anything, or give an intensity without its source.

use common::carbon::{GridIntensity, GridQuality};
use common::ids::Zone;
use common::units::CarbonIntensity;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::columns::{count, read_word, word};
use crate::{Error, Store};

/// The Zone that stands in where nothing is known of a Machine's own.
pub const WORLD: &str = "WORLD";
/// How far the value of an instant may lie from a Window that it is used for.
const NEAR: Duration = Duration::hours(1);

struct GridRow {
    zone: String,
    zone_name: String,
    intensity_g_per_kwh: f64,
    quality: String,
    source: String,
    year: Option<i32>,
    factor_type: String,
    at: Option<OffsetDateTime>,
}

impl TryFrom<GridRow> for GridIntensity {
    type Error = Error;
    fn try_from(row: GridRow) -> Result<Self, Error> {
        Ok(Self {
            zone: row.zone.parse().map_err(|error| Error::corrupt("grid intensity", error))?,
            zone_name: row.zone_name,
            intensity: CarbonIntensity::from_grams_per_kwh(row.intensity_g_per_kwh),
            quality: read_word::<GridQuality>("grid intensity", &row.quality)?,
            source: row.source,
            year: row.year.map(|year| count("grid intensity", year)).transpose()?,
            factor_type: row.factor_type,
            at: row.at,
        })
    }
}

/// Keeps intensities; a figure of the same source for the same time is replaced.
///
/// # Errors
/// [`Error::Database`].
pub async fn keep(store: &Store, intensities: &[GridIntensity], now: OffsetDateTime) -> Result<(), Error> {
    let mut transaction = store.pool.begin().await?;
    for grid in intensities {
        sqlx::query!(
            "insert into grid_intensity (zone, zone_name, intensity_g_per_kwh, quality, source, year,
                                         factor_type, at, retrieved_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (zone, source, factor_type, year, at) do update
                 set zone_name = excluded.zone_name, intensity_g_per_kwh = excluded.intensity_g_per_kwh,
                     quality = excluded.quality, retrieved_at = excluded.retrieved_at",
            grid.zone.as_str(),
            grid.zone_name,
            grid.intensity.grams_per_kwh(),
            word(&grid.quality)?,
            grid.source,
            grid.year.map(i32::from),
            grid.factor_type,
            grid.at,
            now,
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(transaction.commit().await?)
}

/// The latest known intensity of every Zone, by name of the Zone.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn latest(store: &Store) -> Result<Vec<GridIntensity>, Error> {
    let rows = sqlx::query_as!(
        GridRow,
        "select * from (
             select distinct on (zone) zone, zone_name, intensity_g_per_kwh, quality, source, year, factor_type, at
             from grid_intensity
             order by zone, at desc nulls last, year desc nulls last
         ) each
         order by zone_name, zone"
    )
    .fetch_all(&store.pool)
    .await?;
    rows.into_iter().map(GridIntensity::try_from).collect()
}

/// The best that is known for one Zone at one instant: a value near it, else the newest year's, else the world's.
pub(crate) async fn at(
    connection: &mut PgConnection,
    zone: &Zone,
    instant: OffsetDateTime,
) -> Result<GridIntensity, Error> {
    let row = sqlx::query_as!(
        GridRow,
        "select zone, zone_name, intensity_g_per_kwh, quality, source, year, factor_type, at
         from grid_intensity
         where zone in ($1, $2) and (at is null or at between $4 and $5)
         order by zone = $1 desc, at is null, abs(extract(epoch from at - $3)), year desc nulls last
         limit 1",
        zone.as_str(),
        WORLD,
        instant,
        instant - NEAR,
        instant + NEAR,
    )
    .fetch_optional(connection)
    .await?;
    row.ok_or_else(|| Error::missing("grid intensity of zone", zone))?.try_into()
}
