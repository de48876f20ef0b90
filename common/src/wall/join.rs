//! The machine's own Domain, added to what its worker reported: from the meter of the whole, or from all its supplies.
//!
//! Must not: change what the worker said, or call a machine measured whose parts are simulated.

use std::time::Duration;

use super::{
    DEFAULT_PERIOD, Found, MAX_CLOCK, Span, Timeline, WallCard, WallReading, WallRole, energy_over,
    power_over, trace_over,
};
use crate::measurement::{Baseline, Facts, Reading};
use crate::meter::{Domain, Label, MeterCard, Method, NullReason};
use crate::steadiness::Steadiness;
use crate::trace::PowerTrace;
use crate::units::{Energy, Power};

/// A meter at a socket of the Machine, and what it said around a Run in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What is known of it.
    pub meter: WallCard,
    /// What it stands for.
    pub role: WallRole,
    /// What it said.
    pub readings: Vec<WallReading>,
}

/// Adds for each meter one Reading a Repetition, a Baseline and its card; and the sum of supplies, where there are
/// some. `idle` is a span on the server's clock when the machine had no work, for where the worker's own idle spans are
/// too short for a meter. A worker that reads its whole machine itself keeps its own figure.
pub fn join(facts: &mut Facts, meters: &[Told], idle: Option<Span>) {
    if facts.meters.iter().any(|card| card.domain == Domain::Machine) {
        return;
    }
    let parts = facts.repetitions.iter().flat_map(|repetition| &repetition.readings);
    let is_simulated = parts.into_iter().any(|reading| reading.label == Label::Simulated);
    let mut count = [0_u16; 2];
    let mut next = |which: usize| {
        let index = count[which];
        count[which] += 1;
        index
    };
    let found: Vec<Joined> = meters
        .iter()
        .map(|told| {
            let domain = match told.role {
                WallRole::Whole => Domain::Machine,
                WallRole::Supply => Domain::Supply(next(0)),
                WallRole::Check => Domain::Check(next(1)),
            };
            Joined::of(facts, told, domain, is_simulated, idle)
        })
        .collect();
    let has_whole = found.iter().any(|joined| joined.card.domain == Domain::Machine);
    let supplies: Vec<&Joined> =
        found.iter().filter(|joined| matches!(joined.card.domain, Domain::Supply(_))).collect();
    let sum = (!has_whole).then(|| Joined::sum(&supplies)).flatten();
    for Joined { card, readings, baseline } in sum.into_iter().chain(found) {
        facts.meters.push(card);
        facts.baselines.extend(baseline);
        for (repetition, reading) in facts.repetitions.iter_mut().zip(readings) {
            repetition.readings.push(reading);
        }
    }
}

/// What one meter adds to the record.
struct Joined {
    card: MeterCard,
    /// One a Repetition.
    readings: Vec<Reading>,
    baseline: Option<Baseline>,
}

impl Joined {
    fn of(facts: &Facts, told: &Told, domain: Domain, is_simulated: bool, idle: Option<Span>) -> Self {
        let Told { meter, readings, .. } = told;
        let label = if is_simulated { Label::Simulated } else { meter.card.label };
        let found = windows(facts, meter, readings);
        let mut card = MeterCard { domain, label, ..meter.card.clone() };
        if let Some(method) = found.iter().find_map(|each| Some(each.as_ref().ok()?.method)) {
            card.method = method;
        }
        let reading = |found: Result<Found, NullReason>| {
            let (energy, null_reason, uncertainty, method, trace) = match found {
                Ok(found) => (Some(found.energy), None, Some(found.uncertainty), found.method, found.trace),
                Err(reason) => (None, Some(reason), None, card.method, PowerTrace::default()),
            };
            Reading { domain, label, method, energy, null_reason, uncertainty, trace, faults: Vec::new() }
        };
        let readings_of_windows = found.into_iter().map(reading).collect();
        let baseline = baseline(facts.timeline.as_ref(), meter, readings, idle)
            .map(|baseline| Baseline { domain, ..baseline });
        Self { card, readings: readings_of_windows, baseline }
    }

