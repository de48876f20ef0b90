//! The running service on this machine: a server, enrolled machines, workers; for `up`, the end-to-end
//! tests and the bench alike.
//!
//! Must not: build anything, or show a machine's token.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use serde::Deserialize;

use crate::child::{Child, Ending, Guard};
use crate::place::Place;
use crate::{clock, http, program, say};

/// Where the API starts; a test compares it with what the server says of itself.
pub(crate) const API: &str = "/api/v1";
/// Migrations of a large database may take a while.
const SERVER_PATIENCE: Duration = Duration::from_secs(120);
/// The worker announces itself once it has read its models' descriptions and found its meters.
const WORKER_PATIENCE: Duration = Duration::from_secs(120);

/// In which dtypes the demo models are offered: what a number costs in bits, energy and right answers.
pub(crate) const DEMO_DTYPES: [&str; 3] = ["f32", "int8", "int4"];

/// Which lines of a program are shown while it runs.
pub(crate) type Shown = fn(&str) -> bool;

/// All of them.
pub(crate) const EVERY_LINE: Shown = |_| true;
/// Those that somebody should read although all goes well.
pub(crate) const TROUBLE: Shown = |line| ["WARN", "ERROR", "panicked"].iter().any(|word| line.contains(word));

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    database: String,
    child: Child,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) address: SocketAddr,
    /// The network namespace that the address is in, unless it is ours.
    pub(crate) namespace: Option<String>,
}

/// The part of `GET /health` that is needed here.
#[derive(Debug, Deserialize)]
pub(crate) struct Health {
    /// Machines whose worker has been heard of lately.
    pub(crate) machines_alive: u64,
}

/// What the operator says of a machine.
#[derive(Debug)]
pub(crate) struct Enrolment<'a> {
    pub(crate) name: &'a str,
    /// Grid area in which it stands.
    pub(crate) zone: &'a str,
    /// Emissions of making it, in kilograms of CO2e.
    pub(crate) embodied_kg: f64,
    /// Where that figure comes from.
    pub(crate) embodied_source: &'a str,
}

impl Enrolment<'_> {
    /// What a laptop of a developer is commonly taken to have emitted, for whoever knows no better.
    pub(crate) const LAPTOP_KG: f64 = 181.0;
    /// Says so wherever the figure is shown.
    pub(crate) const ASSUMED: &'static str = "assumed: a developer's laptop, default of the Green Metrics Tool; not a figure of this machine's maker";

    /// A machine of a test or a bench.
    pub(crate) const fn assumed<'a>(name: &'a str, zone: &'a str) -> Enrolment<'a> {
        Enrolment { name, zone, embodied_kg: Self::LAPTOP_KG, embodied_source: Self::ASSUMED }
    }
}

impl Server {
    /// Starts it and waits until it answers. Call it from the main thread.
    pub(crate) fn start(
        place: &Place,
        database: &str,
        port: u16,
        more: &[&str],
        is_shown: Shown,
    ) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self::start_at(place, database, &Spot { address, namespace: None }, more, is_shown)
    }

    /// The same somewhere else.
    pub(crate) fn start_at(
        place: &Place,
        database: &str,
        spot: &Spot,
        more: &[&str],
        is_shown: Shown,
    ) -> Result<Self> {
        let address = spot.address;
        let guard = Guard { signal: "TERM", user: None };
        let program = place.program("jouleboard-server");
        let mut command = match &spot.namespace {
            None => guard.command(&program),
            Some(namespace) => {
                let mut command = guard.command(Path::new("ip"));
                command.args(["netns", "exec", namespace]).arg(program);
                command
            }
        };
        command
            .current_dir(&place.root)
            .env("DATABASE_URL", database)
            // We ask it many times a second, and all from one address.
            .env("JOULEBOARD_REQUESTS_PER_MINUTE", "0")
            .env("JOULEBOARD_RUNS_PER_CLIENT", "0")
            .env("JOULEBOARD_TOKENS_PER_CLIENT", "0")
            .args([
                "serve",
                "--bind",
                &address.ip().to_string(),
                "--port",
                &address.port().to_string(),
                "--dist",
            ])
            .arg(place.dist())
            .args(more);
        let child = Child::start("server", command, is_shown)?;
        let mut server = Self { address, database: database.to_owned(), child };
        let started = clock::now();
        while server.health().is_err() {
            if let Some(ending) = server.ended() {
                bail!("{ending}");
            }
            ensure!(started.elapsed() < SERVER_PATIENCE, "the server does not answer on {address}");
            std::thread::sleep(Duration::from_millis(25));
        }
        Ok(server)
    }

    /// Asks whether it is well.
    pub(crate) fn health(&self) -> Result<Health> {
        http::get(self.address, &format!("{API}/health"))
    }

    /// Enrols a machine, or gives it a new token, and writes that where only we can read it.
    pub(crate) fn enrol(&self, place: &Place, machine: &Enrolment<'_>, token: &Path) -> Result<()> {
        let kilograms = machine.embodied_kg.to_string();
        let mut args = vec!["machine", "add", machine.name, "--replace", "--zone", machine.zone];
        args.extend(["--embodied-kg", &kilograms, "--embodied-source", machine.embodied_source]);
        let said = self.command(place, args)?;
        let secret = said.lines().last().map(str::trim).filter(|line| !line.is_empty());
        let secret =
            secret.with_context(|| format!("the server enrolled {} but gave no token", machine.name))?;
        write_secret(token, secret)
    }

    /// Queues a campaign and shows what the server says of it.
    pub(crate) fn campaign(&self, place: &Place, file: &Path) -> Result<()> {
        let said = self.queue(place, file)?;
        said.lines().for_each(|line| say::line(format!("campaign | {line}")));
        Ok(())
    }

    /// Queues a campaign and returns what the server says of it.
    pub(crate) fn queue(&self, place: &Place, file: &Path) -> Result<String> {
        self.command(place, ["campaign".as_ref(), "run".as_ref(), "--queue-only".as_ref(), file.as_os_str()])
    }

    /// Waits until this many machines have announced themselves.
    pub(crate) fn wait_for_machines(&mut self, count: u64, worker: &mut Child) -> Result<()> {
        let started = clock::now();
        loop {
            if self.health().is_ok_and(|health| health.machines_alive >= count) {
                return Ok(());
            }
            if let Some(ending) = worker.ended().or_else(|| self.ended()) {
                bail!("{ending}");
            }
            ensure!(started.elapsed() < WORKER_PATIENCE, "no worker has announced itself");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<Ending> {
        self.child.ended()
    }

    /// How much memory it holds now.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        self.child.resident_bytes()
    }

    /// Kills it at once.
    pub(crate) fn kill(&mut self) {
        self.child.kill();
    }

    /// Stops it in order.
    pub(crate) fn stop(&mut self) {
        self.child.stop(Signal::TERM, Duration::from_secs(10));
    }

    /// One of the server program's other commands, on the same database.
    fn command(
        &self,
        place: &Place,
        args: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>,
    ) -> Result<String> {
        program::output(
            Command::new(place.program("jouleboard-server"))
                .current_dir(&place.root)
                .env("DATABASE_URL", &self.database)
                .args(args),
        )
    }
}

