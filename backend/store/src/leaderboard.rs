//! The ranking's Cells: kept up to date in the transaction of each report, rebuildable from the records.
//!
//! Must not: compute a figure (that is `common::leaderboard`).

use std::collections::BTreeMap;

use common::cost::Cost;
use common::ids::{MachineId, RunId};
use common::leaderboard::profile::{self, Profiled};
use common::leaderboard::{Cell, Key, Leaderboard, Sums};
use common::prompt::Origin;
use sqlx::types::Json;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{count, read};
use crate::{Error, Store, campaigns, counts, grid, machines, measurements, models};

/// Records read at once while rebuilding.
const AT_ONCE: i64 = 500;

/// Adds one Run's Cell to the stored one, whose row stays locked until the transaction ends.
pub(crate) async fn add(connection: &mut PgConnection, cell: &Cell) -> Result<(), Error> {
    let key = &cell.key;
    let kind = key.kind.map(common::prompt::Kind::name);
    sqlx::query!(
        "insert into leaderboard_cell (model_id, machine_id, task, kind, origin, label, boundary, batch,
                                       engine_version, method_version, sums)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict do nothing",
        key.model_id.as_str(),
        key.machine_id.0,
        key.task.name(),
        kind,
        key.origin.name(),
        key.label.name(),
        key.boundary.name(),
        i64::from(key.batch),
        key.engine_version,
        i64::from(key.method_version),
        Json(Sums::default()) as _,
    )
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query!(
        r#"select ctid::text as "row!", sums as "sums: Json<Sums>", profile as "profile: Json<Vec<Profiled>>"
           from leaderboard_cell
           where model_id = $1 and machine_id = $2 and task = $3 and kind is not distinct from $4 and origin = $5
             and label = $6 and boundary = $7 and batch = $8 and engine_version = $9 and method_version = $10
           for update"#,
        key.model_id.as_str(),
        key.machine_id.0,
        key.task.name(),
        kind,
        key.origin.name(),
        key.label.name(),
        key.boundary.name(),
        i64::from(key.batch),
        key.engine_version,
        i64::from(key.method_version),
    )
    .fetch_one(&mut *connection)
    .await?;
    let mut sums = whole(row.sums.0, row.profile.0).merge(&cell.sums);
    let profile = std::mem::take(&mut sums.profile);
    // The row is locked, so its place does not change before this statement.
    sqlx::query!(
        "update leaderboard_cell set sums = $2, profile = $3 where ctid = $1::text::tid",
        row.row,
        Json(sums) as _,
        Json(profile) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sums with their profile. A server of the version before may have left a part of it among the sums.
fn whole(sums: Sums, profile: Vec<Profiled>) -> Sums {
    Sums { profile: profile::join(profile, &sums.profile), ..sums }
}

/// All Cells; what they hold by length is most of the bytes, and is read only where it is asked for.
async fn cells(connection: &mut PgConnection, has_profiles: bool) -> Result<Vec<Cell>, Error> {
    let rows = sqlx::query!(
        r#"select model_id, machine_id, task, kind, origin, label, boundary, batch, engine_version, method_version,
                  sums as "sums: Json<Sums>",
                  case when $1 then profile end as "profile: Json<Vec<Profiled>>"
           from leaderboard_cell
           order by model_id, machine_id, task, kind, origin, label, boundary, batch, engine_version, method_version"#,
        has_profiles
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Cell {
                key: Key {
                    model_id: read("model", &row.model_id)?,
                    machine_id: MachineId(row.machine_id),
                    task: read("task", &row.task)?,
                    kind: row.kind.map(|kind| read("kind", &kind)).transpose()?,
                    origin: read("origin", &row.origin)?,
                    label: read("label", &row.label)?,
                    boundary: read("boundary", &row.boundary)?,
                    batch: count("cell", row.batch)?,
                    engine_version: row.engine_version,
                    method_version: count("cell", row.method_version)?,
                },
                sums: match row.profile {
                    Some(profile) => whole(row.sums.0, profile.0),
                    None => Sums { profile: Vec::new(), ..row.sums.0 },
                },
            })
        })
        .collect()
}

