//! The end-to-end tests: a service of their own, then Playwright in the browser that is installed.
//!
//! Must not: download a browser, or touch the data of a running `up`.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::postgres::{Cluster, Durability};
use crate::stack::{Enrolment, Models, Server, TROUBLE, WorkerPlan, free_port};
use crate::{bundle, contract, program, release, say, scratch, setup, stack};

/// The databases of the test that kills workers, of the one with simulated GPUs and of the one that makes versions up: with
/// servers of their own there, they disturb nobody.
const RECOVERY: &str = "recovery";
const GPU: &str = "gpu";
const ROWS: &str = "rows";
/// Leases are short, so that a killed worker is missed soon.
pub(crate) const LEASE_SECONDS: &str = "5";
/// Larger pictures do not belong into a checkout.
const MAX_PICTURE_BYTES: u64 = 150 * 1024;

/// Which tests, and what remains of them.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Specs or other arguments for Playwright, such as `tests/journey.spec.js`
    specs: Vec<String>,
    /// Build nothing: test what was built before
    #[arg(long)]
    as_built: bool,
    #[command(flatten)]
    models: Models,
    /// Replace the pictures in e2e/screenshots that the README shows
    #[arg(long)]
    keep_screenshots: bool,
}

/// Builds what is needed, then drives.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    setup::run(place, setup::For::Tests)?;
    if !options.as_built {
        release::build(place)?;
        release::build_stand_ins(place)?;
        bundle::run(place)?;
    }
    drive(place, options)
}

/// Starts a service and drives it; server, worker and page must be built.
pub(crate) fn drive(place: &Place, options: &Options) -> Result<()> {
    let folder = scratch::folder()?;
    let cluster =
        Cluster::start(&folder.path().join("postgres"), Durability::Thrown, &[RECOVERY, GPU, ROWS])?;
    let mut server =
        Server::start(place, &cluster.url(), free_port()?, &["--lease-seconds", LEASE_SECONDS], TROUBLE)?;
    let token = folder.path().join("e2e.token");
    server.enrol(place, &Enrolment::assumed("e2e", "FR"), &token)?;
    let models = options.models.or_demo(place, &stack::DEMO_DTYPES)?;
    let plan = WorkerPlan { server: server.address, token, models: models.clone(), more: hurry() };
    let mut worker = plan.start(place, TROUBLE)?;
    server.wait_for_machines(1, &mut worker)?;
    server.campaign(place, &place.e2e().join("campaign.toml"))?;

    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures)?;
    let chromium = setup::chromium().context("there is no Chromium: `cargo xtask setup --tests`")?;
    let played = program::run(
        playwright(place)
            .args(["test"])
            .args(&options.specs)
            .env("BASE_URL", format!("http://{}", server.address))
            .env("CHROMIUM", chromium)
            .env("E2E_SERVER", place.program("jouleboard-server"))
            .env("E2E_WORKER", place.program("jouleboard-worker"))
            .env("E2E_DIST", place.dist())
            .env("E2E_MODELS", joined(&models))
            .env("E2E_RECOVERY_DATABASE", cluster.url_of(RECOVERY))
            .env("E2E_GPU_DATABASE", cluster.url_of(GPU))
            .env("E2E_ROWS_DATABASE", cluster.url_of(ROWS))
            .env("E2E_NVML_LIB", place.program("examples/libfake_nvml.so"))
            .env("E2E_SCREENSHOTS", &pictures),
    );
    let called = played
        .and_then(|()| clients(place, &server))
        .and_then(|()| contract::hold_briefly(place, &cluster.url()));
    for ending in [worker.ended(), server.ended()].into_iter().flatten() {
        say::complain(ending.to_string());
    }
    // A picture exists only of a view that passed.
    if options.keep_screenshots {
        keep(place, &pictures)?;
    }
    called.context("the end-to-end tests failed; traces of the browser lie in e2e/test-results")
}

/// Clients of others, unchanged, against the running service.
fn clients(place: &Place, server: &Server) -> Result<()> {
    program::run(
        Command::new(setup::python(place))
            .current_dir(place.e2e())
            .arg("python/openai_client.py")
            .env("BASE_URL", format!("http://{}", server.address)),
    )
}

/// What a worker of a test is told: measure at once, however busy the machine is.
pub(crate) fn hurry() -> Vec<String> {
    let flags =
        ["--min-cool-down-s", "0", "--calm-timeout-s", "0.5", "--baseline-s", "0.2", "--max-warm-up", "1"];
    flags.map(str::to_owned).to_vec()
}

/// Playwright on the Node.js that setup chose.
fn playwright(place: &Place) -> Command {
    let mut command = Command::new(setup::node(place));
    command.current_dir(place.e2e()).arg("node_modules/@playwright/test/cli.js");
    command
}

fn joined(models: &[OsString]) -> OsString {
    models.join(std::ffi::OsStr::new("\n"))
}

/// Replaces the pictures that the README shows; each must be small.
fn keep(place: &Place, from: &Path) -> Result<()> {
    const FOLDER: &str = "e2e/screenshots";
    let readme = fs::read_to_string(place.root.join("README.md")).context("the README cannot be read")?;
    let mut count = 0;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let picture = format!("{FOLDER}/{}", entry.file_name().to_string_lossy());
        if !readme.contains(&picture) {
            continue;
        }
        let size = entry.metadata()?.len();
        ensure!(
            size <= MAX_PICTURE_BYTES,
            "the picture {picture} would have {size} bytes, more than {MAX_PICTURE_BYTES}"
        );
        fs::copy(entry.path(), place.root.join(picture))?;
        count += 1;
    }
    say::line(format!("e2e: {count} pictures kept in {FOLDER}"));
    Ok(())
}
