//! Meters at the sockets of Machines: how they are enrolled, which server reads each, and what they said.
//!
//! Must not: know how a meter is asked (settings are the server's own document), or keep a secret.

use std::time::Duration;

use common::ids::{MachineId, MachineName};
use common::measurement::Facts;
use common::units::{Energy, Power};
use common::wall::{self, Span, WallCard, WallMeter, WallPace, WallReading, WallTrouble};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{duration, storable};
use crate::{Error, Store};

/// Readings are kept from so long before a Lease to so long after it, and as the newest of an idle Machine.
const KEPT: Duration = Duration::from_secs(120);
/// How far back old readings are looked for; what a server left behind before that stays.
const SWEPT: Duration = Duration::from_secs(3600);

/// How long before a Lease a Machine is taken to be idle, where its worker's own idle spans are too short.
const IDLE: Duration = Duration::from_secs(10);

/// A meter that this server shall read.
#[derive(Debug, Clone, PartialEq)]
pub struct Duty {
    /// Of which Machine.
    pub machine_id: MachineId,
    /// Its name.
    pub machine: MachineName,
    /// How it is asked.
    pub settings: Value,
    /// What is known of it.
    pub card: WallCard,
}

/// Enrols the meter of a Machine, in place of the one it had.
///
/// # Errors
/// [`Error::Missing`] if there is no such Machine.
pub async fn enrol(
    store: &Store,
    machine: &MachineName,
    settings: &Value,
    card: &WallCard,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into wall_meter (machine_id, settings, card, enrolled_at)
         select id, $2, $3, $4 from machine where name = $1
         on conflict (machine_id) do update
             set settings = excluded.settings, card = excluded.card, enrolled_at = excluded.enrolled_at,
                 reader = null, reader_until = null, trouble = null, trouble_at = null",
        machine.as_str(),
        settings,
        Json(card) as _,
        now,
    )
    .execute(&store.pool)
    .await?;
    if done.rows_affected() == 0 { Err(Error::missing("machine", machine)) } else { Ok(()) }
}

/// Forgets the meter of a Machine; what it said stays.
///
/// # Errors
/// [`Error::Missing`] if the Machine has none.
pub async fn remove(store: &Store, machine: &MachineName) -> Result<(), Error> {
    let done = sqlx::query!(
        "delete from wall_meter using machine where machine.id = wall_meter.machine_id and machine.name = $1",
        machine.as_str()
    )
    .execute(&store.pool)
    .await?;
    if done.rows_affected() == 0 { Err(Error::missing("meter of the machine", machine)) } else { Ok(()) }
}

/// The meters that `reader` has the duty to read until `now + lasts`: its own, and those that nobody reads.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn duties(
    store: &Store,
    reader: &str,
    lasts: Duration,
    now: OffsetDateTime,
) -> Result<Vec<Duty>, Error> {
    let rows = sqlx::query!(
        r#"update wall_meter set reader = $1, reader_until = $2
           from machine
           where machine.id = wall_meter.machine_id and machine.revoked_at is null
             and (reader is null or reader = $1 or reader_until < $3)
           returning machine_id, machine.name, settings, card as "card: Json<WallCard>""#,
        reader,
        now + lasts,
        now,
    )
    .fetch_all(&store.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Duty {
                machine_id: MachineId(row.machine_id),
                machine: row.name.parse().map_err(|error| Error::corrupt("machine", error))?,
                settings: row.settings,
                card: row.card.0,
            })
        })
        .collect()
}

/// Keeps what a meter said; it is not in trouble any more.
///
/// # Errors
/// [`Error::Database`].
pub async fn keep(store: &Store, machine_id: MachineId, reading: &WallReading) -> Result<(), Error> {
    sqlx::query!(
        "with well as (
             update wall_meter set trouble = null, trouble_at = null
             where machine_id = $1 and trouble is not null
         )
         insert into wall_reading (machine_id, at, took_s, power_w, energy_j) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        machine_id.0,
        reading.at,
        reading.took.as_secs_f64(),
        reading.power.map(Power::watts),
        reading.energy.map(Energy::joules),
    )
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// Notes why a meter cannot be read.
///
/// # Errors
/// [`Error::Database`].
pub async fn fail(store: &Store, machine_id: MachineId, trouble: &WallTrouble) -> Result<(), Error> {
    sqlx::query!(
        "update wall_meter set trouble = $2, trouble_at = $3 where machine_id = $1",
        machine_id.0,
        storable(&trouble.message),
        trouble.at,
    )
    .execute(&store.pool)
    .await?;
    Ok(())
}

