//! Energy of a Run part by part (machine, accelerators, processors, memory) and phase by phase.
//!
//! Phases are split at the first token, by the power readings: for display, and only where each phase is long enough for
//! the instrument. Must not: add parts of different Labels, or show a phase that was not resolved.

use std::time::Duration;

use crate::measurement::{Facts, Repetition};
use crate::meter::Domain;
use crate::stats::{Estimate, Moments};
use crate::units::{Energy, Power};

/// A phase is resolved if it lasts at least so many update periods of the instrument.
pub const LEAST_PERIODS: u32 = 5;

/// A part of the machine whose instruments are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The whole machine, which holds all others.
    Machine,
    /// All accelerator boards.
    Accelerators,
    /// All CPU packages.
    Cpu,
    /// All memory that is read apart.
    Dram,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Machine, Self::Accelerators, Self::Cpu, Self::Dram];

    /// Whether a Domain belongs to it.
    pub const fn contains(self, domain: Domain) -> bool {
        matches!(
            (self, domain),
            (Self::Machine, Domain::Machine)
                | (Self::Accelerators, Domain::Gpu(_))
                | (Self::Cpu, Domain::CpuPackage(_))
                | (Self::Dram, Domain::Dram(_))
        )
    }
}

/// Joules per response of some Domains together: means over the Repetitions with the interval of what they differ by; of a
/// batch each answer has an equal part. `None` where one of them is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PartEnergy {
    /// How many instruments are summed.
    pub instruments: usize,
    /// All that was drawn while answering.
    pub gross_j: Option<Estimate>,
    /// The same less idle power; may be negative.
    pub net_j: Option<Estimate>,
    /// From the start to the first token.
    pub prefill_j: Option<Estimate>,
    /// From the first token to the last.
    pub decode_j: Option<Estimate>,
    /// Above idle after the last token, before the Window closed.
    pub tail_j: Option<Estimate>,
}

impl PartEnergy {
    /// Sums the Domains that `contains` picks; `None` where no instrument reads any.
    pub fn of(facts: &Facts, contains: impl Fn(Domain) -> bool) -> Option<Self> {
        let domains: Vec<Domain> =
            facts.meters.iter().map(|card| card.domain).filter(|&domain| contains(domain)).collect();
        if domains.is_empty() {
            return None;
        }
        let mean = |of: &dyn Fn(&Repetition, Domain) -> Option<Energy>| -> Option<Estimate> {
            let sum = |one: &Repetition| {
                let all = domains.iter().map(|&domain| of(one, domain)).sum::<Option<Energy>>()?;
                Some(all / f64::from(one.responses()))
            };
            let each: Option<Vec<Energy>> = facts.repetitions.iter().map(sum).collect();
            Moments::of(each?.into_iter().map(Energy::joules)).estimate()
        };
        let idle = |domain| facts.baseline(domain).and_then(|baseline| baseline.mean());
        let gross = |one: &Repetition, domain| {
            let reading = one.readings.iter().find(|reading| reading.domain == domain)?;
            reading.body_energy(one.window, facts.baseline(domain))
        };
        let phase = |which: fn(&Repetition) -> Option<(Duration, Duration)>| {
            mean(&|one, domain| integral(facts, one, domain, which(one)?))
        };
        Some(Self {
            instruments: domains.len(),
            gross_j: mean(&gross),
            net_j: mean(&|one, domain| Some(gross(one, domain)? - idle(domain)? * one.window.body())),
            prefill_j: phase(prefill),
            decode_j: phase(decode),
            tail_j: mean(&|one, domain| {
                let (from, to) = tail(one)?;
                Some(integral(facts, one, domain, (from, to))? - idle(domain)? * to.saturating_sub(from))
            }),
        })
    }
}

/// The phases of a Repetition of one Round; those of several are too short to be told apart.
fn prefill(one: &Repetition) -> Option<(Duration, Duration)> {
    one.again.is_empty().then_some(())?;
    let start = one.window.body_start;
    Some((start, start + one.prefill_end()?))
}

fn decode(one: &Repetition) -> Option<(Duration, Duration)> {
    one.again.is_empty().then_some(())?;
    let start = one.window.body_start;
    Some((start + one.prefill_end()?, start + one.decode_end()?))
}

fn tail(one: &Repetition) -> Option<(Duration, Duration)> {
    one.again.is_empty().then_some(())?;
    Some((one.window.body_start + one.decode_end()?, one.window.length))
}

