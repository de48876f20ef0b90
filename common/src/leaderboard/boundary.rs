//! What an energy sums, so that no two sums of different things are ever compared.
//!
//! Must not: fill a missing part of a sum with anything.

use crate::measurement::{Facts, Repetition};
use crate::meter::Domain;
use crate::parts::LEAST_PERIODS;
use crate::units::Energy;
use crate::word::words;

words! {
    /// What a Run's energy sums. Named wherever the figure stands; two boundaries are never ranked together.
    Boundary, "boundary", {
        /// The whole machine at its socket.
        Machine = "machine",
        /// Accelerators, CPU packages and memory; no power supply, no fans.
        AcceleratorCpuDram = "accelerator_cpu_dram",
        /// Accelerators and CPU packages.
        AcceleratorCpu = "accelerator_cpu",
        /// Accelerators only.
        Accelerator = "accelerator",
        /// CPU packages and memory.
        CpuDram = "cpu_dram",
        /// CPU packages only.
        Cpu = "cpu",
    }
}

impl Boundary {
    /// Whether a Domain is inside.
    pub const fn contains(self, domain: Domain) -> bool {
        match domain {
            Domain::Machine => matches!(self, Self::Machine),
            Domain::Gpu(_) => {
                matches!(self, Self::AcceleratorCpuDram | Self::AcceleratorCpu | Self::Accelerator)
            }
            Domain::CpuPackage(_) => {
                matches!(self, Self::AcceleratorCpuDram | Self::AcceleratorCpu | Self::CpuDram | Self::Cpu)
            }
            Domain::Dram(_) => matches!(self, Self::AcceleratorCpuDram | Self::CpuDram),
            // Of these the machine is the sum, or they say the same once more.
            Domain::Supply(_) | Domain::Check(_) => false,
        }
    }
}

/// Energies of one Repetition's body by what they sum; `None` where a part of the sum is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BodyEnergy {
    /// The whole machine at its socket.
    pub machine: Option<Energy>,
    /// All accelerators.
    pub accelerator: Option<Energy>,
    /// All CPU packages.
    pub cpu: Option<Energy>,
    /// All memory.
    pub dram: Option<Energy>,
}

impl BodyEnergy {
    /// Sums a Repetition's Readings by part of the machine, pads taken off. A missing Reading makes its
    /// sum missing: a part of a sum is not the sum.
    pub fn of(facts: &Facts, repetition: &Repetition) -> Self {
        let sum = |belongs: fn(Domain) -> bool| {
            let readings: Vec<_> = repetition.readings.iter().filter(|r| belongs(r.domain)).collect();
            if readings.is_empty() {
                return None;
            }
            readings.iter().map(|r| r.body_energy(repetition.window, facts.baseline(r.domain))).sum()
        };
        Self {
            machine: sum(|domain| domain == Domain::Machine),
            accelerator: sum(|domain| matches!(domain, Domain::Gpu(_))),
            cpu: sum(|domain| matches!(domain, Domain::CpuPackage(_))),
            dram: sum(|domain| matches!(domain, Domain::Dram(_))),
        }
    }

    /// The part of each of so many answers that were computed at once: an equal one, for a pass over the weights serves all.
    #[must_use]
    pub fn of_each(self, answers: u32) -> Self {
        let part = |energy: Option<Energy>| energy.map(|energy| energy / f64::from(answers.max(1)));
        Self {
            machine: part(self.machine),
            accelerator: part(self.accelerator),
            cpu: part(self.cpu),
            dram: part(self.dram),
        }
    }

    /// The headline: the socket where it is read, else the sum of the parts that are, and what it sums.
    pub fn headline(self) -> Option<(Boundary, Energy)> {
        if let Some(machine) = self.machine {
            return Some((Boundary::Machine, machine));
        }
        match (self.accelerator, self.cpu, self.dram) {
            (Some(a), Some(c), Some(d)) => Some((Boundary::AcceleratorCpuDram, a + c + d)),
            (Some(a), Some(c), None) => Some((Boundary::AcceleratorCpu, a + c)),
            (Some(a), None, _) => Some((Boundary::Accelerator, a)),
            (None, Some(c), Some(d)) => Some((Boundary::CpuDram, c + d)),
            (None, Some(c), None) => Some((Boundary::Cpu, c)),
            (None, None, _) => None,
        }
    }
}

/// What measuring took inside a boundary besides the bodies of the Windows: waiting, idling, warming up, and the pads at
/// idle power. Reported beside the figures and never charged to the Prompt; `None` where a part was not counted.
pub fn overhead_energy(facts: &Facts, boundary: Boundary) -> Option<Energy> {
    let mut inside =
        facts.meters.iter().map(|card| card.domain).filter(|&domain| boundary.contains(domain)).peekable();
    inside.peek()?;
    inside
        .map(|domain| {
            let counted = facts.overhead.energies.iter().find(|energy| energy.domain == domain)?;
            let parts = [counted.cool_down, counted.baseline, counted.warm_up, facts.pads_energy(domain)];
            parts.into_iter().sum::<Option<Energy>>()
        })
        .sum()
}

/// Energy per response until the first token (in a batch, until every answer has one), from the power readings inside the boundary. An integral, so that it may differ a little
/// from the headline; `None` where a Domain has no readings, there is no token, or prefill is shorter than an instrument
/// resolves.
pub fn prefill_energy(facts: &Facts, repetition: &Repetition, boundary: Boundary) -> Option<Energy> {
    // Of several Rounds the first alone says nothing of their energy.
    let ttft = repetition.prefill_end().filter(|_| repetition.again.is_empty())?;
    let start = repetition.window.body_start;
    let mut inside =
        repetition.readings.iter().filter(|reading| boundary.contains(reading.domain)).peekable();
    inside.peek()?;
    let whole: Option<Energy> = inside
        .map(|reading| {
            let card = facts.meters.iter().find(|card| card.domain == reading.domain);
            let period = card.and_then(|card| card.update_period).unwrap_or_default();
            // One reading is no curve.
            let trace = Some(&reading.trace).filter(|trace| trace.0.len() > 1)?;
            (ttft >= period * LEAST_PERIODS).then(|| trace.energy_between(start, start + ttft))?
        })
        .sum();
    whole.map(|whole| whole / f64::from(repetition.batch()))
}
