//! The rules of the house, checked over `cargo metadata` and the files: which room may use which, where
//! each heavy package lives, what stands at the top, how a file opens, where a text points to; and what is deployed.
//!
//! Must not: judge what a compiler or clippy can judge.

mod fuzz;
mod links;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::place::{self, Place};
use crate::{deployment, program, say};

/// Who may use whom; nobody else may use anybody.
const ARROWS: [(&str, &[&str]); 9] = [
    ("common", &[]),
    ("store", &["common"]),
    ("server", &["store", "common"]),
    ("meter", &["common"]),
    ("engine", &["common"]),
    ("worker", &["engine", "meter", "common"]),
    ("frontend", &["common"]),
    ("xtask", &[]),
    // Takes the place of a package of cubecl's; nobody of ours names it.
    ("cubecl-llvm", &[]),
];

/// Packages with one home. A name ending in `*` stands for all that begin so.
const HOMES: [(&str, &str); 20] = [
    ("leptos*", "frontend"),
    ("gloo-*", "frontend"),
    ("wasm-bindgen", "frontend"),
    ("wasm-bindgen-futures", "frontend"),
    ("web-sys", "frontend"),
    ("js-sys", "frontend"),
    ("wasm-bindgen-cli-support", "xtask"),
    ("actix-*", "server"),
    ("parquet", "server"),
    ("utoipa-*", "server"),
    ("sqlx*", "store"),
    ("nvml-wrapper*", "meter"),
    ("burn*", "engine"),
    ("cubecl", "engine"),
    ("cubecl-cuda", "engine"),
    ("cubecl-core", "cubecl-llvm"),
    ("cubecl-runtime", "cubecl-llvm"),
    ("cudarc", "engine"),
    ("safetensors", "engine"),
    ("tokenizers", "engine"),
];

/// What no build of ours may ever ask for, not even behind a feature: each is downloaded while building.
const NEVER: [&str; 2] = ["llvm-sys", "tracel-llvm-bundler"];

/// What may stand at the top, besides hidden tool files.
const TOP: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "backend",
    "common",
    "e2e",
    "frontend",
    "migrations",
    "xtask",
];

/// Hidden files and folders at the top, each the fixed place of a tool's settings.
const HIDDEN: [&str; 8] =
    [".cargo", ".ci", ".clippy.toml", ".config", ".github", ".gitattributes", ".gitignore", ".rustfmt.toml"];

/// From here on a file is asked whether it is still one subject; from [`TOO_LONG`] on it is told.
const LONG: usize = 250;
const TOO_LONG: usize = 400;

/// A crate and what it names as its dependencies, for whatever purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Room {
    name: String,
    uses: Vec<String>,
}

/// Checks all rules and names every breach.
pub(crate) fn run(place: &Place) -> Result<()> {
    let packages = place::metadata(&place.root)?.packages;
    let rooms: Vec<Room> = packages
        .iter()
        .map(|package| Room {
            name: package.name.to_string(),
            uses: package.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
        })
        .collect();
    let files = files(&place.root)?;
    let sources: Vec<(PathBuf, String)> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some((path.clone(), fs::read_to_string(place.root.join(path)).ok()?)))
        .collect();

    let mut breaches = arrows(&rooms);
    breaches.extend(homes(&rooms));
    breaches.extend(top(&files));
    breaches.extend(first_lines(&sources));
    breaches.extend(vague_names(&sources));
    breaches.extend(never(&fs::read_to_string(place.root.join("Cargo.lock"))?));
    breaches.extend(links::dangling(&place.root, &files));
    breaches.extend(fuzz::strays(&place.root, &packages)?);
    breaches.extend(deployment::check(&place.root, sources.iter().map(|(_, text)| text.as_str()))?);
    for advice in lengths(&sources) {
        say::line(format!("house: advice: {advice}"));
    }
    if !breaches.is_empty() {
        bail!("{} rules of the house are broken:\n    {}", breaches.len(), breaches.join("\n    "));
    }
    say::line(format!("house: {} rooms and {} sources keep the rules", rooms.len(), sources.len()));
    Ok(())
}

fn arrows(rooms: &[Room]) -> Vec<String> {
    let names: BTreeSet<&str> = rooms.iter().map(|room| room.name.as_str()).collect();
    let mut breaches = Vec::new();
    for room in rooms {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room.name) else {
            breaches.push(format!("{} is no room of the plan: draw its arrows in house.rs first", room.name));
            continue;
        };
        for used in room.uses.iter().filter(|used| names.contains(used.as_str())) {
            if !allowed.contains(&used.as_str()) {
                breaches.push(format!("{} uses {used}: the plan has no such arrow", room.name));
            }
        }
    }
    breaches
}

fn homes(rooms: &[Room]) -> Vec<String> {
    let is_named = |pattern: &str, package: &str| match pattern.strip_suffix('*') {
        Some(start) => package.starts_with(start),
        None => package == pattern,
    };
    let mut breaches = Vec::new();
    for room in rooms {
        for (pattern, home) in HOMES {
            for package in room.uses.iter().filter(|used| is_named(pattern, used)) {
                if home != room.name {
                    breaches.push(format!("{} uses {package}, whose one home is {home}", room.name));
                }
            }
        }
    }
    breaches
}

/// The lock file holds what any feature could bring, so it says more than the tree of one build.
fn never(lock: &str) -> Vec<String> {
    let is_locked = |package: &str| lock.lines().any(|line| line == format!("name = \"{package}\""));
    NEVER
        .iter()
        .filter(|package| is_locked(package))
        .map(|package| {
            format!(
                "{package} is in Cargo.lock: backend/cubecl-llvm must be of the version that cubecl asks for"
            )
        })
        .collect()
}

