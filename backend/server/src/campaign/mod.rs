//! Campaigns: a file of prompts, asked of many Models.
//!
//! Must not: queue anything twice, or measure (Machines do that as they come).

mod file;

use std::io::Write;
use std::time::Duration;

use common::ids::ModelId;
use common::machine::OfferedModel;
use common::prompt::Origin;
use common::run::RunState;
use sha2::{Digest, Sha256};
use store::campaigns::{self, CampaignId};
use store::queue::Order;
use store::{Store, models};

use crate::clock;
use crate::config::RunCampaign;
use crate::error::StartError;
use file::{Campaign, Choice};

/// Time between two looks at how it goes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Queues what the file asks and is not queued yet; with `--wait`, shows how it goes until all of it has ended.
///
/// # Errors
/// [`StartError`] if the file cannot be used, no Machine has announced a Model that it names, or the database fails.
pub async fn run(config: RunCampaign) -> Result<(), StartError> {
    let refuse = |reason: String| StartError::Campaign { file: config.file.clone(), reason };
    let text = std::fs::read_to_string(&config.file)
        .map_err(StartError::system(format!("could not read {}", config.file.display())))?;
    let campaign = Campaign::parse(&text).map_err(refuse)?;
    let store = Store::connect(&config.database.database_url.0, 2).await?;
    store.migrate().await?;
    let offered = models::offered(&store, clock::now(), Duration::ZERO).await?;
    let models = choose(&campaign.models, &offered)
        .map_err(|reason| StartError::Campaign { file: config.file.clone(), reason })?;
    let (id, queued) = queue(&store, &campaign, &models, config.max_attempts).await?;
    let said = StartError::system("could not say how the campaign goes");
    writeln!(std::io::stdout(), "campaign {}: {queued} new runs on {} models", campaign.name, models.len())
        .map_err(said)?;
    if config.wait { watch(&store, id).await } else { Ok(()) }
}

/// The Models that a file asks for, by id or by name; a name stands for all its dtypes.
fn choose(choice: &Choice, offered: &[OfferedModel]) -> Result<Vec<ModelId>, String> {
    let found: Vec<ModelId> = match choice {
        Choice::All => models::ids(offered),
        Choice::Named(names) => {
            let unknown = names.iter().find(|name| !offered.iter().any(|model| is_named(model, name)));
            if let Some(name) = unknown {
                return Err(format!("asks for the model {name:?}, which no enrolled machine has announced"));
            }
            offered
                .iter()
                .filter(|model| names.iter().any(|name| is_named(model, name)))
                .map(|model| model.id().clone())
                .collect()
        }
    };
    if found.is_empty() {
        return Err("has nobody to ask: no enrolled machine has announced a model yet".to_owned());
    }
    Ok(found)
}

fn is_named(model: &OfferedModel, name: &str) -> bool {
    model.model.name == name || model.id().as_str() == name
}

async fn queue(
    store: &Store,
    campaign: &Campaign,
    models: &[ModelId],
    max_attempts: u32,
) -> Result<(CampaignId, u64), StartError> {
    let now = clock::now();
    let id = campaigns::open(store, &campaign.name, &campaign.about, now).await?;
    let mut wanted: Vec<(Order<'_>, ModelId)> = Vec::new();
    for task in &campaign.tasks {
        for question in &campaign.prompts {
            let order = Order {
                text: &question.text,
                task: *task,
                decoding: campaign.decoding,
                kind: question.kind,
                expected: question.expected.as_deref(),
                origin: Origin::Campaign,
                repetitions: campaign.repetitions,
                streamed: false,
                max_attempts,
            };
            wanted.extend(models.iter().map(|model| (order, model.clone())));
        }
    }
    // The order is mixed, so that a slow drift of the machine falls on all models alike; the same file gives the
    // same order.
    wanted.sort_by_cached_key(|(order, model)| place(campaign, order, model));
    let queued = campaigns::enqueue(store, id, &wanted, now).await?;
    Ok((id, queued))
}

fn place(campaign: &Campaign, order: &Order<'_>, model: &ModelId) -> Vec<u8> {
    let mut hash = Sha256::new();
    let seed = campaign.order_seed.to_string();
    for part in [seed.as_str(), &campaign.name, model.as_str(), order.task.name(), order.text] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().to_vec()
}

/// Shows how a Campaign goes until every Run has ended.
async fn watch(store: &Store, id: CampaignId) -> Result<(), StartError> {
    let mut shown = String::new();
    loop {
        let counts = campaigns::progress(store, id).await?;
        let of =
            |state: RunState| counts.iter().find(|(each, _)| *each == state).map_or(0, |(_, runs)| *runs);
        let all: u64 = counts.iter().map(|(_, runs)| runs).sum();
        let ended: u64 = counts.iter().filter(|(state, _)| state.is_final()).map(|(_, runs)| runs).sum();
        let line = format!(
            "{ended} of {all} runs ended: {} measured, {} failed, {} cancelled; {} leased, {} queued",
            of(RunState::Measured),
            of(RunState::Failed),
            of(RunState::Cancelled),
            of(RunState::Leased),
            of(RunState::Queued),
        );
        if line != shown {
            writeln!(std::io::stdout(), "{line}")
                .map_err(StartError::system("could not say how the campaign goes"))?;
            shown = line;
        }
        if ended == all {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
