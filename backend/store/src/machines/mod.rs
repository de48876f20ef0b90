//! Machines: enrolled by their operator, opened by a token, described by their worker.
//!
//! Must not: keep or print a token (only its SHA-256 is stored), or forget a Machine that was revoked.

mod list;

pub use list::{Which, alive, could_serve, list, some};

use std::fmt;
use std::time::Duration;

use common::api::events::Event;
use common::ids::{MachineId, MachineName, Zone};
use common::machine::{Announcement, Embodied, Hardware, MachineProfile};
use common::units::Carbon;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{check_numbers, count, duration, read};
use crate::{Error, Store, models, wake};

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
                name: read("machine", &row.name)?,
                zone: read("machine", &row.zone)?,
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
        let name = read("machine", &row.name)?;
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

/// Emissions of making a Machine, as its row holds them.
fn embodied(total_g: f64, lifetime_s: f64, source: String) -> Result<Embodied, Error> {
    let lifetime = duration("machine", lifetime_s)?;
    Ok(Embodied { total: Carbon::from_grams(total_g), lifetime, source })
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
                name: read("machine", &row.name)?,
                zone: read("machine", &row.zone)?,
                pue: row.pue,
                embodied: embodied(row.embodied_total_g, row.embodied_lifetime_s, row.embodied_source)?,
                hardware: row.hardware.0,
            })
        })
        .collect()
}
