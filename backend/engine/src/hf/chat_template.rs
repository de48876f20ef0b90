//! The chat template of a checkpoint: how a question is laid out for the model.
//!
//! Must not: give a template anything but the conversation (no clock, no files); run without end.

use std::path::{Path, PathBuf};

use common::conversation::{Role, Turn};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value as Message, context};
use minijinja_contrib::pycompat::unknown_method_callback;
use serde_json::Value;

use super::{read_json, read_text};
use crate::error::Error;

/// Largest template file that is read.
const MAX_BYTES: u64 = 4 << 20;
/// Steps that one rendering may take.
const FUEL: u64 = 20_000_000;

/// A template and the special tokens that it may name.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    file: PathBuf,
    bos_token: String,
    eos_token: String,
}

impl ChatTemplate {
    /// Reads `chat_template.jinja`, or the template in `tokenizer_config.json`; `None` where the
    /// checkpoint has none.
    pub(crate) fn load(dir: &Path) -> Result<Option<Self>, Error> {
        let config_file = dir.join("tokenizer_config.json");
        let config = read_json(&config_file, MAX_BYTES)?.unwrap_or(Value::Null);
        let own_file = dir.join("chat_template.jinja");
        let (file, source) = match read_text(&own_file, MAX_BYTES)? {
            Some(source) => (own_file, source),
            None => match inline(&config) {
                Some(source) => (config_file, source.to_owned()),
                None => return Ok(None),
            },
        };
        Self::parse(file, source, special(&config, "bos_token"), special(&config, "eos_token")).map(Some)
    }

    fn parse(file: PathBuf, source: String, bos_token: String, eos_token: String) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_syntax(syntax(&file)?);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<String, minijinja::Error> {
            Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message))
        });
        environment.add_template_owned("chat", without_training_marks(&source)).map_err(|error| {
            Error::checkpoint_because(
                &file,
                format!("holds a chat template that cannot be read ({error})"),
                "a Jinja template",
                error,
            )
        })?;
        Ok(Self { environment, file, bos_token, eos_token })
    }

    /// The conversation as the model expects it, up to where its answer begins.
    pub(crate) fn render(&self, system: Option<&str>, earlier: &[Turn], text: &str) -> Result<String, Error> {
        let message = |role: &str, content: &str| context! { role => role, content => content };
        let user = Role::User.name();
        let mut said: Vec<Message> =
            earlier.iter().map(|turn| message(turn.role.name(), &turn.content)).collect();
        said.push(message(user, text));
        let Some(system) = system else {
            return self.render_messages(&said).map_err(|error| self.refused(&error));
        };
        let separate = [&[message("system", system)][..], &said].concat();
        self.render_messages(&separate).or_else(|_| {
            // Some templates refuse a system message; its wording then opens the first question.
            let opening = earlier.first().map_or(text, |turn| turn.content.as_str());
            said[0] = message(user, &format!("{system}\n\n{opening}"));
            self.render_messages(&said).map_err(|error| self.refused(&error))
        })
    }

    fn render_messages(&self, messages: &[Message]) -> Result<String, minijinja::Error> {
        self.environment.get_template("chat")?.render(context! {
            messages => Message::from(messages.to_vec()),
            add_generation_prompt => true,
            bos_token => self.bos_token.as_str(),
            eos_token => self.eos_token.as_str(),
        })
    }

    fn refused(&self, error: &minijinja::Error) -> Error {
        let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        Error::Prompt { what: format!("the chat template of {} says: {why}", self.file.display()) }
    }
}

/// Whitespace round blocks goes, as in the reference.
fn syntax(file: &Path) -> Result<SyntaxConfig, Error> {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(|error| {
        Error::checkpoint_because(file, "cannot be read as a template", "a Jinja template", error)
    })
}

/// The template inside `tokenizer_config.json`: one, or the one called default of several.
fn inline(config: &Value) -> Option<&str> {
    match config.get("chat_template")? {
        Value::String(source) => Some(source),
        Value::Array(named) => named
            .iter()
            .find(|entry| entry.get("name").and_then(Value::as_str) == Some("default"))
            .or_else(|| named.first())
            .and_then(|entry| entry.get("template"))
            .and_then(Value::as_str),
        _ => None,
    }
}

/// A special token: text, or an object that holds it.
pub(crate) fn special(config: &Value, key: &str) -> String {
    let value = config.get(key);
    value
        .and_then(Value::as_str)
        .or_else(|| value.and_then(|value| value.get("content")).and_then(Value::as_str))
        .unwrap_or("")
        .to_owned()
}

/// Marks of the trained part mean nothing when generating, and no Jinja knows them.
fn without_training_marks(source: &str) -> String {
    let mut text = source.to_owned();
    for word in ["generation", "endgeneration"] {
        for open in ["{%-", "{%"] {
            for close in ["-%}", "%}"] {
                text = text.replace(&format!("{open} {word} {close}"), "");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(source: &str) -> ChatTemplate {
        ChatTemplate::parse(PathBuf::from("t"), source.to_owned(), "<s>".into(), "</s>".into()).unwrap()
    }

    const CHATML: &str = "{% for message in messages %}\n    {{- '<|im_start|>' + message['role'] + '\\n' + message.content.strip() + '<|im_end|>\\n' -}}\n{% endfor %}\n{% if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' -}}\n{% endif %}";

    #[test]
    fn a_template_with_python_methods_is_rendered_as_the_reference_does() {
        let rendered = template(CHATML).render(Some("Be brief."), &[], "  Hi ").unwrap();
        assert_eq!(
            rendered,
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn a_template_that_refuses_a_system_message_gets_it_with_the_question() {
        let source = "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.content }}]{% endfor %}";
        assert_eq!(template(source).render(Some("S"), &[], "Q").unwrap(), "<s>[S\n\nQ]");
        assert_eq!(template(source).render(None, &[], "Q").unwrap(), "<s>[Q]");
    }

    #[test]
    fn earlier_turns_keep_their_order_and_a_refused_system_message_opens_the_first() {
        let turn = |role, content: &str| Turn { role, content: content.to_owned() };
        let earlier = [turn(Role::User, "1+1?"), turn(Role::Assistant, "2")];
        let source = "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}[{{ m.role }}: {{ m.content }}]{% endfor %}";
        let rendered = template(source).render(Some("S"), &earlier, "Why?").unwrap();
        assert_eq!(rendered, "[user: S\n\n1+1?][assistant: 2][user: Why?]");
    }

    #[test]
    fn a_refusal_is_told_in_the_templates_words_and_an_endless_template_ends() {
        let error =
            template("{{ raise_exception('roles must alternate') }}").render(None, &[], "Q").unwrap_err();
        assert!(error.to_string().contains("roles must alternate"), "{error}");
        let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
        assert!(template(endless).render(None, &[], "Q").is_err());
        assert!(
            ChatTemplate::parse(PathBuf::from("t"), "{% if %}".into(), String::new(), String::new()).is_err()
        );
    }

    #[test]
    fn a_list_of_templates_yields_the_default_one() {
        let config = serde_json::json!({ "chat_template": [
            { "name": "tool_use", "template": "T" }, { "name": "default", "template": "D" } ],
            "bos_token": { "content": "<s>" } });
        assert_eq!(inline(&config), Some("D"));
        assert_eq!(special(&config, "bos_token"), "<s>");
    }
}
