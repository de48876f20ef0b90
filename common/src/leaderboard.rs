//! What one line of a ranking stands for, and how many Runs become one line.
//!
//! A [`Cell`] sums all Runs that share a [`Key`]; `store` keeps Cells up to date in the transaction of
//! each report and can rebuild them from the facts. A view merges Cells into [`Row`]s in the browser.
//! Must not: merge two Labels, boundaries, Origins, method versions or kinds of weights.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::carbon::GridIntensity;
use crate::ids::{MachineId, ModelId};
use crate::latency;
use crate::machine::MachineProfile;
use crate::measurement::{Facts, Measurement, Repetition};
use crate::meter::{Domain, Label};
use crate::model::Model;
use crate::prompt::{Kind, Origin, Task};
use crate::sci::Sci;
use crate::score;
use crate::stats::{Estimate, Moments};
use crate::units::{Carbon, Energy, Power};
use crate::verdict::{Grade, Verdict};

/// What a Run's energy sums. Named wherever the figure stands; two boundaries are never ranked together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// The whole machine at its socket.
    Machine,
    /// Accelerators, CPU packages and memory; no power supply, no fans.
    AcceleratorCpuDram,
    /// Accelerators and CPU packages.
    AcceleratorCpu,
    /// Accelerators only.
    Accelerator,
    /// CPU packages and memory.
    CpuDram,
    /// CPU packages only.
    Cpu,
}

impl Boundary {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::AcceleratorCpuDram => "accelerator_cpu_dram",
            Self::AcceleratorCpu => "accelerator_cpu",
            Self::Accelerator => "accelerator",
            Self::CpuDram => "cpu_dram",
            Self::Cpu => "cpu",
        }
    }
}

/// What all Runs of one Cell share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Which Model, and with it its dtype and revision.
    pub model_id: ModelId,
    /// On which Machine.
    pub machine_id: MachineId,
    /// Under which Task.
    pub task: Task,
    /// What the questions were about, where known.
    pub kind: Option<Kind>,
    /// Who asked.
    pub origin: Origin,
    /// Where the energy comes from.
    pub label: Label,
    /// What the energy sums.
    pub boundary: Boundary,
    /// How many sequences were computed at once.
    pub batch: u32,
    /// Version of the engine and of burn.
    pub engine_version: String,
    /// Version of the measuring method.
    pub method_version: u32,
}

/// All Runs of one Key, summed up. Every figure is per response: the mean over a Run's Repetitions is one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cell {
    /// What these Runs share.
    #[serde(flatten)]
    pub key: Key,
    /// The figures.
    #[serde(flatten)]
    pub sums: Sums,
}

/// The figures of a Cell or a Row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sums {
    /// Runs whose verdict is valid or flagged; only these are in the figures below.
    pub runs: u64,
    /// Of these, how many are flagged.
    pub flagged_runs: u64,
    /// Runs left out because their verdict is redo or rejected.
    pub excluded_runs: u64,
    /// Energy inside the boundary, gross, per response.
    pub energy_j: Moments,
    /// The same less idle power; fewer values where no Baseline is known.
    pub net_energy_j: Moments,
    /// Accelerator energy, gross, per response.
    pub accelerator_energy_j: Moments,
    /// CPU package energy, gross, per response.
    pub cpu_energy_j: Moments,
    /// Start of prefill to the last token.
    pub latency_s: Moments,
    /// Start of prefill to the first token.
    pub ttft_s: Moments,
    /// Time per output token after the first.
    pub tpot_s: Moments,
    /// Tokens read.
    pub prompt_tokens: Moments,
    /// Tokens written.
    pub output_tokens: Moments,
    /// 1 for a right answer, 0 for a wrong one, where the right one is known.
    pub correct: Moments,
}

