//! What ran: worker, engine, and how they computed.
//!
//! Must not: name the Model; that is a fact of its own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What ran: enough to run it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Software {
    /// Version of the worker, with its commit where known.
    pub worker_version: String,
    /// Version of the engine and of burn.
    pub engine_version: String,
    /// Where products were computed, such as `flex cpu`.
    pub device: String,
    /// Threads that the engine used.
    pub threads: u32,
    /// How many sequences were computed at once.
    pub batch: u32,
    /// With which kernels and how a step was run; null from a worker that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computing: Option<Computing>,
}

/// How the engine computed, where a device leaves a choice: speeds that differ in it compare engines, not Models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Computing {
    /// Which kernels took part.
    pub kernels: String,
    /// How a decode step was run, such as `one recorded graph of 1 × 1024 tokens`; null where nothing is recorded, as on the
    /// CPU.
    pub decode: Option<String>,
    /// What was chosen by trying, in the order of choosing: empty where nothing was tried, null where nobody told.
    pub tuned: Option<Vec<Tuned>>,
}

/// A kernel that was the fastest of several when the engine tried them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tuned {
    /// For which operation, shape and format.
    pub operation: String,
    /// Which kernel is used for it.
    pub kernel: String,
}