/// A worker to be started.
#[derive(Debug, Clone)]
pub(crate) struct WorkerPlan {
    /// The server it asks for work.
    pub(crate) server: SocketAddr,
    /// Where its token lies.
    pub(crate) token: PathBuf,
    /// `--model` arguments: a folder and a dtype each.
    pub(crate) models: Vec<OsString>,
    /// Further arguments.
    pub(crate) more: Vec<String>,
}

impl WorkerPlan {
    /// Starts it. Call it from the main thread.
    pub(crate) fn start(&self, place: &Place, is_shown: Shown) -> Result<Child> {
        let guard = Guard { signal: "TERM", user: None };
        let mut command = guard.command(&place.program("jouleboard-worker"));
        command.current_dir(&place.root).args(["run", "--server", &format!("http://{}", self.server)]);
        // Another token in the environment would contradict the file.
        command
            .env_remove("JOULEBOARD_TOKEN")
            .env_remove("JOULEBOARD_MODELS")
            .env_remove("JOULEBOARD_RANDOM");
        command.arg("--token-file").arg(&self.token);
        // What cannot be delivered and what was learned lie beside its token, not in the state folder of whoever runs this.
        command.arg("--outbox").arg(self.token.with_extension("outbox"));
        command.arg("--state-dir").arg(self.token.with_extension("state"));
        for model in &self.models {
            command.arg("--model").arg(model);
        }
        command.args(&self.more);
        Child::start("worker", command, is_shown)
    }
}

/// Which models the worker runs.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Models {
    /// A checkpoint folder, with a dtype if not its own, instead of the demo models; may be repeated
    #[arg(long = "model", value_name = "DIR[:DTYPE]")]
    named: Vec<OsString>,
}

impl Models {
    /// Those named, or the demo models in each of these dtypes.
    pub(crate) fn or_demo(&self, place: &Place, dtypes: &[&str]) -> Result<Vec<OsString>> {
        if self.named.is_empty() { demo_models(place, dtypes) } else { Ok(self.named.clone()) }
    }
}

/// The models that come with the checkout, in each dtype.
fn demo_models(place: &Place, dtypes: &[&str]) -> Result<Vec<OsString>> {
    let folder = place.root.join("backend/engine/demo-models");
    let mut models: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("{} is missing: `cargo xtask demo-models` makes it", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("config.json").exists())
        .collect();
    models.sort();
    ensure!(!models.is_empty(), "{} holds no model: `cargo xtask demo-models` makes them", folder.display());
    let in_dtype = |model: &PathBuf, dtype: &str| {
        let mut argument = model.clone().into_os_string();
        argument.push(":");
        argument.push(dtype);
        argument
    };
    Ok(models.iter().flat_map(|model| dtypes.iter().map(|dtype| in_dtype(model, dtype))).collect())
}

/// A port that nobody uses now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn write_secret(path: &Path, secret: &str) -> Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(file, "{secret}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_readable_by_its_owner_only_also_when_it_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "old and open").unwrap();
        write_secret(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
