//! Which Machines there are, what they are doing and what they could do.
//!
//! Must not: read one thing for each Machine that it can read for all of them at once.

use std::num::NonZeroU32;
use std::time::Duration;

use common::ids::{MachineId, MachineName, ModelId};
use common::lease::Step;
use common::machine::{Announcement, Hardware, Machine, MachineState};
use common::meter::MeterCard;
use common::needs::Needs;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::embodied;
use crate::columns::{count, read};
use crate::{Error, Store, counts, models, wall};

/// Which Machines are listed; all by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which<'a> {
    /// Only that of this name.
    pub name: Option<&'a MachineName>,
    /// Only those whose names come after this one.
    pub after: Option<&'a MachineName>,
    /// Only so many.
    pub limit: Option<u32>,
}

/// Every Machine that is not revoked, by name. One not heard of for longer than `alive`, and whose Lease has
/// ended, has vanished.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn list(store: &Store, now: OffsetDateTime, alive: Duration) -> Result<Vec<Machine>, Error> {
    some(store, Which::default(), now, alive).await
}

/// Some of those that [`list`] gives.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn some(
    store: &Store,
    which: Which<'_>,
    now: OffsetDateTime,
    alive: Duration,
) -> Result<Vec<Machine>, Error> {
    let mut connection = store.pool.acquire().await?;
    let rows = sqlx::query!(
        r#"select id, name, zone, pue, embodied_total_g, embodied_lifetime_s, embodied_source, last_seen_at,
                  worker_version, hardware as "hardware: Json<Hardware>",
                  meters as "meters: Json<Vec<MeterCard>>", missing_meters,
                  open.step as "step?: Json<Step>",
                  coalesce(machine_count.measured_runs, 0) as "measured_runs!"
           from machine
           left join machine_count on machine_count.machine_id = machine.id
           left join lateral (
               select step from lease
               where lease.machine_id = machine.id and ended_at is null and expires_at > $1
               order by leased_at desc limit 1
           ) open on true
           where revoked_at is null and ($2::text is null or name = $2) and ($3::text is null or name > $3)
           order by name limit $4"#,
        now,
        which.name.map(MachineName::as_str),
        which.after.map(MachineName::as_str),
        which.limit.map(i64::from),
    )
    .fetch_all(&mut *connection)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let waiting = counts::of_machines(&mut connection, &ids).await?;
    let mut wall_meters = wall::of_machines(&mut connection, &ids).await?;
    let mut served = models::of_machines(&mut connection, &ids).await?;
    let mut machines = Vec::with_capacity(rows.len());
    for row in rows {
        let (models, max_batches) = served.remove(&row.id).unwrap_or_default();
        let announcement = match (row.worker_version, row.hardware, row.meters, row.missing_meters) {
            (Some(worker_version), Some(hardware), Some(meters), Some(missing_meters)) => {
                Some(Announcement {
                    worker_version,
                    hardware: hardware.0,
                    meters: meters.0,
                    missing_meters,
                    models,
                    max_batches,
                })
            }
            _ => None,
        };
        let state = match (row.last_seen_at, row.step) {
            // A worker may be silent for as long as its Lease lasts.
            (_, Some(step)) => MachineState::Busy { step: step.0 },
            (Some(seen), None) if seen >= now - alive => MachineState::Idle,
            (Some(_), None) => MachineState::Vanished,
            (None, None) => MachineState::Expected,
        };
        machines.push(Machine {
            id: MachineId(row.id),
            name: read("machine", &row.name)?,
            zone: read("machine", &row.zone)?,
            pue: row.pue,
            embodied: embodied(row.embodied_total_g, row.embodied_lifetime_s, row.embodied_source)?,
            state,
            last_seen_at: row.last_seen_at,
            announcement,
            wall_meters: wall_meters.remove(&row.id).unwrap_or_default(),
            queue_length: waiting.get(&row.id).copied().unwrap_or(0),
            measured_runs: count("machine", row.measured_runs)?,
        });
    }
    Ok(machines)
}

/// Whether some enrolled Machine that has announced this Model meets these needs and can compute so many sequences at
/// once, there just now or not.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn could_serve(
    store: &Store,
    model: &ModelId,
    needs: Needs,
    batch: NonZeroU32,
) -> Result<bool, Error> {
    let exists = sqlx::query_scalar!(
        r#"select exists (
               select from machine join machine_model on machine_model.machine_id = machine.id
               where model_id = $1 and revoked_at is null and announced_at is not null
                 and (jsonb_array_length(hardware->'accelerators') > 0 or not $2)
                 and (meters @> '[{"label": "measured"}]' or not $3)
                 and (hardware->>'memory_bytes')::bigint >= $4
                 and max_batch >= $5
           ) as "exists!""#,
        model.as_str(),
        needs.accelerator,
        needs.measured,
        count::<_, i64>("needs", needs.memory_bytes)?,
        count::<_, i32>("batch", batch.get())?,
    )
    .fetch_one(&store.pool)
    .await?;
    Ok(exists)
}

/// How many Machines were heard of less than `alive` ago and have said what they are.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn alive(store: &Store, now: OffsetDateTime, alive: Duration) -> Result<u64, Error> {
    let machines = sqlx::query_scalar!(
        r#"select count(*) as "machines!" from machine
           where revoked_at is null and announced_at is not null and last_seen_at >= $1"#,
        now - alive
    )
    .fetch_one(&store.pool)
    .await?;
    count("machine", machines)
}
