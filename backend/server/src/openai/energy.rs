//! What an answer cost: the `usage.energy` object.
//!
//! Must not: give a figure without its label, its boundary and its verdict; a missing one is null.

use common::latency;
use common::leaderboard::RunFigures;
use common::measurement::{Measurement, Repetition};
use common::meter::Domain;
use common::sci::Sci;
use common::stats::Moments;
use common::units::Energy;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The figures of one request: gross energy of its body, pads taken off. Several answers, computed at once, are one
/// request; what is per response or per token is so in its name.
pub(super) fn of(measurement: &Measurement, permalink: &str) -> Value {
    let facts = &measurement.facts;
    let figures = RunFigures::of(facts, measurement.prompt.kind, measurement.prompt.expected.as_deref());
    let answers = facts.repetitions.first().map_or(1, Repetition::batch);
    let of_all = |one: f64| one * f64::from(answers);
    let energy = mean(figures.sums.energy_j);
    let interval = energy.zip(figures.uncertainty).map(|(mean, off)| {
        let off = off.absolute.joules();
        [(mean - off).max(0.0), mean + off].map(of_all)
    });
    let sci = energy.and_then(|joules| {
        let reserved = Duration::try_from_secs_f64(mean(figures.sums.reserved())?).ok()?;
        let machine = &measurement.machine;
        let energy = Energy::from_joules(joules);
        Some(Sci::of(energy, machine.pue, measurement.grid.intensity, reserved, &machine.embodied))
    });
    let ttft = facts.repetitions.first().and_then(|repetition| latency::ttft(&repetition.token_times));
    json!({
        "label": figures.label,
        "boundary": figures.boundary,
        "answers": answers,
        "energy_j": energy.map(of_all),
        "interval_j": interval,
        "net_energy_j": mean(figures.sums.net_energy_j).map(of_all),
        "energy_per_output_token_j": energy
            .zip(mean(figures.sums.output_tokens).filter(|&tokens| tokens > 0.0))
            .map(|(joules, tokens)| joules / tokens),
        "domains": domains(measurement),
        "verdict": figures.verdict,
        "carbon_g": sci.map(|sci| of_all(sci.operational.grams())),
        "embodied_g": sci.map(|sci| of_all(sci.embodied.grams())),
        "sci_per_response_g": sci.map(|sci| sci.total().grams()),
        "zone": measurement.grid.zone,
        "intensity_g_per_kwh": measurement.grid.intensity.grams_per_kwh(),
        "intensity_source": measurement.grid.source,
        "latency_s": mean(figures.sums.latency_s),
        "ttft_s": ttft.map(|time| time.as_secs_f64()),
        "machine": measurement.machine.name,
        "permalink": permalink,
    })
}

fn mean(moments: Moments) -> Option<f64> {
    (moments.n > 0).then_some(moments.mean)
}

/// Joules by part of the machine; null with a reason where a part could not be read.
fn domains(measurement: &Measurement) -> Value {
    let facts = &measurement.facts;
    let mut domains = Map::new();
    let all = facts.repetitions.iter().flat_map(|repetition| &repetition.readings);
    let mut names: Vec<Domain> = all.map(|reading| reading.domain).collect();
    names.sort();
    names.dedup();
    for domain in names {
        let readings = || {
            facts.repetitions.iter().filter_map(|repetition| {
                let reading = repetition.readings.iter().find(|reading| reading.domain == domain)?;
                Some((reading, repetition.window))
            })
        };
        let energies: Option<Vec<f64>> = readings()
            .map(|(reading, window)| {
                reading.body_energy(window, facts.baseline(domain)).map(|energy| energy.joules())
            })
            .collect();
        let reason = readings().find_map(|(reading, _)| reading.null_reason);
        let entry = json!({
            "energy_j": energies.map(Moments::of).and_then(mean),
            "null_reason": reason,
            "label": readings().map(|(reading, _)| reading.label).max(),
        });
        domains.insert(domain.to_string(), entry);
    }
    Value::Object(domains)
}
