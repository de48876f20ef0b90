//! Measured Runs in a line each, for lists: kept in the transaction of each report, rebuildable from the records.
//!
//! Must not: compute a figure (that is `common::summary`).

use common::ids::RunId;
use common::measurement::Measurement;
use common::summary::Summary;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::{Error, Store, measurements};

/// Records read at once.
const AT_ONCE: i64 = 200;

/// Keeps the line of one record.
pub(crate) async fn keep(connection: &mut PgConnection, measurement: &Measurement) -> Result<(), Error> {
    let summary = Summary::of(&measurement.facts, &measurement.prompt);
    sqlx::query!(
        "insert into run_summary (run_id, label, grade, summary) values ($1, $2, $3, $4)
         on conflict (run_id) do update
             set label = excluded.label, grade = excluded.grade, summary = excluded.summary",
        measurement.run_id.0,
        summary.label.name(),
        summary.grade.name(),
        Json(&summary) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes the lines that are missing: of records that are older than lists of them. Returns how many.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn complete(store: &Store) -> Result<u64, Error> {
    let mut connection = store.pool.acquire().await?;
    let mut made = 0;
    loop {
        let ids = sqlx::query_scalar!(
            "select run_id from measurement
             where not exists (select from run_summary where run_summary.run_id = measurement.run_id)
             limit $1",
            AT_ONCE
        )
        .fetch_all(&mut *connection)
        .await?;
        if ids.is_empty() {
            return Ok(made);
        }
        for id in ids {
            if let Some(measurement) = measurements::get(&mut connection, RunId(id)).await? {
                keep(&mut connection, &measurement).await?;
                made += 1;
            }
        }
    }
}

/// Makes all lines anew, as after a change of what figures are. Returns how many.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn rebuild(store: &Store) -> Result<u64, Error> {
    let mut connection = store.pool.acquire().await?;
    let (mut after, mut made) = (None, 0);
    loop {
        let page = measurements::page(&mut connection, after, AT_ONCE).await?;
        let Some(&last) = page.last() else { return Ok(made) };
        for (_, run_id) in page {
            if let Some(measurement) = measurements::get(&mut connection, RunId(run_id)).await? {
                keep(&mut connection, &measurement).await?;
                made += 1;
            }
        }
        after = Some(last);
    }
}
