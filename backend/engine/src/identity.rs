//! Who a model is: name, revision and hash, and what Jouleboard's own card beside a checkpoint says of it.
//!
//! Must not: read a weight.

use std::path::Path;

use common::model::{Dtype, Quality, Weights};
use serde::Deserialize;

use crate::engine::Origin;
use crate::error::Error;
use crate::hf::config::HfConfig;
use crate::hf::read_json;

/// What the record says of a model besides its shape.
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) revision: String,
    pub(crate) sha256: String,
    pub(crate) weights: Weights,
    pub(crate) quality: Vec<Quality>,
}

/// What Jouleboard itself writes beside a checkpoint.
#[derive(Debug, Default, Deserialize)]
struct Card {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    weights: Option<Weights>,
    #[serde(default)]
    quality: Vec<Score>,
}

/// A score, and the dtype it was found in; without one it holds for every dtype.
#[derive(Debug, Deserialize)]
struct Score {
    #[serde(flatten)]
    quality: Quality,
    #[serde(default)]
    dtype: Option<Dtype>,
}

impl Identity {
    /// Of a checkpoint folder that runs in `dtype`; `origin` where it was fetched from a hub.
    pub(crate) fn of_folder(
        dir: &Path,
        config: &HfConfig,
        sha256: String,
        origin: Option<&Origin>,
        dtype: Dtype,
    ) -> Result<Self, Error> {
        let card = card(dir)?;
        let (name, revision) = match origin {
            Some(origin) => (clean(&origin.name), clean(&origin.revision)),
            None => (name(dir, config, card.name.as_deref()), sha256.chars().take(8).collect()),
        };
        let holds = |score: &Score| score.dtype.is_none_or(|found| found == dtype);
        Ok(Self {
            name,
            revision,
            sha256,
            weights: card.weights.unwrap_or(Weights::Trained),
            quality: card.quality.into_iter().filter(holds).map(|score| score.quality).collect(),
        })
    }

    /// Of seeded random weights in a configuration's shape.
    pub(crate) fn of_random(config: &HfConfig, seed: u64, sha256: String) -> Self {
        let folder = config.file().parent().unwrap_or(Path::new("random"));
        let stem = config.file().file_stem().and_then(|stem| stem.to_str()).filter(|stem| *stem != "config");
        Self {
            name: stem.map_or_else(|| name(folder, config, None), clean),
            revision: format!("random-{seed}"),
            sha256,
            weights: Weights::Random,
            quality: Vec::new(),
        }
    }
}

fn card(dir: &Path) -> Result<Card, Error> {
    let file = dir.join("jouleboard.json");
    let Some(value) = read_json(&file, 1 << 20)? else { return Ok(Card::default()) };
    serde_json::from_value(value).map_err(|error| {
        Error::checkpoint_because(
            &file,
            format!("cannot be read ({error})"),
            "name, weights (trained or random) and quality, each optional",
            error,
        )
    })
}

/// What people call it: the card's name, the configuration's, or the folder's.
fn name(dir: &Path, config: &HfConfig, card: Option<&str>) -> String {
    let written = config.maybe_word(&["_name_or_path"]).ok().flatten().filter(|name| {
        let parts = name.split('/').count();
        !name.is_empty() && parts <= 2 && !name.starts_with(['/', '.'])
    });
    let folder = || {
        let path = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
        path.file_name().and_then(|name| name.to_str()).unwrap_or("model").to_owned()
    };
    clean(&card.or(written).map_or_else(folder, str::to_owned))
}

/// The name with every character that a model id may not hold replaced.
fn clean(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-/+".contains(letter);
    let name: String = name.chars().take(120).map(|letter| if fits(letter) { letter } else { '-' }).collect();
    if name.is_empty() { "model".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, LoadOptions};

    #[test]
    fn a_score_counts_only_in_the_dtype_it_was_found_in() {
        let folder = tempfile::tempdir().unwrap();
        crate::tiny::write(folder.path(), 1).unwrap();
        let score = |benchmark: &str, dtype: Option<&str>| serde_json::json!({ "benchmark": benchmark, "score": 0.5, "n": 2, "source": "a test", "dtype": dtype });
        let card = serde_json::json!({ "quality": [score("a", Some("f32")), score("b", Some("int8")), score("c", None)] });
        std::fs::write(folder.path().join("jouleboard.json"), card.to_string()).unwrap();
        let found = |dtype| {
            let options = LoadOptions { dtype: Some(dtype), ..LoadOptions::default() };
            let engine = Engine::load(folder.path(), &options).unwrap();
            engine.model().quality.iter().map(|quality| quality.benchmark.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found(Dtype::F32), ["a", "c"]);
        assert_eq!(found(Dtype::Int8), ["b", "c"]);
    }

    #[test]
    fn a_name_fits_into_a_model_id_whatever_the_folder_is_called() {
        assert_eq!(clean("My model: α"), "My-model---");
        assert_eq!(clean(""), "model");
    }
}
