//! A Machine is still at it.
//!
//! Must not: bring back a Lease that has ended.

use std::time::Duration;

use common::api::events::Event;
use common::ids::{LeaseId, PromptId, RunId};
use common::lease::Step;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::machines::Caller;
use crate::{Error, Store, wake};

/// Lets a Lease last on from now and notes what the Machine is doing with it. A Lease that has run out but was not
/// reaped yet is still current: nobody else has the Run.
///
/// # Errors
/// [`Error::Stale`] if it is not the Run's current Lease, [`Error::Missing`] if the Machine never had it.
pub async fn renew(
    store: &Store,
    caller: &Caller,
    lease_id: LeaseId,
    step: Step,
    lasts: Duration,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let mut connection = store.pool.acquire().await?;
    let row = sqlx::query!(
        r#"with old as (
             select lease.id, lease.run_id, run.prompt_id, lease.step, lease.ended_at
             from lease join run on run.id = lease.run_id
             where lease.id = $1 and lease.machine_id = $2
             for update of lease
         ), renewed as (
             update lease set expires_at = $3, step = $4 from old
             where lease.id = old.id and old.ended_at is null
         )
         select run_id, prompt_id, step as "step: Json<Step>", ended_at is null as "is_current!" from old"#,
        lease_id.0,
        caller.id.0,
        now + lasts,
        Json(step) as _,
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| Error::missing("lease", lease_id))?;
    if !row.is_current {
        return Err(Error::Stale);
    }
    if row.step.0 != step {
        let told = Event::Step { prompt_id: PromptId(row.prompt_id), run_id: RunId(row.run_id), step };
        wake::tell(&mut connection, &[told, Event::Machine { name: caller.name.clone() }]).await?;
    }
    Ok(())
}
