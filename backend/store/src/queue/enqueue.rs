//! A Prompt becomes Runs that wait.
//!
//! Must not: parse (an [`Order`] is made from what was parsed already).

use std::num::NonZeroU32;

use common::api::events::Event;
use common::conversation::Conversation;
use common::ids::{ModelId, PromptId, RunId};
use common::needs::Needs;
use common::prompt::{Decoding, Kind, Origin, Task};
use common::run::RunState;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{CAMPAIGNS, TURN};
use crate::columns::count;
use crate::{Error, Store, counts, wake};

/// What is to be asked, of whom, and how.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// What is asked.
    pub text: &'a str,
    /// Under which Task.
    pub task: Task,
    /// What the text is said in, where that is anything.
    pub conversation: Option<&'a Conversation>,
    /// Under which Decoding.
    pub decoding: Decoding,
    /// What the question is about, where that is known.
    pub kind: Option<Kind>,
    /// The answer that would be right, where that is known.
    pub expected: Option<&'a str>,
    /// Who asks.
    pub origin: Origin,
    /// How many Repetitions count.
    pub repetitions: u32,
    /// How many sequences are computed at once.
    pub batch: NonZeroU32,
    /// Whether tokens go to watchers while they are made.
    pub streamed: bool,
    /// How many Leases a Run may have.
    pub max_attempts: u32,
    /// On which kind of Machine.
    pub needs: Needs,
    /// Whether everybody may see it.
    pub is_public: bool,
    /// SHA-256 of what lets its submitter have it forgotten.
    pub secret_sha256: Option<&'a [u8]>,
    /// Who submits it, as a hash; those who are not told apart share one turn.
    pub submitter: Option<&'a str>,
}

impl Order<'_> {
    /// A person waits at the page; a Campaign does not.
    const fn priority(&self) -> i16 {
        match self.origin {
            Origin::Interactive => 0,
            Origin::Campaign | Origin::Profile => CAMPAIGNS,
        }
    }
}

/// Where the next Run of one submitter stands: each counts as if it had come a [`TURN`] after the one before.
pub(crate) struct Place {
    now: OffsetDateTime,
    ahead: u32,
}

impl Place {
    /// Behind all that wait of the same submitter.
    pub(crate) async fn behind(
        connection: &mut PgConnection,
        submitter: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Self, Error> {
        let ahead = sqlx::query_scalar!(
            r#"select count(*) as "ahead!" from run where state = 'queued' and submitter = $1"#,
            submitter
        )
        .fetch_one(connection)
        .await?;
        Ok(Self { now, ahead: count("queue", ahead)? })
    }

    fn due_at(&self) -> OffsetDateTime {
        self.now + TURN * self.ahead
    }
}

/// Queues one Run a Model.
///
/// # Errors
/// [`Error::Database`]; a Model that is not known is one, because the caller has parsed already.
pub async fn enqueue(
    store: &Store,
    order: &Order<'_>,
    models: &[ModelId],
    now: OffsetDateTime,
) -> Result<(PromptId, Vec<RunId>), Error> {
    let mut transaction = store.pool.begin().await?;
    let prompt_id = insert_prompt(&mut transaction, order, None, now).await?;
    let mut run_ids = Vec::with_capacity(models.len());
    let mut place = Place::behind(&mut transaction, order.submitter, now).await?;
    for (position, model) in models.iter().enumerate() {
        run_ids.extend(insert_run(&mut transaction, order, prompt_id, model, position, &mut place).await?);
    }
    counts::add_queued(&mut transaction, &run_ids).await?;
    let prompt_id = PromptId(prompt_id);
    let run_ids: Vec<RunId> = run_ids.into_iter().map(RunId).collect();
    let mut events: Vec<Event> =
        run_ids.iter().map(|&run_id| Event::Run { prompt_id, run_id, state: RunState::Queued }).collect();
    events.push(Event::Board);
    wake::tell(&mut transaction, &events).await?;
    transaction.commit().await?;
    Ok((prompt_id, run_ids))
}

/// Keeps what is asked. A Campaign that asked the same before gets the Prompt that is there.
pub(crate) async fn insert_prompt(
    connection: &mut PgConnection,
    order: &Order<'_>,
    campaign: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<Uuid, Error> {
    let inserted = sqlx::query_scalar!(
        "insert into prompt (campaign_id, text, task, max_output_tokens, temperature, top_p, seed, kind,
                             expected, created_at, conversation, is_public,
                             secret_sha256, batch, forced_length)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         on conflict do nothing
         returning id",
        campaign,
        order.text,
        order.task.name(),
        count::<_, i32>("decoding", order.decoding.max_output_tokens)?,
        order.decoding.temperature,
        order.decoding.top_p,
        i64::from(order.decoding.seed),
        order.kind.map(Kind::name),
        order.expected,
        now,
        order.conversation.map(Json) as _,
        order.is_public,
        order.secret_sha256,
        batch(order)?,
        order.decoding.forced_length,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(id) = inserted {
        return Ok(id);
    }
    let id = sqlx::query_scalar!(
        "select id from prompt
         where campaign_id = $1 and task = $2 and md5(text) = md5($3) and coalesce(kind, '') = coalesce($4, '')
           and max_output_tokens = $5 and temperature = $6 and top_p = $7 and seed = $8 and batch = $9
           and forced_length = $10",
        campaign,
        order.task.name(),
        order.text,
        order.kind.map(Kind::name),
        count::<_, i32>("decoding", order.decoding.max_output_tokens)?,
        order.decoding.temperature,
        order.decoding.top_p,
        i64::from(order.decoding.seed),
        batch(order)?,
        order.decoding.forced_length,
    )
    .fetch_one(connection)
    .await?;
    Ok(id)
}

/// Queues one Run, unless this Prompt has one on that Model already.
pub(crate) async fn insert_run(
    connection: &mut PgConnection,
    order: &Order<'_>,
    prompt_id: Uuid,
    model: &ModelId,
    position: usize,
    place: &mut Place,
) -> Result<Option<Uuid>, Error> {
    let id = sqlx::query_scalar!(
        "insert into run (prompt_id, model_id, position, origin, priority, repetitions, streamed, max_attempts,
                          queued_at, due_at, submitter, needs_accelerator, needs_measured, needs_memory_bytes,
                          is_public, needs_batch, of_campaign_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                 (select prompt.campaign_id from prompt where prompt.id = $1))
         on conflict (prompt_id, model_id) do nothing
         returning id",
        prompt_id,
        model.as_str(),
        count::<_, i32>("position", position)?,
        order.origin.name(),
        order.priority(),
        count::<_, i32>("repetitions", order.repetitions)?,
        order.streamed,
        count::<_, i32>("attempts", order.max_attempts)?,
        place.now,
        place.due_at(),
        order.submitter,
        order.needs.accelerator,
        order.needs.measured,
        count::<_, i64>("needs", order.needs.memory_bytes)?,
        // What a Campaign asks is public, as its file is.
        order.is_public || order.origin != Origin::Interactive,
        batch(order)?,
    )
    .fetch_optional(connection)
    .await?;
    if id.is_some() && order.submitter.is_some() {
        place.ahead += 1;
    }
    Ok(id)
}

fn batch(order: &Order<'_>) -> Result<i32, Error> {
    count("batch", order.batch.get())
}
