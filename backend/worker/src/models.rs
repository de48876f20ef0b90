//! The Models of this machine: which folders it was given, and the one that is in memory.
//!
//! Must not: load inside a Window, or offer a model that it could not load.

use std::path::PathBuf;
use std::str::FromStr;

use common::ids::ModelId;
use common::model::{Dtype, Model};
use engine::{Engine, LoadOptions};

use crate::error::Error;

/// A checkpoint folder and the dtype to run it in, as `DIR[:dtype]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelPlace {
    folder: PathBuf,
    dtype: Option<Dtype>,
}

impl FromStr for ModelPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("name a checkpoint folder, such as models/demo or models/demo:f16".to_owned());
        }
        Ok(match text.rsplit_once(':').map(|(folder, dtype)| (folder, dtype.parse())) {
            Some((folder, Ok(dtype))) => Self { folder: folder.into(), dtype: Some(dtype) },
            _ => Self { folder: text.into(), dtype: None },
        })
    }
}

/// The Models on offer.
pub(crate) struct Shelf {
    offered: Vec<(Model, ModelPlace)>,
    threads: Option<usize>,
    loaded: Option<(ModelId, Engine)>,
}

impl Shelf {
    /// Loads each once, so that only what works is offered; the last one stays in memory.
    pub(crate) fn fill(
        places: &[ModelPlace],
        threads: Option<usize>,
    ) -> Result<Self, (PathBuf, engine::Error)> {
        let mut shelf = Self { offered: Vec::new(), threads, loaded: None };
        for place in places {
            shelf.loaded = None;
            let engine = shelf.load(place).map_err(|error| (place.folder.clone(), error))?;
            let model = engine.model().clone();
            shelf.loaded = Some((model.id.clone(), engine));
            if !shelf.offered.iter().any(|(other, _)| other.id == model.id) {
                shelf.offered.push((model, place.clone()));
            }
        }
        Ok(shelf)
    }

    fn load(&self, place: &ModelPlace) -> Result<Engine, engine::Error> {
        Engine::load(&place.folder, &LoadOptions { dtype: place.dtype, threads: self.threads })
    }

    /// The Models on offer.
    pub(crate) fn models(&self) -> Vec<Model> {
        self.offered.iter().map(|(model, _)| model.clone()).collect()
    }

    /// Whether this Model is in memory.
    pub(crate) fn is_loaded(&self, id: &ModelId) -> bool {
        self.loaded.as_ref().is_some_and(|(loaded, _)| loaded == id)
    }

    /// The engine with this Model, loaded if need be.
    pub(crate) fn engine(&mut self, id: &ModelId) -> Result<&mut Engine, Error> {
        let Some((_, place)) = self.offered.iter().find(|(model, _)| model.id == *id) else {
            return Err(Error::retry("model_not_here", format!("this machine does not have the model {id}")));
        };
        if !self.is_loaded(id) {
            // Two models at once may not fit.
            self.loaded = None;
            let engine = self.load(place)?;
            if engine.model().id != *id {
                return Err(Error::unfit(
                    "model_changed",
                    format!("the files of {id} changed since the worker started"),
                ));
            }
            self.loaded = Some((id.clone(), engine));
        }
        match &mut self.loaded {
            Some((_, engine)) => Ok(engine),
            None => Err(Error::retry("model_not_here", format!("the model {id} is not in memory"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dtype_may_follow_the_folder_and_a_colon_in_a_folder_is_no_dtype() {
        let place: ModelPlace = "models/demo:f16".parse().unwrap();
        assert_eq!(place, ModelPlace { folder: "models/demo".into(), dtype: Some(Dtype::F16) });
        let place: ModelPlace = "models/a:b".parse().unwrap();
        assert_eq!(place, ModelPlace { folder: "models/a:b".into(), dtype: None });
        assert!("".parse::<ModelPlace>().is_err());
    }

    #[test]
    fn a_model_that_does_not_load_is_named_and_not_offered() {
        let place: ModelPlace = "/nonexistent/model".parse().unwrap();
        let (folder, _) = Shelf::fill(&[place], None).err().unwrap();
        assert_eq!(folder, PathBuf::from("/nonexistent/model"));
    }

    #[test]
    fn switching_models_keeps_one_in_memory() {
        let root = tempfile::tempdir().unwrap();
        let mut places = Vec::new();
        for seed in [1, 2] {
            let folder = root.path().join(seed.to_string());
            engine::tiny::write(&folder, seed).unwrap();
            places.push(folder.to_str().unwrap().parse().unwrap());
        }
        let mut shelf = Shelf::fill(&places, Some(1)).ok().unwrap();
        let ids: Vec<ModelId> = shelf.models().into_iter().map(|model| model.id).collect();
        assert_eq!(ids.len(), 2);
        assert!(!shelf.is_loaded(&ids[0]) && shelf.is_loaded(&ids[1]));
        assert_eq!(shelf.engine(&ids[0]).unwrap().model().id, ids[0]);
        assert!(shelf.is_loaded(&ids[0]) && !shelf.is_loaded(&ids[1]));
        assert!(matches!(shelf.engine(&"other@x:f32".parse().unwrap()), Err(Error::Retry(_))));
    }
}
