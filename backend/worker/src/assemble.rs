//! Putting the record together: facts only, nothing derived.
//!
//! Must not: send what contradicts itself; the server would refuse it and the work would be lost.

use std::time::Duration;

use common::measurement::{
    Baseline, Computing, Conditions, Facts, METHOD_VERSION, Overhead, OverheadEnergy, Repetition, Software,
};
use common::meter::{Domain, MeterCard};
use common::model::Model;
use common::units::Energy;
use common::wall::Timeline;
use meter::idle::Idle;
use time::OffsetDateTime;

use crate::error::Error;

/// Everything that was found.
pub(crate) struct Found {
    pub(crate) model: Model,
    pub(crate) device: String,
    pub(crate) threads: u32,
    pub(crate) batch: u32,
    pub(crate) computing: Computing,
    pub(crate) meters: Vec<MeterCard>,
    pub(crate) started_at: OffsetDateTime,
    pub(crate) repetitions: Vec<Repetition>,
    pub(crate) baselines: Vec<Baseline>,
    pub(crate) overhead: Overhead,
    pub(crate) conditions: Conditions,
    pub(crate) timeline: Timeline,
}

/// Version of the worker, with its commit where the build knew it.
pub(crate) fn worker_version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    option_env!("JOULEBOARD_COMMIT")
        .map_or_else(|| version.to_owned(), |commit| format!("{version}+{commit}"))
}

/// What measuring took of each Domain beside the Windows. `idle` is each Baseline and how long it was read.
pub(crate) fn overhead_energies(
    cool_down: &[(Domain, Option<Energy>)],
    idle: &[(&[Idle], Duration)],
    warm_up: &[(Domain, Option<Energy>)],
) -> Vec<OverheadEnergy> {
    let of = |list: &[(Domain, Option<Energy>)], domain: Domain| {
        list.iter().find(|(other, _)| *other == domain).and_then(|(_, energy)| *energy)
    };
    let energies = cool_down.iter().map(|&(domain, waited)| OverheadEnergy {
        domain,
        cool_down: waited,
        baseline: idle
            .iter()
            .flat_map(|(powers, span)| powers.iter().map(move |idle| (idle, *span)))
            .filter(|(idle, _)| idle.domain == domain)
            .map(|(idle, span)| idle.power.map(|power| power * span))
            .sum(),
        warm_up: of(warm_up, domain),
    });
    energies.collect()
}

/// The record.
pub(crate) fn facts(found: Found) -> Result<Facts, Error> {
    let facts = Facts {
        method_version: METHOD_VERSION,
        software: Software {
            worker_version: worker_version(),
            engine_version: engine::Engine::version().to_owned(),
            device: found.device,
            threads: found.threads,
            batch: found.batch,
            computing: Some(found.computing),
        },
        model: found.model,
        meters: found.meters,
        started_at: found.started_at,
        repetitions: found.repetitions,
        baselines: found.baselines,
        overhead: found.overhead,
        conditions: found.conditions,
        timeline: Some(found.timeline),
    };
    facts.check().map_err(|error| Error::retry("record_contradicts_itself", error.to_string()))?;
    Ok(facts)
}
