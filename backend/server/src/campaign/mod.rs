//! Campaigns: a file of prompts, asked of many Models.
//!
//! Must not: queue anything twice, or measure (Machines do that as they come).

pub(crate) mod file;
mod findings;
pub(crate) mod profile;

use std::io::{IsTerminal as _, Write};
use std::time::Duration;

use common::api::campaigns::Campaign as Standing;
use common::cost::Price;
use common::ids::ModelId;
use common::machine::OfferedModel;
use common::prompt::Origin;
use common::run::RunState;
use sha2::{Digest, Sha256};
use store::campaigns::{self, CampaignId};
use store::queue::Order;
use store::{Store, machines, models};

use crate::clock;
use crate::config::{CampaignCost, RunCampaign};
use crate::error::StartError;
use file::{Campaign, Choice};
use findings::Findings;

/// Time between two looks at how it goes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Characters of the progress bar.
const BAR: u64 = 30;

/// Queues what the file asks and is not queued yet; then shows how it goes until all of it has ended, unless that is not
/// wanted. Started again, it goes on where it was.
///
/// # Errors
/// [`StartError`] if the file cannot be used, no Machine has announced a Model that it names, or the database fails.
pub async fn run(config: RunCampaign) -> Result<(), StartError> {
    let refuse = |reason: String| StartError::Campaign { file: config.file.clone(), reason };
    let text = std::fs::read_to_string(&config.file)
        .map_err(StartError::system(format!("could not read {}", config.file.display())))?;
    let folder = config.file.parent().unwrap_or(std::path::Path::new("."));
    let campaign =
        Campaign::parse(&text, |path| std::fs::read_to_string(folder.join(path))).map_err(refuse)?;
    let store = Store::connect(&config.database.database_url.0, 2).await?;
    store.migrate().await?;
    let offered = models::offered(&store, clock::now(), Duration::ZERO).await?;
    let models = choose(&campaign.models, &offered).map_err(refuse)?;
    could_be_served(&store, &campaign, &models).await?.map_err(refuse)?;
    let (id, queued) = queue(&store, &campaign, &models, config.max_attempts).await?;
    say(&format!("campaign {}: {queued} new runs on {} models\n", campaign.name, models.len()))?;
    if config.queue_only {
        return Ok(());
    }
    watch(&store, id, &campaign).await?;
    tell_cost(&store, &campaign.name, None).await
}

/// Says what a Campaign has cost so far.
///
/// # Errors
/// [`StartError`] if there is none of that name or the database fails.
pub async fn cost(config: CampaignCost) -> Result<(), StartError> {
    let store = Store::connect(&config.database.database_url.0, 2).await?;
    store.migrate().await?;
    let price = config.price_per_kwh.map(|per_kwh| Price { per_kwh, currency: config.currency });
    tell_cost(&store, &config.name, price).await
}

/// Says what is kept of a Campaign's cost, at this price or else at that of its file.
async fn tell_cost(store: &Store, name: &str, price: Option<Price>) -> Result<(), StartError> {
    let found = campaigns::list(store).await?.into_iter().find(|campaign| campaign.name == name);
    let campaign = found.ok_or_else(|| StartError::Argument(format!("There is no campaign {name:?}.")))?;
    say(&format!("{}\n", told(&campaign, price.as_ref().or(campaign.price.as_ref()))))
}

/// The bill for people.
fn told(campaign: &Standing, price: Option<&Price>) -> String {
    let cost = &campaign.cost;
    let labels: Vec<&str> = cost.labels.iter().map(|label| label.name()).collect();
    let mut text = format!(
        "{} runs took {:.2} machine hours, {:.1} J{} and {:.3} g CO2e",
        cost.runs,
        cost.machine_time.as_secs_f64() / 3600.0,
        cost.energy.joules(),
        if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(" and ")) },
        cost.carbon.grams(),
    );
    if let Some(price) = price {
        text += &format!(", {:.6} {} at {} a kWh", price.of(cost.energy), price.currency, price.per_kwh);
    }
    if cost.runs_without_energy > 0 {
        text += &format!("; the energy of {} runs is not known", cost.runs_without_energy);
    }
    text += "; warm-up, waiting and idle included";
    let older = campaign.measured_runs.saturating_sub(cost.runs);
    if older > 0 {
        text += &format!(
            ". {older} more runs were measured before costs were kept: `jouleboard-server leaderboard rebuild` adds \
             them"
        );
    }
    text
}