impl Sums {
    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            runs: self.runs + other.runs,
            flagged_runs: self.flagged_runs + other.flagged_runs,
            excluded_runs: self.excluded_runs + other.excluded_runs,
            energy_j: self.energy_j.merge(other.energy_j),
            net_energy_j: self.net_energy_j.merge(other.net_energy_j),
            accelerator_energy_j: self.accelerator_energy_j.merge(other.accelerator_energy_j),
            cpu_energy_j: self.cpu_energy_j.merge(other.cpu_energy_j),
            latency_s: self.latency_s.merge(other.latency_s),
            ttft_s: self.ttft_s.merge(other.ttft_s),
            tpot_s: self.tpot_s.merge(other.tpot_s),
            prompt_tokens: self.prompt_tokens.merge(other.prompt_tokens),
            output_tokens: self.output_tokens.merge(other.output_tokens),
            correct: self.correct.merge(other.correct),
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
        }
    }
}

/// The derived figures of one Run, for its page and for its Cell.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFigures {
    /// What the energy sums; `None` where there is no energy.
    pub boundary: Option<Boundary>,
    /// The worst Label inside the boundary.
    pub label: Label,
    /// How far it can be trusted.
    pub verdict: Verdict,
    /// The figures, with one value each.
    pub sums: Sums,
}

impl RunFigures {
    /// Derives them from the facts.
    pub fn of(facts: &Facts, kind: Option<Kind>, expected: Option<&str>) -> Self {
        let verdict = Verdict::on(facts);
        let energies: Vec<BodyEnergy> = facts.repetitions.iter().map(|r| BodyEnergy::of(facts, r)).collect();
        let headlines: Option<Vec<(Boundary, Energy)>> = energies.iter().map(|e| e.headline()).collect();
        let boundary = headlines
            .as_deref()
            .and_then(|all| all.first().filter(|first| all.iter().all(|each| each.0 == first.0)))
            .map(|first| first.0);
        let label = facts
            .repetitions
            .iter()
            .flat_map(|repetition| &repetition.readings)
            .filter(|reading| boundary.is_none_or(|boundary| boundary.contains(reading.domain)))
            .map(|reading| reading.label)
            .max()
            .unwrap_or(Label::Measured);
        let mean = |values: Vec<Option<f64>>| -> Moments {
            let known: Option<Vec<f64>> = values.into_iter().collect();
            known.map(Moments::of).filter(|m| m.n > 0).map_or_else(Moments::default, |m| Moments::one(m.mean))
        };
        let over =
            |figure: fn(&Repetition) -> Option<f64>| mean(facts.repetitions.iter().map(figure).collect());
        let joules = |part: fn(&BodyEnergy) -> Option<Energy>| {
            mean(energies.iter().map(|e| part(e).map(Energy::joules)).collect())
        };
        let energy_j = match boundary {
            Some(_) => joules(|e| e.headline().map(|h| h.1)),
            None => Moments::default(),
        };
        let idle: Option<Power> = boundary.and_then(|boundary| {
            let mut inside: Vec<Domain> = facts.meters.iter().map(|card| card.domain).collect();
            inside.retain(|&domain| boundary.contains(domain));
            inside.iter().map(|&domain| facts.baseline(domain).and_then(|b| b.mean())).sum()
        });
        let net_energy_j = match idle {
            Some(idle) if energy_j.n > 0 => {
                let bodies = Moments::of(facts.repetitions.iter().map(|r| r.window.body().as_secs_f64()));
                Moments::one(energy_j.mean - idle.watts() * bodies.mean)
            }
            _ => Moments::default(),
        };
        let correct = match (kind, expected) {
            (Some(kind), Some(expected)) => Moments::one(
                Moments::of(
                    facts
                        .repetitions
                        .iter()
                        .map(|r| if score::is_correct(kind, expected, &r.output_text) { 1.0 } else { 0.0 }),
                )
                .mean,
            ),
            _ => Moments::default(),
        };
        let sums = Sums {
            runs: 1,
            flagged_runs: u64::from(verdict.grade == Grade::Flagged),
            excluded_runs: 0,
            energy_j,
            net_energy_j,
            accelerator_energy_j: joules(|e| e.accelerator),
            cpu_energy_j: joules(|e| e.cpu),
            latency_s: over(|r| Some(r.token_times.last()?.as_secs_f64())),
            ttft_s: over(|r| Some(latency::ttft(&r.token_times)?.as_secs_f64())),
            tpot_s: over(|r| Some(latency::tpot(&r.token_times)?.as_secs_f64())),
            prompt_tokens: over(|r| Some(f64::from(r.prompt_tokens))),
            output_tokens: over(|r| Some(f64::from(r.output_tokens))),
            correct,
        };
        Self { boundary, label, verdict, sums }
    }
}