/// Energy between two instants by the power readings, where the instrument resolves the span.
fn integral(
    facts: &Facts,
    one: &Repetition,
    domain: Domain,
    (from, to): (Duration, Duration),
) -> Option<Energy> {
    let period = facts.meters.iter().find(|card| card.domain == domain)?.update_period?;
    if to.saturating_sub(from) < period * LEAST_PERIODS {
        return None;
    }
    one.readings.iter().find(|reading| reading.domain == domain)?.trace.energy_between(from, to)
}

/// What a machine draws that no part of it reads: power supply, fans, disks, board. Mean power while answering;
/// `None` unless the whole and some part are known, and nothing is modelled.
pub fn rest(facts: &Facts) -> Option<Power> {
    let mut labels = facts.meters.iter().map(|card| card.label);
    let label = labels.next()?;
    if !labels.all(|other| other == label) {
        return None;
    }
    let gross = |contains: fn(Domain) -> bool| {
        let found = PartEnergy::of(facts, contains)?.gross_j?;
        Some(Energy::from_joules(found.mean))
    };
    let (machine, parts) =
        (gross(|domain| domain == Domain::Machine)?, gross(|domain| !domain.is_at_socket())?);
    let bodies: Duration = facts.repetitions.iter().map(|one| one.window.body() / one.responses()).sum();
    let body = bodies / u32::try_from(facts.repetitions.len()).ok().filter(|&count| count > 0)?;
    (!body.is_zero()).then(|| (machine - parts) / body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaderboard::tests::facts;
    use crate::meter::Label;
    use crate::trace::{PowerTrace, Sample};

    /// Each second a reading: 60 W while the body lasts (second 1 to 3 of 4), 20 W beside it.
    fn traced() -> Facts {
        let mut facts = facts(Label::Measured);
        for card in &mut facts.meters {
            card.update_period = Some(Duration::from_millis(100));
        }
        let watts = |tick: u32| if (11..=30).contains(&tick) { 60.0 } else { 20.0 };
        let samples = (1..=40).map(|tick| Sample {
            at: Duration::from_millis(100) * tick,
            power: Power::from_watts(watts(tick)),
        });
        let trace = PowerTrace(samples.collect());
        for reading in facts.repetitions.iter_mut().flat_map(|one| &mut one.readings) {
            reading.trace = trace.clone();
        }
        facts
    }

    #[test]
    fn each_part_has_its_own_sum_gross_and_net_per_response() {
        let facts = traced();
        let gpu = PartEnergy::of(&facts, |domain| Part::Accelerators.contains(domain)).unwrap();
        // 140 J and 144 J with two pads of a second at 20 W; the body lasts 2 s.
        assert_eq!((gpu.instruments, gpu.gross_j.unwrap().mean, gpu.net_j.unwrap().mean), (1, 102.0, 62.0));
        // Two Repetitions that differ by 4 J: t(1)·2.83/√2.
        assert!((gpu.gross_j.unwrap().half_width.unwrap() - 25.41).abs() < 0.01);
        let cpu = PartEnergy::of(&facts, |domain| Part::Cpu.contains(domain)).unwrap();
        assert_eq!((cpu.gross_j.unwrap().mean, cpu.net_j.unwrap().mean), (10.0, -30.0));
        assert_eq!(PartEnergy::of(&facts, |domain| Part::Dram.contains(domain)), None);
        assert_eq!(rest(&facts), None);
    }

    #[test]
    fn phases_are_split_at_the_first_token_and_the_tail_is_what_is_above_idle() {
        let gpu = PartEnergy::of(&traced(), |domain| Part::Accelerators.contains(domain)).unwrap();
        // Tokens at 0.5, 1, 1.5 and 2 s of the body.
        assert!((gpu.prefill_j.unwrap().mean - 30.0).abs() < 1e-6);
        assert!((gpu.decode_j.unwrap().mean - 90.0).abs() < 1e-6);
        assert!(gpu.tail_j.unwrap().mean.abs() < 1e-6);
    }

    #[test]
    fn a_phase_too_short_for_the_instrument_has_no_figure() {
        let mut facts = traced();
        for card in &mut facts.meters {
            card.update_period = Some(Duration::from_millis(101));
        }
        let gpu = PartEnergy::of(&facts, |domain| Part::Accelerators.contains(domain)).unwrap();
        assert_eq!(gpu.prefill_j, None);
        assert!(gpu.decode_j.is_some() && gpu.gross_j.is_some());
    }
}
