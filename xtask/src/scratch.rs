//! A folder for a chore's own cluster and tokens, gone when the chore is over.
//!
//! Must not: lie deep, because a socket's path is short, nor be closed to the cluster's own user.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// Makes one.
pub(crate) fn folder() -> Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("jouleboard-")
        .tempdir_in("/tmp")
        .context("no folder can be made below /tmp")?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
    Ok(folder)
}
