//! Records that everybody may see, a line each.
//!
//! A page is found as one of [`public_runs`](crate::public_runs) is, and its figures are those of the kept line, so that no
//! record is read whole for it. Must not: list one of a Prompt that is not public.

use std::time::Duration;

use common::api::measurements::MeasurementLine;
use common::ids::{RunId, Zone};
use common::measurement::ended_at;
use common::summary::Summary;
use common::wall::Span;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{count, duration, read};
use crate::pages::{Cursor, NEWEST, WINDOW};
use crate::{Error, Store, grid};

/// Which records a page shows.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Only this Model.
    pub model: Option<&'a str>,
    /// Only this Machine.
    pub machine: Option<&'a str>,
    /// Only this Task.
    pub task: Option<&'a str>,
    /// Only this Kind.
    pub kind: Option<&'a str>,
    /// Only of this Origin.
    pub origin: Option<&'a str>,
}

/// Records that everybody may see and that fit, newest first, older than `before`; and where the next page starts,
/// unless this is the last. Only so many are looked through, as for [`public_runs`](crate::public_runs).
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn list(
    store: &Store,
    filter: &Filter<'_>,
    before: Option<Cursor>,
    limit: u32,
) -> Result<(Vec<MeasurementLine>, Option<Cursor>), Error> {
    let mut connection = store.pool.acquire().await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let before = before.unwrap_or(NEWEST);
    let rows = rows(&mut connection, filter, before, i64::from(limit) + 1).await?;
    let mut lines = lines(&mut connection, rows).await?;
    let next = if lines.len() > most {
        lines.truncate(most);
        lines.last().map(|line| (line.recorded_at, line.run_id.0))
    } else {
        end(&mut connection, filter.machine, before).await?
    };
    Ok((lines, next))
}

/// One query over all records or over those of one Machine, which is its `$1`.
macro_rules! along {
    ($machine:expr, $query:ident) => {
        match $machine {
            Some(machine) => {
                $query!("machine_id = (select id from machine where name = $1)", machine)
            }
            None => $query!("$1::text is null", None::<&str>),
        }
    };
}

/// The first records of the window that fit, in the order of the list.
async fn rows(
    connection: &mut PgConnection,
    filter: &Filter<'_>,
    before: Cursor,
    limit: i64,
) -> Result<Vec<LineRow>, Error> {
    macro_rules! rows {
        ($condition:literal, $machine:expr) => {
            sqlx::query_as!(
                LineRow,
                r#"select seen.run_id, recorded_at, run.model_id, machine.name as machine, run.origin, prompt.task,
                          prompt.kind, summary as "summary: Json<Summary>", seen.zone, started_at, method_version,
                          software ->> 'engine_version' as "engine_version!",
                          (software ->> 'batch')::bigint as "batch!",
                          -- What says when it ended; the rest of a record is not read.
                          timeline #> '{windows,-1}' as "last_window: Json<Span>",
                          case when timeline is null then (
                              select coalesce(sum(window_length_s), 0) from repetition
                              where repetition.run_id = seen.run_id) end as windows_s
                   from (select * from measurement
                         where "#
                    + $condition
                    + r#" and (recorded_at, run_id) < ($2, $3)
                         order by recorded_at desc, run_id desc limit $4) seen
                   join run on run.id = seen.run_id
                   join prompt on prompt.id = run.prompt_id
                   join machine on machine.id = seen.machine_id
                   join run_summary on run_summary.run_id = seen.run_id
                   where run.is_public and ($5::text is null or run.model_id = $5)
                     and ($6::text is null or prompt.task = $6) and ($7::text is null or prompt.kind = $7)
                     and ($8::text is null or run.origin = $8)
                   order by recorded_at desc, seen.run_id desc limit $9"#,
                $machine,
                before.0,
                before.1,
                WINDOW,
                filter.model,
                filter.task,
                filter.kind,
                filter.origin,
                limit,
            )
            .fetch_all(connection)
            .await?
        };
    }
    Ok(along!(filter.machine, rows))
}

/// The last record of the window, unless the list ends before.
async fn end(
    connection: &mut PgConnection,
    machine: Option<&str>,
    before: Cursor,
) -> Result<Option<Cursor>, Error> {
    macro_rules! end {
        ($condition:literal, $machine:expr) => {
            sqlx::query!(
                "select recorded_at, run_id from measurement where "
                    + $condition
                    + " and (recorded_at, run_id) < ($2, $3) order by recorded_at desc, run_id desc offset $4 limit 1",
                $machine,
                before.0,
                before.1,
                WINDOW - 1,
            )
            .fetch_optional(connection)
            .await?
            .map(|row| (row.recorded_at, row.run_id))
        };
    }
    Ok(along!(machine, end))
}

/// What a line is made of.
struct LineRow {
    run_id: Uuid,
    recorded_at: OffsetDateTime,
    model_id: String,
    machine: String,
    origin: String,
    task: String,
    kind: Option<String>,
    summary: Json<Summary>,
    zone: String,
    started_at: OffsetDateTime,
    method_version: i64,
    engine_version: String,
    batch: i64,
    last_window: Option<Json<Span>>,
    windows_s: Option<f64>,
}

/// The lines of these records, with the grid as far as known now.
async fn lines(connection: &mut PgConnection, rows: Vec<LineRow>) -> Result<Vec<MeasurementLine>, Error> {
    let mut spans = Vec::with_capacity(rows.len());
    for row in &rows {
        let zone: Zone = read("measurement", &row.zone)?;
        let windows = row.windows_s.map(|all| duration("window", all)).transpose()?;
        let last = row.last_window.as_ref().map(|window| &window.0);
        let ended_at = ended_at(row.started_at, last, || windows.unwrap_or(Duration::ZERO));
        spans.push((zone, row.started_at, ended_at));
    }
    let grids = grid::over_each(connection, &spans).await?;
    rows.into_iter()
        .zip(grids)
        .map(|(row, grid)| {
            Ok(MeasurementLine {
                run_id: RunId(row.run_id),
                recorded_at: row.recorded_at,
                model_id: read("model", &row.model_id)?,
                machine: read("machine", &row.machine)?,
                origin: read("origin", &row.origin)?,
                task: read("task", &row.task)?,
                kind: row.kind.map(|kind| read("kind", &kind)).transpose()?,
                figures: row.summary.0,
                intensity_g_per_kwh: grid.intensity.grams_per_kwh(),
                zone: grid.zone,
                batch: count("measurement", row.batch)?,
                engine_version: row.engine_version,
                method_version: count("measurement", row.method_version)?,
            })
        })
        .collect()
}
