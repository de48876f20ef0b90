//! A submitter takes a Run back.
//!
//! Must not: wait for the Machine; its next call about the Lease tells it.

use common::ids::RunId;
use common::run::{RunEvent, RunState};
use time::OffsetDateTime;

use super::{Held, perform};
use crate::columns::read;
use crate::{Error, Store, counts};

/// Takes a Run back.
///
/// # Errors
/// [`Error::Ended`] if it has ended already, [`Error::Missing`] if there is none.
pub async fn cancel(store: &Store, run_id: RunId, now: OffsetDateTime) -> Result<RunState, Error> {
    let mut transaction = store.pool.begin().await?;
    let row = sqlx::query!(
        "select prompt_id, lease_id, state, attempts, max_attempts from run where id = $1 for update",
        run_id.0
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or_else(|| Error::missing("run", run_id))?;
    let held = Held {
        run_id: run_id.0,
        prompt_id: row.prompt_id,
        lease_id: row.lease_id,
        state: read("run state", &row.state)?,
        attempts: row.attempts,
        max_attempts: row.max_attempts,
    };
    let state = perform(&mut transaction, &held, RunEvent::Cancel, None, now).await?;
    counts::add_ended(&mut transaction, &[held.run_id]).await?;
    transaction.commit().await?;
    Ok(state)
}
