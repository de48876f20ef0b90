//! One Run: its permalink, and taking it back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use crate::ids::{MachineName, PromptId, RunId};
use crate::lease::{LeasedPrompt, Step};
use crate::measurement::Measurement;
use crate::model::Model;
use crate::needs::Needs;
use crate::prompt::Origin;
use crate::run::{Failure, RunState};

/// `GET /runs/{id}`: a Run with everything known of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetRun {
    /// Which one.
    pub id: RunId,
}

impl Endpoint for GetRun {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/runs/{id}";
    type Response = RunView;
    fn path(&self) -> Cow<'static, str> {
        format!("/runs/{}", self.id).into()
    }
}

/// `POST /runs/{id}/cancel`: take a Run back. One that has ended already answers 409.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CancelRun {
    /// Which one.
    pub id: RunId,
}

impl Endpoint for CancelRun {
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/runs/{id}/cancel";
    type Response = RunView;
    fn path(&self) -> Cow<'static, str> {
        format!("/runs/{}/cancel", self.id).into()
    }
}

/// A Run with everything known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    /// Names it; whoever knows it may read the answer.
    pub id: RunId,
    /// The Prompt it belongs to.
    pub prompt_id: PromptId,
    /// What was asked.
    pub prompt: LeasedPrompt,
    /// Who asked.
    pub origin: Origin,
    /// Which Model shall answer.
    pub model: Model,
    /// On which kind of Machine.
    #[serde(default)]
    pub needs: Needs,
    /// Where it stands.
    pub state: RunState,
    /// Runs before it in the queue; only while it is queued.
    pub queue_position: Option<u64>,
    /// Leases so far.
    pub attempts: u32,
    /// Leases allowed.
    pub max_attempts: u32,
    /// When it was queued first.
    #[serde(with = "time::serde::rfc3339")]
    pub queued_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub ended_at: Option<OffsetDateTime>,
    /// Which Machine has it; only while it is leased.
    pub machine: Option<MachineName>,
    /// When that Machine was heard of last; long ago means that it has vanished, and the Run will be queued again.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub machine_last_seen_at: Option<OffsetDateTime>,
    /// What that Machine is doing with it.
    pub step: Option<Step>,
    /// Why it failed, or why its last attempt did.
    pub failure: Option<Failure>,
    /// The record; only when it is measured.
    pub measurement: Option<Box<Measurement>>,
}