/// Everything that the ranking views need.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn get(store: &Store, now: OffsetDateTime) -> Result<Leaderboard, Error> {
    board(store, false, now).await
}

/// The same with each Cell's profile by length.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn with_profiles(store: &Store, now: OffsetDateTime) -> Result<Leaderboard, Error> {
    board(store, true, now).await
}

async fn board(store: &Store, has_profiles: bool, now: OffsetDateTime) -> Result<Leaderboard, Error> {
    let mut connection = store.pool.acquire().await?;
    let cells = cells(&mut connection, has_profiles).await?;
    let mut model_ids: Vec<String> = cells.iter().map(|cell| cell.key.model_id.to_string()).collect();
    let mut machine_ids: Vec<_> = cells.iter().map(|cell| cell.key.machine_id.0).collect();
    model_ids.sort();
    model_ids.dedup();
    machine_ids.sort();
    machine_ids.dedup();
    let models = models::named(&mut connection, &model_ids).await?;
    let machines = machines::profiles(&mut connection, &machine_ids).await?;
    drop(connection);
    Ok(Leaderboard { cells, models, machines, zones: grid::latest(store, now).await? })
}

/// Makes all Cells, the bills of Campaigns and the counts anew from the records, in the order in which these came.
/// Reports wait meanwhile; returns how many records were read.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn rebuild(store: &Store) -> Result<u64, Error> {
    let mut connection = store.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    // In the order in which a report takes them.
    sqlx::query!(
        "lock table leaderboard_cell, campaign_cost, machine_count, campaign_count, queue_count in exclusive mode"
    )
    .execute(&mut *transaction)
    .await?;
    let mut sums: BTreeMap<Key, Sums> = BTreeMap::new();
    let mut costs: BTreeMap<Uuid, Cost> = BTreeMap::new();
    let (mut after, mut records) = (None, 0);
    loop {
        let page = measurements::page(&mut transaction, after, AT_ONCE).await?;
        let Some(&last) = page.last() else { break };
        for (_, run_id) in page {
            records += 1;
            let Some(found) = measurements::get(&mut transaction, RunId(run_id)).await? else { continue };
            if let Some(cell) = Cell::of(&found) {
                let stored = sums.entry(cell.key).or_default();
                *stored = std::mem::take(stored).merge(&cell.sums);
            }
            if found.origin != Origin::Interactive
                && let Some(campaign) = campaigns::of_prompt(&mut transaction, found.prompt_id).await?
            {
                let bill = costs.entry(campaign).or_insert(Cost::NOTHING);
                *bill = std::mem::replace(bill, Cost::NOTHING).plus(Cost::of(&found));
            }
        }
        after = Some(last);
    }
    sqlx::query!("delete from leaderboard_cell").execute(&mut *transaction).await?;
    for (key, mut sums) in sums {
        let profile = std::mem::take(&mut sums.profile);
        sqlx::query!(
            "insert into leaderboard_cell (model_id, machine_id, task, kind, origin, label, boundary, batch,
                                           engine_version, method_version, sums, profile)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            key.model_id.as_str(),
            key.machine_id.0,
            key.task.name(),
            key.kind.map(common::prompt::Kind::name),
            key.origin.name(),
            key.label.name(),
            key.boundary.name(),
            i64::from(key.batch),
            key.engine_version,
            i64::from(key.method_version),
            Json(sums) as _,
            Json(profile) as _,
        )
        .execute(&mut *transaction)
        .await?;
    }
    sqlx::query!("delete from campaign_cost").execute(&mut *transaction).await?;
    for (campaign, cost) in costs {
        campaigns::add_cost(&mut transaction, campaign, &cost).await?;
    }
    counts::rebuild(&mut transaction).await?;
    transaction.commit().await?;
    Ok(records)
}
