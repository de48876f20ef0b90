//! Which Machines measure and what they are doing.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Endpoint;
use super::parameter::{LIMIT, Of, Parameter};
use crate::ids::MachineName;
use crate::machine::Machine;

/// `GET /machines`: every enrolled Machine; a page of them only where a limit is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMachines {
    /// Goes on where a page ended: its `next`.
    pub after: Option<MachineName>,
    /// Machines of a page, 1 to 200; all if it is not said.
    pub limit: Option<u32>,
}

impl ListMachines {
    /// What its query may hold.
    pub const PARAMETERS: &[Parameter] = &[
        Parameter {
            name: "after",
            about: "Go on where a page ended: its `next`.",
            of: Of::Text("^[a-z0-9.-]{1,64}$"),
        },
        Parameter { about: "Lines of a page, 1 to 200; all if it is not said.", ..LIMIT },
    ];
}

impl Endpoint for ListMachines {
    const NAME: &'static str = "ListMachines";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/machines";
    type Response = Machines;
    fn path(&self) -> Cow<'static, str> {
        super::parameter::path(self)
    }
}

/// Enrolled Machines, by name, and the queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Machines {
    /// One entry a Machine.
    pub machines: Vec<Machine>,
    /// Where the next page starts; null at the end.
    #[serde(default)]
    pub next: Option<String>,
    /// Runs that wait.
    pub queued_runs: u64,
    /// Runs that a Machine has now.
    pub leased_runs: u64,
}

/// `GET /machines/{name}`: one enrolled Machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetMachine {
    /// Which one.
    pub name: MachineName,
}

impl Endpoint for GetMachine {
    const NAME: &'static str = "GetMachine";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/machines/{name}";
    type Response = Machine;
    fn path(&self) -> Cow<'static, str> {
        format!("/machines/{}", self.name).into()
    }
}
