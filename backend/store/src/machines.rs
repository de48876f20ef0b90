//! Machines: enrolled by their operator, opened by a token, described by their worker.
//!
//! Must not: keep or print a token (only its SHA-256 is stored), or forget a Machine that was revoked.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use common::api::events::Event;
use common::ids::{MachineId, MachineName, ModelId, Zone};
use common::lease::Step;
use common::machine::{Announcement, Embodied, Hardware, Machine, MachineProfile, MachineState};
use common::meter::MeterCard;
use common::needs::Needs;
use common::units::Carbon;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{check_numbers, count, duration, positive};
use crate::{Error, Store, models, wake, wall};

/// Time between two notes of when a Machine was last heard of.
const NOTE_AFTER: Duration = Duration::from_secs(5);

/// The secret that opens one Machine.
#[derive(Clone)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// The token as it was sent or made.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn sha256(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

/// A Machine as its operator enrols it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMachine {
    /// Names it.
    pub name: MachineName,
    /// In which grid area it stands.
    pub zone: Zone,
    /// Power usage effectiveness of the building.
    pub pue: f64,
    /// Emissions of making it.
    pub embodied: Embodied,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Which Machine.
    pub id: MachineId,
    /// Its name.
    pub name: MachineName,
    /// When it had a Campaign's Run last.
    pub campaign_leased_at: Option<OffsetDateTime>,
}

/// A line of the operator's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolled {
    /// Its name.
    pub name: MachineName,
    /// In which grid area it stands.
    pub zone: Zone,
    /// When it was enrolled.
    pub enrolled_at: OffsetDateTime,
    /// When its token was revoked.
    pub revoked_at: Option<OffsetDateTime>,
    /// When it was last heard of.
    pub last_seen_at: Option<OffsetDateTime>,
}

/// Enrols a Machine. With `replace`, one of that name gets the new token and description and keeps its records.
///
/// # Errors
/// [`Error::Taken`] if there is one of that name and it shall not be replaced.
pub async fn enrol(
    store: &Store,
    new: &NewMachine,
    token: &Token,
    replace: bool,
    now: OffsetDateTime,
) -> Result<MachineId, Error> {
    let id = sqlx::query_scalar!(
        "insert into machine (name, token_sha256, zone, pue, embodied_total_g, embodied_lifetime_s,
                              embodied_source, enrolled_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (name) do update
             set token_sha256 = excluded.token_sha256, zone = excluded.zone, pue = excluded.pue,
                 embodied_total_g = excluded.embodied_total_g,
                 embodied_lifetime_s = excluded.embodied_lifetime_s,
                 embodied_source = excluded.embodied_source, revoked_at = null
             where $9
         returning id",
        new.name.as_str(),
        token.sha256(),
        new.zone.as_str(),
        new.pue,
        new.embodied.total.grams(),
        new.embodied.lifetime.as_secs_f64(),
        new.embodied.source,
        now,
        replace,
    )
    .fetch_optional(&store.pool)
    .await?;
    id.map(MachineId).ok_or_else(|| Error::Taken(new.name.to_string()))
}

/// Makes a Machine's token open nothing any more.
///
/// # Errors
/// [`Error::Missing`] if there is no such Machine.
pub async fn revoke(store: &Store, name: &MachineName, now: OffsetDateTime) -> Result<(), Error> {
    let done = sqlx::query!(
        "update machine set revoked_at = coalesce(revoked_at, $2) where name = $1",
        name.as_str(),
        now
    )
    .execute(&store.pool)
    .await?;
    if done.rows_affected() == 0 { Err(Error::missing("machine", name)) } else { Ok(()) }
}

/// Every Machine that was ever enrolled, for the operator.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn enrolled(store: &Store) -> Result<Vec<Enrolled>, Error> {
    let rows =
        sqlx::query!("select name, zone, enrolled_at, revoked_at, last_seen_at from machine order by name")
            .fetch_all(&store.pool)
            .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Enrolled {
                name: row.name.parse().map_err(|error| Error::corrupt("machine", error))?,
                zone: row.zone.parse().map_err(|error| Error::corrupt("machine", error))?,
                enrolled_at: row.enrolled_at,
                revoked_at: row.revoked_at,
                last_seen_at: row.last_seen_at,
            })
        })
        .collect()
}

/// Which Machine a token opens, if any; notes that it was heard of.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn authenticate(
    store: &Store,
    token: &Token,
    now: OffsetDateTime,
) -> Result<Option<Caller>, Error> {
    let row = sqlx::query!(
        "with known as (
             select id, name, last_seen_at, campaign_leased_at from machine where token_sha256 = $1 and revoked_at is null
         ), noted as (
             -- Not at every call: a worker that streams calls many times a second.
             update machine set last_seen_at = $2 from known
             where machine.id = known.id and (known.last_seen_at is null or known.last_seen_at < $3)
         )
         select id, name, campaign_leased_at from known",
        token.sha256(),
        now,
        now - NOTE_AFTER,
    )
    .fetch_optional(&store.pool)
    .await?;
    row.map(|row| {
        let name = row.name.parse().map_err(|error| Error::corrupt("machine", error))?;
        Ok(Caller { id: MachineId(row.id), name, campaign_leased_at: row.campaign_leased_at })
    })
    .transpose()
}

