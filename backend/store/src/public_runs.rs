//! Runs that everybody may see, a line each.
//!
//! A page is looked for in a window of the newest Runs along the index that narrows most: in its order, and no further than
//! until the page is full. So it takes the same time over ten thousand Runs as over ten million; where few Runs of the
//! window fit, the page is short and says where to go on. Must not: list one of a Prompt that is not public.

use common::api::runs::{LINE_CHARS, ListRuns, RunLine};
use common::ids::{MachineName, ModelId, RunId};
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

use crate::columns::{count, read};
use crate::pages::{Cursor, NEWEST, WINDOW};
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
    let limit = i64::from(limit) + 1;
    let size = if index.is_all_of(wanted) { limit } else { WINDOW };
    let window = Window { wanted, before: before.unwrap_or(NEWEST), size };
    let rows = window.rows(&mut connection, index, limit).await?;
    let mut lines = rows.into_iter().map(RunLine::try_from).collect::<Result<Vec<_>, _>>()?;
    let next = if lines.len() > most {
        lines.truncate(most);
        lines.last().map(|line| (line.queued_at, line.id.0))
    } else {
        window.end(&mut connection, index).await?
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

/// The newest public Runs before a place.
struct Window<'a> {
    wanted: &'a ListRuns,
    before: Cursor,
    /// How many there are at most.
    size: i64,
}

/// One query over each index: `$condition` names it, and `$value` is its `$1`.
macro_rules! along {
    ($index:ident, $wanted:ident, $query:ident) => {
        match $index {
            Index::State => $query!("state = $1", $wanted.state.map(RunState::name)),
            Index::Campaign => {
                $query!(
                    "of_campaign_id = (select id from campaign where name = $1)",
                    $wanted.campaign.as_deref()
                )
            }
            Index::Machine => $query!(
                "last_machine_id = (select id from machine where name = $1)",
                $wanted.machine.as_ref().map(MachineName::as_str)
            ),
            Index::Model => $query!("model_id = $1", $wanted.model.as_ref().map(ModelId::as_str)),
            Index::All => $query!("$1::text is null", None::<&str>),
        }
    };
}

impl Window<'_> {
    /// The first of its Runs that fit, in the order of the list.
    async fn rows(
        &self,
        connection: &mut PgConnection,
        index: Index,
        limit: i64,
    ) -> Result<Vec<LineRow>, Error> {
        let wanted = self.wanted;
        macro_rules! rows {
            ($condition:literal, $value:expr) => {
                sqlx::query_as!(
                    LineRow,
                    r#"select run.id, state, queued_at, run.ended_at, origin, prompt.task, prompt.kind,
                              (select name from campaign where campaign.id = run.of_campaign_id) as campaign,
                              (select name from machine where machine.id = run.last_machine_id) as machine,
                              left(prompt.text, $18) as "text!", run.model_id, model.name as model_name, model.dtype,
                              model.weights, attempts, failure_code, summary as "summary?: Json<Summary>"
                       from (select * from run
                             where is_public and "#
                        + $condition
                        + r#" and (queued_at, id) < ($2, $3) and queued_at >= $4 and queued_at < $5
                             order by queued_at desc, id desc limit $6) run
                       join prompt on prompt.id = run.prompt_id
                       join model on model.id = run.model_id
                       left join run_summary on run_summary.run_id = run.id
                       where ($7::text is null or state = $7) and ($8::text is null or run.model_id = $8)
                         and ($9::text is null or model.dtype = $9)
                         and ($10::text is null or run.last_machine_id = (select id from machine where name = $10))
                         and ($11::text is null or prompt.task = $11) and ($12::text is null or prompt.kind = $12)
                         and ($13::text is null or run.origin = $13)
                         and ($14::text is null or run.of_campaign_id = (select id from campaign where name = $14))
                         and ($15::text is null or label = $15) and ($16::text is null or grade = $16)
                       order by queued_at desc, run.id desc limit $17"#,
                    $value,
                    self.before.0,
                    self.before.1,
                    wanted.since.unwrap_or(OffsetDateTime::UNIX_EPOCH),
                    wanted.until.unwrap_or(NEWEST.0),
                    self.size,
                    wanted.state.map(RunState::name),
                    wanted.model.as_ref().map(ModelId::as_str),
                    wanted.dtype.map(Dtype::name),
                    wanted.machine.as_ref().map(MachineName::as_str),
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
                .await?
            };
        }
        Ok(along!(index, wanted, rows))
    }

    /// Its last Run, unless the list ends before.
    async fn end(&self, connection: &mut PgConnection, index: Index) -> Result<Option<Cursor>, Error> {
        let wanted = self.wanted;
        macro_rules! end {
            ($condition:literal, $value:expr) => {
                sqlx::query!(
                    "select queued_at, id from run where is_public and "
                        + $condition
                        + " and (queued_at, id) < ($2, $3) and queued_at >= $4 and queued_at < $5
                            order by queued_at desc, id desc offset $6 limit 1",
                    $value,
                    self.before.0,
                    self.before.1,
                    wanted.since.unwrap_or(OffsetDateTime::UNIX_EPOCH),
                    wanted.until.unwrap_or(NEWEST.0),
                    self.size - 1,
                )
                .fetch_optional(connection)
                .await?
                .map(|row| (row.queued_at, row.id))
            };
        }
        Ok(along!(index, wanted, end))
    }
}

/// What a line is made of.
struct LineRow {
    id: Uuid,
    state: String,
    queued_at: OffsetDateTime,
    ended_at: Option<OffsetDateTime>,
    origin: String,
    task: String,
    kind: Option<String>,
    campaign: Option<String>,
    machine: Option<String>,
    text: String,
    model_id: String,
    model_name: String,
    dtype: String,
    weights: String,
    attempts: i32,
    failure_code: Option<String>,
    summary: Option<Json<Summary>>,
}

impl TryFrom<LineRow> for RunLine {
    type Error = Error;
    fn try_from(row: LineRow) -> Result<Self, Error> {
        Ok(Self {
            id: RunId(row.id),
            state: read("run state", &row.state)?,
            queued_at: row.queued_at,
            ended_at: row.ended_at,
            origin: read("origin", &row.origin)?,
            campaign: row.campaign,
            task: read("task", &row.task)?,
            kind: row.kind.map(|kind| read("kind", &kind)).transpose()?,
            text: row.text,
            model_id: read("model", &row.model_id)?,
            model_name: row.model_name,
            dtype: read("dtype", &row.dtype)?,
            weights: read("weights", &row.weights)?,
            machine: row.machine.map(|name| read("machine", &name)).transpose()?,
            attempts: count("run", row.attempts)?,
            failure_code: row.failure_code,
            figures: row.summary.map(|summary| summary.0),
        })
    }
}
