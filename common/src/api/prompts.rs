//! Submitting a Prompt and following it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use super::runs::RunView;
use crate::ids::{PromptId, RunId};
use crate::prompt::{Decoding, NewPrompt, Task};

/// `POST /prompts`: queue a Prompt on one or more Models.
impl Endpoint for NewPrompt {
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/prompts";
    type Response = Submitted;
}

/// A Prompt was queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submitted {
    /// Names the Prompt; whoever knows it may read the answers.
    pub prompt_id: PromptId,
    /// One Run a Model, in the order asked.
    pub run_ids: Vec<RunId>,
}

/// `GET /prompts/{id}`: a Prompt and how its Runs stand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetPrompt {
    /// Which one.
    pub id: PromptId,
}

impl Endpoint for GetPrompt {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/prompts/{id}";
    type Response = PromptView;
    fn path(&self) -> Cow<'static, str> {
        format!("/prompts/{}", self.id).into()
    }
}

/// A Prompt and its Runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromptView {
    /// Names it.
    pub id: PromptId,
    /// What was asked.
    pub text: String,
    /// Under which Task.
    pub task: Task,
    /// Under which Decoding.
    pub decoding: Decoding,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// One Run a Model, in the order asked.
    pub runs: Vec<RunView>,
}
