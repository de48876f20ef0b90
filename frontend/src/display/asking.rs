//! Who asked what, and how it was answered, in words.
//!
//! Must not: hold a figure.

use common::prompt::{Kind, Origin, Task};

/// Who asked.
pub const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Interactive => "a person",
        Origin::Campaign => "a campaign",
        Origin::Profile => "a campaign of given lengths",
    }
}

/// Whose questions the figures of a list are about.
pub const fn asked(origin: Origin) -> &'static str {
    match origin {
        Origin::Interactive => "visitors' prompts",
        Origin::Campaign => "fixed questions of campaigns",
        Origin::Profile => "answers of given lengths",
    }
}

/// What that means for a comparison, in a sentence.
pub const fn asked_meaning(origin: Origin) -> &'static str {
    match origin {
        Origin::Interactive => {
            "No ranking of models: visitors ask each model something else, and answers are measured once while they are \
             watched."
        }
        Origin::Campaign => {
            "Fixed questions that everybody can read, measured several times on a quiet machine."
        }
        Origin::Profile => "For times and energies by length; their answers mean nothing.",
    }
}

/// How many answers were computed at once.
pub fn batch(batch: u32) -> String {
    if batch == 1 { "one answer at a time".to_owned() } else { format!("batches of {batch}") }
}

/// Whether tokens went to watchers while they were made.
pub const fn watched(was_streamed: bool) -> &'static str {
    if was_streamed {
        "streamed: tokens went to watchers while they were made"
    } else {
        "quiet: nothing was sent while it was measured"
    }
}

/// A Task's name.
pub const fn task(task: Task) -> &'static str {
    match task {
        Task::Plain => "plain",
        Task::Chat => "chat",
        Task::ChatConcise => "chat, concise",
        Task::Instruct => "instruct",
        Task::InstructConcise => "instruct, concise",
        Task::Own => "own conversation",
        Task::Completion => "completion",
    }
}

/// What a Task does: its system prompt.
pub fn task_meaning(task: Task) -> String {
    match (task, task.system_prompt()) {
        (_, Some(prompt)) => format!("System prompt: “{prompt}”"),
        (Task::Own, None) => "The submitter's own system prompt and earlier turns.".to_owned(),
        (Task::Completion, None) => {
            "The text is continued as it stands, without the model's chat template.".to_owned()
        }
        (_, None) => "No system prompt: the model sees only your text.".to_owned(),
    }
}

/// What questions are about.
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Code => "Code",
        Kind::Math => "Math",
        Kind::Questions => "Questions",
        Kind::Sql => "SQL",
        Kind::Translation => "Translation",
    }
}
