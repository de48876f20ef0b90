//! A Prompt: what is asked, of which Models, under which Decoding. Parsed once, here, by the page
//! (to disable its button) and by the server (to refuse), so that both always agree.
//!
//! Must not: know which Models exist (the caller passes those on offer).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::Problem;
use crate::conversation::Conversation;
use crate::ids::ModelId;
use crate::needs::Needs;

/// Most characters of a Prompt's text.
pub const MAX_TEXT_CHARS: usize = 8_000;
/// Most Models that one Prompt may be sent to.
pub const MAX_MODELS: usize = 8;
/// Most tokens that one answer may have.
pub const MAX_OUTPUT_TOKENS: u32 = 4_096;

/// Most bytes of memory that may be asked for: what a number in JSON holds exactly.
const MAX_MEMORY_BYTES: u64 = (1 << 53) - 1;

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
}

impl Origin {
    /// The name used on the wire and in links.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Campaign => "campaign",
        }
    }
}

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
}

impl Default for Decoding {
    fn default() -> Self {
        Self { max_output_tokens: 128, temperature: 0.0, top_p: 1.0, seed: 0 }
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

/// A Prompt that cannot be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    text: String,
    models: Vec<ModelId>,
    task: Task,
    decoding: Decoding,
    conversation: Conversation,
    needs: Needs,
    is_public: bool,
}

impl Prompt {
    /// Parses what arrived. `offered` are the Models that some enrolled Machine runs.
    ///
    /// # Errors
    /// A [`Problem`] that names the field and says what to do.
    pub fn parse(new: NewPrompt, offered: &[ModelId]) -> Result<Self, Problem> {
        check_text(&new.text)?;
        new.conversation.check(&new.text, new.task)?;
        check_decoding(&new.decoding)?;
        let models = parse_models(&new.models, offered)?;
        let NewPrompt { text, task, decoding, conversation, needs, is_public, .. } = new;
        check_needs(&needs)?;
        Ok(Self { text, models, task, decoding, conversation, needs, is_public })
    }

    /// What is asked.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which Models shall answer, each once.
    pub fn models(&self) -> &[ModelId] {
        &self.models
    }

    /// Under which Task.
    pub const fn task(&self) -> Task {
        self.task
    }

    /// Under which Decoding.
    pub const fn decoding(&self) -> Decoding {
        self.decoding
    }

    /// Whether everybody may see it.
    pub const fn is_public(&self) -> bool {
        self.is_public
    }

    /// On which kind of Machine.
    pub const fn needs(&self) -> Needs {
        self.needs
    }

    /// What the text is said in.
    pub const fn conversation(&self) -> &Conversation {
        &self.conversation
    }
}

pub(crate) fn refuse(field: &str, code: &str, message: String) -> Problem {
    Problem { code: code.to_owned(), message, field: Some(field.to_owned()) }
}

fn check_text(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(refuse("text", "text_empty", "Write something to ask.".to_owned()));
    }
    if text.contains('\0') {
        return Err(refuse("text", "text_has_nul", "The text holds a NUL character; remove it.".to_owned()));
    }
    let chars = text.chars().count();
    if chars > MAX_TEXT_CHARS {
        return Err(refuse(
            "text",
            "text_too_long",
            format!("The text has {chars} characters; shorten it to {MAX_TEXT_CHARS}."),
        ));
    }
    Ok(())
}

fn check_needs(needs: &Needs) -> Result<(), Problem> {
    if needs.memory_bytes > MAX_MEMORY_BYTES {
        let message = "No machine has that much memory; ask for less.".to_owned();
        return Err(refuse("needs", "memory_out_of_range", message));
    }
    Ok(())
}

