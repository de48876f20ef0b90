//! The fields of a request: taken one by one, what is left is judged by name.
//!
//! Must not: leave out in silence what would change the answer.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Fields that change nothing here; they are ignored.
pub(crate) const IGNORED: &[(&str, &str)] = &[
    ("user", "nobody is told apart by it"),
    ("metadata", "it is not kept"),
    ("store", "every run has its permalink anyway"),
    ("service_tier", "there is one queue for all"),
    ("prompt_cache_key", "nothing is cached between runs, because that would change what they cost"),
    ("prompt_cache_retention", "nothing is cached between runs"),
    ("prompt_cache_options", "nothing is cached between runs"),
    ("safety_identifier", "nobody is told apart by it"),
    ("parallel_tool_calls", "there are no tools"),
    ("prediction", "it would only change the speed"),
];

/// A field that is refused, unless its value asks for nothing.
pub(crate) struct Unsupported {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
    asks_nothing: fn(&Value) -> bool,
}

const fn refused(name: &'static str, asks_nothing: fn(&Value) -> bool, why: &'static str) -> Unsupported {
    Unsupported { name, why, asks_nothing }
}

fn is_one(value: &Value) -> bool {
    value.as_f64() == Some(1.0)
}

fn is_zero(value: &Value) -> bool {
    value.as_f64() == Some(0.0)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn is_free_choice(value: &Value) -> bool {
    matches!(value.as_str(), Some("none" | "auto"))
}

fn is_text_format(value: &Value) -> bool {
    value.get("type").and_then(Value::as_str) == Some("text")
}

fn is_text_only(value: &Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(|each| each == "text"))
}

/// Fields that would change the answer and are not supported: refused with their reason.
pub(crate) const REFUSED: &[Unsupported] = &[
    refused("best_of", is_one, "every answer that is computed is given; ask for several with n"),
    refused("stop", is_empty, "an answer ends by itself or at the limit"),
    refused("tools", is_empty, "models answer in text only"),
    refused("tool_choice", is_free_choice, "models answer in text only"),
    refused("functions", is_empty, "models answer in text only"),
    refused("function_call", is_free_choice, "models answer in text only"),
    refused("response_format", is_text_format, "models answer in plain text only"),
    refused("modalities", is_text_only, "models answer in text only"),
    refused("audio", is_empty, "models answer in text only"),
    refused("web_search_options", |_| false, "models answer from what they know"),
    refused("logprobs", is_empty, "likelihoods of tokens are not kept"),
    refused("top_logprobs", is_zero, "likelihoods of tokens are not kept"),
    refused("logit_bias", is_empty, "tokens are chosen by temperature and top_p only"),
    refused("frequency_penalty", is_zero, "tokens are chosen by temperature and top_p only"),
    refused("presence_penalty", is_zero, "tokens are chosen by temperature and top_p only"),
    refused("moderation", is_empty, "neither prompts nor answers are judged"),
    refused("reasoning_effort", |_| false, "a model thinks as it was trained to"),
    refused("verbosity", |_| false, "say in words how long the answer shall be"),
    refused("echo", is_empty, "the answer does not repeat the prompt"),
    refused("suffix", is_empty, "text is continued at its end only"),
];

/// The fields that have not been taken yet.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::invalid(None, "body_unexpected", "The body must be a JSON object.")),
            Err(error) => Err(Refusal::invalid(
                None,
                "body_malformed",
                format!("The body cannot be read as JSON: {error}."),
            )),
        }
    }

    /// A field; null is as good as left out.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn as_type<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.take(name) else { return Ok(None) };
        read(&value)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(Some(name), "invalid_type", format!("`{name}` must be {what}.")))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        self.as_type(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<f64>, Refusal> {
        self.as_type(name, "a number", Value::as_f64)
    }

    pub(super) fn whole(&mut self, name: &str) -> Result<Option<u32>, Refusal> {
        self.as_type(name, "a whole number from 0 to 4294967295", |value| {
            value.as_u64().and_then(|value| u32::try_from(value).ok())
        })
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        self.as_type(name, "true or false", Value::as_bool)
    }

    /// Judges what is left: ignored, refused or unknown.
    pub(super) fn finish(mut self) -> Result<(), Refusal> {
        for (name, _) in IGNORED {
            self.0.remove(*name);
        }
        for field in REFUSED {
            if self.take(field.name).is_some_and(|value| !(field.asks_nothing)(&value)) {
                return Err(Refusal::invalid(
                    Some(field.name),
                    "unsupported_parameter",
                    format!("`{}` is not supported: {}.", field.name, field.why),
                ));
            }
        }
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Refusal::invalid(
                Some(name),
                "unknown_parameter",
                format!("Unknown parameter: `{}`.", name.chars().take(80).collect::<String>()),
            )),
        }
    }
}
