//! A Prompt: what is asked, of which Models, under which Decoding. Parsed once, here, by the page
//! (to disable its button) and by the server (to refuse), so that both always agree.
//!
//! Must not: know which Models exist (the caller passes those on offer).

mod parse;
mod words;

pub use parse::Prompt;
pub(crate) use parse::refuse;
pub use words::{Kind, Origin, Task};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::conversation::Conversation;
use crate::needs::Needs;

/// Most characters of a Prompt's text.
pub const MAX_TEXT_CHARS: usize = 8_000;
/// Most Models that one Prompt may be sent to.
pub const MAX_MODELS: usize = 8;
/// Most tokens that one answer may have.
pub const MAX_OUTPUT_TOKENS: u32 = 4_096;

/// How the next token is chosen and when the answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decoding {
    /// The answer ends after this many tokens at the latest.
    #[schema(minimum = 1, maximum = 4096)]
    pub max_output_tokens: u32,
    /// 0 takes the likeliest token; above it, chance grows.
    #[schema(minimum = 0, maximum = 2)]
    pub temperature: f64,
    /// Chance is limited to the likeliest tokens that together reach this share.
    #[schema(exclusive_minimum = 0, maximum = 1)]
    pub top_p: f64,
    /// Same seed, same answer.
    pub seed: u32,
    /// Whether the answer goes on to the limit, whatever the Model says: for profiling campaigns, whose texts mean nothing
    /// but whose lengths are given.
    #[serde(default, skip_serializing_if = "is_natural")]
    pub forced_length: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_natural(forced_length: &bool) -> bool {
    !*forced_length
}

impl Default for Decoding {
    fn default() -> Self {
        Self { max_output_tokens: 128, temperature: 0.0, top_p: 1.0, seed: 0, forced_length: false }
    }
}

/// A Prompt as it arrives: nothing of it is trusted yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewPrompt {
    /// What is asked; 1 to 8,000 characters.
    #[schema(min_length = 1, max_length = 8000)]
    pub text: String,
    /// Which Models shall answer; 1 to 8, each once.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 8)]
    pub models: Vec<String>,
    /// The Task, and with it the system prompt.
    #[serde(default)]
    pub task: Task,
    /// How the answer is decoded.
    #[serde(default)]
    pub decoding: Decoding,
    /// What the text is said in; only with the task `own`.
    #[serde(default, skip_serializing_if = "Conversation::is_empty")]
    pub conversation: Conversation,
    /// On which kind of Machine.
    #[serde(default, skip_serializing_if = "Needs::is_nothing")]
    pub needs: Needs,
    /// Whether everybody may see it. Otherwise only those who know its permalink may, which cannot be guessed.
    #[serde(default)]
    pub is_public: bool,
}
