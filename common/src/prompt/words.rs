//! The words by which Prompts are sorted: Task, Kind, Origin.
//!
//! Must not: change a wording of a system prompt; figures under the old one would stand beside others.

use crate::word::words;

words! {
    /// Under which system prompt a Model answers; one wording a Task, the same for every Model.
    #[derive(Default)]
    Task, "task", {
        /// No system prompt at all.
        #[default]
        Plain = "plain",
        /// A talk with a helpful assistant.
        Chat = "chat",
        /// The same, answering as briefly as possible.
        ChatConcise = "chat-concise",
        /// An instruction to be carried out.
        Instruct = "instruct",
        /// The same, answering as briefly as possible.
        InstructConcise = "instruct-concise",
        /// The submitter's own system prompt or earlier turns: see [`Conversation`](crate::conversation::Conversation).
        Own = "own",
        /// The text is continued as it stands: no chat template, no system prompt.
        Completion = "completion",
    }
}

impl Task {
    /// Those with a wording of the house, for people to pick from.
    pub const WORDED: [Self; 5] =
        [Self::Plain, Self::Chat, Self::ChatConcise, Self::Instruct, Self::InstructConcise];

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

words! {
    /// What a question is about; the columns of the Kinds view.
    Kind, "kind", {
        /// Write or complete a function.
        Code = "code",
        /// Arithmetic.
        Math = "math",
        /// Facts.
        Questions = "questions",
        /// A query over a table.
        Sql = "sql",
        /// Words into another language.
        Translation = "translation",
    }
}

words! {
    /// Who asked: a person at the page or a Campaign. The two are never summed into one Row.
    Origin, "origin", {
        /// One person's Prompt: one Repetition, its tokens streamed while they are made.
        Interactive = "interactive",
        /// A Campaign's Prompt: quiet and repeated.
        Campaign = "campaign",
        /// A profiling Campaign's Prompt: answered to a length of its own, forced or capped, for times and energies by
        /// length. Its answers mean nothing.
        Profile = "profile",
    }
}
