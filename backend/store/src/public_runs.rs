//! Runs that everybody may see, a line each.
//!
//! A page is found in two steps: a window of the newest Runs along the index that narrows most, then whatever else is
//! asked for among these. So a page takes the same time over ten thousand Runs as over ten million; where few Runs of the
//! window fit, the page is short and says where to go on. Must not: list one of a Prompt that is not public.

use common::api::runs::{LINE_CHARS, ListRuns, RunLine};
use common::ids::{MachineName, ModelId, NameError, RunId};
use common::meter::Label;
use common::model::Dtype;
use common::prompt::{Kind, Origin, Task};
use common::run::RunState;
use common::summary::Summary;
use common::verdict::Grade;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{count, read_word};
use crate::measurements::{Cursor, NEWEST, WINDOW};
use crate::{Error, Store};

/// Runs that everybody may see and that fit the filters of `wanted`, newest first, older than `before`; and where the
/// next page starts, unless this is the last.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn list(
    store: &Store,
    wanted: &ListRuns,
    before: Option<Cursor>,
    limit: u32,
) -> Result<(Vec<RunLine>, Option<Cursor>), Error> {
    let mut connection = store.pool.acquire().await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let index = Index::of(wanted);
    let size = if index.is_all_of(wanted) { most.saturating_add(1) } else { WINDOW.max(most) };
    let seen = window(&mut connection, index, wanted, before.unwrap_or(NEWEST), size).await?;
    let ids: Vec<Uuid> = seen.iter().map(|(_, id)| *id).collect();
    let mut lines = lines(&mut connection, wanted, &ids, i64::from(limit) + 1).await?;
    let is_more = lines.len() > most;
    lines.truncate(most);
    let next = if is_more {
        lines.last().map(|line| (line.queued_at, line.id.0))
    } else {
        seen.last().copied().filter(|_| seen.len() == size)
    };
    Ok((lines, next))
}

/// Along which index a window goes: the one that narrows most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    State,
    Campaign,
    Machine,
    Model,
    All,
}

impl Index {
    fn of(wanted: &ListRuns) -> Self {
        match wanted {
            // Most Runs are measured, so that says little.
            ListRuns { state: Some(state), .. } if *state != RunState::Measured => Self::State,
            ListRuns { campaign: Some(_), .. } => Self::Campaign,
            ListRuns { machine: Some(_), .. } => Self::Machine,
            ListRuns { model: Some(_), .. } => Self::Model,
            ListRuns { state: Some(_), .. } => Self::State,
            _ => Self::All,
        }
    }

    /// Whether everything on it fits, so that no more need be looked at than are shown.
    fn is_all_of(self, wanted: &ListRuns) -> bool {
        let mut rest = ListRuns { after: None, limit: None, since: None, until: None, ..wanted.clone() };
        match self {
            Self::State => rest.state = None,
            Self::Campaign => rest.campaign = None,
            Self::Machine => rest.machine = None,
            Self::Model => rest.model = None,
            Self::All => {}
        }
        rest == ListRuns::default()
    }
}

/// The first Runs before a place along one index, in the order of the list.
macro_rules! walk {
    ($connection:ident, $condition:literal, $place:expr, $wanted:expr, $size:expr, $value:expr) => {
        sqlx::query!(
            "select queued_at, id from run where is_public and "
                + $condition
                + " and (queued_at, id) < ($2, $3) and queued_at >= $4 and queued_at < $5
                    order by queued_at desc, id desc limit $6",
            $value,
            $place.0,
            $place.1,
            $wanted.since.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            $wanted.until.unwrap_or(NEWEST.0),
            i64::try_from($size).unwrap_or(i64::MAX),
        )
        .fetch_all($connection)
        .await?
        .into_iter()
        .map(|row| (row.queued_at, row.id))
        .collect()
    };
}

/// The newest Runs before a place along one index, at most so many.
async fn window(
    connection: &mut PgConnection,
    index: Index,
    wanted: &ListRuns,
    before: Cursor,
    size: usize,
) -> Result<Vec<Cursor>, Error> {
    let state = wanted.state.map(RunState::name);
    let campaign = wanted.campaign.as_deref();
    let machine = wanted.machine.as_ref().map(MachineName::as_str);
    let model = wanted.model.as_ref().map(ModelId::as_str);
    Ok(match index {
        Index::State => walk!(connection, "state = $1", before, wanted, size, state),
        Index::Campaign => walk!(
            connection,
            "of_campaign_id = (select id from campaign where name = $1)",
            before,
            wanted,
            size,
            campaign
        ),
        Index::Machine => walk!(
            connection,
            "last_machine_id = (select id from machine where name = $1)",
            before,
            wanted,
            size,
            machine
        ),
        Index::Model => walk!(connection, "model_id = $1", before, wanted, size, model),
        Index::All => walk!(connection, "$1::text is null", before, wanted, size, None::<&str>),
    })
}

/// Those of these Runs that fit, a line each.
async fn lines(
    connection: &mut PgConnection,
    wanted: &ListRuns,
    ids: &[Uuid],
    limit: i64,
) -> Result<Vec<RunLine>, Error> {
    let rows = sqlx::query!(
        r#"select run.id, state, queued_at, run.ended_at, origin, prompt.task, prompt.kind,
                  (select name from campaign where campaign.id = run.of_campaign_id) as campaign,
                  (select name from machine where machine.id = run.last_machine_id) as machine,
                  left(prompt.text, $13) as "text!", run.model_id, model.name as model_name, model.dtype, model.weights,
                  attempts, failure_code, summary as "summary?: Json<Summary>"
           from run
           join prompt on prompt.id = run.prompt_id
           join model on model.id = run.model_id
           left join run_summary on run_summary.run_id = run.id
           where run.id = any($1) and run.is_public
             and ($2::text is null or state = $2) and ($3::text is null or run.model_id = $3)
             and ($4::text is null or model.dtype = $4)
             and ($5::text is null or run.last_machine_id = (select id from machine where name = $5))
             and ($6::text is null or prompt.task = $6) and ($7::text is null or prompt.kind = $7)
             and ($8::text is null or run.origin = $8)
             and ($9::text is null or run.of_campaign_id = (select id from campaign where name = $9))
             and ($10::text is null or label = $10) and ($11::text is null or grade = $11)
           order by queued_at desc, run.id desc limit $12"#,
        ids,
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
        limit,
        i32::from(LINE_CHARS),
    )
    .fetch_all(connection)
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
