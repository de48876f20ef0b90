//! Which Machines measure and what they are doing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Endpoint;
use crate::machine::Machine;

/// `GET /machines`: every enrolled Machine.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListMachines;

impl Endpoint for ListMachines {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/machines";
    type Response = Machines;
}

/// Every enrolled Machine, by name, and the queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Machines {
    /// One entry a Machine.
    pub machines: Vec<Machine>,
    /// Runs that wait.
    pub queued_runs: u64,
    /// Runs that a Machine has now.
    pub leased_runs: u64,
}
