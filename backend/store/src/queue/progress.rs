//! Pieces of an answer on their way to whoever watches.
//!
//! Must not: keep them; the record has the answer.

use common::api::events::Event;
use common::ids::{LeaseId, PromptId, RunId};
use common::lease::{LiveSample, LiveToken};

use crate::machines::Caller;
use crate::{Error, Store, wake};

/// Passes on what was made since the last call.
///
/// # Errors
/// [`Error::Stale`] if it is not the Run's current Lease, [`Error::Missing`] if the Machine never had it.
pub async fn progress(
    store: &Store,
    caller: &Caller,
    lease_id: LeaseId,
    tokens: Vec<LiveToken>,
    samples: Vec<LiveSample>,
) -> Result<(), Error> {
    let mut connection = store.pool.acquire().await?;
    let row = sqlx::query!(
        r#"select run.id, run.prompt_id, lease.ended_at is null as "is_current!"
           from lease join run on run.id = lease.run_id
           where lease.id = $1 and lease.machine_id = $2"#,
        lease_id.0,
        caller.id.0
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| Error::missing("lease", lease_id))?;
    if !row.is_current {
        return Err(Error::Stale);
    }
    let told = Event::Progress { prompt_id: PromptId(row.prompt_id), run_id: RunId(row.id), tokens, samples };
    wake::tell(&mut connection, &[told]).await
}
