//! `config.json` read key by key, in the spellings of transformers 4 and 5.
//!
//! Must not: know any family (that is `spec`); let a number through that could not be a dimension.

use std::path::{Path, PathBuf};

use common::model::Dtype;
use serde_json::Value;

use super::read_json;
use crate::error::Error;

/// Largest `config.json` that is read.
const MAX_BYTES: u64 = 4 << 20;
/// No dimension of a real network is larger; above it a file is taken for hostile.
const MAX_COUNT: u64 = 1 << 24;

/// One `config.json`.
#[derive(Debug, Clone)]
pub(crate) struct HfConfig {
    file: PathBuf,
    root: Value,
}

impl HfConfig {
    /// Reads the folder's `config.json`.
    pub(crate) fn load(dir: &Path) -> Result<Self, Error> {
        Self::load_file(&dir.join("config.json"))
    }

    /// Reads this file.
    pub(crate) fn load_file(file: &Path) -> Result<Self, Error> {
        let root = read_json(file, MAX_BYTES)?
            .ok_or_else(|| Error::checkpoint(file, "is missing", "the configuration of the model"))?;
        Ok(Self { file: file.to_owned(), root })
    }

    /// The file it came from.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The part for text of a configuration that nests it.
    pub(crate) fn text_part(&self) -> Self {
        let Some(part) = self.root.get("text_config").filter(|part| part.is_object()) else {
            return self.clone();
        };
        let mut part = self.part(part);
        for key in ["torch_dtype", "dtype", "eos_token_id", "tie_word_embeddings"] {
            if part.find(&[key]).is_none()
                && let (Some(object), Some(value)) = (part.root.as_object_mut(), self.root.get(key))
            {
                object.insert(key.to_owned(), value.clone());
            }
        }
        part
    }

    /// The same with what the reference takes for keys that are not written. A key that is written as null stays null.
    pub(crate) fn or(&self, defaults: Value) -> Self {
        let mut root = defaults;
        if let (Some(all), Some(written)) = (root.as_object_mut(), self.root.as_object()) {
            all.extend(written.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        Self { file: self.file.clone(), root }
    }

    /// The value of the first of these keys that is there and not null.
    pub(crate) fn find(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().filter_map(|key| self.root.get(*key)).find(|value| !value.is_null())
    }

    /// A sub-object with the same file in its errors.
    pub(crate) fn part(&self, value: &Value) -> Self {
        Self { file: self.file.clone(), root: value.clone() }
    }

    /// An error about one key.
    pub(crate) fn wrong(&self, key: &str, expected: impl Into<String>) -> Error {
        let what = match self.root.get(key) {
            None | Some(Value::Null) => format!("has no {key:?}"),
            Some(value) => {
                let shown: String = value.to_string().chars().take(60).collect();
                format!("has {key:?} = {shown}")
            }
        };
        Error::checkpoint(&self.file, what, expected)
    }

    /// A dimension that must be there: 1 to 2^24.
    pub(crate) fn count(&self, keys: &[&str]) -> Result<usize, Error> {
        self.maybe_count(keys)?.ok_or_else(|| self.wrong(first(keys), "a whole number from 1"))
    }

    /// A dimension that may be missing or null.
    pub(crate) fn maybe_count(&self, keys: &[&str]) -> Result<Option<usize>, Error> {
        let Some(value) = self.find(keys) else { return Ok(None) };
        value
            .as_u64()
            .filter(|count| (1..=MAX_COUNT).contains(count))
            .and_then(|count| usize::try_from(count).ok())
            .map(Some)
            .ok_or_else(|| self.wrong(self.present(keys), format!("a whole number from 1 to {MAX_COUNT}")))
    }

    /// A number that may be missing or null.
    pub(crate) fn maybe_number(&self, keys: &[&str]) -> Result<Option<f64>, Error> {
        let Some(value) = self.find(keys) else { return Ok(None) };
        value
            .as_f64()
            .filter(|number| number.is_finite())
            .map(Some)
            .ok_or_else(|| self.wrong(self.present(keys), "a finite number"))
    }

    /// A number with a default.
    pub(crate) fn number(&self, keys: &[&str], default: f64) -> Result<f64, Error> {
        Ok(self.maybe_number(keys)?.unwrap_or(default))
    }

    /// A switch with a default.
    pub(crate) fn flag(&self, key: &str, default: bool) -> Result<bool, Error> {
        match self.find(&[key]) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    /// A word that may be missing or null.
    pub(crate) fn maybe_word(&self, keys: &[&str]) -> Result<Option<&str>, Error> {
        match self.find(keys) {
            None => Ok(None),
            Some(Value::String(word)) => Ok(Some(word)),
            Some(_) => Err(self.wrong(self.present(keys), "text")),
        }
    }

    /// A list of numbers that may be missing or null.
    pub(crate) fn maybe_numbers(&self, key: &str) -> Result<Option<Vec<f64>>, Error> {
        let Some(value) = self.find(&[key]) else { return Ok(None) };
        value
            .as_array()
            .and_then(|list| list.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>())
            .map(Some)
            .ok_or_else(|| self.wrong(key, "a list of numbers"))
    }

    /// What the network is called: the first architecture, where there is one.
    pub(crate) fn architecture(&self) -> Result<Option<&str>, Error> {
        let Some(value) = self.find(&["architectures"]) else { return Ok(None) };
        let wrong = || self.wrong("architectures", "a list with the name of the network");
        match value.as_array().ok_or_else(wrong)?.first() {
            None => Ok(None),
            Some(name) => name.as_str().map(Some).ok_or_else(wrong),
        }
    }

    /// The dtype in which the checkpoint says it is stored.
    pub(crate) fn dtype(&self) -> Result<Option<Dtype>, Error> {
        Ok(match self.maybe_word(&["dtype", "torch_dtype"])? {
            Some("float32") => Some(Dtype::F32),
            Some("float16") => Some(Dtype::F16),
            Some("bfloat16") => Some(Dtype::Bf16),
            _ => None,
        })
    }

    /// Ids that end an answer; one or a list.
    pub(crate) fn eos_ids(&self) -> Result<Vec<u32>, Error> {
        let id = |value: &Value| value.as_u64().and_then(|id| u32::try_from(id).ok());
        let wrong = || self.wrong("eos_token_id", "a token id or a list of them");
        match self.find(&["eos_token_id"]) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter().map(|value| id(value).ok_or_else(wrong)).collect(),
            Some(value) => Ok(vec![id(value).ok_or_else(wrong)?]),
        }
    }

    fn present<'a>(&self, keys: &[&'a str]) -> &'a str {
        keys.iter().find(|key| self.root.get(**key).is_some()).copied().unwrap_or_else(|| first(keys))
    }
}

