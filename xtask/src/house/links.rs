//! Texts that point at files which there are.
//!
//! Must not: ask the network whether an address answers.

use std::fs;
use std::path::{Path, PathBuf};

/// Links of our texts that lead nowhere.
pub(super) fn dangling(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let texts = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let read = |path: &PathBuf| Some((path.clone(), fs::read_to_string(root.join(path)).ok()?));
    let exists = |path: &Path| root.join(path).exists();
    texts.filter_map(read).flat_map(|(path, text)| of_text(&path, &text, &exists)).collect()
}

fn of_text(path: &Path, text: &str, exists: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    text.split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .filter(|link| !link.contains("://"))
        // What stands behind a hash is a heading of the same file.
        .filter_map(|link| link.split('#').next().filter(|file| !file.is_empty()))
        .filter(|file| !exists(&folder.join(file)))
        .map(|file| format!("{} points at {file}, which there is not", path.display()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_that_is_gone_is_named_and_others_are_not() {
        let there = ["docs/here.md", "docs/../top.md"].map(Path::new);
        let text = "[a](here.md#part) [b](gone.md) ![c](../top.md) [d](https://example.org/x.md) [e](#part)";
        let found = of_text(Path::new("docs/a.md"), text, &|path| there.contains(&path));
        assert_eq!(found, ["docs/a.md points at gone.md, which there is not"]);
    }
}
