//! The hub's cache folder: which commit a revision is, which files are there, and putting one there.
//!
//! Must not: show a file that is not complete; believe a name from the network.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::name::is_word;
use super::{HubError, HubName, Snapshot};

/// The index of a checkpoint in several files, and the file of one in one.
pub(super) const INDEX: &str = "model.safetensors.index.json";
pub(super) const SINGLE: &str = "model.safetensors";
/// Without it there is no model.
pub(super) const CONFIG: &str = "config.json";

/// One checkpoint's part of the cache.
pub(super) struct Repo {
    folder: PathBuf,
    revision: String,
}

impl Repo {
    pub(super) fn new(cache: &Path, name: &HubName) -> Self {
        let folder = cache.join(format!("models--{}", name.repo.replace('/', "--")));
        Self { folder, revision: name.revision.clone() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The snapshot of the revision, if it is here as a whole.
    pub(super) fn find(&self) -> Option<Snapshot> {
        let reference = fs::read_to_string(self.reference()).ok();
        let commit = reference.as_deref().map_or(self.revision.as_str(), str::trim);
        if !is_word(commit) {
            return None;
        }
        let snapshot = Snapshot { folder: self.snapshot(commit), commit: commit.to_owned() };
        is_complete(&snapshot.folder).then_some(snapshot)
    }

    fn reference(&self) -> PathBuf {
        self.folder.join("refs").join(&self.revision)
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Where the content of this etag lies, or will lie.
    pub(super) fn blob(&self, etag: &str) -> PathBuf {
        self.folder.join("blobs").join(etag)
    }

    /// Opens the file that a download grows in, for nobody else at the same time.
    pub(super) fn begin(&self, etag: &str) -> Result<(PathBuf, File), HubError> {
        let path = self.blob(&format!("{etag}.incomplete"));
        let open = || {
            fs::create_dir_all(self.folder.join("blobs"))?;
            let file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
            file.try_lock().map_err(|error| match error {
                fs::TryLockError::Error(error) => error,
                fs::TryLockError::WouldBlock => {
                    io::Error::other("another program is fetching this file; wait for it, or end it")
                }
            })?;
            Ok(file)
        };
        match open() {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(HubError::Cache { path, error }),
        }
    }

    /// Makes a complete download a blob.
    pub(super) fn complete(&self, incomplete: &Path, etag: &str) -> Result<(), HubError> {
        fs::rename(incomplete, self.blob(etag))
            .map_err(|error| HubError::Cache { path: incomplete.to_owned(), error })
    }

    /// Shows a blob under its name in a snapshot.
    pub(super) fn show(&self, commit: &str, file: &str, etag: &str) -> Result<(), HubError> {
        let folder = self.snapshot(commit);
        let link = folder.join(file);
        let make = || {
            fs::create_dir_all(&folder)?;
            match fs::remove_file(&link) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            std::os::unix::fs::symlink(Path::new("../../blobs").join(etag), &link)
        };
        make().map_err(|error| HubError::Cache { path: link.clone(), error })
    }

    /// Remembers which commit the revision is; last of all, so that it never names half a snapshot.
    pub(super) fn refer(&self, commit: &str) -> Result<(), HubError> {
        if self.revision == commit {
            return Ok(());
        }
        let path = self.reference();
        let write = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, commit)
        };
        write().map_err(|error| HubError::Cache { path: path.clone(), error })
    }
}

/// Files that an index names.
pub(super) fn shards(index: &Path) -> Option<Vec<String>> {
    let root: Value = serde_json::from_slice(&fs::read(index).ok()?).ok()?;
    let mut names: Vec<String> =
        root.get("weight_map")?.as_object()?.values().filter_map(Value::as_str).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    let are_files = names.iter().all(|name| is_word(name) && name.ends_with(".safetensors"));
    (are_files && !names.is_empty()).then_some(names)
}

fn is_complete(folder: &Path) -> bool {
    let has = |file: &str| folder.join(file).exists();
    let weights = match shards(&folder.join(INDEX)) {
        Some(shards) => shards.iter().all(|shard| has(shard)),
        None => has(SINGLE),
    };
    has(CONFIG) && weights
}
