//! The Python packages of the end-to-end tests, exactly as listed, in an environment of their own.
//!
//! Must not: touch the system's packages.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::{program, say};

/// The Python of that environment.
pub(crate) fn python(place: &Place) -> PathBuf {
    folder(place).join("bin/python")
}

/// Whether environments can be made here.
pub(super) fn is_here() -> bool {
    program::answers("python3", &["-c", "import ensurepip, venv"])
}

/// Makes all ready; nothing is done while the list is unchanged.
pub(super) fn install(place: &Place) -> Result<()> {
    let list = place.e2e().join("python/requirements.txt");
    let wanted = fs::read(&list)?;
    let stamp = folder(place).join("installed.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say::line(format!(
        "setup: installing the packages of {} into {}",
        list.display(),
        folder(place).display()
    ));
    program::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder(place)))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    program::run(Command::new(python(place)).args(pip).arg(&list))?;
    fs::write(&stamp, wanted)?;
    Ok(())
}

fn folder(place: &Place) -> PathBuf {
    place.target.join("python")
}
