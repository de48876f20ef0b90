//! Where things are: the checkout, cargo's target folder, and what chores put there.
//!
//! Must not: create anything.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, MetadataCommand};

/// The checkout and cargo's target folder.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the environment puts it.
    pub(crate) target: PathBuf,
}

impl Place {
    /// Finds the checkout that this xtask was built from, and asks cargo for the target folder.
    pub(crate) fn find() -> Result<Self> {
        let metadata = metadata(&checkout()?)?;
        Ok(Self { root: metadata.workspace_root.into(), target: metadata.target_directory.into() })
    }

    /// The built page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.target.join("dist")
    }

    /// A program of ours, as the release profile builds it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// The end-to-end tests.
    pub(crate) fn e2e(&self) -> PathBuf {
        self.root.join("e2e")
    }
}

/// What cargo knows about the members of the workspace, without what they depend on.
pub(crate) fn metadata(root: &Path) -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(root)
        .no_deps()
        .exec()
        .with_context(|| format!("cargo does not understand the workspace in {}", root.display()))
}

/// Cargo says where the manifest of a running package is; a bare call of the program looks upwards.
fn checkout() -> Result<PathBuf> {
    if let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR") {
        return Ok(PathBuf::from(manifest));
    }
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    here.ancestors()
        .find(|folder| folder.join("xtask/Cargo.toml").exists())
        .map(Path::to_path_buf)
        .with_context(|| format!("{} is not inside a checkout of Jouleboard: go there", here.display()))
}