impl Cell {
    /// The Cell of one Run; `None` where it has no energy to rank by.
    pub fn of(measurement: &Measurement) -> Option<Self> {
        let (facts, prompt) = (&measurement.facts, &measurement.prompt);
        let figures = RunFigures::of(facts, prompt.kind, prompt.expected.as_deref());
        let key = Key {
            model_id: facts.model.id.clone(),
            machine_id: measurement.machine.id,
            task: prompt.task,
            kind: prompt.kind,
            origin: measurement.origin,
            label: figures.label,
            boundary: figures.boundary?,
            batch: facts.software.batch,
            engine_version: facts.software.engine_version.clone(),
            method_version: facts.method_version,
        };
        let sums = if figures.verdict.grade > Grade::Flagged {
            Sums { excluded_runs: 1, ..Sums::default() }
        } else {
            figures.sums
        };
        Some(Self { key, sums })
    }
}

/// Cells of one [`Model`] on one Machine, merged as a view wants them.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What its Cells share. `kind` is `None` where Kinds were merged.
    pub key: Key,
    /// The figures.
    pub sums: Sums,
}

/// Merges Cells that differ only in what `project` forgets, in the order of their keys.
pub fn rows(cells: &[Cell], project: impl Fn(&Key) -> Key) -> Vec<Row> {
    let mut rows = std::collections::BTreeMap::<Key, Sums>::new();
    for cell in cells {
        let sums = rows.entry(project(&cell.key)).or_default();
        *sums = sums.merge(cell.sums);
    }
    rows.into_iter().map(|(key, sums)| Row { key, sums }).collect()
}

impl Row {
    /// Energy per response.
    pub fn energy(&self) -> Option<Estimate> {
        self.sums.energy_j.estimate()
    }

    /// Energy per output token: all energy over all tokens. The interval is that of the energy per response,
    /// scaled; it leaves out how answers differ in length.
    pub fn energy_per_output_token(&self) -> Option<Estimate> {
        self.per(self.sums.energy_j, self.sums.output_tokens)
    }

    /// Energy per right answer: all energy over all right answers.
    pub fn energy_per_correct_answer(&self) -> Option<Estimate> {
        self.per(self.sums.energy_j, self.sums.correct)
    }

    fn per(&self, of: Moments, unit: Moments) -> Option<Estimate> {
        let estimate = of.estimate()?;
        (unit.mean > 0.0).then(|| Estimate {
            n: estimate.n,
            mean: estimate.mean / unit.mean,
            half_width: estimate.half_width.map(|half| half / unit.mean),
        })
    }

    /// Mean power while answering: all energy over all time.
    pub fn power(&self) -> Option<Estimate> {
        self.per(self.sums.energy_j, self.sums.latency_s)
    }

    /// Output tokens per second, prefill included: all tokens over all time.
    pub fn throughput(&self) -> Option<f64> {
        (self.sums.latency_s.mean > 0.0).then(|| self.sums.output_tokens.mean / self.sums.latency_s.mean)
    }

    /// SCI per response on `machine` under `grid`.
    pub fn sci(&self, machine: &MachineProfile, grid: &GridIntensity) -> Option<Sci> {
        let energy = Energy::from_joules(self.energy()?.mean);
        let reserved = Duration::try_from_secs_f64(self.sums.latency_s.mean).ok()?;
        Some(Sci::of(energy, machine.pue, grid.intensity, reserved, &machine.embodied))
    }

    /// Operational emissions per response.
    pub fn carbon(&self, machine: &MachineProfile, grid: &GridIntensity) -> Option<Carbon> {
        Some(self.sci(machine, grid)?.operational)
    }
}

/// Everything that the ranking views need; toggles ask for nothing more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Leaderboard {
    /// All Cells.
    pub cells: Vec<Cell>,
    /// The Models that they name.
    pub models: Vec<Model>,
    /// The Machines that they name.
    pub machines: Vec<MachineProfile>,
    /// The latest known intensity of every Zone.
    pub zones: Vec<GridIntensity>,
}
