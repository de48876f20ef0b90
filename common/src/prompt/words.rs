//! The words by which Prompts are sorted: Task, Kind, Origin.
//!
//! Must not: change a wording of a system prompt; figures under the old one would stand beside others.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Under which system prompt a Model answers; one wording a Task, the same for every Model.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// No system prompt at all.
    #[default]
    Plain,
    /// A talk with a helpful assistant.
    Chat,
    /// The same, answering as briefly as possible.
    ChatConcise,
    /// An instruction to be carried out.
    Instruct,
    /// The same, answering as briefly as possible.
    InstructConcise,
    /// The submitter's own system prompt or earlier turns: see [`Conversation`].
    Own,
    /// The text is continued as it stands: no chat template, no system prompt.
    Completion,
}

impl Task {
    /// Every Task with a wording of the house, for people to pick from.
    pub const ALL: [Self; 5] =
        [Self::Plain, Self::Chat, Self::ChatConcise, Self::Instruct, Self::InstructConcise];

    /// The name used on the wire and in links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Chat => "chat",
            Self::ChatConcise => "chat-concise",
            Self::Instruct => "instruct",
            Self::InstructConcise => "instruct-concise",
            Self::Own => "own",
            Self::Completion => "completion",
        }
    }

    /// The system prompt, where the Task has one.
    pub const fn system_prompt(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Own | Self::Completion => None,
            Self::Chat => Some("You are a helpful assistant. Answer the user in full sentences."),
            Self::ChatConcise => Some("You are a helpful assistant. Answer the user as briefly as you can."),
            Self::Instruct => Some("Carry out the instruction. Explain the result in full sentences."),
            Self::InstructConcise => Some("Carry out the instruction. Give only the result."),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Task {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().chain([Self::Own, Self::Completion]).find(|task| task.name() == text).ok_or_else(
            || {
                format!(
                    "unknown task {text:?}: use one of plain, chat, chat-concise, instruct, instruct-concise, own, \
                     completion"
                )
            },
        )
    }
}

/// What a question is about; the columns of the Kinds view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Write or complete a function.
    Code,
    /// Arithmetic.
    Math,
    /// Facts.
    Questions,
    /// A query over a table.
    Sql,
    /// Words into another language.
    Translation,
}

impl Kind {
    /// Every Kind, in the order of the view's columns.
    pub const ALL: [Self; 5] = [Self::Code, Self::Math, Self::Questions, Self::Sql, Self::Translation];

    /// The name used on the wire and in links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Math => "math",
            Self::Questions => "questions",
            Self::Sql => "sql",
            Self::Translation => "translation",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            format!("unknown kind {text:?}: use one of code, math, questions, sql, translation")
        })
    }
}

/// Who asked: a person at the page or a Campaign. The two are never summed into one Row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// One person's Prompt: one Repetition, its tokens streamed while they are made.
    Interactive,
    /// A Campaign's Prompt: quiet and repeated.
    Campaign,
    /// A profiling Campaign's Prompt: answered to a length of its own, forced or capped, for times and energies by length. Its
    /// answers mean nothing.
    Profile,
}

impl Origin {
    /// The name used on the wire and in links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Campaign => "campaign",
            Self::Profile => "profile",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_the_names_in_links() {
        for task in Task::ALL.into_iter().chain([Task::Own, Task::Completion]) {
            assert_eq!(serde_json::to_value(task).unwrap(), task.name());
            assert_eq!(task.name().parse::<Task>().unwrap(), task);
        }
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(kind.name().parse::<Kind>().unwrap(), kind);
        }
    }
}
