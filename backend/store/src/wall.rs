//! Meters at the sockets of Machines: how they are enrolled, which server reads each, and what they said.
//!
//! Must not: know how a meter is asked (settings are the server's own document), or keep a secret.

use std::collections::HashMap;
use std::time::Duration;

use common::api::events::Event;
use common::ids::{MachineId, MachineName};
use common::measurement::Facts;
use common::units::{Energy, Power};
use common::wall::{self, Span, Told, WallCard, WallMeter, WallPace, WallReading, WallRole, WallTrouble};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{duration, read, storable};
use crate::{Error, Store, wake};

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
    /// Which of its meters.
    pub meter: String,
    /// How it is asked.
    pub settings: Value,
    /// What is known of it.
    pub card: WallCard,
}

/// A meter as it is enrolled.
#[derive(Debug, Clone, Copy)]
pub struct NewMeter<'a> {
    /// Names it among the meters of its Machine.
    pub name: &'a str,
    /// What it stands for.
    pub role: WallRole,
    /// How it is asked.
    pub settings: &'a Value,
    /// What is known of it.
    pub card: &'a WallCard,
}

/// Enrols a meter of a Machine, in place of the one of that name.
///
/// # Errors
/// [`Error::Missing`] if there is no such Machine, [`Error::Unfit`] if what its meters stand for would contradict
/// each other.
pub async fn enrol(
    store: &Store,
    machine: &MachineName,
    meter: NewMeter<'_>,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut transaction = store.pool.begin().await?;
    // One at a time, so that two who enrol at once do not both find no meter of the whole.
    let machine_id =
        sqlx::query_scalar!("select id from machine where name = $1 for update", machine.as_str())
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or_else(|| Error::missing("machine", machine))?;
    let others = sqlx::query!(
        "select name, role from wall_meter where machine_id = $1 and name <> $2 order by name",
        machine_id,
        meter.name,
    )
    .fetch_all(&mut *transaction)
    .await?;
    let excluded = match meter.role {
        WallRole::Whole => [WallRole::Whole, WallRole::Supply].as_slice(),
        WallRole::Supply => &[WallRole::Whole],
        WallRole::Check => &[],
    };
    let other = others.iter().find(|other| excluded.iter().any(|role| role.name() == other.role));
    if let Some(other) = other {
        return Err(Error::Unfit(format!(
            "{machine} has the meter {:?} as its {} already, and a machine's figure is either that of one whole or \
             the sum of its supplies: remove that meter, give this one its name, or enrol one of both as a check",
            other.name, other.role
        )));
    }
    sqlx::query!(
        "insert into wall_meter (machine_id, name, role, settings, card, enrolled_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (machine_id, name) do update
             set role = excluded.role, settings = excluded.settings, card = excluded.card,
                 enrolled_at = excluded.enrolled_at,
                 reader = null, reader_until = null, trouble = null, trouble_at = null",
        machine_id,
        meter.name,
        meter.role.name(),
        meter.settings,
        Json(meter.card) as _,
        now,
    )
    .execute(&mut *transaction)
    .await?;
    wake::tell(&mut transaction, &[Event::Machine { name: machine.clone() }]).await?;
    transaction.commit().await?;
    Ok(())
}

/// Forgets a meter of a Machine, the only one where none is named; what it said stays.
///
/// # Errors
/// [`Error::Missing`] if the Machine has none, [`Error::Unfit`] if it has several and none is named.
pub async fn remove(store: &Store, machine: &MachineName, meter: Option<&str>) -> Result<(), Error> {
    let mut transaction = store.pool.begin().await?;
    let removed = sqlx::query_scalar!(
        "delete from wall_meter using machine
         where machine.id = wall_meter.machine_id and machine.name = $1
           and wall_meter.name = coalesce($2, wall_meter.name)
         returning wall_meter.name",
        machine.as_str(),
        meter,
    )
    .fetch_all(&mut *transaction)
    .await?;
    match removed.as_slice() {
        [] => Err(Error::missing("meter of the machine", machine)),
        [_] => {
            wake::tell(&mut transaction, &[Event::Machine { name: machine.clone() }]).await?;
            Ok(transaction.commit().await?)
        }
        several => {
            Err(Error::Unfit(format!("{machine} has several meters: name one of {}", several.join(", "))))
        }
    }
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
           returning machine_id, machine.name, wall_meter.name as meter, settings, card as "card: Json<WallCard>""#,
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
                machine: read("machine", &row.name)?,
                meter: row.meter,
                settings: row.settings,
                card: row.card.0,
            })
        })
        .collect()
}

/// Keeps what a meter said; it is not in trouble any more, and everybody hears of it if it was.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn keep(
    store: &Store,
    machine_id: MachineId,
    meter: &str,
    reading: &WallReading,
) -> Result<(), Error> {
    let mut transaction = store.pool.begin().await?;
    let mended = sqlx::query_scalar!(
        "update wall_meter set trouble = null, trouble_at = null
         from machine
         where machine.id = machine_id and machine_id = $1 and wall_meter.name = $2 and trouble is not null
         returning machine.name",
        machine_id.0,
        meter,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into wall_reading (machine_id, meter, at, took_s, power_w, energy_j) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        machine_id.0,
        meter,
        reading.at,
        reading.took.as_secs_f64(),
        reading.power.map(Power::watts),
        reading.energy.map(Energy::joules),
    )
    .execute(&mut *transaction)
    .await?;
    changed(&mut transaction, mended).await?;
    Ok(transaction.commit().await?)
}

