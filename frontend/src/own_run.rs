//! A run as far as its time is asked for: reading all of its record would bring all of its types into the page.
//!
//! Must not: know the page.

use std::borrow::Cow;

use common::api::Endpoint;
use common::api::runs::GetRun;
use common::ids::{ModelId, RunId};
use serde::{Deserialize, Serialize};

/// `GET /runs/{id}`, read in part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetTimes {
    /// Which one.
    pub id: RunId,
}

impl Endpoint for GetTimes {
    const NAME: &'static str = "GetTimes";
    const METHOD: &'static str = GetRun::METHOD;
    const ROUTE: &'static str = GetRun::ROUTE;
    type Response = Times;
    fn path(&self) -> Cow<'static, str> {
        GetRun { id: self.id }.path().into_owned().into()
    }
}

/// A run: which model, and when its tokens came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Times {
    model: Named,
    measurement: Option<Record>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Named {
    id: ModelId,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Record {
    facts: Facts,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Facts {
    repetitions: Vec<Repetition>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Repetition {
    prompt_tokens: u32,
    output_tokens: u32,
    token_times_s: Vec<f64>,
}

impl Times {
    /// The model that answered.
    pub const fn model_id(&self) -> &ModelId {
        &self.model.id
    }

    /// Tokens read and written by the first repetition, and its seconds; `None` where there is no answer.
    pub fn first(&self) -> Option<((u32, u32), f64)> {
        let repetition = self.measurement.as_ref()?.facts.repetitions.first()?;
        let seconds = *repetition.token_times_s.last()?;
        Some(((repetition.prompt_tokens, repetition.output_tokens), seconds))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_run_only_its_times_are_read() {
        let run = json!({
            "id": "x", "model": {"id": "a:f32", "name": "a"}, "state": "measured",
            "measurement": {"run_id": "x", "facts": {"method_version": 1, "repetitions": [
                {"output_text": "no", "prompt_tokens": 5, "output_tokens": 3, "token_times_s": [0.1, 0.2, 0.375]},
                {"output_text": "no", "prompt_tokens": 9, "output_tokens": 9, "token_times_s": [9.0]},
            ]}},
        });
        let times: Times = crate::json::read(&run.to_string()).unwrap();
        assert_eq!((times.model_id().as_str(), times.first()), ("a:f32", Some(((5, 3), 0.375))));
        let waiting = json!({"model": {"id": "a:f32"}, "measurement": null}).to_string();
        assert_eq!(crate::json::read::<Times>(&waiting).unwrap().first(), None);
    }
}
