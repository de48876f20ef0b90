//! A Machine claims the next Run it can serve.
//!
//! One statement, committed at once: two claimers skip each other's locked rows instead of waiting.
//! Must not: hold a lock while the Machine works.

use std::time::Duration;

use common::api::events::Event;
use common::conversation::Conversation;
use common::ids::{LeaseId, PromptId, RunId};
use common::lease::{Lease, Step};
use common::run::RunState;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use super::{CAMPAIGN_PATIENCE, CAMPAIGNS};
use crate::columns::{count, positive, read};
use crate::machines::Caller;
use crate::prompts::leased_prompt;
use crate::{Error, Store, idle, wake, wall};

/// Claims the next Run of a Model that this Machine announced, for as long as `lasts`; `None` if nothing waits that
/// it can serve. A Campaign's Run goes first if it has waited long and this Machine had none for long.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn lease(
    store: &Store,
    caller: &Caller,
    lasts: Duration,
    now: OffsetDateTime,
) -> Result<Option<Lease>, Error> {
    let mut connection = store.pool.acquire().await?;
    let long_ago = now - CAMPAIGN_PATIENCE;
    if caller.campaign_leased_at.is_none_or(|last| last < long_ago)
        && let Some(lease) = claim(&mut connection, caller, (CAMPAIGNS, long_ago), lasts, now).await?
    {
        return Ok(Some(lease));
    }
    // Clocks of servers may differ: what another one queued "later" is served all the same.
    claim(&mut connection, caller, (0, now + CAMPAIGN_PATIENCE), lasts, now).await
}

/// Claims the next Run that has at least this priority and was queued until then.
async fn claim(
    connection: &mut PgConnection,
    caller: &Caller,
    (priority, queued_until): (i16, OffsetDateTime),
    lasts: Duration,
    now: OffsetDateTime,
) -> Result<Option<Lease>, Error> {
    let expires_at = now + lasts;
    // The literals are `RunEvent::Lease`, the one move out of `queued` that a Machine makes; as parameters
    // they would keep a cached plan from the partial index.
    let row = sqlx::query!(
        r#"with me as (
             select jsonb_array_length(hardware->'accelerators') > 0 as has_accelerator,
                    meters @> '[{"label": "measured"}]' as is_measured,
                    (hardware->>'memory_bytes')::bigint as memory_bytes
             from machine where id = $1
         ), claimed as (
             update run
             set state = 'leased', attempts = attempts + 1, lease_id = gen_random_uuid(), last_machine_id = $1
             from (
                 select run.id from run, me
                 where state = 'queued' and priority >= $5 and queued_at <= $6
                   and (not_before is null or not_before <= $2)
                   and exists (select from machine_model
                               where machine_id = $1 and machine_model.model_id = run.model_id
                                 and max_batch >= needs_batch)
                   and (me.has_accelerator or not needs_accelerator)
                   and (me.is_measured or not needs_measured)
                   and me.memory_bytes >= needs_memory_bytes
                 order by priority, due_at, ticket
                 for update of run skip locked
                 limit 1
             ) waiting
             where run.id = waiting.id
             returning run.*
         ), dated as (
             insert into lease (id, run_id, machine_id, attempt, leased_at, expires_at, step)
             select lease_id, id, $1, attempts, $2, $3, $4 from claimed
         ), noted as (
             update machine set campaign_leased_at = $2 from claimed
             where machine.id = $1 and claimed.origin <> 'interactive'
         )
         select claimed.id, claimed.lease_id as "lease_id!", claimed.prompt_id, claimed.model_id, claimed.attempts,
                claimed.repetitions, claimed.streamed, prompt.text, prompt.task, prompt.max_output_tokens,
                prompt.temperature, prompt.top_p, prompt.seed, prompt.forced_length, prompt.kind, prompt.expected,
                prompt.batch, prompt.conversation as "conversation: Json<Conversation>"
         from claimed join prompt on prompt.id = claimed.prompt_id"#,
        caller.id.0,
        now,
        expires_at,
        Json(Step::Loading) as _,
        priority,
        queued_until,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (prompt_id, run_id) = (PromptId(row.prompt_id), RunId(row.id));
    let moved = Event::Run { prompt_id, run_id, state: RunState::Leased };
    wake::tell(&mut *connection, &[moved, Event::Machine { name: caller.name.clone() }, Event::Board])
        .await?;
    Ok(Some(Lease {
        id: LeaseId(row.lease_id),
        run_id,
        machine_id: caller.id,
        model_id: read("model", &row.model_id)?,
        prompt: leased_prompt!(row),
        repetitions: count("repetitions", row.repetitions)?,
        batch: positive("batch", row.batch)?,
        streamed: row.streamed,
        attempt: count("attempts", row.attempts)?,
        expires_at,
        lasts,
        wall: wall::pace(&mut *connection, caller.id).await?,
        usual_idle: idle::usual(connection, caller.id, now).await?,
    }))
}

#[cfg(test)]
mod tests {
    use common::run::{RunEvent, next};

    use super::*;

    #[test]
    fn the_claim_performs_the_move_that_the_domain_allows() {
        assert_eq!(next(RunState::Queued, RunEvent::Lease), Some(RunState::Leased));
        assert_eq!((RunState::Queued.name(), RunState::Leased.name()), ("queued", "leased"));
    }
}
