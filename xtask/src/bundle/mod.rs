//! The page: frontend wasm, its glue, style and icon, under names that change with their content, and
//! each beside its compressed forms, in `<target>/dist`.
//!
//! Must not: download a tool; wasm-bindgen is a library here, pinned by Cargo.lock to the version that
//! the frontend links.

mod asset;
mod page;
mod paths;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::place::Place;
use crate::{clock, program, say};
use asset::Asset;

/// The profile of the frontend; clippy and the build share it, and with it the dependencies.
pub(crate) const PROFILE: &str = "wasm-release";
/// Where the frontend runs.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Raised whenever this chore would make something else of the same inputs.
const RECIPE: u32 = 4;
/// The programs of the page: their names for cargo, as files, and the list of the paths whose pages they have; the first
/// has all others.
const PROGRAMS: [(&str, &str, Option<&str>); 3] = [
    ("frontend", "app", None),
    ("ranking", "ranking", Some("frontend/src/ranking.txt")),
    ("records", "records", Some("frontend/src/records.txt")),
];
/// Most bytes that a first visit may fetch, as brotli, whichever page it is to.
pub(crate) const FIRST_VISIT_BYTES: usize = 300_000;

/// Bytes of one file of the page, as stored and as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Size {
    /// The file below `dist`.
    pub(crate) name: String,
    /// As it is.
    pub(crate) raw_bytes: usize,
    /// As gzip.
    pub(crate) gzip_bytes: usize,
    /// As brotli.
    pub(crate) brotli_bytes: usize,
}

/// What was bundled last, so that nothing is done twice.
#[derive(Debug, Serialize, Deserialize)]
struct Stamp {
    inputs: String,
    sizes: Vec<Size>,
}

/// Builds the frontend and bundles it, or finds that both are up to date. Returns the sizes of the files.
pub(crate) fn run(place: &Place) -> Result<Vec<Size>> {
    let started = clock::now();
    let build =
        ["build", "--locked", "--package", "frontend", "--bins", "--target", TARGET, "--profile", PROFILE];
    program::run(program::cargo(place, build).args(paths::forgotten(place, TARGET)))?;
    let built = |name: &str| {
        fs::read(place.target.join(TARGET).join(PROFILE).join(format!("{name}.wasm")))
            .with_context(|| format!("the frontend was built, but left no {name}.wasm"))
    };
    let programs = PROGRAMS.iter().map(|(name, ..)| built(name)).collect::<Result<Vec<_>>>()?;
    let starts = PROGRAMS
        .iter()
        .map(|(.., list)| match list {
            Some(list) => fs::read_to_string(place.root.join(list))
                .with_context(|| format!("{list} is missing: it says which pages a program has")),
            None => Ok(String::new()),
        })
        .collect::<Result<Vec<_>>>()?;
    let style = style(&place.root.join("frontend/style"))?;
    let icon = fs::read(place.root.join("frontend/style/icon.svg"))
        .context("frontend/style/icon.svg is missing: the page needs an icon")?;

    let recipe = RECIPE.to_le_bytes();
    let mut parts: Vec<&[u8]> = vec![&recipe, &style, &icon];
    parts.extend(programs.iter().map(Vec::as_slice));
    parts.extend(starts.iter().map(String::as_bytes));
    let inputs = digest(&parts);
    let (dist, stamp) = (place.dist(), place.target.join("dist.json"));
    if let Some(sizes) = up_to_date(&stamp, &dist, &inputs) {
        say::line(format!("bundle: {} is up to date", dist.display()));
        return Ok(sizes);
    }
    let programs = PROGRAMS
        .iter()
        .zip(programs)
        .zip(&starts)
        .map(|(((_, name, _), wasm), starts)| Ok(page::Program::new(name, bind(name, wasm)?, starts)))
        .collect::<Result<Vec<_>>>()?;
    let assets = page::assemble(programs, &style, &icon);
    let sizes = write(&dist, &assets)?;
    fs::write(&stamp, serde_json::to_vec_pretty(&Stamp { inputs, sizes: sizes.clone() })?)?;
    for size in &sizes {
        say::line(format!(
            "bundle: {:<34} {:>9} B raw {:>8} B gzip {:>8} B brotli",
            size.name, size.raw_bytes, size.gzip_bytes, size.brotli_bytes
        ));
    }
    say::line(format!("bundle: {} written in {}", dist.display(), say::span(started.elapsed())));
    Ok(sizes)
}

/// Sizes of the page that was bundled last.
pub(crate) fn last(place: &Place) -> Result<Vec<Size>> {
    let stamp =
        fs::read(place.target.join("dist.json")).context("no page was bundled yet: `cargo xtask bundle`")?;
    Ok(serde_json::from_slice::<Stamp>(&stamp)?.sizes)
}

