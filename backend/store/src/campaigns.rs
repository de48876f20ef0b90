//! Campaigns: prompts asked of many Models, queued once however often they are started.
//!
//! Must not: read files (that is `server::campaign`), or choose the order (the caller does).

use common::api::events::Event;
use common::ids::{ModelId, PromptId, RunId};
use common::run::RunState;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::queue::{Order, insert_prompt, insert_run};
use crate::{Error, Store, runs, wake};

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
    let mut events = vec![Event::Board];
    for (order, model) in wanted {
        let prompt_id = insert_prompt(&mut transaction, order, Some(campaign.0), now).await?;
        let Some(run_id) = insert_run(&mut transaction, order, prompt_id, model, 0, now).await? else {
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