/// Refuses what no enrolled Machine could ever serve.
async fn could_be_served(
    store: &Store,
    campaign: &Campaign,
    models: &[ModelId],
) -> Result<Result<(), String>, StartError> {
    for model in models {
        for &batch in &campaign.batch_sizes {
            if !machines::could_serve(store, model, campaign.needs, batch).await? {
                return Ok(Err(format!(
                    "asks {model} in batches of {batch} on a kind of machine that is not there: no enrolled \
                     machine that runs this model computes so many at once and meets its [needs]"
                )));
            }
        }
    }
    Ok(Ok(()))
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
    let id = campaigns::open(store, &campaign.name, &campaign.about, campaign.price.as_ref(), now).await?;
    let mut wanted: Vec<(Order<'_>, ModelId)> = Vec::new();
    for task in &campaign.tasks {
        for question in &campaign.prompts {
            let orders = campaign.batch_sizes.iter().map(|&batch| Order {
                text: &question.text,
                task: *task,
                conversation: None,
                decoding: question.decoding(campaign.decoding),
                kind: question.kind,
                expected: question.expected.as_deref(),
                origin: campaign.origin(),
                repetitions: campaign.repetitions,
                batch,
                streamed: false,
                max_attempts,
                needs: campaign.needs,
                submitter: None,
                is_public: true,
                secret_sha256: None,
            });
            wanted.extend(orders.flat_map(|order| models.iter().map(move |model| (order, model.clone()))));
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
    let (seed, batch) = (campaign.order_seed.to_string(), order.batch.to_string());
    for part in [seed.as_str(), &campaign.name, model.as_str(), order.task.name(), order.text, &batch] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    // Only for times by length is one text asked for several lengths.
    if order.origin == Origin::Profile {
        hash.update(order.decoding.max_output_tokens.to_be_bytes());
    }
    hash.finalize().to_vec()
}

/// Shows how a Campaign goes until every Run has ended, and takes back what need not be asked any more.
async fn watch(store: &Store, id: CampaignId, campaign: &Campaign) -> Result<(), StartError> {
    let is_terminal = std::io::stdout().is_terminal();
    let (mut found, mut shown) = (Findings::new(), String::new());
    loop {
        if let Some(rule) = campaign.stop {
            found.read(store, id).await?;
            let taken_back = found.stop(store, id, rule).await?;
            if taken_back > 0 {
                say(&format!("\n{taken_back} runs were taken back: their mean is known well enough\n"))?;
            }
        }
        let counts = campaigns::progress(store, id).await?;
        let (line, is_over) = progress(&counts);
        if line != shown {
            // A terminal shows one line that moves; a file gets a line each.
            say(&if is_terminal { format!("\r{line}\u{1b}[K") } else { format!("{line}\n") })?;
            shown = line;
        }
        if is_over {
            return say(if is_terminal { "\n" } else { "" });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A bar with its counts, and whether all has ended.
fn progress(counts: &[(RunState, u64)]) -> (String, bool) {
    let of = |state: RunState| counts.iter().find(|(each, _)| *each == state).map_or(0, |(_, runs)| *runs);
    let all: u64 = counts.iter().map(|(_, runs)| runs).sum();
    let ended: u64 = counts.iter().filter(|(state, _)| state.is_final()).map(|(_, runs)| runs).sum();
    let full = (ended * BAR).checked_div(all).unwrap_or(BAR);
    let bar: String = (0..BAR).map(|index| if index < full { '#' } else { '.' }).collect();
    let line = format!(
        "[{bar}] {ended} of {all} runs ended: {} measured, {} failed, {} cancelled; {} leased, {} queued",
        of(RunState::Measured),
        of(RunState::Failed),
        of(RunState::Cancelled),
        of(RunState::Leased),
        of(RunState::Queued),
    );
    (line, ended == all)
}

fn say(text: &str) -> Result<(), StartError> {
    let mut out = std::io::stdout();
    write!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(StartError::system("could not say how the campaign goes"))
}

#[cfg(test)]
mod tests {
    use common::cost::Cost;
    use common::units::Energy;

    use super::*;

    #[test]
    fn the_bill_says_what_is_in_it_and_what_is_not() {
        let mut campaign = Standing {
            name: "c".to_owned(),
            about: String::new(),
            created_at: time::OffsetDateTime::UNIX_EPOCH,
            queued_runs: 0,
            leased_runs: 0,
            measured_runs: 3,
            failed_runs: 0,
            cancelled_runs: 0,
            cost: Cost { runs: 3, energy: Energy::from_joules(3.6e6), ..Cost::NOTHING },
            price: None,
            money: None,
        };
        assert!(!told(&campaign, None).contains("kWh"));
        let price = Price { per_kwh: 0.3, currency: "EUR".to_owned() };
        let text = told(&campaign, Some(&price));
        assert!(text.contains("3600000.0 J") && text.contains("0.300000 EUR at 0.3 a kWh"), "{text}");
        assert!(!text.contains("rebuild"), "{text}");
        campaign.measured_runs = 5;
        assert!(told(&campaign, None).contains("2 more runs were measured before"));
    }

    #[test]
    fn the_bar_is_full_when_all_has_ended_and_not_before() {
        let (line, is_over) = progress(&[(RunState::Measured, 5), (RunState::Queued, 5)]);
        assert!(line.starts_with("[###############...............] 5 of 10") && !is_over, "{line}");
        let (line, is_over) = progress(&[(RunState::Measured, 9), (RunState::Failed, 1)]);
        assert!(line.contains("9 measured, 1 failed") && !line.contains('.') && is_over, "{line}");
        assert!(progress(&[]).1);
    }
}
