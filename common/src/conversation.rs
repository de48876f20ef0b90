//! What a Prompt's text is said in: the submitter's own system prompt and the turns before it.
//!
//! Must not: know a chat template (the engine lays a Conversation out as its Model expects it).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::Problem;
use crate::prompt::{MAX_TEXT_CHARS, Task, refuse};
use crate::word::words;

/// Most turns before the text.
pub const MAX_TURNS: usize = 64;

words! {
    /// Who said something.
    Role, "role", {
        /// The one who asks.
        User = "user",
        /// The Model.
        Assistant = "assistant",
    }
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// By whom.
    pub role: Role,
    /// What.
    pub content: String,
}

/// The submitter's own system prompt and what was said before the text; empty for most Prompts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    /// The system prompt in place of the Task's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Question and answer in turn, oldest first; the text is the next question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 64)]
    pub earlier: Vec<Turn>,
}

impl Conversation {
    /// Whether there is nothing but the text.
    pub const fn is_empty(&self) -> bool {
        self.system.is_none() && self.earlier.is_empty()
    }

    /// Refuses what no chat template lays out, and what is too long together with `text`.
    pub(crate) fn check(&self, text: &str, task: Task) -> Result<(), Problem> {
        let no = |code: &str, message: &str| Err(refuse("conversation", code, message.to_owned()));
        match (task, self.is_empty()) {
            (Task::Own, true) => {
                return no("conversation_empty", "The task `own` needs a system prompt or earlier turns.");
            }
            (Task::Own, false) | (_, true) => {}
            (_, false) => {
                return no(
                    "conversation_not_own",
                    "A system prompt or earlier turns need the task `own`; the other tasks have their own wording.",
                );
            }
        }
        if self.earlier.len() > MAX_TURNS {
            return no("conversation_too_long", "There are too many turns; keep the last 64.");
        }
        let said = || self.system.iter().chain(self.earlier.iter().map(|turn| &turn.content));
        if said().any(|words| words.trim().is_empty() || words.contains('\0')) {
            return no(
                "conversation_unreadable",
                "A system prompt or turn is empty or holds a NUL character.",
            );
        }
        let takes_turns = self.earlier.chunks(2).all(
            |pair| matches!(pair, [one, other] if one.role == Role::User && other.role == Role::Assistant),
        );
        if !takes_turns {
            return no(
                "turns_not_alternating",
                "Earlier turns must alternate: user, assistant, and so on; the text is the next of the user.",
            );
        }
        let chars: usize = said().map(|words| words.chars().count()).sum::<usize>() + text.chars().count();
        if chars > MAX_TEXT_CHARS {
            return Err(refuse(
                "conversation",
                "conversation_too_long",
                format!("The whole conversation has {chars} characters; shorten it to {MAX_TEXT_CHARS}."),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: Role, content: &str) -> Turn {
        Turn { role, content: content.to_owned() }
    }

    fn code(conversation: &Conversation, task: Task) -> Option<String> {
        conversation.check("And now?", task).err().map(|problem| problem.code)
    }

    #[test]
    fn a_question_an_answer_and_the_next_question_are_a_conversation() {
        let conversation = Conversation {
            system: Some("Be kind.".to_owned()),
            earlier: vec![turn(Role::User, "Hello?"), turn(Role::Assistant, "Hello!")],
        };
        assert_eq!(code(&conversation, Task::Own), None);
        assert_eq!(code(&conversation, Task::Chat).unwrap(), "conversation_not_own");
        assert_eq!(code(&Conversation::default(), Task::Chat), None);
        assert_eq!(code(&Conversation::default(), Task::Own).unwrap(), "conversation_empty");
    }

    #[test]
    fn what_no_template_lays_out_is_refused() {
        let with = |earlier: Vec<Turn>| Conversation { system: None, earlier };
        let unanswered = with(vec![turn(Role::User, "Hello?")]);
        assert_eq!(code(&unanswered, Task::Own).unwrap(), "turns_not_alternating");
        let backwards = with(vec![turn(Role::Assistant, "Hello!"), turn(Role::User, "Hello?")]);
        assert_eq!(code(&backwards, Task::Own).unwrap(), "turns_not_alternating");
        let silent = with(vec![turn(Role::User, " "), turn(Role::Assistant, "What?")]);
        assert_eq!(code(&silent, Task::Own).unwrap(), "conversation_unreadable");
        let long = with(vec![turn(Role::User, &"x".repeat(8_000)), turn(Role::Assistant, "!")]);
        assert_eq!(code(&long, Task::Own).unwrap(), "conversation_too_long");
    }

    #[test]
    fn an_empty_conversation_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&Conversation::default()).unwrap(), "{}");
    }
}
