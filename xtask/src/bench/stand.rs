//! What benches share: everything built, a service with one worker, and a file for what was found.
//!
//! Must not: time anything.

use std::fs;
use std::process::Command;

use anyhow::Result;
use serde::Serialize;
use tempfile::TempDir;

use crate::bundle::Size;
use crate::child::Child;
use crate::place::Place;
use crate::postgres::{Cluster, Durability};
use crate::stack::{Enrolment, Models, Server, TROUBLE, WorkerPlan, free_port};
use crate::{bundle, program, release, say, scratch, setup};

/// Builds what a service needs, unless what was built before is to be timed; returns the sizes of the page's files.
pub(super) fn build(place: &Place, as_built: bool) -> Result<Vec<Size>> {
    setup::run(place, setup::For::Service)?;
    if as_built {
        return bundle::last(place);
    }
    release::build(place)?;
    bundle::run(place)
}

/// A service with one worker. It ends in this order: worker, server, database, files.
pub(super) struct Stand {
    _worker: Child,
    pub(super) server: Server,
    _cluster: Cluster,
    pub(super) folder: TempDir,
}

impl Stand {
    /// Starts it, with further arguments of the worker. Call it from the main thread.
    pub(super) fn start(place: &Place, models: &Models, worker: &[&str]) -> Result<Self> {
        let folder = scratch::folder()?;
        let cluster = Cluster::start(&folder.path().join("postgres"), Durability::Kept, &[])?;
        let mut server = Server::start(place, &cluster.url(), free_port()?, &[], TROUBLE)?;
        let token = folder.path().join("bench.token");
        server.enrol(place, &Enrolment::assumed("bench", "WORLD"), &token)?;
        let models = models.or_demo(place, &["f32"])?;
        let more = worker.iter().map(|&argument| argument.to_owned()).collect();
        let plan = WorkerPlan { server: server.address, token, models, more };
        let mut worker = plan.start(place, TROUBLE)?;
        server.wait_for_machines(1, &mut worker)?;
        Ok(Self { _worker: worker, server, _cluster: cluster, folder })
    }
}

/// When, from which commit and on which machine: a figure without them is nobody's.
#[derive(Debug, Serialize)]
pub(super) struct Made {
    pub(super) date: String,
    pub(super) commit: String,
    pub(super) hardware: String,
}

impl Made {
    /// Now and here.
    pub(super) fn here(place: &Place) -> Result<Self> {
        let date = program::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
        let describe = ["describe", "--always", "--dirty", "--abbrev=10"];
        let commit = program::output(Command::new("git").current_dir(&place.root).args(describe))?;
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let model = model.map_or("a processor without a name", |(_, name)| name);
        let cores = std::thread::available_parallelism()?;
        Ok(Self {
            date: date.trim().to_owned(),
            commit: commit.trim().to_owned(),
            hardware: format!("{model}, {cores} cores"),
        })
    }
}

/// Writes what was found to `<target>/bench/{name}.json` and says where it lies.
pub(super) fn keep(place: &Place, name: &str, found: &impl Serialize) -> Result<()> {
    let folder = place.target.join("bench");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.json"));
    fs::write(&path, serde_json::to_vec_pretty(found)?)?;
    say::line(format!("bench: written to {}", path.display()));
    Ok(())
}
