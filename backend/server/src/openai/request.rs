//! From an OpenAI request to a Prompt.
//!
//! One user message alone is a plain Prompt; a system message or earlier turns make it a Conversation of the
//! submitter's own. Must not: accept a message that is not text, or lay messages out (the engine does, as its Model
//! expects).

use std::num::NonZeroU32;

use common::conversation::{Conversation, Role, Turn};
use common::prompt::{Decoding, NewPrompt, Task};
use serde_json::Value;

use super::fields::Fields;
use super::refusal::Refusal;

/// Most tokens of an answer if the client sets no limit; less where the Model's context is short.
pub(super) const DEFAULT_OUTPUT_TOKENS: u32 = 512;

/// What a client asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) model: String,
    pub(super) new: NewPrompt,
    /// Most tokens of the answer, where the client says so.
    pub(super) limit: Option<u32>,
    pub(super) streams: bool,
    /// Whether a stream ends with a piece of its own that holds the usage.
    pub(super) wants_usage: bool,
    /// How many answers, computed at once: the first with the seed, each further one with the next.
    pub(super) answers: NonZeroU32,
}

/// Most answers of one request, as with OpenAI.
const MAX_ANSWERS: u32 = 128;

/// `POST /v1/chat/completions`.
pub(super) fn chat(body: &[u8]) -> Result<Asked, Refusal> {
    let mut fields = Fields::read(body)?;
    let messages = match fields.take("messages") {
        Some(Value::Array(messages)) if !messages.is_empty() => messages,
        _ => return Err(no("messages", "`messages` must be a list with at least one message.")),
    };
    let (text, conversation) = converse(messages)?;
    let task = if conversation.is_empty() { Task::Plain } else { Task::Own };
    let limit = match (fields.whole("max_completion_tokens")?, fields.whole("max_tokens")?) {
        (Some(_), Some(_)) => return Err(no("max_tokens", "Set `max_completion_tokens` alone.")),
        (one, other) => one.or(other),
    };
    asked(fields, NewPrompt { text, task, conversation, ..NewPrompt::default() }, limit)
}

/// `POST /v1/completions`.
pub(super) fn completion(body: &[u8]) -> Result<Asked, Refusal> {
    let mut fields = Fields::read(body)?;
    let text = match fields.take("prompt") {
        Some(Value::String(text)) => text,
        Some(Value::Array(list)) => match list.as_slice() {
            [Value::String(text)] => text.clone(),
            _ => {
                return Err(no(
                    "prompt",
                    "`prompt` must be one text; several and token ids are not supported.",
                ));
            }
        },
        _ => return Err(no("prompt", "`prompt` must be a text.")),
    };
    let limit = fields.whole("max_tokens")?;
    asked(fields, NewPrompt { text, task: Task::Completion, ..NewPrompt::default() }, limit)
}

fn asked(mut fields: Fields, mut new: NewPrompt, limit: Option<u32>) -> Result<Asked, Refusal> {
    let model = fields
        .text("model")?
        .ok_or_else(|| no("model", "`model` is missing; GET /v1/models lists those on offer."))?;
    new.decoding = Decoding {
        // As OpenAI: full temperature unless something else is asked. The same seed gives the same answer.
        temperature: fields.number("temperature")?.unwrap_or(1.0),
        top_p: fields.number("top_p")?.unwrap_or(1.0),
        seed: fields.whole("seed")?.unwrap_or(0),
        ..Decoding::default()
    };
    let streams = fields.flag("stream")?.unwrap_or(false);
    let wants_usage = match fields.take("stream_options") {
        None => false,
        Some(_) if !streams => return Err(no("stream_options", "`stream_options` needs `stream`.")),
        // The other option, padding against eavesdroppers, changes nothing that is said.
        Some(Value::Object(options)) => match options.get("include_usage") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(wants)) => *wants,
            Some(_) => {
                return Err(no("stream_options", "`stream_options.include_usage` must be true or false."));
            }
        },
        Some(_) => return Err(no("stream_options", "`stream_options` must be an object.")),
    };
    let answers = fields.whole("n")?.unwrap_or(1);
    let answers = NonZeroU32::new(answers)
        .filter(|answers| answers.get() <= MAX_ANSWERS)
        .ok_or_else(|| no("n", &format!("`n` must be 1 to {MAX_ANSWERS}.")))?;
    fields.finish()?;
    Ok(Asked { model, new, limit, streams, wants_usage, answers })
}

/// The last message is the text; what comes before is what it is said in.
fn converse(messages: Vec<Value>) -> Result<(String, Conversation), Refusal> {
    let mut conversation = Conversation::default();
    let mut system: Vec<String> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let content = content(message)?;
        let role = match message.get("role").and_then(Value::as_str) {
            Some("system" | "developer") if conversation.earlier.is_empty() => {
                system.push(content);
                continue;
            }
            Some("system" | "developer") => {
                return Err(no("messages", &format!("Message {index}: a system message must come first.")));
            }
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            other => {
                return Err(no(
                    "messages",
                    &format!(
                        "Message {index}: the role {other:?} is not supported; use system, user or assistant."
                    ),
                ));
            }
        };
        conversation.earlier.push(Turn { role, content });
    }
    conversation.system = (!system.is_empty()).then(|| system.join("\n\n"));
    match conversation.earlier.pop() {
        Some(Turn { role: Role::User, content }) => Ok((content, conversation)),
        _ => Err(no("messages", "The last message must be of the user.")),
    }
}