/// Forgets old readings of a Machine that had no work then. Returns how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn sweep(store: &Store, machine_id: MachineId, now: OffsetDateTime) -> Result<u64, Error> {
    let done = sqlx::query!(
        "delete from wall_reading
         where machine_id = $1 and at > $2 and at < $3 and not exists (
             select from lease
             where lease.machine_id = $1
               and wall_reading.at > lease.leased_at - make_interval(secs => $4)
               and wall_reading.at < coalesce(lease.ended_at, lease.expires_at) + make_interval(secs => $4)
         )",
        machine_id.0,
        now - SWEPT,
        now - KEPT,
        KEPT.as_secs_f64(),
    )
    .execute(&store.pool)
    .await?;
    Ok(done.rows_affected())
}

/// When the meter of a Machine was read last; `None` where none is enrolled, or nobody reads it just now.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest(store: &Store, machine_id: MachineId) -> Result<Option<Option<OffsetDateTime>>, Error> {
    let row = sqlx::query!(
        "select (select max(at) from wall_reading where wall_reading.machine_id = $1) as at
         from wall_meter where machine_id = $1 and trouble is null",
        machine_id.0
    )
    .fetch_optional(&store.pool)
    .await?;
    Ok(row.map(|row| row.at))
}

/// The meter of a Machine with its newest reading.
pub(crate) async fn of_machine(
    connection: &mut PgConnection,
    machine_id: Uuid,
) -> Result<Option<WallMeter>, Error> {
    let row = sqlx::query!(
        r#"select card as "card: Json<WallCard>", trouble, trouble_at,
                  last.at as "at?", last.took_s as "took_s?", last.power_w, last.energy_j
           from wall_meter
           left join lateral (
               select at, took_s, power_w, energy_j from wall_reading
               where wall_reading.machine_id = wall_meter.machine_id and at >= enrolled_at
               order by at desc limit 1
           ) last on true
           where wall_meter.machine_id = $1"#,
        machine_id
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let last = match (row.at, row.took_s) {
        (Some(at), Some(took_s)) => Some(reading(at, took_s, row.power_w, row.energy_j)?),
        _ => None,
    };
    let trouble = row.trouble_at.zip(row.trouble).map(|(at, message)| WallTrouble { at, message });
    Ok(Some(WallMeter { card: row.card.0, last, trouble }))
}

/// How Windows are to be held for the meter of a Machine; `None` where none is enrolled that is waited for.
pub(crate) async fn pace(
    connection: &mut PgConnection,
    machine_id: MachineId,
) -> Result<Option<WallPace>, Error> {
    let card = sqlx::query_scalar!(
        r#"select card as "card: Json<WallCard>" from wall_meter where machine_id = $1"#,
        machine_id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(card.and_then(|card| WallPace::of(&card.0)))
}

/// Adds the machine's own Domain to what its worker reported, where a meter is enrolled.
pub(crate) async fn join(
    connection: &mut PgConnection,
    machine_id: MachineId,
    leased_at: OffsetDateTime,
    facts: &mut Facts,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let Some(meter) = of_machine(connection, machine_id.0).await? else { return Ok(()) };
    let rows = sqlx::query!(
        "select at, took_s, power_w, energy_j from wall_reading
         where machine_id = $1 and at > $2 and at <= $3 order by at",
        machine_id.0,
        leased_at - KEPT,
        now,
    )
    .fetch_all(connection)
    .await?;
    let readings: Result<Vec<_>, Error> =
        rows.into_iter().map(|row| reading(row.at, row.took_s, row.power_w, row.energy_j)).collect();
    // The time just before the Lease: the Machine had no work then, or had ended it.
    let idle = Span { at: leased_at - IDLE, lasts: IDLE };
    wall::join(facts, &meter.card, &readings?, Some(idle));
    Ok(())
}

fn reading(
    at: OffsetDateTime,
    took_s: f64,
    power_w: Option<f64>,
    energy_j: Option<f64>,
) -> Result<WallReading, Error> {
    Ok(WallReading {
        at,
        took: duration("wall reading", took_s)?,
        power: power_w.map(Power::from_watts),
        energy: energy_j.map(Energy::from_joules),
    })
}
