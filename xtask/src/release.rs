//! The programs of the service, built in the one profile that everything shares.
//!
//! Must not: select packages differently from call to call; cargo would unify features anew and compile
//! burn again.

use anyhow::Result;

use crate::place::Place;
use crate::program;

/// All rooms but this one: what `test` builds, checks and runs at once.
pub(crate) const EVERYTHING: [&str; 5] = ["--locked", "--release", "--workspace", "--exclude", "xtask"];

/// Builds server and worker for running them.
pub(crate) fn build(place: &Place) -> Result<()> {
    program::run(&mut program::cargo(
        place,
        ["build", "--locked", "--release", "--package", "server", "--package", "worker"],
    ))
}
