//! Leases that ran out give their Runs back.
//!
//! Must not: touch a Run that another server is moving just now; it comes by again.

use common::run::{Failure, RunEvent, RunState};
use time::OffsetDateTime;

use super::{Held, perform};
use crate::{Error, Store};

/// Most Runs moved in one transaction.
const AT_ONCE: i64 = 100;

/// Ends every Lease whose time was over at `now`: its Run waits again, or fails if it had all its attempts.
/// Returns how many.
///
/// # Errors
/// [`Error::Database`].
pub async fn reap(store: &Store, now: OffsetDateTime) -> Result<u64, Error> {
    let mut reaped = 0;
    loop {
        let mut transaction = store.pool.begin().await?;
        let mut rows = sqlx::query!(
            "select run.id, run.prompt_id, prompt.campaign_id, run.lease_id, run.attempts, run.max_attempts, machine.name as machine
             from lease
             join run on run.lease_id = lease.id
             join machine on machine.id = lease.machine_id
             join prompt on prompt.id = run.prompt_id
             where lease.ended_at is null and lease.expires_at < $1
             order by lease.expires_at
             for update of run skip locked
             limit $2",
            now,
            AT_ONCE,
        )
        .fetch_all(&mut *transaction)
        .await?;
        if rows.is_empty() {
            return Ok(reaped);
        }
        // Counts of several campaigns are locked on the way: always in this order, so that no two servers wait in a ring.
        rows.sort_by_key(|row| row.campaign_id);
        for row in rows {
            let held = Held {
                run_id: row.id,
                prompt_id: row.prompt_id,
                lease_id: row.lease_id,
                state: RunState::Leased,
                attempts: row.attempts,
                max_attempts: row.max_attempts,
            };
            let failure = Failure {
                code: "lease_expired".to_owned(),
                message: format!("The machine {} was not heard of in time.", row.machine),
            };
            let event = RunEvent::Expire { attempts_left: held.has_attempts_left() };
            perform(&mut transaction, &held, event, Some(&failure), now).await?;
            reaped += 1;
        }
        transaction.commit().await?;
    }
}
