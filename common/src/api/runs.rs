//! Runs: those that everybody may see, one by its permalink, and taking it back.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use super::parameter::{
    AFTER, CAMPAIGN, DTYPE, KIND, LABEL, LIMIT, MACHINE, MODEL, ORIGIN, Parameter, SINCE, STATE, TASK, UNTIL,
    VERDICT,
};
use crate::ids::{MachineName, ModelId, PromptId, RunId};
use crate::lease::{LeasedPrompt, Step};
use crate::measurement::Measurement;
use crate::meter::Label;
use crate::model::{Dtype, Model, Weights};
use crate::needs::Needs;
use crate::prompt::{Kind, Origin, Task};
use crate::run::{Failure, RunState};
use crate::summary::Summary;
use crate::verdict::Grade;

/// Most characters that a line shows of what was asked.
pub const LINE_CHARS: u16 = 160;

/// `GET /runs`: a page of the Runs that everybody may see, newest first: those of Campaigns, and those whose submitter
/// said so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRuns {
    /// Goes on where a page ended: its `next`.
    pub after: Option<String>,
    /// Lines of a page, 1 to 200; 50 if it is not said.
    pub limit: Option<u32>,
    /// Only those that stand so.
    pub state: Option<RunState>,
    /// Only this Model.
    pub model: Option<ModelId>,
    /// Only Models in this dtype.
    pub dtype: Option<Dtype>,
    /// Only those that this Machine has or had last.
    pub machine: Option<MachineName>,
    /// Only this Task.
    pub task: Option<Task>,
    /// Only this Kind.
    pub kind: Option<Kind>,
    /// Only of this Origin.
    pub origin: Option<Origin>,
    /// Only of the Campaign of this name.
    pub campaign: Option<String>,
    /// Only figures under this Label.
    pub label: Option<Label>,
    /// Only figures of this grade.
    pub verdict: Option<Grade>,
    /// Only what was queued then or later.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub since: Option<OffsetDateTime>,
    /// Only what was queued before.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub until: Option<OffsetDateTime>,
}

impl ListRuns {
    /// What its query may hold.
    pub const PARAMETERS: &[Parameter] = &[
        AFTER, LIMIT, STATE, MODEL, DTYPE, MACHINE, TASK, KIND, ORIGIN, CAMPAIGN, LABEL, VERDICT, SINCE,
        UNTIL,
    ];
}

impl Endpoint for ListRuns {
    const NAME: &'static str = "ListRuns";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/runs";
    type Response = RunPage;
    fn path(&self) -> Cow<'static, str> {
        super::parameter::path(self)
    }
}

/// A page of Runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunPage {
    /// Its lines, newest first; fewer than asked for, or none, where few of the 500 runs fit that were looked through.
    pub runs: Vec<RunLine>,
    /// Where the next page starts; null at the end, and only there.
    pub next: Option<String>,
}

/// One Run in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunLine {
    /// Names it; `GET /runs/{id}` has all of it.
    pub id: RunId,
    /// Where it stands.
    pub state: RunState,
    /// When it was queued first.
    #[serde(with = "time::serde::rfc3339")]
    pub queued_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub ended_at: Option<OffsetDateTime>,
    /// Who asked.
    pub origin: Origin,
    /// Which Campaign, where it was one.
    pub campaign: Option<String>,
    /// Under which Task.
    pub task: Task,
    /// What it is about, where known.
    pub kind: Option<Kind>,
    /// The start of what was asked, 160 characters at most.
    pub text: String,
    /// Which Model shall answer.
    pub model_id: ModelId,
    /// What people call that Model.
    pub model_name: String,
    /// Its number format.
    pub dtype: Dtype,
    /// Trained or random.
    pub weights: Weights,
    /// Which Machine has it or had it last; null before any did.
    pub machine: Option<MachineName>,
    /// Leases so far.
    pub attempts: u32,
    /// Why it failed, or why its last attempt did, as a code.
    pub failure_code: Option<String>,
    /// What was found; only when it is measured.
    pub figures: Option<Summary>,
}

/// `GET /runs/{id}`: a Run with everything known of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetRun {
    /// Which one.
    pub id: RunId,
}

impl Endpoint for GetRun {
    const NAME: &'static str = "GetRun";
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
    const NAME: &'static str = "CancelRun";
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
    /// How many sequences are computed at once.
    #[serde(default = "crate::lease::one")]
    #[schema(value_type = u32, minimum = 1)]
    pub batch: NonZeroU32,
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
    /// No Machine may take it before then, because one gave it back; only while it is queued.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub not_before: Option<OffsetDateTime>,
    /// The Machine that has it or had it last, if nothing is heard of that Machine any more.
    #[serde(default)]
    pub gone: Option<Gone>,
    /// Why it failed, or why its last attempt did.
    pub failure: Option<Failure>,
    /// The record; only when it is measured.
    pub measurement: Option<Box<Measurement>>,
}

/// A Machine that had a Run and is not heard of any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gone {
    /// Which Machine.
    pub machine: MachineName,
    /// When it was heard of last.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

impl RunView {
    /// Notes that the Machine that has the Run was not heard of for longer than `alive`, if so. Its Lease still lasts;
    /// when that is over, the Run is queued again.
    pub fn note_silence(&mut self, now: OffsetDateTime, alive: Duration) {
        let held = self.machine.clone().filter(|_| self.state == RunState::Leased);
        if let (Some(machine), Some(since)) = (held, self.machine_last_seen_at)
            && since < now - alive
        {
            self.gone = Some(Gone { machine, since });
        }
    }
}
