//! How far a Measurement can be trusted, with machine-readable reasons.
//!
//! Must not: soften a reason. The thresholds are the protocol's and are shown on the method page.

mod reason;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::measurement::{Baseline, Conditions, Facts, ProcessorState, Reading, Repetition};
use crate::meter::{Caution, Domain, Label, MeterCard, Method, NullReason};
use crate::stats::Moments;
use crate::trace::Window;
use crate::units::Energy;
use crate::wall::{GOOD_CLOCK, LEAST_OF_PARTS};

pub use self::reason::{Grade, Reason};

/// Share of all cores that others may keep busy.
pub const MAX_FOREIGN_LOAD: f64 = 0.05;
/// Idle power before and after may differ by this share.
pub const MAX_IDLE_DRIFT: f64 = 0.03;
/// Beyond this share the Run is to be repeated.
pub const REDO_IDLE_DRIFT: f64 = 0.10;
/// Least share of the Window that the trace must cover, where energy comes from a trace.
pub const MIN_COVERAGE: f64 = 0.95;

/// Counter and trace of one instrument may differ by its bias, which is taken to be this share where nobody
/// characterised it,
pub const ASSUMED_BIAS: f64 = 0.02;
/// and by this share more.
pub const BIAS_TOLERANCE: f64 = 0.05;
/// They are compared over Windows of at least so many update periods.
pub const DISAGREEMENT_PERIODS: u32 = 20;
/// Clocks of a machine that did not sleep differ by less.
const SHORTEST_SLEEP: Duration = Duration::from_millis(50);

/// A host may take this share of the cores' time: less is a remark, for the account counts in ticks and a tick is no
/// reason to throw a record away; more and the record is not of this machine.
pub const REJECT_STOLEN: f64 = 0.01;
/// Share of the Windows for which heat, hardware or the power limit may hold an accelerator back.
pub const MAX_SLOWDOWN: f64 = 0.01;
/// Share of its period by which one look of the sampler in twenty may be late.
pub const MAX_LATENESS: f64 = 0.2;
/// A sensor that sees a part of the time resolves bodies that last so long together,
pub const PART_RESOLVES: Duration = Duration::from_secs(5);
/// or so many of them at spread phases.
pub const SPREAD_REPETITIONS: usize = 8;
/// The interval of the net energy, gain left out, may be this share of it.
pub const MAX_NET_INTERVAL: f64 = 0.10;
/// Energies of Windows that held the same work may deviate by this share of their mean,
pub const MAX_SPREAD: f64 = 0.05;
/// which is judged from so many Windows on,
pub const SPREAD_WINDOWS: usize = 4;
/// and only of an instrument that resolves each: over so many of its update periods.
pub const SPREAD_PERIODS: u32 = 50;
/// So often a Run is measured until its conditions are good enough; what is not good enough then is rejected.
pub const ATTEMPTS: u32 = 3;
/// Energies of the last control workloads may deviate by this share of their mean,
pub const MAX_CONTROL_SPREAD: f64 = 0.01;
/// which is judged from so many on.
pub const CONTROLS: u64 = 5;
/// Numbers of tokens that the same Prompt was answered with may differ by this share.
pub const MAX_LENGTH_CHANGE: f64 = 0.01;

