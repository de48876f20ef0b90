//! Where a Model comes from: a folder of this machine, a name on the hub, or a configuration to be filled with random
//! weights; and opening it.
//!
//! Must not: turn one into another; what is neither here nor on the hub is said to be neither.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use common::model::Dtype;
use engine::{DeviceChoice, Engine, LoadOptions, Origin};

use crate::hub::{Hub, HubError, HubName, Watch};

/// A Model as the operator names it, with a dtype if not its own: `DIR`, `org/name@revision`, `DIR:f16`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelPlace {
    pub(crate) source: Source,
    pub(crate) dtype: Option<Dtype>,
}

/// What stands before the dtype.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder, or, where there is none of this name, a name on the hub.
    Named(String),
    /// A `config.json`, whose weights are drawn at random.
    Random { config: PathBuf, seed: u64 },
}

impl fmt::Display for ModelPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Named(name) => f.write_str(name),
            Source::Random { config, .. } => config.display().fmt(f),
        }
    }
}

impl FromStr for ModelPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, dtype) = split(text);
        if name.is_empty() {
            return Err(
                "name a checkpoint folder or a model of the hub, such as models/demo, models/demo:f16 \
                        or org/name@main"
                    .to_owned(),
            );
        }
        Ok(Self { source: Source::Named(name.to_owned()), dtype })
    }
}

/// A random Model as the operator names it: `CONFIG.json`, `CONFIG.json:int8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RandomPlace {
    pub(crate) config: PathBuf,
    pub(crate) dtype: Option<Dtype>,
}

impl FromStr for RandomPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, dtype) = split(text);
        if name.is_empty() {
            return Err("name a configuration, such as shapes/tinyllama-1.1b.json".to_owned());
        }
        Ok(Self { config: name.into(), dtype })
    }
}

impl RandomPlace {
    /// The place with the seed of its numbers.
    pub(crate) fn seeded(self, seed: u64) -> ModelPlace {
        ModelPlace { source: Source::Random { config: self.config, seed }, dtype: self.dtype }
    }
}

/// The name and the dtype after a last colon, if that is one.
fn split(text: &str) -> (&str, Option<Dtype>) {
    match text.rsplit_once(':').map(|(name, dtype)| (name, dtype.parse())) {
        Some((name, Ok(dtype))) => (name, Some(dtype)),
        _ => (text, None),
    }
}

/// A Model whose files are on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    at: At,
    dtype: Option<Dtype>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    Folder { folder: PathBuf, origin: Option<Origin> },
    Random { config: PathBuf, seed: u64 },
}

/// How Models are opened here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opening {
    pub(crate) device: DeviceChoice,
    pub(crate) threads: Option<usize>,
    /// Where hashes of weights are remembered.
    pub(crate) hashes: Option<PathBuf>,
    /// See [`LoadOptions`].
    pub(crate) rotary_in_bf16: bool,
}

/// Why a Model is not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The hub did not give it.
    #[error("{name}: there is no folder of this name, and from the hub: {error}")]
    Hub { name: String, error: HubError },
    /// It does not load.
    #[error("the model in {} cannot be loaded: {error}", place.display())]
    Engine { place: PathBuf, error: engine::Error },
}

/// Brings a Model's files here, if they are not.
pub(crate) fn find(place: &ModelPlace, hub: &Hub, watch: &mut dyn Watch) -> Result<Found, OpenError> {
    let at = match &place.source {
        Source::Random { config, seed } => At::Random { config: config.clone(), seed: *seed },
        Source::Named(text) => match HubName::parse(text) {
            Some(name) if !Path::new(text).exists() => {
                let snapshot =
                    hub.fetch(&name, watch).map_err(|error| OpenError::Hub { name: text.clone(), error })?;
                let origin = Origin { name: name.repo, revision: snapshot.commit };
                At::Folder { folder: snapshot.folder, origin: Some(origin) }
            }
            _ => At::Folder { folder: text.into(), origin: None },
        },
    };
    Ok(Found { at, dtype: place.dtype })
}

