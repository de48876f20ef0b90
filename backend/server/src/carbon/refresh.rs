//! Asking live sources again and again: the latest value, once an hour the last day, and now and then what is missing
//! where records lie. Of any number of servers one asks for each Zone.
//!
//! Must not: stop because a source or the database was away for a while, or ask a source that wants to be left alone.

use std::sync::Arc;
use std::time::Duration;

use common::carbon::GridIntensity;
use common::ids::Zone;
use store::grid_watch::{self, Due};
use store::{Store, grid};
use time::OffsetDateTime;

use super::electricity_maps::ElectricityMaps;
use super::settings::{GridSettings, Secret, Source};
use super::uk::CarbonIntensityUk;
use super::{Asked, CarbonError};
use crate::clock;

/// Longest time between two looks at whose turn it is.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Longest wait for an answer.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// How often the last day is asked for: estimates of it become measurements.
const DAY_EVERY: Duration = Duration::from_secs(3600);
/// How often is looked for what is missing.
const BACK_FILL_EVERY: Duration = Duration::from_secs(6 * 3600);

/// The sources, each with the Zones that it is asked for.
#[derive(Debug, Clone)]
pub(super) struct Sources {
    settings: GridSettings,
    limit: Duration,
}

impl Sources {
    pub(super) const fn new(settings: GridSettings, limit: Duration) -> Self {
        Self { settings, limit }
    }

    /// Asks the source of a Zone; blocks.
    pub(super) fn ask(
        &self,
        zone: &Zone,
        asked: Asked,
        now: OffsetDateTime,
    ) -> Result<Vec<GridIntensity>, CarbonError> {
        let source = self.settings.sources.iter().find(|each| each.zone == *zone).map(|each| each.source);
        match source {
            Some(Source::ElectricityMaps) => {
                let token = self.settings.electricity_maps_token.clone().unwrap_or(Secret(String::new()));
                let url = self.settings.electricity_maps_url.clone();
                ElectricityMaps { url, token }.ask(zone, asked, self.limit, now)
            }
            Some(Source::CarbonIntensityUk) => {
                let url = self.settings.carbon_intensity_uk_url.clone();
                CarbonIntensityUk { url }.ask(zone, asked, self.limit, now)
            }
            // Another server of this database is told otherwise.
            None => Err(CarbonError::Unknown { zone: zone.clone() }),
        }
    }
}

/// Asks until it is dropped.
pub(crate) async fn run(store: Store, settings: GridSettings) {
    let wanted: Vec<(Zone, &str)> =
        settings.sources.iter().map(|each| (each.zone.clone(), each.source.name())).collect();
    let period = settings.grid_seconds;
    let mut ticks = tokio::time::interval(LOOK_EVERY.min(period));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while let Err(error) = grid_watch::set(&store, &wanted, clock::now()).await {
        tracing::warn!(%error, "the sources of intensities could not be noted");
        ticks.tick().await;
    }
    if wanted.is_empty() {
        return;
    }
    let sources = Arc::new(Sources::new(settings, LIMIT));
    loop {
        ticks.tick().await;
        loop {
            match grid_watch::take(&store, period, clock::now()).await {
                Ok(Some(due)) => serve(&store, &sources, &due, period).await,
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "whose intensity is to be asked for could not be looked up");
                    break;
                }
            }
        }
    }
}

/// Asks for one Zone and notes how that went.
async fn serve(store: &Store, sources: &Arc<Sources>, due: &Due, period: Duration) {
    let noted = match refresh(store, sources, due).await {
        Ok(Ok(asked)) => {
            let now = clock::now();
            if due.failures > 0 {
                tracing::info!(zone = %due.zone, "the source of its intensity answers again");
            }
            grid_watch::answered(store, &due.zone, asked, now + period, now).await
        }
        Ok(Err(error)) => {
            let pause = error.pause(due.failures);
            if due.failures == 0 {
                tracing::warn!(zone = %due.zone, %error, pause_s = pause.as_secs(), "the source of its intensity gives nothing");
            }
            grid_watch::failed(store, &due.zone, &error.to_string(), clock::now() + pause).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = noted {
        tracing::warn!(zone = %due.zone, %error, "its intensity could not be kept");
    }
}

/// The latest value, and what else is due.
async fn refresh(
    store: &Store,
    sources: &Arc<Sources>,
    due: &Due,
) -> Result<Result<grid_watch::Asked, CarbonError>, store::Error> {
    let is_old = |at: Option<OffsetDateTime>, every| at.is_none_or(|at| clock::now() - at >= every);
    let mut asked = grid_watch::Asked::default();
    let mut questions = vec![Asked::Latest];
    if is_old(due.day_asked_at, DAY_EVERY) {
        asked.day = true;
        questions.push(Asked::Day);
    }
    if is_old(due.back_fill_asked_at, BACK_FILL_EVERY) {
        asked.back_fill = true;
        let missing = grid_watch::missing(store, &due.zone, clock::now()).await?;
        questions.extend(missing.map(|(first, last)| {
            let hour = Duration::from_secs(3600);
            Asked::Range(first - hour, last + hour)
        }));
    }
    for question in questions {
        let (sources, zone) = (Arc::clone(sources), due.zone.clone());
        let answer = tokio::task::spawn_blocking(move || sources.ask(&zone, question, clock::now())).await;
        match answer.unwrap_or_else(|error| Err(CarbonError::Away(error.to_string()))) {
            Ok(found) => {
                grid::keep(store, &found, clock::now()).await?;
            }
            // A plan without the past is no trouble of the present.
            Err(CarbonError::Forbidden { .. }) if matches!(question, Asked::Range(..)) => {
                tracing::info!(zone = %due.zone, "the plan of the token does not hold the past: nothing is back-filled");
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(asked))
}