/// A [`Grade`] and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The worst grade of all reasons; valid without any.
    pub grade: Grade,
    /// Every reason once, in a fixed order.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The verdict that follows from these reasons.
    pub fn of(mut reasons: Vec<Reason>) -> Self {
        reasons.sort();
        reasons.dedup();
        let grade = reasons.iter().map(|reason| reason.grade()).max().unwrap_or(Grade::Valid);
        Self { grade, reasons }
    }

    /// The same with one reason more.
    #[must_use]
    pub fn with(self, reason: Reason) -> Self {
        let worst = self.grade.max(reason.grade());
        let verdict = Self::of(self.reasons.into_iter().chain([reason]).collect());
        Self { grade: verdict.grade.max(worst), ..verdict }
    }

    /// The verdict on what a worker reported.
    pub fn on(facts: &Facts) -> Self {
        let windows =
            facts.repetitions.iter().map(|repetition| (repetition.window, repetition.readings.as_slice()));
        let mut verdict = Self::on_evidence(&Evidence {
            conditions: &facts.conditions,
            meters: &facts.meters,
            baselines: &facts.baselines,
            windows: windows.collect(),
        });
        if has_length_changed(facts) {
            verdict = verdict.with(Reason::LengthChanged);
        }
        if verdict.grade == Grade::Redo && facts.conditions.attempt.is_some_and(|nth| nth >= ATTEMPTS) {
            verdict.grade = Grade::Rejected;
        }
        let has_wall_figure = facts
            .repetitions
            .iter()
            .flat_map(|repetition| &repetition.readings)
            .any(|reading| reading.domain == Domain::Machine && reading.energy.is_some());
        let server = facts.timeline.as_ref().and_then(|timeline| timeline.server);
        if has_wall_figure && server.is_some_and(|server| server.within > GOOD_CLOCK) {
            return verdict.with(Reason::ClockResidual);
        }
        verdict
    }

    /// The verdict on any Windows, whatever ran in them.
    pub fn on_evidence(evidence: &Evidence<'_>) -> Self {
        let mut reasons = Vec::new();
        evidence.judge_conditions(&mut reasons);
        evidence.judge_cards(&mut reasons);
        let mut has_redo_drift = false;
        for baseline in evidence.baselines {
            if baseline.is_steady() == Some(false) {
                reasons.push(Reason::UnsteadyIdle);
            }
            if baseline.is_usual() == Some(false) {
                reasons.push(Reason::UnusualIdle);
            }
            if let (Some(before), Some(after)) = (baseline.before, baseline.after) {
                let drift =
                    (before - after).watts().abs() / before.watts().max(after.watts()).max(f64::MIN_POSITIVE);
                if drift > MAX_IDLE_DRIFT {
                    reasons.push(Reason::IdleDrift);
                }
                has_redo_drift |= drift > REDO_IDLE_DRIFT;
            }
        }
        for (window, readings) in &evidence.windows {
            if readings.iter().all(|reading| reading.energy.is_none()) {
                reasons.push(Reason::NoEnergy);
            }
            for reading in *readings {
                evidence.judge(*window, reading, &mut reasons);
            }
            reasons.extend(closure(readings));
            evidence.judge_checks(readings, &mut reasons);
        }
        evidence.judge_spread(&mut reasons);
        let mut verdict = Self::of(reasons);
        if has_redo_drift {
            verdict.grade = verdict.grade.max(Grade::Redo);
        }
        let stolen = evidence.conditions.stolen_share.unwrap_or_default();
        if verdict.reasons.contains(&Reason::StolenTime) && stolen > REJECT_STOLEN {
            verdict.grade = Grade::Rejected;
        }
        verdict
    }
}

/// What a verdict is about.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    /// How the machine was.
    pub conditions: &'a Conditions,
    /// What is known of the instruments.
    pub meters: &'a [MeterCard],
    /// Idle power beside the Windows.
    pub baselines: &'a [Baseline],
    /// Each Window and what was read over it.
    pub windows: Vec<(Window, &'a [Reading])>,
}

