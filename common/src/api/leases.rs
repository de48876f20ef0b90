//! What a worker says, with its Machine's token: announce, lease, renew, progress, report.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use crate::ids::LeaseId;
use crate::lease::{Lease, LiveSample, LiveToken, Report, Step};
use crate::machine::{Announcement, MachineProfile};
use crate::run::RunState;
use crate::units::seconds;

/// `POST /worker/announce`: a worker started and describes its machine.
impl Endpoint for Announcement {
    const NAME: &'static str = "Announcement";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/worker/announce";
    type Response = Announced;
}

/// The server knows the machine now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Announced {
    /// How the operator enrolled it.
    pub machine: MachineProfile,
}

/// `POST /leases`: ask for work. Waits up to `wait_s` for some; 204 if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AskLease {
    /// How long the server may wait; it waits 30 s at most.
    #[serde(rename = "wait_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub wait: Duration,
}

impl Endpoint for AskLease {
    const NAME: &'static str = "AskLease";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/leases";
    type Response = Option<Lease>;
}

/// `POST /leases/{id}/renew`: still at it. 409 if the Lease is not current any more: drop the Run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RenewLease {
    /// Which Lease; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<LeaseId>,
    /// What the Machine is doing with it.
    pub step: Step,
}

impl Endpoint for RenewLease {
    const NAME: &'static str = "RenewLease";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/leases/{id}/renew";
    type Response = Renewed;
    fn path(&self) -> Cow<'static, str> {
        lease_path(self.id, "renew")
    }
}

/// The Lease lasts on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Renewed {
    /// From now.
    #[serde(rename = "lasts_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub lasts: Duration,
    /// The server's clock, so that the worker can compare its own; null from a server that does not say.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub now: Option<OffsetDateTime>,
}

/// `POST /leases/{id}/progress`: pieces of the answer for whoever watches. Kept nowhere; 409 as for renew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SendProgress {
    /// Which Lease; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<LeaseId>,
    /// Tokens since the last call.
    pub tokens: Vec<LiveToken>,
    /// Power readings since the last call.
    pub samples: Vec<LiveSample>,
}

impl Endpoint for SendProgress {
    const NAME: &'static str = "SendProgress";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/leases/{id}/progress";
    type Response = ();
    fn path(&self) -> Cow<'static, str> {
        lease_path(self.id, "progress")
    }
}

/// `PUT /leases/{id}/report`: the one message that ends a Lease. The same report twice: the same answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SendReport {
    /// Which Lease; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<LeaseId>,
    /// How it ended.
    #[serde(flatten)]
    pub report: Report,
}

impl Endpoint for SendReport {
    const NAME: &'static str = "SendReport";
    const METHOD: &'static str = "PUT";
    const ROUTE: &'static str = "/leases/{id}/report";
    type Response = Reported;
    fn path(&self) -> Cow<'static, str> {
        lease_path(self.id, "report")
    }
}

/// The report was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reported {
    /// Where the Run stands now.
    pub state: RunState,
}

fn lease_path(id: Option<LeaseId>, verb: &str) -> Cow<'static, str> {
    format!("/leases/{}/{verb}", id.map(|id| id.to_string()).unwrap_or_default()).into()
}
