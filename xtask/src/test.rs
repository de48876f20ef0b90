//! `cargo xtask test`: everything that must hold before a change may stand, cheapest first.
//!
//! Must not: skip what it cannot do; a missing tool is installed or is an error.

use std::process::Command;

use anyhow::Result;

use crate::bundle::{PROFILE, TARGET};
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::postgres::{Cluster, Durability};
use crate::release::{HALVES, MACHINE, SERVICE};
use crate::steps::Steps;
use crate::{bundle, chaos, e2e, house, program, queries, say, setup};

/// Runs all steps; the first that fails ends it, and the table is printed all the same.
pub(crate) fn run(place: &Place) -> Result<()> {
    // Ctrl-C ends the program in front of us; we clean up behind it.
    let _interrupt = Interrupt::watch()?;
    let mut steps = Steps::default();
    let result = take(place, &mut steps);
    steps.tell();
    result
}

fn take(place: &Place, steps: &mut Steps) -> Result<()> {
    let deny: &[&str] = &["--", "-D", "warnings"];
    let cargo = |first: &[&str], then: &[&str], last: &[&str]| {
        program::run(&mut program::cargo(place, [first, then, last].concat()))
    };
    steps.take("set-up", || setup::run(place, setup::For::Tests))?;
    steps.take("format", || cargo(&["fmt", "--all", "--check"], &[], &[]))?;
    steps.take("house", || house::run(place))?;
    steps.take("chores: clippy", || {
        cargo(&["clippy", "--locked", "--package", "xtask", "--all-targets"], &[], deny)
    })?;
    steps.take("chores: tests", || cargo(&["test", "--locked", "--package", "xtask"], &[], &[]))?;
    steps.take("service: clippy", || cargo(&["clippy"], SERVICE, &[&["--all-targets"], deny].concat()))?;
    steps.take("machine: clippy", || cargo(&["clippy"], MACHINE, &[&["--all-targets"], deny].concat()))?;
    steps.take("page: clippy", || {
        let page = ["clippy", "--locked", "--package", "frontend", "--target", TARGET, "--profile", PROFILE];
        cargo(&page, &[], deny)
    })?;
    steps.take("links of the documentation", || documentation(place))?;
    steps.take("descriptions of the queries", || queries::run(place, &queries::Options { check: true }))?;
    steps.take("service: build with all tests", || cargo(&["build"], SERVICE, &["--all-targets"]))?;
    steps.take("machine: build with all tests", || cargo(&["build"], MACHINE, &["--all-targets"]))?;
    steps.take("tests: units, store and API on a private PostgreSQL", || tests(place))?;
    steps.take("page: bundle", || bundle::run(place))?;
    steps.take("page: bytes of a first visit", || bundle::check_first_visit(place))?;
    steps.take("chaos: kills while prompts are served", || chaos::torment(place, &chaos::Options::SHORT))?;
    steps.take("end to end in Chromium", || e2e::drive(place, &e2e::Options::default()))?;
    Ok(())
}

/// Every link leads somewhere; the glossary is made of them.
fn documentation(place: &Place) -> Result<()> {
    // What `--help` says is written as documentation, and on a terminal an address has no brackets.
    let flags = "--deny=warnings --allow=rustdoc::bare-urls";
    for half in HALVES {
        program::run(program::cargo(place, ["doc", "--no-deps"]).args(half).env("RUSTDOCFLAGS", flags))?;
    }
    Ok(())
}

fn tests(place: &Place) -> Result<()> {
    let folder = crate::scratch::folder()?;
    let cluster = Cluster::start(&folder.path().join("postgres"), Durability::Thrown, &[])?;
    let on_database = |command: &mut Command| program::run(command.env("DATABASE_URL", cluster.url()));
    let has_nextest = program::answers("cargo", &["nextest", "--version"]);
    if !has_nextest {
        say::line("cargo-nextest is not installed: using `cargo test`");
    }
    for half in HALVES {
        if has_nextest {
            on_database(program::cargo(place, ["nextest", "run"]).args(half))?;
            on_database(program::cargo(place, ["test", "--doc"]).args(half))?;
        } else {
            on_database(program::cargo(place, ["test", "--no-fail-fast"]).args(half))?;
        }
    }
    Ok(())
}
