//! What one line of a ranking stands for, and how many Runs become one line.
//!
//! A [`Cell`] sums all Runs that share a [`Key`]; `store` keeps Cells up to date in the transaction of
//! each report and can rebuild them from the facts. A view merges Cells into [`Row`]s in the browser.
//! Must not: merge two Labels, boundaries, Origins, method versions or kinds of weights.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::carbon::GridIntensity;
use crate::ids::{MachineId, ModelId};
use crate::machine::MachineProfile;
use crate::measurement::Measurement;
use crate::meter::Label;
use crate::model::Model;
use crate::prompt::{Kind, Origin, Task};
use crate::sci::Sci;
use crate::stats::{Estimate, Moments};
use crate::units::{Carbon, CarbonIntensity, Energy};
use crate::verdict::Grade;

mod boundary;
mod figures;
pub mod profile;
mod scored;

pub use boundary::{BodyEnergy, Boundary, overhead_energy, prefill_energy};
pub use figures::RunFigures;
pub(crate) use figures::label_of;
pub use profile::Profiled;

#[cfg(test)]
pub(crate) mod tests;

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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
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
    /// How long the Machine was taken by one response of a batch: its equal part of the time until the last answer ended.
    /// Empty where a response had the Machine to itself; then it is the latency.
    #[serde(default, skip_serializing_if = "Moments::is_empty")]
    pub reserved_s: Moments,
    /// Start of prefill to the first token.
    pub ttft_s: Moments,
    /// Time per output token after the first.
    pub tpot_s: Moments,
    /// Median gap between tokens of one answer.
    #[serde(default)]
    pub itl_p50_s: Moments,
    /// Gap between tokens that nine of ten stay below.
    #[serde(default)]
    pub itl_p90_s: Moments,
    /// Gap between tokens that 19 of 20 stay below; empty where the roll-up is older than this field.
    #[serde(default)]
    pub itl_p95_s: Moments,
    /// Gap between tokens that 99 of 100 stay below.
    #[serde(default)]
    pub itl_p99_s: Moments,
    /// Energy inside the boundary until the first token, gross, integrated from power readings; fewer values where
    /// a part of the boundary has none.
    #[serde(default)]
    pub prefill_energy_j: Moments,
    /// When the first of these Runs was measured; null where the roll-up is older than this field.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub first_measured_at: Option<OffsetDateTime>,
    /// Tokens read.
    pub prompt_tokens: Moments,
    /// Tokens written.
    pub output_tokens: Moments,
    /// 1 for a right answer, 0 for a wrong one, where the right one is known.
    pub correct: Moments,
    /// Energy per response of the Runs whose right answer is known. Empty where that is all of them, or none.
    #[serde(default, skip_serializing_if = "Moments::is_empty")]
    pub scored_energy_j: Moments,
    /// How long these took the Machine, likewise.
    #[serde(default, skip_serializing_if = "Moments::is_empty")]
    pub scored_reserved_s: Moments,
    /// Times and energies by length, of campaigns only; a Row has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<Profiled>,
}

impl Sums {
    /// How long the Machine was taken by one response.
    pub const fn reserved(&self) -> Moments {
        if self.reserved_s.is_empty() { self.latency_s } else { self.reserved_s }
    }

    /// Both together.
    #[must_use]
    pub fn merge(self, other: &Self) -> Self {
        let profile = profile::join(self.profile.clone(), &other.profile);
        Self { profile, ..self.merge_figures(other) }
    }

    /// Both together without their profiles, which no Row needs.
    fn merge_figures(&self, other: &Self) -> Self {
        let correct = self.correct.merge(other.correct);
        let energy_j = self.energy_j.merge(other.energy_j);
        let (one, more) = (self.scored(), other.scored());
        // Where every answer is known they are the whole, which is not kept twice.
        let is_apart = correct.n < energy_j.n;
        let apart = |one: Moments, more: Moments| if is_apart { one.merge(more) } else { Moments::default() };
        Self {
            profile: Vec::new(),
            runs: self.runs + other.runs,
            flagged_runs: self.flagged_runs + other.flagged_runs,
            excluded_runs: self.excluded_runs + other.excluded_runs,
            energy_j,
            net_energy_j: self.net_energy_j.merge(other.net_energy_j),
            accelerator_energy_j: self.accelerator_energy_j.merge(other.accelerator_energy_j),
            cpu_energy_j: self.cpu_energy_j.merge(other.cpu_energy_j),
            latency_s: self.latency_s.merge(other.latency_s),
            reserved_s: self.reserved_s.merge(other.reserved_s),
            ttft_s: self.ttft_s.merge(other.ttft_s),
            tpot_s: self.tpot_s.merge(other.tpot_s),
            itl_p50_s: self.itl_p50_s.merge(other.itl_p50_s),
            itl_p90_s: self.itl_p90_s.merge(other.itl_p90_s),
            itl_p95_s: self.itl_p95_s.merge(other.itl_p95_s),
            itl_p99_s: self.itl_p99_s.merge(other.itl_p99_s),
            prefill_energy_j: self.prefill_energy_j.merge(other.prefill_energy_j),
            first_measured_at: [self.first_measured_at, other.first_measured_at].into_iter().flatten().min(),
            prompt_tokens: self.prompt_tokens.merge(other.prompt_tokens),
            output_tokens: self.output_tokens.merge(other.output_tokens),
            correct,
            scored_energy_j: apart(one.0, more.0),
            scored_reserved_s: apart(one.1, more.1),
        }
    }
}