fn check_decoding(decoding: &Decoding) -> Result<(), Problem> {
    if !(1..=MAX_OUTPUT_TOKENS).contains(&decoding.max_output_tokens) {
        return Err(refuse(
            "max_output_tokens",
            "max_output_tokens_out_of_range",
            format!("The output limit must be 1 to {MAX_OUTPUT_TOKENS} tokens."),
        ));
    }
    if !(0.0..=2.0).contains(&decoding.temperature) {
        return Err(refuse(
            "temperature",
            "temperature_out_of_range",
            "The temperature must be 0 to 2.".to_owned(),
        ));
    }
    if !(decoding.top_p > 0.0 && decoding.top_p <= 1.0) {
        return Err(refuse("top_p", "top_p_out_of_range", "Top-p must be above 0 and at most 1.".to_owned()));
    }
    Ok(())
}

fn parse_models(names: &[String], offered: &[ModelId]) -> Result<Vec<ModelId>, Problem> {
    if names.is_empty() {
        return Err(refuse("models", "models_empty", "Pick at least one model.".to_owned()));
    }
    if names.len() > MAX_MODELS {
        return Err(refuse("models", "models_too_many", format!("Pick at most {MAX_MODELS} models.")));
    }
    let mut models: Vec<ModelId> = Vec::with_capacity(names.len());
    for name in names {
        let known = offered.iter().find(|model| model.as_str() == name);
        let Some(model) = known else {
            let shown: String = name.chars().take(80).collect();
            return Err(refuse(
                "models",
                "model_unknown",
                format!(
                    "No enrolled machine runs the model {shown:?}; GET /api/v1/models lists those on offer."
                ),
            ));
        };
        if models.contains(model) {
            return Err(refuse("models", "model_twice", format!("The model {model} is named twice.")));
        }
        models.push(model.clone());
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Vec<ModelId> {
        vec!["demo-1m@a:f32".parse().unwrap(), "demo-1m@a:f16".parse().unwrap()]
    }

    fn good() -> NewPrompt {
        NewPrompt {
            text: "What is 2 plus 2?".to_owned(),
            models: vec!["demo-1m@a:f32".to_owned()],
            task: Task::Plain,
            decoding: Decoding::default(),
            ..NewPrompt::default()
        }
    }

    fn code(change: impl FnOnce(&mut NewPrompt)) -> String {
        let mut new = good();
        change(&mut new);
        Prompt::parse(new, &offered()).unwrap_err().code
    }

    #[test]
    fn a_good_prompt_is_kept_as_it_was_written() {
        let prompt = Prompt::parse(good(), &offered()).unwrap();
        assert_eq!(prompt.text(), "What is 2 plus 2?");
        assert_eq!(prompt.models().len(), 1);
    }

    #[test]
    fn every_bad_prompt_is_refused_with_its_own_code() {
        assert_eq!(code(|new| new.text = " \n".to_owned()), "text_empty");
        assert_eq!(code(|new| new.text = "a\0b".to_owned()), "text_has_nul");
        assert_eq!(code(|new| new.text = "ä".repeat(8_001)), "text_too_long");
        assert_eq!(code(|new| new.models.clear()), "models_empty");
        assert_eq!(code(|new| new.models = vec!["x".to_owned(); 9]), "models_too_many");
        assert_eq!(code(|new| new.models = vec!["gpt-9".to_owned()]), "model_unknown");
        assert_eq!(code(|new| new.models.push("demo-1m@a:f32".to_owned())), "model_twice");
        assert_eq!(code(|new| new.decoding.max_output_tokens = 0), "max_output_tokens_out_of_range");
        assert_eq!(code(|new| new.decoding.max_output_tokens = 5_000), "max_output_tokens_out_of_range");
        assert_eq!(code(|new| new.decoding.temperature = f64::NAN), "temperature_out_of_range");
        assert_eq!(code(|new| new.decoding.temperature = -0.1), "temperature_out_of_range");
        assert_eq!(code(|new| new.decoding.top_p = 0.0), "top_p_out_of_range");
        assert_eq!(code(|new| new.decoding.top_p = f64::NAN), "top_p_out_of_range");
    }

    #[test]
    fn exactly_8000_characters_are_accepted_however_many_bytes_they_take() {
        let mut new = good();
        new.text = "ä".repeat(8_000);
        assert!(Prompt::parse(new, &offered()).is_ok());
    }

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