impl Found {
    /// Opens it; `text` says whether a tokenizer is needed.
    pub(crate) fn open(&self, opening: &Opening, text: bool) -> Result<Engine, OpenError> {
        let Opening { device, threads, hashes, rotary_in_bf16 } = opening.clone();
        let dtype = self.dtype;
        let options = LoadOptions { dtype, threads, device, hashes, origin: None, rotary_in_bf16 };
        let (place, opened) = match &self.at {
            At::Random { config, seed } => (config, Engine::random(config, *seed, &options)),
            At::Folder { folder, origin } => {
                let options = LoadOptions { origin: origin.clone(), ..options };
                let load: fn(&Path, &LoadOptions) -> _ =
                    if text { Engine::load } else { Engine::load_for_ids };
                (folder, load(folder, &options))
            }
        };
        opened.map_err(|error| OpenError::Engine { place: place.clone(), error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dtype_may_follow_the_folder_and_a_colon_in_a_folder_is_no_dtype() {
        let named = |text: &str| text.parse::<ModelPlace>().unwrap();
        let expected = |name: &str, dtype| ModelPlace { source: Source::Named(name.to_owned()), dtype };
        assert_eq!(named("models/demo:f16"), expected("models/demo", Some(Dtype::F16)));
        assert_eq!(named("models/a:b"), expected("models/a:b", None));
        assert_eq!(named("org/name@v1:int4"), expected("org/name@v1", Some(Dtype::Int4)));
        assert!("".parse::<ModelPlace>().is_err() && ":f16".parse::<RandomPlace>().is_err());
    }

    #[test]
    fn a_folder_that_is_here_is_never_asked_of_the_hub() {
        let root = tempfile::tempdir().unwrap();
        engine::tiny::write(root.path(), 3).unwrap();
        let place: ModelPlace = root.path().to_str().unwrap().parse().unwrap();
        let found = find(&place, &Hub::nowhere(), &mut ()).unwrap();
        let engine = found.open(&Opening::default(), true).unwrap();
        assert_eq!(engine.model().weights, common::model::Weights::Random);
    }

    #[test]
    fn random_weights_of_a_shape_answer_and_are_marked() {
        let root = tempfile::tempdir().unwrap();
        engine::tiny::write(root.path(), 3).unwrap();
        let config = root.path().join("shape.json");
        std::fs::copy(root.path().join("config.json"), &config).unwrap();
        std::fs::remove_file(root.path().join("tokenizer.json")).unwrap();
        let place = RandomPlace { config, dtype: Some(Dtype::Bf16) }.seeded(7);
        let found = find(&place, &Hub::nowhere(), &mut ()).unwrap();
        let mut engine = found.open(&Opening::default(), true).unwrap();
        let model = engine.model();
        assert_eq!(model.weights, common::model::Weights::Random);
        assert_eq!((model.name.as_str(), model.revision.as_str()), ("shape", "random-7"));
        assert_eq!(model.dtype, Dtype::Bf16);
        let decoding = common::prompt::Decoding { max_output_tokens: 5, ..Default::default() };
        let prompt =
            engine::EnginePrompt { system: None, earlier: &[], text: "What?", is_raw: false, decoding };
        let answer = engine.generate(&prompt, &mut |_| {}).unwrap();
        assert_eq!(
            (answer.prompt_tokens, answer.output_tokens),
            (5, 5),
            "a token a byte, and none that stops"
        );
    }

    #[test]
    fn what_is_neither_a_folder_nor_a_name_is_said_with_its_place() {
        let place: ModelPlace = "/nonexistent/model".parse().unwrap();
        let found = find(&place, &Hub::nowhere(), &mut ()).unwrap();
        let error = found.open(&Opening::default(), true).err().unwrap();
        assert!(error.to_string().contains("/nonexistent/model"), "{error}");
    }
}
