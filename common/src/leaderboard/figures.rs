//! From the facts of one Run to its figures: what its page shows and what its Cell sums.
//!
//! Must not: look at any other Run.

use std::time::Duration;

use super::Sums;
use super::boundary::{BodyEnergy, Boundary, prefill_energy};
use crate::latency;
use crate::measurement::{Answered, Baseline, Facts, Repetition};
use crate::meter::Label;
use crate::prompt::Kind;
use crate::score;
use crate::stats::Moments;
use crate::uncertainty::{self, Net, Uncertainty};
use crate::units::{Energy, Power};
use crate::verdict::{Grade, Reason, Verdict};

/// The derived figures of one Run, for its page and for its Cell.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigures {
    /// What the energy sums; `None` where there is no energy.
    pub boundary: Option<Boundary>,
    /// The worst Label inside the boundary.
    pub label: Label,
    /// How far it can be trusted.
    pub verdict: Verdict,
    /// How far the energy per response may be off; `None` where there is no energy.
    pub uncertainty: Option<Uncertainty>,
    /// Energy per response less that of the idle Machine, gain left out of its interval; `None` where either is not
    /// known.
    pub net: Option<Net>,
    /// The figures, with one value each.
    pub sums: Sums,
}

impl RunFigures {
    /// Derives them from the facts.
    pub fn of(facts: &Facts, kind: Option<Kind>, expected: Option<&str>) -> Self {
        let mut verdict = Verdict::on(facts);
        let energies: Vec<BodyEnergy> =
            facts.repetitions.iter().map(|r| BodyEnergy::of(facts, r).of_each(r.responses())).collect();
        let boundary = boundary_of(&energies);
        let mean = |values: Vec<Option<f64>>| -> Moments {
            let known: Option<Vec<f64>> = values.into_iter().collect();
            known.map(Moments::of).filter(|m| m.n > 0).map_or_else(Moments::default, |m| Moments::one(m.mean))
        };
        let over = |figure: &dyn Fn(Answered<'_>) -> Option<f64>| {
            mean(facts.repetitions.iter().flat_map(Repetition::answers).map(figure).collect())
        };
        let joules = |part: fn(&BodyEnergy) -> Option<Energy>| {
            mean(energies.iter().map(|e| part(e).map(Energy::joules)).collect())
        };
        let energy_j = match boundary {
            Some(_) => joules(|e| e.headline().map(|h| h.1)),
            None => Moments::default(),
        };
        let uncertainty = boundary.and_then(|boundary| Uncertainty::of(facts, boundary));
        let net = boundary
            .zip(uncertainty)
            .filter(|_| energy_j.n > 0)
            .and_then(|(boundary, known)| net_of(facts, boundary, energy_j.mean, known));
        if net.is_some_and(|net| !net.is_resolved()) {
            verdict = verdict.with(Reason::WideInterval);
        }
        let net_energy_j = net.map_or_else(Moments::default, |net| Moments::one(net.energy.joules()));
        let gap = |share: f64| over(&|a| Some(latency::itl_percentile(a.token_times, share)?.as_secs_f64()));
        let sums = Sums {
            runs: 1,
            flagged_runs: u64::from(verdict.grade == Grade::Flagged),
            excluded_runs: 0,
            energy_j,
            net_energy_j,
            accelerator_energy_j: joules(|e| e.accelerator),
            cpu_energy_j: joules(|e| e.cpu),
            latency_s: over(&|a| Some(a.token_times.last()?.as_secs_f64())),
            reserved_s: mean(
                facts
                    .repetitions
                    .iter()
                    .map(|r| {
                        Some(r.decode_end().filter(|_| r.batch() > 1)?.as_secs_f64() / f64::from(r.batch()))
                    })
                    .collect(),
            ),
            ttft_s: over(&|a| Some(latency::ttft(a.token_times)?.as_secs_f64())),
            tpot_s: over(&|a| Some(latency::tpot(a.token_times)?.as_secs_f64())),
            itl_p50_s: gap(0.5),
            itl_p90_s: gap(0.9),
            itl_p95_s: gap(0.95),
            itl_p99_s: gap(0.99),
            prefill_energy_j: mean(
                facts
                    .repetitions
                    .iter()
                    .map(|r| prefill_energy(facts, r, boundary?).map(Energy::joules))
                    .collect(),
            ),
            first_measured_at: Some(facts.started_at),
            prompt_tokens: over(&|a| Some(f64::from(a.prompt_tokens))),
            output_tokens: over(&|a| Some(f64::from(a.output_tokens))),
            correct: correct_of(facts, kind, expected),
            scored_energy_j: Moments::default(),
            scored_reserved_s: Moments::default(),
            profile: Vec::new(),
        };
        let label = label_of(facts, boundary);
        Self { boundary, label, verdict, uncertainty, net, sums }
    }
}

/// What the energy of every Repetition sums; `None` where they sum different things, or one has no energy.
fn boundary_of(energies: &[BodyEnergy]) -> Option<Boundary> {
    let boundaries: Vec<Boundary> =
        energies.iter().map(|energy| energy.headline().map(|headline| headline.0)).collect::<Option<_>>()?;
    boundaries.first().copied().filter(|first| boundaries.iter().all(|each| each == first))
}

/// The worst Label inside a boundary; of all readings where there is none.
pub(crate) fn label_of(facts: &Facts, boundary: Option<Boundary>) -> Label {
    let readings = facts.repetitions.iter().flat_map(|repetition| &repetition.readings);
    readings
        .filter(|reading| boundary.is_none_or(|boundary| boundary.contains(reading.domain)))
        .map(|reading| reading.label)
        .max()
        .unwrap_or(Label::Measured)
}

/// The share of right answers; empty where it is not known what is right.
fn correct_of(facts: &Facts, kind: Option<Kind>, expected: Option<&str>) -> Moments {
    let Some((kind, expected)) = kind.zip(expected) else { return Moments::default() };
    let answers = facts.repetitions.iter().flat_map(Repetition::answers);
    let right = answers.map(|a| if score::is_correct(kind, expected, a.output_text) { 1.0 } else { 0.0 });
    Moments::one(Moments::of(right).mean)
}

/// Energy per response less that of the idle Machine over a mean body; `None` where idle power is not known.
fn net_of(facts: &Facts, boundary: Boundary, energy_j: f64, known: Uncertainty) -> Option<Net> {
    let bodies: Duration = facts.repetitions.iter().map(|r| r.window.body() / r.responses()).sum();
    let body = bodies / u32::try_from(facts.repetitions.len()).ok()?.max(1);
    Some(Net::of((Energy::from_joules(energy_j), known.relative), idle(facts, boundary)?, body))
}

/// Idle power inside a boundary and its half-width; `None` where that of a part is not known.
fn idle(facts: &Facts, boundary: Boundary) -> Option<(Power, Power)> {
    let inside = facts.meters.iter().map(|card| card.domain).filter(|&domain| boundary.contains(domain));
    let baselines: Vec<&Baseline> = inside.map(|domain| facts.baseline(domain)).collect::<Option<_>>()?;
    let mean = baselines.iter().map(|baseline| baseline.mean()).sum::<Option<Power>>()?;
    let width = baselines.iter().map(|baseline| uncertainty::of_idle(baseline).watts()).fold(0.0, f64::hypot);
    Some((mean, Power::from_watts(width)))
}
