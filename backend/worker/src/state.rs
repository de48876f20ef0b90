//! What this machine learned and keeps between two starts: its meter cards, how it cools and rests, what its control
//! workload took.
//!
//! One folder, one small JSON file a subject. Must not: be needed: a folder that cannot be written costs a warning, and
//! a file that cannot be read is as if it were not there.

use std::fs;
use std::path::{Path, PathBuf};

use common::meter::MeterCard;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::control::Controls;
use crate::cooldown::Rests;
use crate::cooling::Cooling;

const CARDS: &str = "meter-cards.json";
const COOLING: &str = "cooling.json";
const RESTS: &str = "rests.json";
const CONTROLS: &str = "controls.json";

/// The folder, if there is one.
#[derive(Debug, Clone, Default)]
pub(crate) struct State(Option<PathBuf>);

impl State {
    /// In this folder; nothing is kept without one.
    pub(crate) const fn at(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Cards that were characterised here.
    pub(crate) fn cards(&self) -> Vec<MeterCard> {
        self.read(CARDS).unwrap_or_default()
    }

    /// Keeps cards; says where, or `None` where nothing is kept.
    pub(crate) fn keep_cards(&self, cards: &[MeterCard]) -> Option<PathBuf> {
        self.write(CARDS, &cards)
    }

    /// How this machine cools, as far as learned.
    pub(crate) fn cooling(&self) -> Option<Cooling> {
        self.read(COOLING)
    }

    /// Keeps how it cools.
    pub(crate) fn keep_cooling(&self, cooling: &Cooling) {
        self.write(COOLING, cooling);
    }

    /// At which temperatures it rested, as far as seen.
    pub(crate) fn rests(&self) -> Rests {
        self.read(RESTS).unwrap_or_default()
    }

    /// Keeps at which temperatures it rested.
    pub(crate) fn keep_rests(&self, rests: &Rests) {
        self.write(RESTS, rests);
    }

    /// The control workloads measured here.
    pub(crate) fn controls(&self) -> Controls {
        self.read(CONTROLS).unwrap_or_default()
    }

    /// Keeps the control workloads.
    pub(crate) fn keep_controls(&self, controls: &Controls) {
        self.write(CONTROLS, controls);
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let path = self.0.as_ref()?.join(name);
        let text = fs::read_to_string(&path).ok()?;
        match serde_json::from_str(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what was kept is not readable and is ignored");
                None
            }
        }
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Option<PathBuf> {
        let folder = self.0.as_ref()?;
        let path = folder.join(name);
        match write(folder, &path, value) {
            Ok(()) => Some(path),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "what was learned cannot be kept");
                None
            }
        }
    }
}

/// Whole or not at all: a file half written would be ignored at the next start.
fn write(folder: &Path, path: &Path, value: &impl Serialize) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = path.with_extension("new");
    fs::write(&beside, serde_json::to_vec_pretty(value)?)?;
    fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_there_at_the_next_start_and_damage_is_as_nothing() {
        let root = tempfile::tempdir().unwrap();
        let state = State::at(Some(root.path().join("deep/state")));
        assert_eq!((state.cards(), state.cooling()), (vec![], None));
        let cooling = Cooling { tau_s: 31.5, ambient_c: 30.0, falls: 4 };
        state.keep_cooling(&cooling);
        assert_eq!(state.cooling(), Some(cooling));
        fs::write(root.path().join("deep/state").join(COOLING), "{").unwrap();
        assert_eq!(state.cooling(), None);
    }

    #[test]
    fn without_a_folder_nothing_is_kept_and_nothing_fails() {
        let state = State::default();
        state.keep_cooling(&Cooling { tau_s: 1.0, ambient_c: 1.0, falls: 1 });
        assert_eq!(state.cooling(), None);
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(State::at(Some(file)).keep_cards(&[]), None, "a file is no folder");
    }
}