impl Evidence<'_> {
    fn judge_conditions(&self, reasons: &mut Vec<Reason>) {
        let conditions = self.conditions;
        let mut note = |holds: bool, reason: Reason| {
            if holds {
                reasons.push(reason);
            }
        };
        note(!conditions.was_calm, Reason::NotCalm);
        note(conditions.was_cool == Some(false), Reason::ThermalTimeout);
        let is_unfit = conditions.processor.as_ref().is_some_and(ProcessorState::is_unfit);
        note(is_unfit || conditions.processor_after.is_some(), Reason::ClocksNotHeld);
        note(conditions.foreign_load.is_some_and(|share| share > MAX_FOREIGN_LOAD), Reason::ForeignLoad);
        note(
            conditions.foreign_accelerator_processes.is_some_and(|count| count > 0),
            Reason::ForeignOnAccelerator,
        );
        note(conditions.suspended.is_some_and(|span| span > SHORTEST_SLEEP), Reason::Suspended);
        note(conditions.swapped_pages.is_some_and(|pages| pages > 0), Reason::Swapped);
        note(!conditions.silent_meters.is_empty(), Reason::StaleMeter);
        note(conditions.sampler.is_some_and(|cost| cost.was_late()), Reason::LateSampler);
        let control = conditions.control.as_ref().filter(|control| control.n >= CONTROLS);
        let spread = control.and_then(|control| control.energy_spread);
        note(spread.is_some_and(|spread| spread > MAX_CONTROL_SPREAD), Reason::ControlSpread);
        // What a host does with stolen time lies inside what an instrument reads; a model or a rig reads nothing.
        let is_read = self.meters.iter().any(|card| card.label == Label::Measured);
        note(is_read && conditions.stolen_share.is_some_and(|share| share > 0.0), Reason::StolenTime);
        let windows: Duration = self.windows.iter().map(|(window, _)| window.length).sum();
        let is_long = |span: Option<Duration>| span.is_some_and(|span| span > windows.mul_f64(MAX_SLOWDOWN));
        note(conditions.accelerators.iter().any(|state| is_long(state.slowed)), Reason::Throttled);
        note(conditions.accelerators.iter().any(|state| is_long(state.power_capped)), Reason::PowerCapped);
    }

    fn judge_cards(&self, reasons: &mut Vec<Reason>) {
        let bodies: Duration = self.windows.iter().map(|(window, _)| window.body()).sum();
        let is_spread = self.conditions.spread_starts && self.windows.len() >= SPREAD_REPETITIONS;
        for card in self.meters {
            if card.sees_a_part() && bodies < PART_RESOLVES && !is_spread {
                reasons.push(Reason::PartialSight);
            }
            reasons.extend(card.cautions.iter().map(|caution| match caution {
                Caution::NoisyCounter => Reason::NoisyCounter,
                Caution::MovingAverage => Reason::MovingAverage,
            }));
        }
    }

    /// The same work again and again: what an instrument resolves of it must agree. A sensor that sees a part of the
    /// time tells each Window wrong and their mean right.
    fn judge_spread(&self, reasons: &mut Vec<Reason>) {
        let resolves = |card: &&MeterCard| {
            let least = card.update_period.unwrap_or_default() * SPREAD_PERIODS;
            card.label == Label::Measured
                && !card.sees_a_part()
                && self.windows.iter().all(|(window, _)| window.body() >= least)
        };
        for card in self.meters.iter().filter(resolves) {
            let baseline = self.baselines.iter().find(|baseline| baseline.domain == card.domain);
            let energies: Vec<f64> = self
                .windows
                .iter()
                .filter_map(|(window, readings)| {
                    let reading = readings.iter().find(|reading| reading.domain == card.domain)?;
                    reading.body_energy(*window, baseline).map(Energy::joules)
                })
                .collect();
            let moments = Moments::of(energies.iter().copied());
            let is_wide = moments.deviation().is_some_and(|sd| sd > MAX_SPREAD * moments.mean.abs());
            if energies.len() >= SPREAD_WINDOWS && is_wide {
                reasons.push(Reason::WideSpread);
            }
        }
    }

    fn judge(&self, window: Window, reading: &Reading, reasons: &mut Vec<Reason>) {
        match reading.label {
            Label::Measured => {}
            Label::Modelled => reasons.push(Reason::Modelled),
            Label::Simulated => reasons.push(Reason::Simulated),
        }
        let has_baseline = self.baselines.iter().any(|baseline| baseline.domain == reading.domain);
        let is_of_socket = reading.domain.is_at_socket();
        // Supplies and second meters have no net figure of their own.
        let needs_baseline = !is_of_socket || (reading.domain == Domain::Machine && reading.energy.is_some());
        if !has_baseline && needs_baseline {
            reasons.push(Reason::NoBaseline);
        }
        // What the server joined was refused there already where its readings leave gaps.
        let is_joined = is_of_socket && (reading.uncertainty.is_some() || reading.energy.is_none());
        if reading.method == Method::Trace
            && !is_joined
            && reading.trace.coverage(window.body_start, window.body_end) < MIN_COVERAGE
        {
            reasons.push(Reason::LowCoverage);
        }
        if self.disagrees(window, reading) {
            reasons.push(Reason::Disagreement);
        }
        reasons.extend(match reading.null_reason {
            // Parts that are read have their figure all the same; too short for the socket's meter is no fault.
            Some(NullReason::NotResolved) if is_of_socket => None,
            Some(_) if matches!(reading.domain, Domain::Check(_)) => Some(Reason::ReadError),
            Some(_) if is_of_socket => Some(Reason::NoWallFigure),
            null_reason => null_reason.and_then(reason::of_null),
        });
        reasons.extend(reading.faults.iter().filter_map(|fault| reason::of_fault(*fault)));
    }

    /// Other meters of the whole machine against the one that gives its figure, beyond what both leave open (k = 2).
    fn judge_checks(&self, readings: &[Reading], reasons: &mut Vec<Reason>) {
        let of = |reading: &Reading| {
            let energy = reading.energy?.joules();
            let gain = self.meters.iter().find(|card| card.domain == reading.domain)?.gain_uncertainty;
            let own = reading.uncertainty.unwrap_or(Energy::ZERO).joules();
            Some((energy, own.hypot(gain * energy)))
        };
        let machine = readings.iter().find(|reading| reading.domain == Domain::Machine).and_then(of);
        let checks = readings.iter().filter(|reading| matches!(reading.domain, Domain::Check(_)));
        for (check, machine) in checks.filter_map(|reading| of(reading).zip(machine)) {
            if (check.0 - machine.0).abs() > 2.0 * check.1.hypot(machine.1) {
                reasons.push(Reason::WallDisagreement);
            }
        }
    }

    /// Whether counter and power readings of one instrument tell different energies over a Window long enough for
    /// both.
    fn disagrees(&self, window: Window, reading: &Reading) -> bool {
        let card = self.meters.iter().find(|card| card.domain == reading.domain);
        let period = card.and_then(|card| card.update_period).unwrap_or_default();
        let bias = card.and_then(|card| card.characterised.as_ref()?.counter_bias).unwrap_or(ASSUMED_BIAS);
        let allowed = bias.abs() + BIAS_TOLERANCE;
        if reading.method != Method::Counter || window.length < period * DISAGREEMENT_PERIODS {
            return false;
        }
        let traced = reading.trace.energy_between(Duration::ZERO, window.length);
        reading.energy.zip(traced).is_some_and(|(counted, traced)| {
            (counted - traced).joules().abs() > allowed * counted.joules().abs().max(traced.joules().abs())
        })
    }
}

