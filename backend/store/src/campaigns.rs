//! Campaigns: prompts asked of many Models, queued once however often they are started.
//!
//! Must not: read files (that is `server::campaign`), or choose the order (the caller does).

use common::api::events::Event;
use common::ids::{ModelId, PromptId, RunId};
use common::measurement::Measurement;
use common::prompt::{Kind, Task};
use common::run::RunState;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::queue::{Order, Place, insert_prompt, insert_run};
use crate::{Error, Store, measurements, runs, wake};

/// A Campaign that is known by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignId(Uuid);

/// Makes a Campaign known, or finds the one of that name; what it is about may change.
///
/// # Errors
/// [`Error::Database`].
pub async fn open(store: &Store, name: &str, about: &str, now: OffsetDateTime) -> Result<CampaignId, Error> {
    let id = sqlx::query_scalar!(
        "insert into campaign (name, about, created_at) values ($1, $2, $3)
         on conflict (name) do update set about = excluded.about returning id",
        name,
        about,
        now
    )
    .fetch_one(&store.pool)
    .await?;
    Ok(CampaignId(id))
}

/// Queues what is not queued yet, in the order given; returns how many Runs are new.
///
/// # Errors
/// [`Error::Database`].
pub async fn enqueue(
    store: &Store,
    campaign: CampaignId,
    wanted: &[(Order<'_>, ModelId)],
    now: OffsetDateTime,
) -> Result<u64, Error> {
    let mut transaction = store.pool.begin().await?;
    let mut queued = 0;
    let submitter = format!("campaign {}", campaign.0);
    let mut place = Place::behind(&mut transaction, Some(&submitter), now).await?;
    let mut events = vec![Event::Board];
    for (order, model) in wanted {
        let order = &Order { submitter: Some(&submitter), ..*order };
        let prompt_id = insert_prompt(&mut transaction, order, Some(campaign.0), now).await?;
        let Some(run_id) = insert_run(&mut transaction, order, prompt_id, model, 0, &mut place).await? else {
            continue;
        };
        if queued == 0 {
            // One is enough to wake every worker that waits.
            let (prompt_id, run_id) = (PromptId(prompt_id), RunId(run_id));
            events.push(Event::Run { prompt_id, run_id, state: RunState::Queued });
        }
        queued += 1;
    }
    wake::tell(&mut transaction, &events).await?;
    transaction.commit().await?;
    Ok(queued)
}

/// How many Runs of a Campaign stand where.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn progress(store: &Store, campaign: CampaignId) -> Result<Vec<(RunState, u64)>, Error> {
    runs::of_campaign(store, campaign.0).await
}

/// The Campaign of that name.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub async fn named(store: &Store, name: &str) -> Result<CampaignId, Error> {
    let id = sqlx::query_scalar!("select id from campaign where name = $1", name)
        .fetch_optional(&store.pool)
        .await?;
    id.map(CampaignId).ok_or_else(|| Error::missing("campaign", name))
}

/// A record that was read already, in the order in which they came.
#[derive(Debug, Clone, Copy)]
pub struct Seen(OffsetDateTime, Uuid);

/// Records of a Campaign that came after one, oldest first.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn measured_after(
    store: &Store,
    campaign: CampaignId,
    after: Option<Seen>,
    limit: i64,
) -> Result<Vec<(Seen, Measurement)>, Error> {
    let Seen(recorded_at, run_id) = after.unwrap_or(Seen(OffsetDateTime::UNIX_EPOCH, Uuid::nil()));
    let mut connection = store.pool.acquire().await?;
    let rows = sqlx::query!(
        "select recorded_at, run_id
         from measurement join run on run.id = measurement.run_id join prompt on prompt.id = run.prompt_id
         where prompt.campaign_id = $1 and (recorded_at, run_id) > ($2, $3)
         order by recorded_at, run_id limit $4",
        campaign.0,
        recorded_at,
        run_id,
        limit
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(measurement) = measurements::get(&mut connection, RunId(row.run_id)).await? {
            found.push((Seen(row.recorded_at, row.run_id), measurement));
        }
    }
    Ok(found)
}

/// Runs of one Model, Task and Kind of a Campaign that wait.
///
/// # Errors
/// [`Error::Database`].
pub async fn waiting(
    store: &Store,
    campaign: CampaignId,
    model: &ModelId,
    task: Task,
    kind: Option<Kind>,
) -> Result<Vec<RunId>, Error> {
    let ids = sqlx::query_scalar!(
        "select run.id from run join prompt on prompt.id = run.prompt_id
         where prompt.campaign_id = $1 and state = 'queued' and model_id = $2 and task = $3
           and kind is not distinct from $4",
        campaign.0,
        model.as_str(),
        task.name(),
        kind.map(Kind::name)
    )
    .fetch_all(&store.pool)
    .await?;
    Ok(ids.into_iter().map(RunId).collect())
}
