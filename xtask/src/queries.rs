//! The descriptions of all queries, which let the store compile without a database: written anew from a
//! private cluster with all migrations.
//!
//! Must not: touch any database but its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::place::Place;
use crate::postgres::{Binaries, Cluster, Durability};
use crate::release::SERVICE;
use crate::{program, say, scratch};

/// Write or compare.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only say whether the committed descriptions are what they should be
    #[arg(long)]
    pub(crate) check: bool,
}

/// Writes `backend/store/.sqlx`, or compares it.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let folder = scratch::folder()?;
    let cluster = Cluster::start(&folder.path().join("postgres"), Durability::Thrown, &[])?;
    let url = cluster.url();
    migrate(place, &url)?;

    let fresh = folder.path().join("sqlx");
    fs::create_dir(&fresh)?;
    // Checked queries are in the library alone. Cargo must not believe that nothing changed: the macros write only while
    // they run.
    let lib = fs::File::options().append(true).open(place.root.join("backend/store/src/lib.rs"))?;
    lib.set_modified(crate::clock::date())?;
    program::run(
        program::cargo(place, ["check", "--lib"])
            .args(SERVICE)
            .env("DATABASE_URL", &url)
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &fresh),
    )?;
    let committed = place.root.join("backend/store/.sqlx");
    let (new, old) = (read(&fresh)?, read(&committed)?);
    if new.is_empty() {
        bail!("the store has no checked query, so there is nothing to describe");
    }
    if new == old {
        say::line(format!("sqlx: {} descriptions are up to date", new.len()));
        return Ok(());
    }
    if options.check {
        bail!("{} is out of date: run `cargo xtask sqlx` and commit it", committed.display());
    }
    if committed.exists() {
        fs::remove_dir_all(&committed)?;
    }
    fs::create_dir_all(&committed)?;
    for (name, text) in &new {
        fs::write(committed.join(name), text)?;
    }
    say::line(format!("sqlx: {} descriptions written to {}", new.len(), committed.display()));
    Ok(())
}

/// All migrations in order. The store would do this itself, but it does not compile yet.
fn migrate(place: &Place, url: &str) -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(place.root.join("migrations"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let psql = Binaries::find(None)?.program("psql");
    for file in files {
        let mut command = Command::new(&psql);
        command.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file"]).arg(&file).arg(url);
        program::output(&mut command).with_context(|| format!("{} does not apply", file.display()))?;
    }
    Ok(())
}

fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    if !folder.exists() {
        return Ok(BTreeMap::new());
    }
    fs::read_dir(folder)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?))
        })
        .collect()
}