    /// The whole machine from all its supplies; one alone is not the whole. What one of them lacks, the sum lacks.
    fn sum(supplies: &[&Self]) -> Option<Self> {
        let [first, _, ..] = supplies else { return None };
        let cards = || supplies.iter().map(|joined| &joined.card);
        let domain = Domain::Machine;
        let label = cards().map(|card| card.label).max()?;
        let is_counted = cards().all(|card| card.method == Method::Counter);
        let card = MeterCard {
            update_period: cards().map(|card| card.update_period.unwrap_or(DEFAULT_PERIOD)).max(),
            // Meters of one make err alike: a sum of them is no better than each.
            gain_uncertainty: cards().map(|card| card.gain_uncertainty).fold(0.0, f64::max),
            ..MeterCard::new(
                &format!("sum of {} supplies", supplies.len()),
                domain,
                label,
                if is_counted { Method::Counter } else { Method::Trace },
                "The whole machine: all its supplies together, each read at its own socket.",
            )
        };
        let readings = (0..first.readings.len()).map(|nth| {
            let all: Vec<&Reading> = supplies.iter().filter_map(|joined| joined.readings.get(nth)).collect();
            let energy: Option<Energy> = all.iter().map(|reading| reading.energy).sum();
            let own = all.iter().filter_map(|reading| reading.uncertainty).map(Energy::joules);
            let traces: Vec<&PowerTrace> = all.iter().map(|reading| &reading.trace).collect();
            Reading {
                domain,
                label,
                method: card.method,
                energy,
                null_reason: all.iter().find_map(|reading| reading.null_reason),
                uncertainty: energy.map(|_| Energy::from_joules(own.fold(0.0, f64::hypot))),
                trace: energy.map(|_| PowerTrace::sum(&traces)).unwrap_or_default(),
                faults: Vec::new(),
            }
        });
        let readings = readings.collect();
        let power = |of: fn(&Baseline) -> Option<Power>| -> Option<Power> {
            supplies.iter().map(|joined| joined.baseline.as_ref().and_then(of)).sum()
        };
        let (before, after) = (power(|baseline| baseline.before), power(|baseline| baseline.after));
        let error = |of: fn(&Baseline) -> Option<Steadiness>| {
            let all = supplies.iter().filter_map(|joined| joined.baseline.as_ref().and_then(of));
            all.reduce(Steadiness::plus)
        };
        let baseline = (before.is_some() || after.is_some()).then(|| Baseline {
            steadiness_before: error(|baseline| baseline.steadiness_before),
            steadiness_after: error(|baseline| baseline.steadiness_after),
            ..Baseline::new(domain, before, after)
        });
        Some(Self { card, readings, baseline })
    }
}

/// One finding a Repetition. Either all are resolved or none: a Run's figure has one boundary.
fn windows(facts: &Facts, meter: &WallCard, readings: &[WallReading]) -> Vec<Result<Found, NullReason>> {
    let count = facts.repetitions.len();
    let timeline = facts.timeline.as_ref().filter(|timeline| timeline.windows.len() == count);
    let server = timeline.and_then(|timeline| timeline.server);
    let (Some(timeline), Some(server)) = (timeline, server.filter(|server| server.within <= MAX_CLOCK))
    else {
        return vec![Err(NullReason::ClockUnknown); count];
    };
    let slowest = readings.iter().map(|reading| reading.took).max().unwrap_or_default();
    let clock = (server.within.as_secs_f64() / 3.0_f64.sqrt()).hypot(slowest.as_secs_f64() / 12.0_f64.sqrt());
    let clock = Duration::try_from_secs_f64(clock).unwrap_or(MAX_CLOCK);
    let found: Vec<_> = timeline
        .windows
        .iter()
        .map(|window| energy_over(meter, readings, window.shifted(server.offset_s), clock))
        .collect();
    match found.iter().find_map(|each| each.as_ref().err()) {
        Some(NullReason::NotResolved) => vec![Err(NullReason::NotResolved); count],
        _ => found,
    }
}

fn baseline(
    timeline: Option<&Timeline>,
    meter: &WallCard,
    readings: &[WallReading],
    idle: Option<Span>,
) -> Option<Baseline> {
    let resolved = |span: Span| span.lasts >= meter.period() * 2;
    let level = |span: Span| {
        let mean = resolved(span).then(|| power_over(meter, readings, span)).flatten()?;
        let told = trace_over(readings, span);
        Some((mean, Steadiness::of(&told, Duration::ZERO, span.lasts, meter.period())))
    };
    let offset_s = timeline.and_then(|timeline| timeline.server).map(|server| server.offset_s);
    let worker = |span: Option<Span>| level(span?.shifted(offset_s?));
    let before = worker(timeline.and_then(|timeline| timeline.idle_before)).or_else(|| level(idle?));
    let after = worker(timeline.and_then(|timeline| timeline.idle_after));
    let mean = |level: Option<(Power, Option<Steadiness>)>| level.map(|level| level.0);
    (before.is_some() || after.is_some()).then(|| Baseline {
        steadiness_before: before.and_then(|before| before.1),
        steadiness_after: after.and_then(|after| after.1),
        ..Baseline::new(Domain::Machine, mean(before), mean(after))
    })
}

#[cfg(test)]
mod tests;
