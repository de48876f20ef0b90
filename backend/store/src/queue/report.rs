//! The one message that ends a Lease.
//!
//! One transaction: record in, ranking kept up to date, Run moved, Lease closed. Must not: count a report
//! twice, or take one from a Lease that is not current.

use common::conversation::Conversation;
use common::cost::Cost;
use common::ids::{LeaseId, PromptId, RunId};
use common::leaderboard::Cell;
use common::lease::Report;
use common::measurement::{Facts, Measurement};
use common::run::{RunEvent, RunState};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Held, perform};
use crate::columns::{check_numbers, read};
use crate::machines::Caller;
use crate::prompts::leased_prompt;
use crate::{
    Error, Store, campaigns, counts, grid, idle, leaderboard, machines, measurements, summaries, wall,
};

/// Takes a report and says where the Run stands then. The same report on the same Lease again gets the same answer.
///
/// # Errors
/// [`Error::Stale`] if it is not the Run's current Lease or ended by another report; [`Error::Contradiction`] or
/// [`Error::Unfit`] if the report cannot be used (the Lease stays); [`Error::Missing`] if the Machine never had it.
pub async fn report(
    store: &Store,
    caller: &Caller,
    lease_id: LeaseId,
    report: &Report,
    now: OffsetDateTime,
) -> Result<RunState, Error> {
    if let Report::Measured { facts } = report {
        facts.check()?;
        // Those parts that are stored as documents.
        check_numbers(&(&facts.model, &facts.meters, &facts.software))?;
        check_numbers(&(&facts.conditions, &facts.overhead, &facts.timeline))?;
    }
    let json = serde_json::to_vec(report).map_err(|error| Error::corrupt("report", error))?;
    let digest = Sha256::digest(json).to_vec();

    let mut transaction = store.pool.begin().await?;
    // The Run's row first, as every verb does, so that two of them never wait for each other in a ring.
    let run_id = sqlx::query_scalar!(
        "select run.id from run join lease on lease.run_id = run.id
         where lease.id = $1 and lease.machine_id = $2
         for update of run",
        lease_id.0,
        caller.id.0
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or_else(|| Error::missing("lease", lease_id))?;
    let row = sqlx::query!(
        "select run.prompt_id, run.lease_id, run.state, run.attempts, run.max_attempts,
                lease.leased_at, lease.ended_at, lease.report_sha256, lease.answer
         from run join lease on lease.run_id = run.id
         where run.id = $1 and lease.id = $2",
        run_id,
        lease_id.0
    )
    .fetch_one(&mut *transaction)
    .await?;
    if let (Some(known), Some(answer)) = (&row.report_sha256, &row.answer)
        && *known == digest
    {
        // Ended before the answer: a dropped transaction keeps the Run locked, and hidden from claims, for a moment.
        transaction.rollback().await?;
        return read("answer", answer);
    }
    if row.ended_at.is_some() || row.lease_id != Some(lease_id.0) {
        transaction.rollback().await?;
        return Err(Error::Stale);
    }
    let held = Held {
        run_id,
        prompt_id: row.prompt_id,
        lease_id: row.lease_id,
        state: read("run state", &row.state)?,
        attempts: row.attempts,
        max_attempts: row.max_attempts,
    };
    let (event, failure) = match report {
        Report::Measured { facts } => {
            let mut facts = Facts::clone(facts);
            wall::join(&mut transaction, caller.id, row.leased_at, &mut facts, now).await?;
            idle::tell(&mut transaction, caller.id, &mut facts, now).await?;
            record(&mut transaction, caller, run_id, lease_id, facts, now).await?;
            (RunEvent::ReportMeasured, None)
        }
        Report::Retry { failure } => {
            (RunEvent::ReportRetry { attempts_left: held.has_attempts_left() }, Some(failure))
        }
        Report::Reject { failure } => (RunEvent::ReportReject, Some(failure)),
        Report::Release { failure } => (RunEvent::Release, Some(failure)),
    };
    let state = perform(&mut transaction, &held, event, failure, now).await?;
    sqlx::query!(
        "update lease set report_sha256 = $2, answer = $3 where id = $1",
        lease_id.0,
        digest,
        state.name()
    )
    .execute(&mut *transaction)
    .await?;
    counts::add_ended(&mut transaction, &[run_id]).await?;
    transaction.commit().await?;
    Ok(state)
}

/// Stores the record and adds it to its Cell.
async fn record(
    connection: &mut PgConnection,
    caller: &Caller,
    run_id: Uuid,
    lease_id: LeaseId,
    facts: Facts,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let row = sqlx::query!(
        r#"select prompt_id, campaign_id, model_id, origin, text, task, max_output_tokens, temperature, top_p, seed, forced_length, kind, expected,
                  batch, conversation as "conversation: Json<Conversation>"
           from run join prompt on prompt.id = run.prompt_id
           where run.id = $1"#,
        run_id
    )
    .fetch_one(&mut *connection)
    .await?;
    if facts.model.id.as_str() != row.model_id {
        return Err(Error::Unfit(format!(
            "the report is of the model {}, but the lease is for {}",
            facts.model.id, row.model_id
        )));
    }
    if i64::from(facts.software.batch) != i64::from(row.batch) {
        return Err(Error::Unfit(format!(
            "the report is of {} sequences at once, but the lease is for {}",
            facts.software.batch, row.batch
        )));
    }
    let machine = machines::profile(connection, caller.id).await?;
    let measurement = Measurement {
        run_id: RunId(run_id),
        prompt_id: PromptId(row.prompt_id),
        lease_id,
        prompt: leased_prompt!(row),
        origin: read("origin", &row.origin)?,
        grid: grid::over(connection, &machine.zone, facts.started_at, facts.ended_at()).await?,
        machine,
        recorded_at: now,
        facts,
    };
    measurements::insert(connection, &measurement).await?;
    summaries::keep(connection, &measurement).await?;
    if let Some(cell) = Cell::of(&measurement) {
        leaderboard::add(connection, &cell).await?;
    }
    if let Some(campaign) = row.campaign_id {
        campaigns::add_cost(connection, campaign, &Cost::of(&measurement)).await?;
    }
    counts::add_measured(connection, caller.id.0).await?;
    Ok(())
}