/// Notes why a meter cannot be read; everybody hears of it where that is new.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn fail(
    store: &Store,
    machine_id: MachineId,
    meter: &str,
    trouble: &WallTrouble,
) -> Result<(), Error> {
    let mut transaction = store.pool.begin().await?;
    let noted = sqlx::query!(
        r#"update wall_meter set trouble = $3, trouble_at = $4
           from (select trouble from wall_meter where machine_id = $1 and name = $2 for update) before, machine
           where machine.id = machine_id and machine_id = $1 and wall_meter.name = $2
           returning machine.name, before.trouble is distinct from $3 as "is_new!""#,
        machine_id.0,
        meter,
        storable(&trouble.message),
        trouble.at,
    )
    .fetch_optional(&mut *transaction)
    .await?;
    changed(&mut transaction, noted.filter(|noted| noted.is_new).map(|noted| noted.name)).await?;
    Ok(transaction.commit().await?)
}

/// Tells that what is known of a Machine changed, where it did.
async fn changed(connection: &mut PgConnection, machine: Option<String>) -> Result<(), Error> {
    let Some(machine) = machine else { return Ok(()) };
    let name = read("machine", &machine)?;
    wake::tell(connection, &[Event::Machine { name }]).await
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

/// Until when all meters that make up the figure of a Machine were read; `None` where there are none, or none that
/// answers just now.
///
/// # Errors
/// [`Error::Database`].
pub async fn newest(store: &Store, machine_id: MachineId) -> Result<Option<Option<OffsetDateTime>>, Error> {
    let rows = sqlx::query_scalar!(
        "select (select max(at) from wall_reading
                 where wall_reading.machine_id = $1 and wall_reading.meter = wall_meter.name) as at
         from wall_meter where machine_id = $1 and trouble is null and role <> 'check'",
        machine_id.0
    )
    .fetch_all(&store.pool)
    .await?;
    // A meter that was never read comes before all that were.
    Ok(rows.into_iter().min())
}

/// The meters of each of these Machines by name, each with its newest reading.
pub(crate) async fn of_machines(
    connection: &mut PgConnection,
    machines: &[Uuid],
) -> Result<HashMap<Uuid, Vec<WallMeter>>, Error> {
    let rows = sqlx::query!(
        r#"select wall_meter.machine_id, name, role, card as "card: Json<WallCard>", trouble, trouble_at,
                  last.at as "at?", last.took_s as "took_s?", last.power_w, last.energy_j
           from wall_meter
           left join lateral (
               select at, took_s, power_w, energy_j from wall_reading
               where wall_reading.machine_id = wall_meter.machine_id and meter = name and at >= enrolled_at
               order by at desc limit 1
           ) last on true
           where wall_meter.machine_id = any($1) order by name"#,
        machines
    )
    .fetch_all(connection)
    .await?;
    let mut meters: HashMap<Uuid, Vec<WallMeter>> = HashMap::new();
    for row in rows {
        let last = match (row.at, row.took_s) {
            (Some(at), Some(took_s)) => Some(reading(at, took_s, row.power_w, row.energy_j)?),
            _ => None,
        };
        let trouble = row.trouble_at.zip(row.trouble).map(|(at, message)| WallTrouble { at, message });
        let role = read("wall meter", &row.role)?;
        let meter = WallMeter { meter: row.name, role, card: row.card.0, last, trouble };
        meters.entry(row.machine_id).or_default().push(meter);
    }
    Ok(meters)
}

/// How Windows are to be held for the meters that make up the figure of a Machine; `None` where there are none, or one
/// of them is too slow to be waited for.
pub(crate) async fn pace(
    connection: &mut PgConnection,
    machine_id: MachineId,
) -> Result<Option<WallPace>, Error> {
    let cards = sqlx::query_scalar!(
        r#"select card as "card: Json<WallCard>" from wall_meter where machine_id = $1 and role <> 'check'"#,
        machine_id.0
    )
    .fetch_all(connection)
    .await?;
    let paces: Option<Vec<WallPace>> = cards.iter().map(|card| WallPace::of(&card.0)).collect();
    Ok(paces.and_then(|paces| paces.into_iter().reduce(WallPace::with)))
}

/// Adds what is read at its sockets to what the worker of a Machine reported, where meters are enrolled.
pub(crate) async fn join(
    connection: &mut PgConnection,
    machine_id: MachineId,
    leased_at: OffsetDateTime,
    facts: &mut Facts,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut told = Vec::new();
    let meters = of_machines(&mut *connection, &[machine_id.0]).await?.remove(&machine_id.0);
    for WallMeter { meter: name, role, card, .. } in meters.unwrap_or_default() {
        let rows = sqlx::query!(
            "select at, took_s, power_w, energy_j from wall_reading
             where machine_id = $1 and meter = $2 and at > $3 and at <= $4 order by at",
            machine_id.0,
            name,
            leased_at - KEPT,
            now,
        )
        .fetch_all(&mut *connection)
        .await?;
        let readings: Result<Vec<_>, Error> =
            rows.into_iter().map(|row| reading(row.at, row.took_s, row.power_w, row.energy_j)).collect();
        told.push(Told { meter: card, role, readings: readings? });
    }
    // The time just before the Lease: the Machine had no work then, or had ended it.
    let idle = Span { at: leased_at - IDLE, lasts: IDLE };
    wall::join(facts, &told, Some(idle));
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