impl Key {
    /// The Key of one Run; `None` where it has no energy to rank by.
    pub fn of(measurement: &Measurement, figures: &RunFigures) -> Option<Self> {
        let (facts, prompt) = (&measurement.facts, &measurement.prompt);
        Some(Self {
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
        })
    }
}

impl Cell {
    /// The Cell of one Run; `None` where it has no energy to rank by.
    pub fn of(measurement: &Measurement) -> Option<Self> {
        let (facts, prompt) = (&measurement.facts, &measurement.prompt);
        let figures = RunFigures::of(facts, prompt.kind, prompt.expected.as_deref());
        let key = Key::of(measurement, &figures)?;
        if figures.verdict.grade > Grade::Flagged {
            return Some(Self { key, sums: Sums { excluded_runs: 1, ..Sums::default() } });
        }
        // Lengths of visitors' prompts are their own business.
        let profile = match measurement.origin {
            Origin::Campaign | Origin::Profile => Profiled::of(facts, figures.boundary),
            Origin::Interactive => Vec::new(),
        };
        let sums = Sums { profile, ..figures.sums };
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
pub fn rows<'a>(cells: impl IntoIterator<Item = &'a Cell>, project: impl Fn(&Key) -> Key) -> Vec<Row> {
    let mut rows = std::collections::BTreeMap::<Key, Sums>::new();
    for cell in cells {
        let sums = rows.entry(project(&cell.key)).or_default();
        *sums = sums.merge_figures(&cell.sums);
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

    /// Energy until the first token per token read; only where power was read inside the whole boundary.
    pub fn energy_per_prompt_token(&self) -> Option<Estimate> {
        self.per(self.sums.prefill_energy_j, self.sums.prompt_tokens)
    }

    /// Output tokens per joule: all tokens over all energy.
    pub fn tokens_per_joule(&self) -> Option<f64> {
        let (tokens, energy) = (self.sums.output_tokens.mean, self.sums.energy_j.mean);
        (energy > 0.0).then(|| tokens / energy)
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
        self.per(self.sums.energy_j, self.sums.reserved())
    }

    /// Output tokens per second, prefill included: all tokens over all time, in a batch those of all answers at once.
    pub fn throughput(&self) -> Option<f64> {
        let reserved = self.sums.reserved().mean;
        (reserved > 0.0).then(|| self.sums.output_tokens.mean / reserved)
    }

    /// SCI per response on `machine` under `grid`.
    pub fn sci(&self, machine: &MachineProfile, grid: &GridIntensity) -> Option<Sci> {
        sci((self.sums.energy_j, self.sums.reserved()), machine, grid)
    }

    /// The intensity at which running `machine` for one response emits as much as its share of making it.
    pub fn crossover(&self, machine: &MachineProfile) -> Option<CarbonIntensity> {
        let energy = Energy::from_joules(self.energy()?.mean);
        let reserved = Duration::try_from_secs_f64(self.sums.reserved().mean).ok()?;
        Sci::crossover(energy, machine.pue, reserved, &machine.embodied)
    }

    /// Operational emissions per response.
    pub fn carbon(&self, machine: &MachineProfile, grid: &GridIntensity) -> Option<Carbon> {
        Some(self.sci(machine, grid)?.operational)
    }
}

fn sci(
    (energy, reserved): (Moments, Moments),
    machine: &MachineProfile,
    grid: &GridIntensity,
) -> Option<Sci> {
    let energy = Energy::from_joules(energy.estimate()?.mean);
    let reserved = Duration::try_from_secs_f64(reserved.mean).ok()?;
    Some(Sci::of(energy, machine.pue, grid.intensity, reserved, &machine.embodied))
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