/// Whether the Repetitions wrote different numbers of tokens: their energies are then of different answers.
fn has_length_changed(facts: &Facts) -> bool {
    let rounds = |repetition: &Repetition| {
        let again = repetition.again.iter().map(|round| round.token_times.len());
        let again: Vec<u32> = again.map(|length| u32::try_from(length).unwrap_or(u32::MAX)).collect();
        std::iter::once(repetition.output_tokens).chain(again)
    };
    let lengths = || facts.repetitions.iter().flat_map(rounds);
    let (least, most) = (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default());
    f64::from(most - least) > MAX_LENGTH_CHANGE * f64::from(most)
}

/// Whether a machine used less than its parts of the same Label, beyond what the socket's meter leaves open (k = 2).
fn closure(readings: &[Reading]) -> Option<Reason> {
    let machine = readings.iter().find(|reading| reading.domain == Domain::Machine)?;
    let whole = machine.energy? + machine.uncertainty.unwrap_or(Energy::ZERO) * 2.0;
    let parts: Energy = readings
        .iter()
        .filter(|reading| !reading.domain.is_at_socket() && reading.label == machine.label)
        .filter_map(|reading| reading.energy)
        .sum();
    (whole < parts * LEAST_OF_PARTS).then_some(Reason::WallBelowParts)
}

#[cfg(test)]
mod tests;
