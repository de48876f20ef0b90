//! From what arrived to a Prompt that cannot be wrong.
//!
//! Must not: know which Models exist (the caller passes those on offer).

use super::{Decoding, MAX_MODELS, MAX_OUTPUT_TOKENS, MAX_TEXT_CHARS, NewPrompt, Task};
use crate::api::Problem;
use crate::conversation::Conversation;
use crate::ids::ModelId;
use crate::needs::Needs;

/// Most bytes of memory that may be asked for: what a number in JSON holds exactly.
const MAX_MEMORY_BYTES: u64 = (1 << 53) - 1;

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
    if decoding.forced_length {
        return Err(refuse(
            "forced_length",
            "forced_length_of_campaigns_only",
            "Only a profiling campaign may force the length of answers.".to_owned(),
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
        assert_eq!(code(|new| new.decoding.forced_length = true), "forced_length_of_campaigns_only");
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
}
