//! An answer in OpenAI's words, whole or in pieces.
//!
//! Must not: give an answer without what it cost.

use common::api::Problem;
use common::api::runs::RunView;
use common::ids::{ModelId, RunId};
use common::measurement::{Finish, Measurement, Repetition};
use common::run::RunState;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::energy;
use super::refusal::Refusal;

/// Which of the two calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `/v1/chat/completions`.
    Chat,
    /// `/v1/completions`.
    Completion,
}

impl Form {
    /// A Problem under the name that the field has in this call.
    pub(super) fn refuse(self, problem: Problem) -> Refusal {
        let field = match (problem.field.as_deref(), self) {
            (Some("text" | "conversation"), Self::Chat) => Some("messages"),
            (Some("text"), Self::Completion) => Some("prompt"),
            (Some("max_output_tokens"), Self::Chat) => Some("max_completion_tokens"),
            (Some("max_output_tokens"), Self::Completion) => Some("max_tokens"),
            (Some("models"), _) => Some("model"),
            (other, _) => other,
        };
        Refusal::invalid(field, &problem.code, problem.message.clone())
    }
}

/// What all pieces of one answer share.
pub(super) struct Reply {
    pub(super) form: Form,
    pub(super) model: ModelId,
    pub(super) run_id: RunId,
    pub(super) at: OffsetDateTime,
    /// Where the permalink starts.
    pub(super) base: String,
    /// How many answers were asked for.
    pub(super) answers: u32,
}

impl Reply {
    /// The whole answer.
    pub(super) fn whole(&self, run: &RunView) -> Result<Value, Refusal> {
        let (measurement, repetition) = answered(run)?;
        let choices: Vec<Value> = answers(repetition)
            .into_iter()
            .zip(0_u32..)
            .map(|((text, ended), index)| {
                let mut choice = match self.form {
                    Form::Chat => json!({"message": {"role": "assistant", "content": text, "refusal": null}}),
                    Form::Completion => json!({"text": text}),
                };
                choice["index"] = json!(index);
                choice["logprobs"] = Value::Null;
                choice["finish_reason"] = json!(finish(ended));
                choice
            })
            .collect();
        let mut body = self.head(match self.form {
            Form::Chat => "chat.completion",
            Form::Completion => "text_completion",
        });
        body["choices"] = choices.into();
        body["system_fingerprint"] = json!(measurement.facts.software.engine_version);
        body["usage"] = self.usage(measurement, repetition);
        Ok(body)
    }

    /// What a stream starts with.
    pub(super) fn opening(&self) -> String {
        match self.form {
            Form::Chat => (0..self.answers)
                .map(|index| event(&self.chunk(index, json!({"role": "assistant", "content": ""}), None)))
                .collect(),
            // OpenAI opens completions with their first text.
            Form::Completion => ": waiting\n\n".to_owned(),
        }
    }

    /// A piece of the first answer; further ones, which are computed beside it, are told when all have ended.
    pub(super) fn piece(&self, text: &str) -> String {
        self.piece_of(0, text)
    }

    fn piece_of(&self, index: u32, text: &str) -> String {
        match self.form {
            Form::Chat => event(&self.chunk(index, json!({"content": text}), None)),
            Form::Completion => event(&self.chunk(index, json!(text), None)),
        }
    }

    /// What a stream ends with: what was not told yet, why each answer ended, and what all of it cost.
    pub(super) fn closing(&self, run: &RunView, told: &str, wants_usage: bool) -> Result<String, Refusal> {
        let (measurement, repetition) = answered(run)?;
        let mut said = String::new();
        let mut last = Value::Null;
        for ((text, ended), index) in answers(repetition).into_iter().zip(0_u32..) {
            let told = if index == 0 { told } else { "" };
            let rest = text.strip_prefix(told).ok_or_else(Refusal::changed)?;
            if !rest.is_empty() {
                said += &self.piece_of(index, rest);
            }
            if !last.is_null() {
                said += &event(&last);
            }
            let nothing = match self.form {
                Form::Chat => json!({}),
                Form::Completion => json!(""),
            };
            last = self.chunk(index, nothing, Some(finish(ended)));
        }
        let usage = self.usage(measurement, repetition);
        if wants_usage {
            said += &event(&last);
            last["choices"] = json!([]);
        }
        // Unasked, it stands beside the end: it is what one comes here for.
        last["usage"] = usage;
        Ok(said + &event(&last) + "data: [DONE]\n\n")
    }

    fn head(&self, object: &str) -> Value {
        let prefix = match self.form {
            Form::Chat => "chatcmpl",
            Form::Completion => "cmpl",
        };
        json!({
            "id": format!("{prefix}-{}", self.run_id),
            "object": object,
            "created": self.at.unix_timestamp(),
            "model": self.model,
        })
    }

    fn chunk(&self, index: u32, piece: Value, finish: Option<&str>) -> Value {
        let (object, key) = match self.form {
            Form::Chat => ("chat.completion.chunk", "delta"),
            Form::Completion => ("text_completion", "text"),
        };
        let mut body = self.head(object);
        body["choices"] = json!([{"index": index, key: piece, "logprobs": null, "finish_reason": finish}]);
        body
    }

    fn usage(&self, measurement: &Measurement, repetition: &Repetition) -> Value {
        // As OpenAI counts: the prompt once, all answers together.
        let further: u64 = repetition.others.iter().map(|answer| u64::from(answer.output_tokens)).sum();
        let (read, written) =
            (u64::from(repetition.prompt_tokens), u64::from(repetition.output_tokens) + further);
        json!({
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "energy": energy::of(measurement, &format!("{}/r/{}", self.base, self.run_id)),
        })
    }
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// Texts and ends of all answers, in their order.
fn answers(repetition: &Repetition) -> Vec<(&str, Finish)> {
    let first = (repetition.output_text.as_str(), repetition.finish);
    let others = repetition.others.iter().map(|answer| (answer.output_text.as_str(), answer.finish));
    std::iter::once(first).chain(others).collect()
}

const fn finish(ended: Finish) -> &'static str {
    match ended {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

/// The record of a Run that has ended, or why there is none.
fn answered(run: &RunView) -> Result<(&Measurement, &Repetition), Refusal> {
    if let (RunState::Failed, Some(failure)) = (run.state, &run.failure) {
        return Err(Refusal::failed(failure));
    }
    let measurement = run.measurement.as_deref().ok_or_else(Refusal::taken_back)?;
    let repetition = measurement.facts.repetitions.first().ok_or_else(Refusal::taken_back)?;
    Ok((measurement, repetition))
}
