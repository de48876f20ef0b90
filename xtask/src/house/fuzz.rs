//! The crates for fuzzing are workspaces of their own that no build of ours compiles, so their dependencies are held to
//! the workspace's here: a target that reads with another version of a parser than we do finds faults of others.
//!
//! Their targets are compiled with the tests of the rooms that they torment. Must not: compile anything.

use std::path::Path;

use anyhow::Result;
use cargo_metadata::{Dependency, Package};

use crate::place;

/// Where they are.
const FOLDERS: [&str; 3] = ["common/fuzz", "backend/engine/fuzz", "backend/server/fuzz"];

/// Dependencies of theirs that the workspace asks for otherwise.
pub(super) fn strays(root: &Path, rooms: &[Package]) -> Result<Vec<String>> {
    let ours: Vec<&Dependency> = rooms.iter().flat_map(|room| &room.dependencies).collect();
    let mut strays = Vec::new();
    for folder in FOLDERS {
        let theirs = place::metadata(&root.join(folder))?.packages;
        let theirs = theirs.iter().flat_map(|package| &package.dependencies);
        strays.extend(theirs.filter(|one| is_stray(one, &ours)).map(|one| {
            format!("{folder} asks for {} {}: ask for it as the workspace does", one.name, one.req)
        }));
    }
    Ok(strays)
}

/// Whether others ask for it and nobody asks for it so.
fn is_stray(one: &Dependency, ours: &[&Dependency]) -> bool {
    let mut same = ours.iter().filter(|other| other.name == one.name).peekable();
    same.peek().is_some()
        && !same.any(|other| {
            other.req == one.req
                && other.features == one.features
                && other.uses_default_features == one.uses_default_features
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, req: &str) -> Dependency {
        serde_json::from_value(serde_json::json!({
            "name": name, "source": null, "req": req, "kind": null, "rename": null, "optional": false,
            "uses_default_features": true, "features": [], "target": null, "registry": null, "path": null,
        }))
        .unwrap()
    }

    #[test]
    fn another_version_than_ours_is_a_stray_and_what_nobody_else_uses_is_not() {
        let ours = dependency("toml", "^1.2.1");
        assert!(is_stray(&dependency("toml", "^0.8"), &[&ours]));
        assert!(!is_stray(&dependency("toml", "^1.2.1"), &[&ours]));
        assert!(!is_stray(&dependency("libfuzzer-sys", "^0.4"), &[&ours]));
    }
}
