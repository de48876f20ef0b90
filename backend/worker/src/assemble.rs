//! Putting the record together: facts only, nothing derived.
//!
//! Must not: send what contradicts itself; the server would refuse it and the work would be lost.

use common::measurement::{Baseline, Conditions, Facts, METHOD_VERSION, Overhead, Repetition, Software};
use common::meter::{Domain, MeterCard};
use common::model::Model;
use common::units::Power;
use time::OffsetDateTime;

use crate::error::Error;

/// Everything that was found.
pub(crate) struct Found {
    pub(crate) model: Model,
    pub(crate) device: String,
    pub(crate) threads: u32,
    pub(crate) meters: Vec<MeterCard>,
    pub(crate) started_at: OffsetDateTime,
    pub(crate) repetitions: Vec<Repetition>,
    pub(crate) before: Vec<(Domain, Option<Power>)>,
    pub(crate) after: Vec<(Domain, Option<Power>)>,
    pub(crate) overhead: Overhead,
    pub(crate) conditions: Conditions,
}

/// Version of the worker, with its commit where the build knew it.
pub(crate) fn worker_version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    option_env!("JOULEBOARD_COMMIT")
        .map_or_else(|| version.to_owned(), |commit| format!("{version}+{commit}"))
}

/// The record.
pub(crate) fn facts(found: Found) -> Result<Facts, Error> {
    let power_in = |list: &[(Domain, Option<Power>)], domain: Domain| {
        list.iter().find(|(other, _)| *other == domain).and_then(|(_, power)| *power)
    };
    let baselines = found
        .meters
        .iter()
        .map(|card| Baseline {
            domain: card.domain,
            before: power_in(&found.before, card.domain),
            after: power_in(&found.after, card.domain),
        })
        .filter(|baseline| baseline.mean().is_some())
        .collect();
    let facts = Facts {
        method_version: METHOD_VERSION,
        software: Software {
            worker_version: worker_version(),
            engine_version: engine::Engine::version().to_owned(),
            device: found.device,
            threads: found.threads,
            batch: 1,
        },
        model: found.model,
        meters: found.meters,
        started_at: found.started_at,
        repetitions: found.repetitions,
        baselines,
        overhead: found.overhead,
        conditions: found.conditions,
    };
    facts.check().map_err(|error| Error::retry("record_contradicts_itself", error.to_string()))?;
    Ok(facts)
}
