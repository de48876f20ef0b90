//! The hash of a checkpoint's weights, remembered so that gigabytes are read for it only once.
//!
//! A memory is believed while every file has the size, the inode and the times of modification and change that it
//! had then; the last cannot be set back by a program.
//!
//! Must not: fail; what cannot be remembered is computed again.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, sha256_of};

/// Largest memory that is read.
const MAX_BYTES: u64 = 1 << 20;

/// What a hash was computed from.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct FileState {
    path: PathBuf,
    bytes: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

#[derive(Debug, Serialize, Deserialize)]
struct Memory {
    files: Vec<FileState>,
    sha256: String,
}

/// SHA-256 over the weight files, from the folder `memories` where it is known there.
pub(crate) fn sha256(checkpoint: &Checkpoint, memories: Option<&Path>) -> String {
    let Some((place, files)) = memories.and_then(|folder| Some((folder, states(checkpoint)?))) else {
        return checkpoint.sha256();
    };
    let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
    let place = place.join(format!("{}.json", sha256_of(names.join("\n").as_bytes())));
    if let Some(known) = recall(&place, &files) {
        return known;
    }
    let sha256 = checkpoint.sha256();
    // Whoever changed a file meanwhile must not have its hash remembered.
    if states(checkpoint).as_ref() == Some(&files) {
        let memory = Memory { files, sha256: sha256.clone() };
        if let Err(error) = remember(&place, &memory) {
            tracing::debug!(%error, "the hash of the weights is not remembered");
        }
    }
    sha256
}

fn states(checkpoint: &Checkpoint) -> Option<Vec<FileState>> {
    checkpoint.files().map(state).collect()
}

fn state(path: &Path) -> Option<FileState> {
    let path = path.canonicalize().ok()?;
    let found = path.metadata().ok()?;
    Some(FileState {
        bytes: found.len(),
        inode: found.ino(),
        modified: (found.mtime(), found.mtime_nsec()),
        changed: (found.ctime(), found.ctime_nsec()),
        path,
    })
}

fn recall(place: &Path, files: &[FileState]) -> Option<String> {
    let text = super::read_text(place, MAX_BYTES).ok()??;
    let memory: Memory = serde_json::from_str(&text).ok()?;
    let is_hash = memory.sha256.len() == 64 && memory.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && memory.files == files).then_some(memory.sha256)
}

fn remember(place: &Path, memory: &Memory) -> std::io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    // Another process may read meanwhile: it sees the old file or the new one.
    let draft = place.with_extension(format!("{}.draft", std::process::id()));
    fs::write(&draft, serde_json::to_vec(memory)?)?;
    fs::rename(&draft, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(folder: &Path, seed: u64) -> Checkpoint {
        crate::tiny::write(folder, seed).unwrap();
        Checkpoint::open(folder).unwrap()
    }

    /// The one memory in the folder, with its hash replaced.
    fn plant(memories: &Path, sha256: &str) {
        let place = fs::read_dir(memories).unwrap().next().unwrap().unwrap().path();
        let mut memory: Memory = serde_json::from_slice(&fs::read(&place).unwrap()).unwrap();
        memory.sha256 = sha256.to_owned();
        fs::write(place, serde_json::to_vec(&memory).unwrap()).unwrap();
    }

    #[test]
    fn a_hash_is_computed_once_and_again_when_a_file_has_changed() {
        let root = tempfile::tempdir().unwrap();
        let (folder, memories) = (root.path().join("model"), root.path().join("memories"));
        let checkpoint = model(&folder, 1);
        let real = sha256(&checkpoint, Some(&memories));
        assert_eq!(real, checkpoint.sha256());
        let planted = "a".repeat(64);
        plant(&memories, &planted);
        assert_eq!(sha256(&checkpoint, Some(&memories)), planted, "it was not recalled");
        drop(checkpoint);
        let changed = model(&folder, 2);
        assert_eq!(sha256(&changed, Some(&memories)), changed.sha256());
        assert_ne!(changed.sha256(), real);
    }

    #[test]
    fn a_memory_that_is_no_hash_is_not_believed() {
        let root = tempfile::tempdir().unwrap();
        let (folder, memories) = (root.path().join("model"), root.path().join("memories"));
        let checkpoint = model(&folder, 1);
        let real = sha256(&checkpoint, Some(&memories));
        plant(&memories, "nonsense");
        assert_eq!(sha256(&checkpoint, Some(&memories)), real);
    }

    #[test]
    fn where_nothing_can_be_written_the_hash_is_computed_all_the_same() {
        let root = tempfile::tempdir().unwrap();
        let checkpoint = model(&root.path().join("model"), 1);
        let file = root.path().join("model/config.json");
        assert_eq!(sha256(&checkpoint, Some(&file)), checkpoint.sha256());
    }
}