fn first<'a>(keys: &[&'a str]) -> &'a str {
    keys.first().copied().unwrap_or("")
}

/// Ids that end an answer, from `generation_config.json`; empty where there is none.
pub(crate) fn generation_eos_ids(dir: &Path) -> Result<Vec<u32>, Error> {
    let file = dir.join("generation_config.json");
    match read_json(&file, MAX_BYTES)? {
        Some(root) => HfConfig { file, root }.eos_ids(),
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> HfConfig {
        HfConfig { file: PathBuf::from("config.json"), root: serde_json::from_str(text).unwrap() }
    }

    #[test]
    fn a_dimension_that_could_not_be_one_is_refused_with_the_file_and_the_key() {
        let error = config(r#"{"hidden_size": 99999999999}"#).count(&["hidden_size"]).unwrap_err();
        assert!(error.to_string().contains("config.json: has \"hidden_size\" = 99999999999"), "{error}");
        assert!(config(r#"{"hidden_size": -1}"#).count(&["hidden_size"]).is_err());
        assert!(config("{}").count(&["hidden_size"]).is_err());
    }

    #[test]
    fn null_counts_as_missing_and_the_next_spelling_is_tried() {
        let config = config(r#"{"n_inner": null, "intermediate_size": 12}"#);
        assert_eq!(config.maybe_count(&["n_inner", "intermediate_size"]).unwrap(), Some(12));
    }

    #[test]
    fn the_end_of_an_answer_may_be_one_id_or_several() {
        assert_eq!(config(r#"{"eos_token_id": 2}"#).eos_ids().unwrap(), [2]);
        assert_eq!(config(r#"{"eos_token_id": [2, 7]}"#).eos_ids().unwrap(), [2, 7]);
        assert!(config(r#"{"eos_token_id": "two"}"#).eos_ids().is_err());
    }
}