/// Keeps what a worker said of its Machine when it started.
///
/// # Errors
/// [`Error::Unfit`] if a Model's id is known with other weights, or a size is more than anything has.
pub async fn announce(
    store: &Store,
    caller: &Caller,
    announcement: &Announcement,
    now: OffsetDateTime,
) -> Result<MachineProfile, Error> {
    let sizes = announcement.models.iter().flat_map(|model| [model.parameters, model.weight_bytes]);
    if sizes.chain([announcement.hardware.memory_bytes]).any(|size| i64::try_from(size).is_err()) {
        return Err(Error::Unfit("a size is more than anything has; announce the true one".to_owned()));
    }
    check_numbers(announcement)?;
    let mut connection = store.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    sqlx::query!(
        "update machine
         set announced_at = $2, last_seen_at = $2, worker_version = $3, hardware = $4, meters = $5,
             missing_meters = $6
         where id = $1",
        caller.id.0,
        now,
        announcement.worker_version,
        Json(&announcement.hardware) as _,
        Json(&announcement.meters) as _,
        &announcement.missing_meters,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("delete from machine_model where machine_id = $1", caller.id.0)
        .execute(&mut *transaction)
        .await?;
    for model in &announcement.models {
        models::learn(&mut transaction, model, now).await?;
        sqlx::query!(
            "insert into machine_model (machine_id, model_id, max_batch) values ($1, $2, $3) on conflict do nothing",
            caller.id.0,
            model.id.as_str(),
            count::<_, i32>("batch", announcement.max_batch(&model.id).get())?,
        )
        .execute(&mut *transaction)
        .await?;
    }
    let profile = profile(&mut transaction, caller.id).await?;
    wake::tell(&mut transaction, &[Event::Machine { name: caller.name.clone() }, Event::Board]).await?;
    transaction.commit().await?;
    Ok(profile)
}

/// The Machine as a record needs it.
pub(crate) async fn profile(connection: &mut PgConnection, id: MachineId) -> Result<MachineProfile, Error> {
    profiles(connection, &[id.0]).await?.into_iter().next().ok_or_else(|| Error::missing("machine", id))
}

/// The Machines with these ids that have been described, by name.
pub(crate) async fn profiles(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<MachineProfile>, Error> {
    let rows = sqlx::query!(
        r#"select id, name, zone, pue, embodied_total_g, embodied_lifetime_s, embodied_source,
                  hardware as "hardware!: Json<Hardware>"
           from machine where id = any($1) and hardware is not null order by name"#,
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(MachineProfile {
                id: MachineId(row.id),
                name: row.name.parse().map_err(|error| Error::corrupt("machine", error))?,
                zone: row.zone.parse().map_err(|error| Error::corrupt("machine", error))?,
                pue: row.pue,
                embodied: Embodied {
                    total: Carbon::from_grams(row.embodied_total_g),
                    lifetime: duration("machine", row.embodied_lifetime_s)?,
                    source: row.embodied_source,
                },
                hardware: row.hardware.0,
            })
        })
        .collect()
}

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
                  (select count(*) from run join machine_model using (model_id)
                   where run.state = 'queued' and machine_model.machine_id = machine.id
                     and needs_batch <= max_batch) as "queue_length!",
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
    let mut machines = Vec::with_capacity(rows.len());
    for row in rows {
        let announcement = match (row.worker_version, row.hardware, row.meters, row.missing_meters) {
            (Some(worker_version), Some(hardware), Some(meters), Some(missing_meters)) => {
                Some(Announcement {
                    worker_version,
                    hardware: hardware.0,
                    meters: meters.0,
                    missing_meters,
                    models: models::of_machine(&mut connection, row.id).await?,
                    max_batches: max_batches(&mut connection, row.id).await?,
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
            name: row.name.parse().map_err(|error| Error::corrupt("machine", error))?,
            zone: row.zone.parse().map_err(|error| Error::corrupt("machine", error))?,
            pue: row.pue,
            embodied: Embodied {
                total: Carbon::from_grams(row.embodied_total_g),
                lifetime: duration("machine", row.embodied_lifetime_s)?,
                source: row.embodied_source,
            },
            state,
            last_seen_at: row.last_seen_at,
            announcement,
            wall_meters: wall::of_machine(&mut connection, row.id).await?,
            queue_length: count("machine", row.queue_length)?,
            measured_runs: count("machine", row.measured_runs)?,
        });
    }
    Ok(machines)
}

/// The Models of which a Machine can compute more than one sequence at once, and how many.
async fn max_batches(
    connection: &mut PgConnection,
    machine: Uuid,
) -> Result<BTreeMap<ModelId, NonZeroU32>, Error> {
    let rows = sqlx::query!(
        "select model_id, max_batch from machine_model where machine_id = $1 and max_batch > 1",
        machine
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let model = row.model_id.parse().map_err(|error| Error::corrupt("model", error))?;
            Ok((model, positive("batch", row.max_batch)?))
        })
        .collect()
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
