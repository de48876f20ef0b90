//! Holds a running service to its OpenAPI document with schemathesis: every call with data that fits and data that does
//! not; no server error, no answer that is not documented.
//!
//! Must not: run against a service that anybody needs; what it sends is queued and announced.

use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;

use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::postgres::{Cluster, Durability};
use crate::stack::{API, Enrolment, Server, TROUBLE, WorkerPlan, free_port};
use crate::{e2e, http, program, release, scratch, setup, stack};

/// Examples of each call in the short form.
const FEW: u32 = 12;

/// How much is tried.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Examples of each call
    #[arg(long, default_value_t = 300)]
    examples: u32,
    /// Build nothing: try what was built before
    #[arg(long)]
    as_built: bool,
}

#[derive(Deserialize)]
struct Page {
    runs: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    id: String,
}

/// The whole of it, with a service of its own.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    setup::run(place, setup::For::Tests)?;
    if !options.as_built {
        release::build(place)?;
    }
    let folder = scratch::folder()?;
    let cluster = Cluster::start(&folder.path().join("postgres"), Durability::Thrown, &[])?;
    let mut server = Server::start(place, &cluster.url(), free_port()?, &[], TROUBLE)?;
    let token = folder.path().join("worker.token");
    server.enrol(place, &Enrolment::assumed("e2e", "FR"), &token)?;
    let models = stack::Models::default().or_demo(place, &["f32"])?;
    let plan = WorkerPlan { server: server.address, token, models, more: e2e::hurry() };
    let mut worker = plan.start(place, TROUBLE)?;
    server.wait_for_machines(1, &mut worker)?;
    server.campaign(place, &place.e2e().join("campaign.toml"))?;
    let first = format!("{API}/runs?state=measured&limit=1");
    while http::get::<Page>(server.address, &first)?.runs.is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    hold(place, &cluster.url(), options.examples)
}

/// The short form, on the database of a service that has measured something public.
pub(crate) fn hold_briefly(place: &Place, database: &str) -> Result<()> {
    hold(place, database, FEW)
}

/// A server of its own, without limits, so that nothing is refused for being asked too often.
fn hold(place: &Place, database: &str, examples: u32) -> Result<()> {
    let unlimited = [
        "--requests-per-minute",
        "0",
        "--runs-per-client",
        "0",
        "--tokens-per-client",
        "0",
        "--query-seconds",
        "30",
    ];
    let server = Server::start(place, database, free_port()?, &unlimited, TROUBLE)?;
    let folder = scratch::folder()?;
    let token = folder.path().join("contract.token");
    server.enrol(place, &Enrolment::assumed("contract", "FR"), &token)?;
    let token = std::fs::read_to_string(&token)?;
    let page: Page = http::get(server.address, &format!("{API}/runs?state=measured&limit=1"))?;
    let run =
        page.runs.into_iter().next().context("no public run is measured, so the contract cannot be tried")?;
    program::run(
        Command::new(setup::python(place).with_file_name("schemathesis"))
            .current_dir(folder.path())
            .arg("--config-file")
            .arg(place.e2e().join("python/schemathesis.toml"))
            .arg("run")
            .arg(format!("http://{}/api/openapi.json", server.address))
            .args(["--max-examples", &examples.to_string()])
            .env("RUN_ID", run.id)
            .env("MACHINE_TOKEN", token.trim()),
    )
    .context("the service and its OpenAPI document do not agree; schemathesis names the call above")
}
