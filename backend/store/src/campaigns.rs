//! Campaigns: prompts asked of many Models, queued once however often they are started.
//!
//! Must not: read files (that is `server::campaign`), or choose the order (the caller does).

use common::api::campaigns::Campaign;
use common::api::events::Event;
use common::cost::{Cost, Price};
use common::ids::{ModelId, PromptId, RunId};
use common::measurement::Measurement;
use common::prompt::{Kind, Task};
use common::run::RunState;
use common::units::{Carbon, Energy};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{count, duration, read_all};
use crate::queue::{Order, Place, insert_prompt, insert_run};
use crate::{Error, Store, counts, measurements, wake};

/// A Campaign that is known by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CampaignId(Uuid);

/// Makes a Campaign known, or finds the one of that name; what it is about and what electricity costs may change.
///
/// # Errors
/// [`Error::Database`].
pub async fn open(
    store: &Store,
    name: &str,
    about: &str,
    price: Option<&Price>,
    now: OffsetDateTime,
) -> Result<CampaignId, Error> {
    let id = sqlx::query_scalar!(
        "insert into campaign (name, about, created_at, price_per_kwh, currency) values ($1, $2, $3, $4, $5)
         on conflict (name) do update
             set about = excluded.about, price_per_kwh = excluded.price_per_kwh, currency = excluded.currency
         returning id",
        name,
        about,
        now,
        price.map(|price| price.per_kwh),
        price.map(|price| price.currency.as_str()),
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
    let mut queued = Vec::new();
    let submitter = format!("campaign {}", campaign.0);
    let mut place = Place::behind(&mut transaction, Some(&submitter), now).await?;
    let mut events = vec![Event::Board];
    for (order, model) in wanted {
        let order = &Order { submitter: Some(&submitter), ..*order };
        let prompt_id = insert_prompt(&mut transaction, order, Some(campaign.0), now).await?;
        let Some(run_id) = insert_run(&mut transaction, order, prompt_id, model, 0, &mut place).await? else {
            continue;
        };
        if queued.is_empty() {
            // One is enough to wake every worker that waits.
            let (prompt_id, run_id) = (PromptId(prompt_id), RunId(run_id));
            events.push(Event::Run { prompt_id, run_id, state: RunState::Queued });
        }
        queued.push(run_id);
    }
    counts::add_queued(&mut transaction, &queued).await?;
    wake::tell(&mut transaction, &events).await?;
    transaction.commit().await?;
    count("campaign", queued.len())
}

/// How many Runs of a Campaign stand where.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn progress(store: &Store, campaign: CampaignId) -> Result<Vec<(RunState, u64)>, Error> {
    let mut connection = store.pool.acquire().await?;
    let standing = counts::of_campaigns(&mut connection, Some(campaign.0)).await?;
    Ok(standing.get(&campaign.0).copied().unwrap_or_default().by_state())
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

/// Every Campaign, newest first, with how many of its Runs stand where and its bill.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn list(store: &Store) -> Result<Vec<Campaign>, Error> {
    let mut connection = store.pool.acquire().await?;
    let standings = counts::of_campaigns(&mut connection, None).await?;
    let rows = sqlx::query!(
        r#"select id, name, about, created_at, price_per_kwh, currency,
                  cost.runs as "runs?", cost.runs_without_energy as "runs_without_energy?",
                  cost.machine_time_s as "machine_time_s?", cost.energy_j as "energy_j?", cost.carbon_g as "carbon_g?",
                  coalesce(cost.labels, '{}') as "labels!", coalesce(cost.boundaries, '{}') as "boundaries!"
           from campaign
           left join campaign_cost cost on cost.campaign_id = campaign.id
           order by created_at desc, name"#
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let cost =
                match (row.runs, row.runs_without_energy, row.machine_time_s, row.energy_j, row.carbon_g) {
                    (Some(runs), Some(without), Some(time), Some(energy), Some(carbon)) => Cost {
                        runs: count("campaign", runs)?,
                        runs_without_energy: count("campaign", without)?,
                        machine_time: duration("campaign", time)?,
                        energy: Energy::from_joules(energy),
                        carbon: Carbon::from_grams(carbon),
                        labels: read_all("label", &row.labels)?.into_iter().collect(),
                        boundaries: read_all("boundary", &row.boundaries)?.into_iter().collect(),
                    },
                    _ => Cost::NOTHING,
                };
            let price =
                row.price_per_kwh.zip(row.currency).map(|(per_kwh, currency)| Price { per_kwh, currency });
            let standing = standings.get(&row.id).copied().unwrap_or_default();
            Ok(Campaign {
                name: row.name,
                about: row.about,
                created_at: row.created_at,
                queued_runs: standing.queued,
                leased_runs: standing.leased,
                measured_runs: standing.measured,
                failed_runs: standing.failed,
                cancelled_runs: standing.cancelled,
                money: price.as_ref().map(|price| price.of(cost.energy)),
                cost,
                price,
            })
        })
        .collect()
}

/// Adds what one Run cost to the bill of its Campaign, whose row stays locked until the transaction ends.
pub(crate) async fn add_cost(
    connection: &mut PgConnection,
    campaign: Uuid,
    cost: &Cost,
) -> Result<(), Error> {
    let labels: Vec<String> = cost.labels.iter().map(ToString::to_string).collect();
    let boundaries: Vec<String> = cost.boundaries.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "insert into campaign_cost (campaign_id, runs, runs_without_energy, machine_time_s, energy_j, carbon_g,
                                    labels, boundaries)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (campaign_id) do update
             set runs = campaign_cost.runs + excluded.runs,
                 runs_without_energy = campaign_cost.runs_without_energy + excluded.runs_without_energy,
                 machine_time_s = campaign_cost.machine_time_s + excluded.machine_time_s,
                 energy_j = campaign_cost.energy_j + excluded.energy_j,
                 carbon_g = campaign_cost.carbon_g + excluded.carbon_g,
                 labels = array(select unnest(campaign_cost.labels) union select unnest(excluded.labels)),
                 boundaries =
                     array(select unnest(campaign_cost.boundaries) union select unnest(excluded.boundaries))",
        campaign,
        count::<_, i64>("campaign", cost.runs)?,
        count::<_, i64>("campaign", cost.runs_without_energy)?,
        cost.machine_time.as_secs_f64(),
        cost.energy.joules(),
        cost.carbon.grams(),
        &labels,
        &boundaries,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which Campaign a Prompt belongs to, if any.
pub(crate) async fn of_prompt(
    connection: &mut PgConnection,
    prompt: PromptId,
) -> Result<Option<Uuid>, Error> {
    let campaign = sqlx::query_scalar!("select campaign_id from prompt where id = $1", prompt.0);
    Ok(campaign.fetch_optional(connection).await?.flatten())
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

/// Runs of one Model, Task, Kind and batch of a Campaign that wait.
///
/// # Errors
/// [`Error::Database`].
pub async fn waiting(
    store: &Store,
    campaign: CampaignId,
    model: &ModelId,
    task: Task,
    kind: Option<Kind>,
    batch: u32,
) -> Result<Vec<RunId>, Error> {
    let ids = sqlx::query_scalar!(
        "select run.id from run join prompt on prompt.id = run.prompt_id
         where prompt.campaign_id = $1 and state = 'queued' and model_id = $2 and task = $3
           and kind is not distinct from $4 and batch = $5",
        campaign.0,
        model.as_str(),
        task.name(),
        kind.map(Kind::name),
        count::<_, i32>("batch", batch)?,
    )
    .fetch_all(&store.pool)
    .await?;
    Ok(ids.into_iter().map(RunId).collect())
}
