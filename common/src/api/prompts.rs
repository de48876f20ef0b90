//! Submitting a Prompt and following it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use super::runs::RunView;
use crate::conversation::Conversation;
use crate::ids::{PromptId, RunId};
use crate::prompt::{Decoding, NewPrompt, Task};

/// `POST /prompts`: queue a Prompt on one or more Models.
impl Endpoint for NewPrompt {
    const NAME: &'static str = "NewPrompt";
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
    /// What lets the submitter have the Prompt forgotten; told here and never again.
    pub secret: String,
}

/// `POST /prompts/{id}/forget`: remove what was asked and answered for good. Runs that wait or run are taken back;
/// figures that were measured stay, without any text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForgetPrompt {
    /// Which Prompt; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<PromptId>,
    /// The secret that was told when it was submitted.
    #[schema(min_length = 1, max_length = 200)]
    pub secret: String,
}

impl Endpoint for ForgetPrompt {
    const NAME: &'static str = "ForgetPrompt";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/prompts/{id}/forget";
    type Response = ();
    fn path(&self) -> Cow<'static, str> {
        format!("/prompts/{}/forget", self.id.map(|id| id.to_string()).unwrap_or_default()).into()
    }
}

/// `GET /prompts/{id}`: a Prompt and how its Runs stand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetPrompt {
    /// Which one.
    pub id: PromptId,
}

impl Endpoint for GetPrompt {
    const NAME: &'static str = "GetPrompt";
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
    /// What the text is said in; empty for most.
    #[serde(default, skip_serializing_if = "Conversation::is_empty")]
    pub conversation: Conversation,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// One Run a Model, in the order asked.
    pub runs: Vec<RunView>,
}
