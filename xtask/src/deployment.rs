//! The container and the units against the sources: what they copy exists, what they start is built, what they set is
//! read, and nobody runs as root. No image and no systemd is needed for that.
//!
//! Must not: know the rules of the tools themselves (podman and `systemd-analyze verify` do).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Where it all lies.
const FOLDER: &str = "backend/server/deploy";
/// The programs that a unit or a container may start.
const PROGRAMS: [&str; 2] = ["jouleboard-server", "jouleboard-worker"];

/// What is wrong; `sources` are all texts of the house.
pub(crate) fn check<'a>(root: &Path, sources: impl Iterator<Item = &'a str>) -> Result<Vec<String>> {
    let read = |name: &str| {
        fs::read_to_string(root.join(FOLDER).join(name)).with_context(|| format!("{FOLDER}/{name}"))
    };
    let known: BTreeSet<String> = sources.flat_map(settings).collect();
    let mut wrong = container(&read("Containerfile")?, &|path| root.join(path).exists(), &known);
    for unit in ["jouleboard-server.service", "jouleboard-worker.service"] {
        wrong.extend(service(unit, &read(unit)?, &known));
    }
    Ok(wrong.into_iter().map(|what| format!("{FOLDER}: {what}")).collect())
}

/// The settings that a source reads from its environment.
fn settings(source: &str) -> Vec<String> {
    source.split("env = \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

/// Names of a line of `NAME=value NAME=value` that nothing reads.
fn unread(line: &str, known: &BTreeSet<String>) -> Vec<String> {
    let names = line.split_whitespace().filter_map(|pair| Some(pair.split_once('=')?.0));
    names.filter(|name| !known.contains(*name)).map(str::to_owned).collect()
}

/// One stage of a container's file.
#[derive(Default)]
struct Stage {
    name: String,
    user: Option<String>,
    /// What it ran and what it copied to where.
    runs: String,
    brought: Vec<String>,
}

fn container(text: &str, exists: &dyn Fn(&str) -> bool, known: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut stages: Vec<Stage> = Vec::new();
    let mut entry = None;
    let joined = text.replace("\\\n", " ");
    for line in joined.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        if word == "FROM" {
            let name = words.iter().position(|word| *word == "AS").and_then(|at| words.get(at + 1));
            stages.push(Stage { name: name.copied().unwrap_or_default().to_owned(), ..Stage::default() });
            if words.first().is_none_or(|image| !image.contains(':')) {
                wrong.push(format!("`{line}` names no version"));
            }
            continue;
        }
        let is_named = |name: &str| stages.iter().any(|stage| stage.name == name);
        match (word, words.as_slice()) {
            ("COPY", [from, what @ .., to]) if from.starts_with("--from=") => {
                let name = from.trim_start_matches("--from=");
                if !is_named(name) {
                    wrong.push(format!("`{line}` copies from the stage {name}, which there is not"));
                }
                for path in what {
                    if !is_made(path, &stages) {
                        wrong.push(format!("`{line}`: nothing before it makes {path}"));
                    }
                }
                let file = |path: &&str| path.rsplit('/').next().unwrap_or_default().to_owned();
                let brought: Vec<String> = what
                    .iter()
                    .map(
                        |path| {
                            if to.ends_with('/') { format!("{to}{}", file(path)) } else { (*to).to_owned() }
                        },
                    )
                    .collect();
                if let Some(stage) = stages.last_mut() {
                    stage.brought.extend(brought);
                }
            }
            ("COPY", [what @ .., _]) => {
                for path in what.iter().filter(|path| !exists(path)) {
                    wrong.push(format!("`{line}`: there is no {path}"));
                }
            }
            ("RUN", _) => {
                if let Some(stage) = stages.last_mut() {
                    stage.runs += rest;
                    stage.runs += "\n";
                }
            }
            ("USER", [user]) => {
                if let Some(stage) = stages.last_mut() {
                    stage.user = Some((*user).to_owned());
                }
            }
            ("ENV", _) => {
                wrong.extend(unread(rest, known).iter().map(|name| format!("nothing reads {name}")))
            }
            ("ENTRYPOINT", _) => entry = rest.split('"').nth(1).map(str::to_owned),
            ("WORKDIR" | "EXPOSE" | "CMD", _) => {}
            _ => wrong.push(format!("`{line}` is not understood")),
        }
    }
    let Some(last) = stages.last() else { return vec!["the container has no stage".to_owned()] };
    match last.user.as_deref() {
        None | Some("root" | "0") => wrong.push("the container runs as root".to_owned()),
        Some(user) if !last.runs.contains(&format!("useradd --system --no-create-home {user}")) => {
            wrong.push(format!("the container's user {user} is not made"));
        }
        Some(_) => {}
    }
    let is_brought = entry.as_ref().is_some_and(|entry| last.brought.contains(entry));
    if !is_brought || !PROGRAMS.iter().any(|name| entry.as_ref().is_some_and(|entry| entry.ends_with(name))) {
        wrong.push(format!("the container starts {entry:?}, which it does not hold"));
    }
    wrong
}

/// Whether a stage makes this path: a program that it builds, or the pages that it bundles.
fn is_made(path: &str, stages: &[Stage]) -> bool {
    stages.iter().any(|stage| {
        let is_program = PROGRAMS.iter().any(|name| {
            path.ends_with(&format!("/target/release/{name}"))
                && stage.runs.contains("--release")
                && stage.runs.contains(&format!("--bin {name}"))
        });
        is_program || path.ends_with("/target/dist") && stage.runs.contains("cargo xtask bundle")
    })
}

fn service(name: &str, text: &str, known: &BTreeSet<String>) -> Vec<String> {
    let values = |key: &str| -> Vec<&str> {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        lines.filter(|(found, _)| *found == key).map(|(_, value)| value).collect()
    };
    let mut wrong = Vec::new();
    let started =
        values("ExecStart").first().and_then(|line| line.split_whitespace().next()).unwrap_or_default();
    let program = name.trim_end_matches(".service");
    if started != format!("/usr/local/bin/{program}") || !PROGRAMS.contains(&program) {
        wrong.push(format!("{name} starts {started:?}, not /usr/local/bin/{program}"));
    }
    let is_somebody = values("DynamicUser") == ["yes"] || values("User").iter().any(|user| *user != "root");
    if !is_somebody {
        wrong.push(format!("{name} runs as root"));
    }
    for line in values("Environment") {
        wrong.extend(unread(line, known).iter().map(|each| format!("{name}: nothing reads {each}")));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "FROM rust:1 AS build\nCOPY . .\nRUN cargo build --release \\\n --bin jouleboard-server \\\n && cargo xtask bundle\n\
                        FROM debian:12\nRUN useradd --system --no-create-home joule\n\
                        COPY --from=build /src/target/release/jouleboard-server /bin/\nCOPY --from=build /src/target/dist /dist\n\
                        USER joule\nENV A_B=1\nENTRYPOINT [\"/bin/jouleboard-server\"]\nCMD [\"serve\"]\n";

    fn found(text: &str) -> Vec<String> {
        container(text, &|path| path == ".", &settings("#[arg(env = \"A_B\")]").into_iter().collect())
    }

    #[test]
    fn a_container_that_holds_what_it_starts_is_well_and_each_slip_is_named() {
        assert!(found(GOOD).is_empty(), "{:?}", found(GOOD));
        for (good, bad, named) in [
            ("COPY . .", "COPY src .", "no src"),
            ("AS build", "AS builder", "the stage build"),
            ("--bin jouleboard-server", "--bin jouleboard", "makes /src/target/release/jouleboard-server"),
            ("&& cargo xtask bundle", "", "makes /src/target/dist"),
            ("USER joule\n", "", "as root"),
            ("USER joule", "USER other", "other is not made"),
            ("A_B", "A_C", "nothing reads A_C"),
            ("[\"/bin/", "[\"/sbin/", "does not hold"),
            ("FROM debian:12", "FROM debian", "no version"),
            ("CMD", "CMDS", "not understood"),
        ] {
            let wrong = found(&GOOD.replace(good, bad));
            assert!(wrong.iter().any(|what| what.contains(named)), "{bad}: {wrong:?}");
        }
    }

    #[test]
    fn a_unit_starts_its_program_as_somebody_with_settings_that_are_read() {
        let known: BTreeSet<String> = ["A_B".to_owned()].into();
        let good = "ExecStart=/usr/local/bin/jouleboard-worker run\nUser=joule\nEnvironment=A_B=%d/token\n";
        let found = |text: &str| service("jouleboard-worker.service", text, &known);
        assert!(found(good).is_empty());
        for (from, to) in [("worker run", "server run"), ("User=joule", "User=root"), ("A_B", "A_C")] {
            assert_eq!(found(&good.replace(from, to)).len(), 1, "{to}");
        }
    }
}
