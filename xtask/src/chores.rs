//! Chores that are hardly more than the right call of another program: demo models and dependencies.
//!
//! Must not: grow logic; a chore with logic gets its own file.

use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::release::MACHINE;
use crate::{program, say};

/// Trains, scores or checks the demo models; the arguments are those of the engine's own program. Built
/// with the rest of the machine side, so that burn is not compiled again for it alone.
pub(crate) fn demo_models(place: &Place, args: &[String]) -> Result<()> {
    program::run(program::cargo(place, ["build"]).args(MACHINE).args(["--bin", "demo-models"]))?;
    program::run(Command::new(place.program("demo-models")).current_dir(&place.root).args(args))
}

/// Licences, advisories and homes of dependencies, and those that nobody uses; with the tools that are
/// installed, because installing them takes longer than all tests together.
pub(crate) fn deps(place: &Place) -> Result<()> {
    let checks: [(&str, &[&str]); 2] = [
        ("deny", &["deny", "--all-features", "check", "--config", ".cargo/deny.toml"]),
        ("machete", &["machete"]),
    ];
    for (tool, args) in checks {
        if program::answers("cargo", &[tool, "--version"]) {
            program::run(&mut program::cargo(place, args))?;
        } else {
            say::line(format!("deps: not checked, cargo-{tool} is missing: `cargo install cargo-{tool}`"));
        }
    }
    Ok(())
}