/// Bytes that a first visit fetches, as brotli, for the pages of each program: all files but the other programs'.
pub(crate) fn first_visits(sizes: &[Size]) -> Vec<(&'static str, usize)> {
    let is_of = |size: &Size, name: &str| size.name.starts_with(&format!("assets/{name}."));
    let bytes = |own: &str| {
        let others = |size: &&Size| PROGRAMS.iter().all(|(_, name, _)| *name == own || !is_of(size, name));
        sizes.iter().filter(others).map(|size| size.brotli_bytes).sum()
    };
    PROGRAMS.iter().map(|(_, name, _)| (*name, bytes(name))).collect()
}

/// Refuses a page whose first visit fetches more than [`FIRST_VISIT_BYTES`].
pub(crate) fn check_first_visit(place: &Place) -> Result<()> {
    for (name, bytes) in first_visits(&last(place)?) {
        ensure!(
            bytes <= FIRST_VISIT_BYTES,
            "a first visit to the pages of `{name}` fetches {bytes} bytes, more than {FIRST_VISIT_BYTES}: see what \
             `cargo xtask bundle` lists"
        );
        say::line(format!("bundle: a first visit to the pages of `{name}` fetches {bytes} bytes as brotli"));
    }
    Ok(())
}

/// All style sheets in the order of their names, as one.
fn style(folder: &Path) -> Result<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{} is missing: the page needs its style sheets", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "css"))
        .collect();
    paths.sort();
    ensure!(!paths.is_empty(), "{} has no style sheet", folder.display());
    let mut all = Vec::new();
    for path in paths {
        all.extend(fs::read(&path)?);
        all.push(b'\n');
    }
    Ok(all)
}

/// Makes the wasm callable from the browser; returns the JavaScript glue and the wasm.
fn bind(name: &str, wasm: Vec<u8>) -> Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_bytes(name, wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate_output()
        .context("wasm-bindgen refuses the frontend")?;
    let has_snippets = output.snippets().values().any(|snippets| !snippets.is_empty());
    ensure!(
        !has_snippets && output.local_modules().is_empty(),
        "the frontend brings JavaScript snippets of its own, which this chore does not copy: avoid them"
    );
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

/// Writes into a fresh folder and swaps it in, so that a running server never sees half a page.
fn write(dist: &Path, assets: &[Asset]) -> Result<Vec<Size>> {
    let (fresh, old) = (dist.with_extension("new"), dist.with_extension("old"));
    for folder in [&fresh, &old] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(fresh.join("assets"))?;
    let sizes = std::thread::scope(|scope| {
        let jobs: Vec<_> = assets.iter().map(|asset| scope.spawn(|| asset.write(&fresh))).collect();
        jobs.into_iter()
            .map(|job| job.join().map_err(|_| anyhow::anyhow!("a compressing thread panicked"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    if dist.exists() {
        fs::rename(dist, &old)?;
    }
    fs::rename(&fresh, dist)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(sizes)
}

fn up_to_date(stamp: &Path, dist: &Path, inputs: &str) -> Option<Vec<Size>> {
    let stamp: Stamp = serde_json::from_slice(&fs::read(stamp).ok()?).ok()?;
    let is_whole = stamp.sizes.iter().all(|size| dist.join(&size.name).exists());
    (stamp.inputs == inputs && is_whole).then_some(stamp.sizes)
}

/// One digest over several parts; lengths keep the parts apart.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_string());
        hash.update(b":");
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_visit_fetches_everything_but_the_other_programs() {
        let size = |name: &str, brotli_bytes| Size {
            name: name.to_owned(),
            raw_bytes: 9,
            gzip_bytes: 9,
            brotli_bytes,
        };
        let sizes = [
            size("index.html", 1),
            size("assets/site.ab.css", 10),
            size("assets/app.cd.wasm", 100),
            size("assets/app.ef.js", 1_000),
            size("assets/ranking.12.wasm", 20_000),
            size("assets/ranking.34.js", 300_000),
            size("assets/records.56.wasm", 4_000_000),
        ];
        assert_eq!(first_visits(&sizes), [("app", 1_111), ("ranking", 320_011), ("records", 4_000_011)]);
    }

    #[test]
    fn style_sheets_are_joined_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("20-b.css"), "b{}").unwrap();
        fs::write(folder.path().join("10-a.css"), "a{}").unwrap();
        fs::write(folder.path().join("note.txt"), "no").unwrap();
        assert_eq!(style(folder.path()).unwrap(), b"a{}\nb{}\n");
    }

    #[test]
    fn moving_a_byte_from_one_input_to_the_next_is_a_change() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }

    #[test]
    fn a_second_bundle_replaces_the_first_without_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path().join("dist");
        write(&dist, &[Asset::hashed("site", "css", b"one".to_vec())]).unwrap();
        write(&dist, &[Asset::hashed("site", "css", b"two".to_vec())]).unwrap();
        let names = fs::read_dir(dist.join("assets")).unwrap().count();
        assert_eq!(names, 3, "the file and its two compressed forms, nothing of the first bundle");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
