//! Runs that everybody may see, a line each.
//!
//! Must not: list one of a Prompt that is not public.

use common::api::runs::{LINE_CHARS, ListRuns, RunLine};
use common::ids::{NameError, RunId};
use common::meter::Label;
use common::model::Dtype;
use common::prompt::{Kind, Origin, Task};
use common::run::RunState;
use common::summary::Summary;
use common::verdict::Grade;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::columns::{count, read_word};
use crate::measurements::{Cursor, NEWEST};
use crate::{Error, Store};

/// Runs that everybody may see and that fit the filters of `wanted`, newest first, older than `before`.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn list(
    store: &Store,
    wanted: &ListRuns,
    before: Option<Cursor>,
    limit: u32,
) -> Result<Vec<RunLine>, Error> {
    let (queued_at, id) = before.unwrap_or(NEWEST);
    let rows = sqlx::query!(
        r#"select run.id, state, queued_at, run.ended_at, origin, campaign.name as "campaign?", prompt.task, prompt.kind,
                  left(prompt.text, $16) as "text!", run.model_id, model.name as model_name, model.dtype, model.weights,
                  machine.name as "machine?", attempts, failure_code, summary as "summary?: Json<Summary>"
           from run
           join prompt on prompt.id = run.prompt_id
           join model on model.id = run.model_id
           left join campaign on campaign.id = prompt.campaign_id
           left join lease on lease.run_id = run.id and lease.attempt = run.attempts
                and lease.outcome is distinct from 'released'
           left join machine on machine.id = lease.machine_id
           left join run_summary on run_summary.run_id = run.id
           where run.is_public and (queued_at, run.id) < ($1, $2)
             and queued_at >= $3 and queued_at < $4
             and ($5::text is null or state = $5) and ($6::text is null or run.model_id = $6)
             and ($7::text is null or model.dtype = $7) and ($8::text is null or machine.name = $8)
             and ($9::text is null or prompt.task = $9) and ($10::text is null or prompt.kind = $10)
             and ($11::text is null or run.origin = $11) and ($12::text is null or campaign.name = $12)
             and ($13::text is null or label = $13) and ($14::text is null or grade = $14)
           order by queued_at desc, run.id desc limit $15"#,
        queued_at,
        id,
        wanted.since.unwrap_or(OffsetDateTime::UNIX_EPOCH),
        wanted.until.unwrap_or(NEWEST.0),
        wanted.state.map(RunState::name),
        wanted.model.as_ref().map(|model| model.as_str()),
        wanted.dtype.map(Dtype::name),
        wanted.machine.as_ref().map(|machine| machine.as_str()),
        wanted.task.map(Task::name),
        wanted.kind.map(Kind::name),
        wanted.origin.map(Origin::name),
        wanted.campaign,
        wanted.label.map(Label::name),
        wanted.verdict.map(Grade::name),
        i64::from(limit),
        i32::from(LINE_CHARS),
    )
    .fetch_all(&store.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RunLine {
                id: RunId(row.id),
                state: read_word("run state", &row.state)?,
                queued_at: row.queued_at,
                ended_at: row.ended_at,
                origin: read_word("origin", &row.origin)?,
                campaign: row.campaign,
                task: read_word("task", &row.task)?,
                kind: row.kind.map(|kind| read_word("kind", &kind)).transpose()?,
                text: row.text,
                model_id: row.model_id.parse().map_err(|error| Error::corrupt("model", error))?,
                model_name: row.model_name,
                dtype: read_word("dtype", &row.dtype)?,
                weights: read_word("weights", &row.weights)?,
                machine: row
                    .machine
                    .map(|name| name.parse())
                    .transpose()
                    .map_err(|error: NameError| Error::corrupt("machine", error))?,
                attempts: count("run", row.attempts)?,
                failure_code: row.failure_code,
                figures: row.summary.map(|summary| summary.0),
            })
        })
        .collect()
}
