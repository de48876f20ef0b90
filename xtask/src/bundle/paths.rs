//! The page names its sources without saying where they lay: a panic's place is useful, the folders of whoever built the
//! page are nobody's business, and two builds in two folders should give the same files.
//!
//! Must not: touch how anything but the page is built. Other flags would compile the rest of the house anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place::Place;

/// Arguments for cargo that take the folders of this machine out of what is built for the page's target.
pub(super) fn forgotten(place: &Place, target: &str) -> [String; 2] {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let sources = home.map(|home| sources(&home)).unwrap_or_default();
    ["--config".to_owned(), setting(target, &place.root, &sources)]
}

/// The folders in which cargo keeps the sources of packages, one a registry.
fn sources(cargo_home: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten();
    let mut folders: Vec<PathBuf> = found.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort();
    folders
}

/// As cargo reads it: a list of quoted words.
fn setting(target: &str, root: &Path, sources: &[PathBuf]) -> String {
    let packages = sources.iter().map(|folder| (folder.as_path(), "crates"));
    let flags: Vec<String> = packages
        .chain([(root, ".")])
        .map(|(from, to)| format!("\"--remap-path-prefix={}={to}\"", quoted(from)))
        .collect();
    format!("target.{target}.rustflags=[{}]", flags.join(","))
}

fn quoted(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_sources_and_the_checkout_are_forgotten() {
        let home = tempfile::tempdir().unwrap();
        for registry in ["one", "a \"second\""] {
            fs::create_dir_all(home.path().join("registry/src").join(registry)).unwrap();
        }
        let sources = sources(home.path());
        let setting = setting("wasm", Path::new("/some where"), &sources);
        let (first, second) = (quoted(&sources[0]), quoted(&sources[1]));
        assert!(first.ends_with(r#"/a \"second\""#), "{first}");
        assert_eq!(
            setting,
            format!(
                r#"target.wasm.rustflags=["--remap-path-prefix={first}=crates","--remap-path-prefix={second}=crates","--remap-path-prefix=/some where=."]"#
            )
        );
    }

    #[test]
    fn a_home_without_packages_is_no_trouble() {
        assert_eq!(sources(Path::new("/nonexistent")), Vec::<PathBuf>::new());
    }
}
