//! The chat template of a checkpoint: how a question is laid out for the model.
//!
//! Must not: give a template anything but the conversation (no clock, no files); run or write without end. (What a template
//! keeps to itself cannot be bounded: a text that it doubles and never writes grows until memory ends.)

use std::io;
use std::path::{Path, PathBuf};

use common::conversation::{Role, Turn};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, Value as Message, context};
use minijinja_contrib::pycompat::unknown_method_callback;
use serde_json::Value;

use super::{read_json, read_text};
use crate::error::Error;

/// Largest template file that is read.
const MAX_BYTES: u64 = 4 << 20;
/// Steps that one rendering may take.
const FUEL: u64 = 20_000_000;

/// Most bytes that one rendering may write; no context holds so many.
const MAX_WRITTEN: usize = 64 << 20;

/// What a template has written.
#[derive(Default)]
struct Written(Vec<u8>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_WRITTEN {
            return Err(io::Error::other("too much"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

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
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
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
        let context = context! {
            messages => Message::from(messages.to_vec()),
            add_generation_prompt => true,
            bos_token => self.bos_token.as_str(),
            eos_token => self.eos_token.as_str(),
        };
        let mut written = Written::default();
        let _ = self.environment.get_template("chat")?.render_captured_to(context, &mut written)?;
        String::from_utf8(written.0)
            .map_err(|error| minijinja::Error::new(ErrorKind::InvalidOperation, error.to_string()))
    }

    fn refused(&self, error: &minijinja::Error) -> Error {
        let why = match (error.kind(), error.detail()) {
            (ErrorKind::WriteFailure, _) => format!("more than {} MiB", MAX_WRITTEN >> 20),
            (_, Some(detail)) => detail.to_owned(),
            (kind, None) => kind.to_string(),
        };
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
        let long = "{% set text = 'text' * 9999 %}{% for a in range(99999) %}{{ text }}{% endfor %}";
        let error = template(long).render(None, &[], "Q").unwrap_err().to_string();
        assert!(error.ends_with("t says: more than 64 MiB"), "{error}");
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
