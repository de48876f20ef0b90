//! Leases that ran out give their Runs back.
//!
//! Must not: touch a Run that another server is moving just now; it comes by again.

use common::run::{Failure, RunEvent, RunState};
use time::OffsetDateTime;

use super::{Held, perform};
use crate::{Error, Store, counts};

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
        let rows = sqlx::query!(
            "select run.id, run.prompt_id, run.lease_id, run.attempts, run.max_attempts, machine.name as machine
             from lease
             -- By its key too, which no plan has to guess at.
             join run on run.id = lease.run_id and run.lease_id = lease.id
             join machine on machine.id = lease.machine_id
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
        let mut moved = Vec::with_capacity(rows.len());
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
            moved.push(row.id);
            reaped += 1;
        }
        counts::add_ended(&mut transaction, &moved).await?;
        transaction.commit().await?;
    }
}
