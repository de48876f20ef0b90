//! The queue: every move of a Run, one verb a file.
//!
//! A verb is one statement or one short transaction that locks the Run's row first. `common::run::next`
//! says whether a move is legal and where it leads. Must not: work while it holds a lock, or move a Run
//! on behalf of a Lease that is not its current one.

mod cancel;
mod enqueue;
mod lease;
mod progress;
mod reap;
mod renew;
mod report;

pub use cancel::cancel;
pub use enqueue::{Order, enqueue};
pub(crate) use enqueue::{Place, insert_prompt, insert_run};
pub use lease::lease;
pub use progress::progress;
pub use reap::reap;
pub use renew::renew;
pub use report::report;

use std::time::Duration;

use common::api::events::Event;
use common::ids::{PromptId, RunId};
use common::run::{Failure, RunEvent, RunState, next};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{read, storable};
use crate::{Error, wake};

/// The priority of Campaigns; persons have 0.
const CAMPAIGNS: i16 = 1;
/// How long a submitter's next Run is taken to come after the one before, so that submitters take turns.
const TURN: Duration = Duration::from_secs(20);
/// A Campaign's Run that has waited longer goes before persons on a Machine that had none for as long.
const CAMPAIGN_PATIENCE: Duration = Duration::from_secs(600);
/// How long a Run waits after it was first given back; twice as long each time after.
const BACK_OFF: Duration = Duration::from_secs(1);
/// How long at most.
const MAX_BACK_OFF: Duration = Duration::from_secs(60);

/// A Run whose row is locked by this transaction.
struct Held {
    run_id: Uuid,
    prompt_id: Uuid,
    lease_id: Option<Uuid>,
    state: RunState,
    attempts: i32,
    max_attempts: i32,
}

impl Held {
    const fn has_attempts_left(&self) -> bool {
        self.attempts < self.max_attempts
    }
}

/// Moves a Run that is held, ends its Lease if it has one, and tells whoever watches. The caller counts it last.
async fn perform(
    connection: &mut PgConnection,
    held: &Held,
    event: RunEvent,
    failure: Option<&Failure>,
    now: OffsetDateTime,
) -> Result<RunState, Error> {
    let state = next(held.state, event).ok_or(Error::Ended(held.state))?;
    let failure = match (state, failure, event) {
        (RunState::Failed, cause, RunEvent::ReportRetry { .. } | RunEvent::Expire { .. }) => {
            Some(exhausted(held.attempts, cause))
        }
        (_, cause, _) => cause.cloned(),
    };
    let is_released = matches!(event, RunEvent::Release);
    let not_before = matches!(event, RunEvent::ReportRetry { .. }).then(|| now + back_off(held.attempts));
    sqlx::query!(
        "update run set state = $2, lease_id = null, ended_at = case when $3 then $4::timestamptz end,
                        failure_code = $5, failure_message = $6, not_before = $7,
                        submitter = case when $3 then null else submitter end,
                        attempts = attempts - case when $8 then 1 else 0 end,
                        -- What was handed back was no attempt; it was last with whoever made the one before.
                        last_machine_id = case when not $8 then last_machine_id else (
                            select last.machine_id from lease last
                            where last.run_id = run.id and last.attempt = run.attempts - 1
                              and last.outcome is distinct from 'released') end
         where id = $1",
        held.run_id,
        state.name(),
        state.is_final(),
        now,
        failure.as_ref().map(|failure| storable(&failure.code)),
        failure.as_ref().map(|failure| storable(&failure.message)),
        not_before,
        is_released,
    )
    .execute(&mut *connection)
    .await?;
    if let Some(lease_id) = held.lease_id {
        let outcome = match event {
            RunEvent::ReportMeasured => "measured",
            RunEvent::ReportReject => "reject",
            RunEvent::ReportRetry { .. } => "retry",
            RunEvent::Release => "released",
            RunEvent::Expire { .. } => "expired",
            RunEvent::Cancel | RunEvent::Lease => "cancelled",
        };
        let machine = sqlx::query_scalar!(
            "update lease set ended_at = $2, outcome = $3 from machine
             where lease.id = $1 and machine.id = lease.machine_id returning machine.name",
            lease_id,
            now,
            outcome
        )
        .fetch_one(&mut *connection)
        .await?;
        let name = read("machine", &machine)?;
        wake::tell(connection, &[Event::Machine { name }]).await?;
    }
    let moved = Event::Run { prompt_id: PromptId(held.prompt_id), run_id: RunId(held.run_id), state };
    wake::tell(connection, &[moved, Event::Board]).await?;
    Ok(state)
}

/// Machines that gave a Run back may do so again at once; they get it later each time.
fn back_off(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    (BACK_OFF * 2_u32.pow(doublings)).min(MAX_BACK_OFF)
}

fn exhausted(attempts: i32, cause: Option<&Failure>) -> Failure {
    let last = cause.map_or_else(String::new, |cause| format!(" The last one: {}", cause.message));
    Failure {
        code: "attempts_exhausted".to_owned(),
        message: format!("None of {attempts} attempts gave a measurement.{last}"),
    }
}