/// The text of a message, given as such or in parts.
fn content(message: &Value) -> Result<String, Refusal> {
    let is_called = ["tool_calls", "function_call", "audio"].iter().any(|name| {
        message.get(*name).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new()))
    });
    if is_called {
        return Err(no("messages", "Tool calls and audio are not supported; messages must be text."));
    }
    match message.get("content") {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let texts: Option<Vec<&str>> = parts
                .iter()
                .map(|part| part.get("text").filter(|_| part.get("type") == Some(&"text".into()))?.as_str())
                .collect();
            texts.map(|texts| texts.concat()).ok_or_else(|| {
                no("messages", "A part of a message is not text; images, audio and files are not supported.")
            })
        }
        _ => Err(no("messages", "A message needs `content` that is text.")),
    }
}

fn no(param: &str, message: &str) -> Refusal {
    Refusal::invalid(Some(param), "invalid_value", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<Asked, String> {
        chat(body.to_string().as_bytes()).map_err(|refusal| refusal.to_string())
    }

    fn user(content: Value) -> Value {
        json!({"role": "user", "content": content})
    }

    #[test]
    fn one_message_is_a_plain_prompt_and_parts_of_text_are_joined() {
        let asked =
            read(&json!({"model": "m", "messages": [user(json!("Hi"))], "user": "me", "n": 1})).unwrap();
        assert_eq!((asked.new.text.as_str(), asked.new.task), ("Hi", Task::Plain));
        assert_eq!((asked.new.decoding.temperature, asked.limit, asked.answers.get()), (1.0, None, 1));
        let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
        let asked = read(&json!({"model": "m", "messages": [user(parts)], "max_tokens": 7})).unwrap();
        assert_eq!((asked.new.text.as_str(), asked.limit), ("ab", Some(7)));
    }

    #[test]
    fn messages_before_the_last_become_the_conversation() {
        let asked = read(&json!({"model": "m", "messages": [
            {"role": "system", "content": "S"}, user(json!("1")), {"role": "assistant", "content": "2"}, user(json!("3"))]}))
        .unwrap();
        assert_eq!((asked.new.text.as_str(), asked.new.task), ("3", Task::Own));
        assert_eq!(asked.new.conversation.system.as_deref(), Some("S"));
        assert_eq!(asked.new.conversation.earlier.len(), 2);
    }

    #[test]
    fn what_would_change_the_answer_and_is_not_supported_is_refused_by_name() {
        for (name, value) in [
            ("n", json!(0)),
            ("n", json!(129)),
            ("tools", json!([{"type": "function"}])),
            ("logprobs", json!(true)),
            ("stop", json!(["\n"])),
            ("response_format", json!({"type": "json_object"})),
            ("presence_penalty", json!(0.5)),
            ("temprature", json!(1)),
            ("seed", json!(-1)),
        ] {
            let mut body = json!({"model": "m", "messages": [user(json!("Hi"))]});
            body[name] = value;
            let message = read(&body).unwrap_err();
            assert!(message.contains(name), "{name}: {message}");
        }
        for options in [json!(true), json!({"include_usage": "yes"})] {
            let body = json!({"model": "m", "messages": [user(json!("Hi"))], "stream": true, "stream_options": options});
            assert!(read(&body).unwrap_err().contains("stream_options"), "{body}");
        }
        for messages in [
            json!([]),
            json!([user(json!([{"type": "image_url", "image_url": {"url": "x"}}]))]),
            json!([{"role": "tool", "content": "x"}]),
            json!([{"role": "assistant", "content": "x"}]),
            json!([user(json!("x")), {"role": "system", "content": "late"}]),
        ] {
            assert!(read(&json!({"model": "m", "messages": messages})).is_err(), "{messages}");
        }
    }

    #[test]
    fn a_field_that_asks_for_nothing_is_no_reason_to_refuse() {
        let body = json!({"model": "m", "messages": [user(json!("Hi"))], "n": 1, "stop": null, "tools": [],
            "tool_choice": "auto", "response_format": {"type": "text"}, "logprobs": false, "frequency_penalty": 0});
        assert!(read(&body).is_ok());
    }

    #[test]
    fn a_body_that_is_broken_anywhere_is_read_or_refused_with_a_reason() {
        let bodies = [
            json!({"model": "m", "messages": [{"role": "system", "content": "S"}, user(json!([{"type": "text",
                   "text": "a"}]))], "max_tokens": 7, "temperature": 0.5, "stop": null, "stream": true,
                   "stream_options": {"include_usage": true}, "seed": 3}),
            json!({"model": "m", "prompt": ["What is"], "max_tokens": 8, "top_p": 1, "logit_bias": {}}),
        ];
        let pieces: [&[u8]; 9] = [
            b"",
            b"null",
            b"-1e999",
            b"1e308",
            b"18446744073709551616",
            b"[[",
            b"{\"",
            b"\"\\ud800\"",
            b"\xff",
        ];
        let mut read = 0;
        for body in bodies.map(|body| body.to_string().into_bytes()) {
            for (at, piece, cut) in (0..=body.len())
                .flat_map(|at| pieces.map(|piece| (at, piece)))
                .flat_map(|(at, piece)| [0, 1, 4, body.len()].map(|cut| (at, piece, cut)))
            {
                let mut broken = body.clone();
                broken.splice(at..(at + cut).min(body.len()), piece.iter().copied());
                for asked in [chat(&broken), completion(&broken)] {
                    match asked {
                        Ok(asked) => {
                            read += 1;
                            let _ = common::prompt::Prompt::parse(asked.new, &[]);
                        }
                        Err(refusal) => assert!(refusal.to_string().len() > 10, "{refusal}"),
                    }
                }
            }
        }
        assert!(read > 0, "what is hardly broken is read");
    }
}