fn top(files: &[PathBuf]) -> Vec<String> {
    let names: BTreeSet<String> = files
        .iter()
        .filter_map(|path| Some(path.components().next()?.as_os_str().to_string_lossy().into_owned()))
        .collect();
    let is_known = |name: &String| TOP.contains(&name.as_str()) || HIDDEN.contains(&name.as_str());
    names
        .iter()
        .filter(|name| !is_known(name))
        .map(|name| format!("{name} stands at the top, which keeps its few names: find it a room"))
        .collect()
}

fn first_lines(sources: &[(PathBuf, String)]) -> Vec<String> {
    sources
        .iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| {
            format!("{} does not open with `//!`: say what it is for and must not do", path.display())
        })
        .collect()
}

fn vague_names(sources: &[(PathBuf, String)]) -> Vec<String> {
    let is_vague = |path: &Path| {
        path.iter().any(|part| {
            let stem = part.to_string_lossy();
            ["util", "utils", "helper", "helpers", "misc"].contains(&stem.trim_end_matches(".rs"))
        })
    };
    sources
        .iter()
        .filter(|(path, _)| is_vague(path))
        .map(|(path, _)| format!("{} says nothing: split by verb or by thing", path.display()))
        .collect()
}

fn lengths(sources: &[(PathBuf, String)]) -> Vec<String> {
    let mut long: Vec<(usize, &Path)> = sources
        .iter()
        .map(|(path, text)| (text.lines().count(), path.as_path()))
        .filter(|(lines, _)| *lines >= LONG)
        .collect();
    long.sort_by(|a, b| b.cmp(a));
    long.iter()
        .map(|(lines, path)| {
            let question = if *lines >= TOO_LONG { "too long: split it" } else { "still one subject?" };
            format!("{} has {lines} lines, {question}", path.display())
        })
        .collect()
}

/// What belongs to the checkout: tracked files and new ones that are not ignored.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let list = program::output(Command::new("git").current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let exists = |path: &PathBuf| root.join(path).exists();
    Ok(list.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).filter(exists).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str, uses: &[&str]) -> Room {
        Room { name: name.to_owned(), uses: uses.iter().map(|&used| used.to_owned()).collect() }
    }

    fn source(path: &str, text: &str) -> (PathBuf, String) {
        (PathBuf::from(path), text.to_owned())
    }

    #[test]
    fn the_arrows_of_the_plan_are_allowed() {
        let rooms =
            [room("common", &["serde"]), room("store", &["common", "sqlx"]), room("server", &["store"])];
        assert_eq!(arrows(&rooms), Vec::<String>::new());
        assert_eq!(homes(&rooms), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_is_not_in_the_plan_is_named_with_both_ends() {
        let rooms = [room("server", &["engine"]), room("engine", &["common"]), room("common", &[])];
        assert_eq!(arrows(&rooms), ["server uses engine: the plan has no such arrow"]);
    }

    #[test]
    fn the_domain_uses_nobody() {
        let rooms = [room("common", &["store"]), room("store", &[])];
        assert_eq!(arrows(&rooms), ["common uses store: the plan has no such arrow"]);
    }

    #[test]
    fn a_room_that_nobody_planned_is_refused() {
        assert!(arrows(&[room("shed", &[])])[0].starts_with("shed is no room of the plan"));
    }

    #[test]
    fn a_second_home_is_refused_also_for_a_package_of_the_family() {
        let rooms =
            [room("server", &["sqlx"]), room("worker", &["burn-flex"]), room("frontend", &["leptos_meta"])];
        assert_eq!(
            homes(&rooms),
            ["server uses sqlx, whose one home is store", "worker uses burn-flex, whose one home is engine"]
        );
    }

    #[test]
    fn llvm_that_is_downloaded_while_building_is_refused_and_its_stand_in_is_not() {
        let ours = "[[package]]\nname = \"cubecl-llvm\"\nversion = \"0.11.3\"\n";
        assert_eq!(never(ours), Vec::<String>::new());
        let theirs = format!("{ours}\n[[package]]\nname = \"tracel-llvm-bundler\"\n");
        assert!(never(&theirs)[0].starts_with("tracel-llvm-bundler is in Cargo.lock"));
    }

    #[test]
    fn a_new_name_at_the_top_is_refused() {
        let files = ["common/src/lib.rs", "notes/plan.md", ".ci/run"].map(PathBuf::from);
        assert_eq!(top(&files).len(), 1);
        assert!(top(&files)[0].starts_with("notes stands at the top"));
    }

    #[test]
    fn a_file_says_what_it_is_for() {
        let sources =
            [source("a.rs", "//! For a.\n"), source("b.rs", "use std::fs;\n"), source("utils.rs", "//! U\n")];
        assert_eq!(first_lines(&sources).len(), 1);
        assert!(first_lines(&sources)[0].starts_with("b.rs"));
        assert!(vague_names(&sources)[0].starts_with("utils.rs"));
    }

    #[test]
    fn length_is_advice_and_the_longest_comes_first() {
        let sources =
            [source("a.rs", &"x\n".repeat(260)), source("b.rs", &"x\n".repeat(401)), source("c.rs", "x\n")];
        let advice = lengths(&sources);
        assert_eq!(
            advice,
            ["b.rs has 401 lines, too long: split it", "a.rs has 260 lines, still one subject?"]
        );
    }
}
