//! Runs as their pages show them.
//!
//! Must not: move one (that is `queue`).

use common::api::runs::{Gone, RunView};
use common::conversation::Conversation;
use common::ids::{MachineName, PromptId, RunId};
use common::lease::Step;
use common::needs::Needs;
use common::run::{Failure, RunState};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::columns::{count, positive, read};
use crate::prompts::leased_prompt;
use crate::{Error, Store, measurements, models};

/// A Run with everything known of it.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub async fn get(store: &Store, id: RunId) -> Result<RunView, Error> {
    let mut connection = store.pool.acquire().await?;
    view(&mut connection, id).await
}

/// Whether this submitter may take a Run back: of one that is not public whoever knows its id may, of one that is
/// listed its own submitter only.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub async fn may_cancel(store: &Store, id: RunId, submitter: &str) -> Result<bool, Error> {
    sqlx::query_scalar!(
        r#"select (not is_public or state not in ('queued', 'leased') or submitter is not distinct from $2) as "may!"
           from run where id = $1"#,
        id.0,
        submitter
    )
    .fetch_optional(&store.pool)
    .await?
    .ok_or_else(|| Error::missing("run", id))
}

/// The Runs of one Prompt, in the order asked.
pub(crate) async fn of_prompt(
    connection: &mut PgConnection,
    prompt_id: PromptId,
) -> Result<Vec<RunView>, Error> {
    let ids =
        sqlx::query_scalar!("select id from run where prompt_id = $1 order by position, ticket", prompt_id.0)
            .fetch_all(&mut *connection)
            .await?;
    // One after the other: a Prompt has a Run a Model at most times its batches, and each is read by its keys.
    let mut views = Vec::with_capacity(ids.len());
    for id in ids {
        views.push(view(connection, RunId(id)).await?);
    }
    Ok(views)
}

async fn view(connection: &mut PgConnection, id: RunId) -> Result<RunView, Error> {
    let row = sqlx::query!(
        r#"select run.prompt_id, model_id, origin, state, attempts, max_attempts, queued_at, run.ended_at,
                  failure_code, failure_message, priority, due_at, ticket, not_before,
                  needs_accelerator, needs_measured, needs_memory_bytes,
                  forgotten_at, text, task, max_output_tokens, temperature, top_p, seed, forced_length, kind, expected,
                  batch, conversation as "conversation: Json<Conversation>",
                  machine.name as "machine?", lease.step as "step?: Json<Step>",
                  -- Not every call is noted, but to take a run is a sign of life.
                  greatest(machine.last_seen_at, lease.leased_at) as "machine_last_seen_at?",
                  lease.outcome as "outcome?", lease.ended_at as "lease_ended_at?"
           from run
           join prompt on prompt.id = run.prompt_id
           -- The last lease; the current one while there is one. One that was handed back was no attempt.
           left join lease on lease.run_id = run.id and lease.attempt = run.attempts
                and lease.outcome is distinct from 'released'
           left join machine on machine.id = lease.machine_id
           where run.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| Error::missing("run", id))?;
    if row.forgotten_at.is_some() {
        return Err(Error::Forgotten);
    }
    let state: RunState = read("run state", &row.state)?;
    let machine: Option<MachineName> = row.machine.map(|name| read("machine", &name)).transpose()?;
    // A Lease that ran out, and nothing was heard of its Machine since.
    let gone = match (&machine, row.machine_last_seen_at, row.lease_ended_at, row.outcome.as_deref()) {
        (Some(machine), Some(since), Some(ended), Some("expired")) if since <= ended => {
            Some(Gone { machine: machine.clone(), since })
        }
        _ => None,
    };
    let is_leased = state == RunState::Leased;
    let queue_position = match state {
        RunState::Queued => Some(position(connection, row.priority, row.due_at, row.ticket).await?),
        _ => None,
    };
    let measurement = match state {
        RunState::Measured => measurements::get(connection, id).await?.map(Box::new),
        _ => None,
    };
    let model = models::named(connection, &[row.model_id])
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| Error::corrupt("run", "its model is not known"))?;
    Ok(RunView {
        id,
        prompt_id: PromptId(row.prompt_id),
        prompt: leased_prompt!(row),
        origin: read("origin", &row.origin)?,
        model,
        needs: Needs {
            accelerator: row.needs_accelerator,
            measured: row.needs_measured,
            memory_bytes: count("needs", row.needs_memory_bytes)?,
        },
        batch: positive("batch", row.batch)?,
        state,
        queue_position,
        attempts: count("run", row.attempts)?,
        max_attempts: count("run", row.max_attempts)?,
        queued_at: row.queued_at,
        ended_at: row.ended_at,
        machine: machine.filter(|_| is_leased),
        machine_last_seen_at: row.machine_last_seen_at.filter(|_| is_leased),
        step: row.step.map(|step| step.0).filter(|_| is_leased),
        not_before: row.not_before.filter(|_| state == RunState::Queued),
        gone: gone.filter(|_| !state.is_final()),
        failure: row.failure_code.zip(row.failure_message).map(|(code, message)| Failure { code, message }),
        measurement,
    })
}

/// How many Runs are served before this one.
async fn position(
    connection: &mut PgConnection,
    priority: i16,
    due_at: OffsetDateTime,
    ticket: i64,
) -> Result<u64, Error> {
    let before = sqlx::query_scalar!(
        r#"select count(*) as "before!" from run
           where state = 'queued' and (priority, due_at, ticket) < ($1, $2, $3)"#,
        priority,
        due_at,
        ticket
    )
    .fetch_one(connection)
    .await?;
    count("queue", before)
}
