//! The Models of this machine: which it was given, and the one that is in memory.
//!
//! Must not: load inside a Window, or offer a model that it could not load.

use common::ids::ModelId;
use common::model::Model;
use engine::Engine;

use crate::error::Error;
use crate::hub::{Hub, Watch};
use crate::source::{self, Found, ModelPlace, OpenError, Opening};

/// The Models on offer.
pub(crate) struct Shelf {
    offered: Vec<(Model, Found)>,
    opening: Opening,
    loaded: Option<(ModelId, Engine)>,
}

impl Shelf {
    /// Fetches what is not here and loads each once, so that only what works is offered; the last one stays in memory.
    pub(crate) fn fill(
        places: &[ModelPlace],
        opening: Opening,
        hub: &Hub,
        watch: &mut dyn Watch,
    ) -> Result<Self, OpenError> {
        let mut shelf = Self { offered: Vec::new(), opening, loaded: None };
        for place in places {
            shelf.loaded = None;
            let found = source::find(place, hub, watch)?;
            let engine = found.open(&shelf.opening, true)?;
            let model = engine.model().clone();
            shelf.loaded = Some((model.id.clone(), engine));
            if !shelf.offered.iter().any(|(other, _)| other.id == model.id) {
                shelf.offered.push((model, found));
            }
        }
        Ok(shelf)
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
        let Some((_, found)) = self.offered.iter().find(|(model, _)| model.id == *id) else {
            return Err(Error::retry("model_not_here", format!("this machine does not have the model {id}")));
        };
        if !self.is_loaded(id) {
            // Two models at once may not fit.
            self.loaded = None;
            let engine = found.open(&self.opening, true)?;
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
    fn a_model_that_does_not_load_is_named_and_not_offered() {
        let place: ModelPlace = "/nonexistent/model".parse().unwrap();
        let error = Shelf::fill(&[place], Opening::default(), &Hub::nowhere(), &mut ()).err().unwrap();
        assert!(error.to_string().contains("/nonexistent/model"), "{error}");
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
        let opening = Opening { threads: Some(1), ..Opening::default() };
        let mut shelf = Shelf::fill(&places, opening, &Hub::nowhere(), &mut ()).ok().unwrap();
        let ids: Vec<ModelId> = shelf.models().into_iter().map(|model| model.id).collect();
        assert_eq!(ids.len(), 2);
        assert!(!shelf.is_loaded(&ids[0]) && shelf.is_loaded(&ids[1]));
        assert_eq!(shelf.engine(&ids[0]).unwrap().model().id, ids[0]);
        assert!(shelf.is_loaded(&ids[0]) && !shelf.is_loaded(&ids[1]));
        assert!(matches!(shelf.engine(&"other@x:f32".parse().unwrap()), Err(Error::Retry(_))));
    }
}
