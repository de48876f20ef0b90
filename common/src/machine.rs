//! A Machine: an isolated host that measures, as its operator enrolled it and as it describes
//! itself.
//!
//! Must not: hold a secret (tokens live in `store`, hashed).

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::ids::{MachineId, MachineName, ModelId, Zone};
use crate::lease::Step;
use crate::meter::MeterCard;
use crate::model::Model;
use crate::units::{Carbon, seconds};
use crate::wall::{WallMeter, WallRole};

/// What the machine is made of, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hardware {
    /// Name of the processor.
    pub cpu: String,
    /// Number of logical cores.
    pub cores: u32,
    /// Bytes of main memory.
    pub memory_bytes: u64,
    /// Name of each accelerator; empty on a CPU machine.
    pub accelerators: Vec<String>,
    /// Kernel and distribution.
    pub system: String,
}

impl Hardware {
    /// What the leaderboard's first column says: the accelerators, or the CPU where there are none.
    pub fn compute(&self) -> String {
        match self.accelerators.as_slice() {
            [] => self.cpu.clone(),
            [one] => one.clone(),
            [first, ..] => format!("{} × {first}", self.accelerators.len()),
        }
    }
}

/// Emissions of making the machine, and how long it is used: `TE` and `EL` of the SCI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Embodied {
    /// Emissions of making it.
    #[serde(rename = "total_g")]
    pub total: Carbon,
    /// Expected time in use.
    #[serde(rename = "lifetime_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub lifetime: Duration,
    /// Where the figure comes from.
    pub source: String,
}

/// A Machine as a record needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MachineProfile {
    /// Names it.
    pub id: MachineId,
    /// Names it for people.
    pub name: MachineName,
    /// In which grid area it stands.
    pub zone: Zone,
    /// Power usage effectiveness of the building: whole energy over machine energy, at least 1.
    pub pue: f64,
    /// Emissions of making it.
    pub embodied: Embodied,
    /// What it is made of.
    pub hardware: Hardware,
}

/// What a worker says of its machine when it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Announcement {
    /// Version of the worker.
    pub worker_version: String,
    /// What the machine is made of.
    pub hardware: Hardware,
    /// Which instruments it reads.
    pub meters: Vec<MeterCard>,
    /// Why an instrument that was looked for is not read, a sentence each.
    pub missing_meters: Vec<String>,
    /// Which Models it runs.
    pub models: Vec<Model>,
    /// How many sequences of each it can compute at once; of a Model that is not named here, one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, u32>)]
    pub max_batches: BTreeMap<ModelId, NonZeroU32>,
}

impl Announcement {
    /// How many sequences of this Model it can compute at once.
    pub fn max_batch(&self, model: &ModelId) -> NonZeroU32 {
        self.max_batches.get(model).copied().unwrap_or(NonZeroU32::MIN)
    }
}

/// What a Machine is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MachineState {
    /// Enrolled, but no worker has come yet.
    Expected,
    /// Ready for work.
    Idle,
    /// Busy with a Run; which one is not said, because whoever knows a Run's id may read its answer.
    Busy {
        /// What it is doing with it.
        #[serde(flatten)]
        step: Step,
    },
    /// Not heard of for longer than a worker may be silent.
    Vanished,
}

/// A Machine as the Machines view shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Machine {
    /// Names it for links.
    pub id: MachineId,
    /// Names it for people.
    pub name: MachineName,
    /// In which grid area it stands.
    pub zone: Zone,
    /// Power usage effectiveness of the building.
    pub pue: f64,
    /// Emissions of making it.
    pub embodied: Embodied,
    /// What it is doing.
    pub state: MachineState,
    /// When a worker was last heard of.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub last_seen_at: Option<OffsetDateTime>,
    /// What its worker said; null before the first start.
    pub announcement: Option<Announcement>,
    /// The meters at its sockets, which the server reads, by name; empty where none is enrolled.
    #[serde(default)]
    pub wall_meters: Vec<WallMeter>,
    /// Runs waiting that it could serve.
    pub queue_length: u64,
    /// Runs it has measured.
    pub measured_runs: u64,
}

impl Machine {
    /// The meters whose sum is the whole machine: the one that reads it alone, or else all its supplies; none where neither
    /// is there. One supply alone is not the whole.
    pub fn whole_meters(&self) -> Vec<&WallMeter> {
        let of = |role: WallRole| self.wall_meters.iter().filter(|meter| meter.role == role).collect();
        let (whole, supplies): (Vec<_>, Vec<_>) = (of(WallRole::Whole), of(WallRole::Supply));
        if whole.is_empty() && supplies.len() > 1 { supplies } else { whole }
    }
}

/// A Model on offer and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OfferedModel {
    /// The Model.
    #[serde(flatten)]
    pub model: Model,
    /// Machines that run it and have been heard of lately.
    pub machines: Vec<MachineName>,
}

impl OfferedModel {
    /// Names the Model.
    pub const fn id(&self) -> &ModelId {
        &self.model.id
    }
}
