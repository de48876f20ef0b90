//! `cargo xtask up`: from a checkout to a running service with one worker, and back at Ctrl-C.
//!
//! Must not: swallow the death of a part, or leave one running.

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use rustix::process::Signal;

use crate::child::Child;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::postgres::{Cluster, Durability};
use crate::stack::{EVERY_LINE, Enrolment, Models, Server, WorkerPlan};
use crate::{bundle, clock, release, say, setup, stack};

/// A computer that people work on is seldom calm: its runs are measured after this time all the same, and
/// flagged. A machine that only measures waits longer.
const CALM_SECONDS: &str = "5";
/// A worker that lived this long was well; the next pause is short again.
const LONG_LIFE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How the service is started.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port of the page and the API, on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder for the database and the machine's token [default: /var/lib/jouleboard for root, else
    /// ~/.local/share/jouleboard]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Grid area in which this machine stands, such as FR or US-CAL-CISO
    #[arg(long, env = "JOULEBOARD_ZONE", default_value = "WORLD")]
    zone: String,
    /// Emissions of making this machine, in kilograms of CO2e [default: 181, a developer's laptop]
    #[arg(long, env = "JOULEBOARD_EMBODIED_KG", requires = "embodied_source")]
    embodied_kg: Option<f64>,
    /// Where that figure comes from, such as the maker's product carbon footprint
    #[arg(long, env = "JOULEBOARD_EMBODIED_SOURCE")]
    embodied_source: Option<String>,
    #[command(flatten)]
    models: Models,
    /// Start with empty views
    #[arg(long)]
    no_campaign: bool,
}

/// Everything that runs, in the order of starting; it is stopped in the reverse order.
struct Service {
    cluster: Option<Cluster>,
    server: Server,
    worker: Worker,
}

/// The worker and, while it is down, when it is started again.
struct Worker {
    plan: WorkerPlan,
    child: Option<Child>,
    started: Instant,
    pause: Duration,
    due: Instant,
}

/// Starts the service and stays until Ctrl-C or until a part dies that cannot be replaced.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let started = clock::now();
    let interrupt = Interrupt::watch()?;
    check_port(options.port)?;
    let data = data_folder(options.data.as_deref())?;
    let _lock = lock(&data)?;
    setup::run(place, setup::For::Service)?;
    release::build(place)?;
    bundle::run(place)?;
    if interrupt.is_asked() {
        bail!("stopped before anything was started");
    }
    let mut service = start(place, options, &data)?;
    say::line("");
    say::line(format!(
        "Jouleboard is ready after {}: http://{}  (Ctrl-C stops it)",
        say::span(started.elapsed()),
        service.server.address
    ));
    say::line("");
    let end = watch(place, &mut service, &interrupt);
    say::line("stopping: worker, server, database");
    service.stop();
    end
}

fn start(place: &Place, options: &Options, data: &Path) -> Result<Service> {
    let (cluster, database) = match std::env::var("DATABASE_URL") {
        Ok(url) => {
            say::line("postgres: using the database that DATABASE_URL names");
            (None, url)
        }
        Err(_) => {
            let cluster = Cluster::start(&data.join("postgres"), Durability::Kept, &[])?;
            let url = cluster.url();
            (Some(cluster), url)
        }
    };
    let mut server = Server::start(place, &database, options.port, &[], EVERY_LINE)?;
    let token = data.join("local.token");
    let machine = Enrolment {
        name: "local",
        zone: &options.zone,
        embodied_kg: options.embodied_kg.unwrap_or(Enrolment::LAPTOP_KG),
        embodied_source: options.embodied_source.as_deref().unwrap_or(Enrolment::ASSUMED),
    };
    server.enrol(place, &machine, &token)?;
    let models = options.models.or_demo(place, &stack::DEMO_DTYPES)?;
    let more = vec!["--calm-timeout-s".to_owned(), CALM_SECONDS.to_owned()];
    let plan = WorkerPlan { server: server.address, token, models, more };
    let mut worker = Worker::start(place, plan)?;
    if let Some(child) = &mut worker.child {
        server.wait_for_machines(1, child)?;
    }
    // What is queued or measured already is not queued again.
    if !options.no_campaign {
        server.campaign(place, &place.root.join("backend/server/campaigns/opening.toml"))?;
    }
    Ok(Service { cluster, server, worker })
}

/// Waits for the end, restarting the worker where needed.
fn watch(place: &Place, service: &mut Service, interrupt: &Interrupt) -> Result<()> {
    while !interrupt.is_asked() {
        if let Some(ending) = service.cluster.as_mut().and_then(Cluster::ended) {
            bail!("{ending}");
        }
        if let Some(ending) = service.server.ended() {
            bail!("{ending}");
        }
        service.worker.look_after(place)?;
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

impl Service {
    fn stop(&mut self) {
        self.worker.stop();
        self.server.stop();
        if let Some(cluster) = &mut self.cluster {
            cluster.stop();
        }
    }
}

impl Worker {
    fn start(place: &Place, plan: WorkerPlan) -> Result<Self> {
        let child = Some(plan.start(place, EVERY_LINE)?);
        let now = clock::now();
        Ok(Self { plan, child, started: now, pause: FIRST_PAUSE, due: now })
    }

    /// Tells the worker's death and starts it again after a pause that doubles while it keeps dying.
    fn look_after(&mut self, place: &Place) -> Result<()> {
        let now = clock::now();
        if let Some(ending) = self.child.as_mut().and_then(Child::ended) {
            self.child = None;
            self.pause = next_pause(self.pause, now.duration_since(self.started));
            self.due = now + self.pause;
            say::complain(format!("{ending}\n  it is started again in {}", say::span(self.pause)));
        }
        if self.child.is_none() && now >= self.due {
            self.child = Some(self.plan.start(place, EVERY_LINE)?);
            self.started = now;
        }
        Ok(())
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.stop(Signal::TERM, Duration::from_secs(10));
        }
    }
}

fn next_pause(last: Duration, lived: Duration) -> Duration {
    if lived >= LONG_LIFE { FIRST_PAUSE } else { (last * 2).min(LONGEST_PAUSE) }
}

fn check_port(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is taken by another program: stop that, or choose another with --port")
        }
        Err(error) => {
            Err(error).with_context(|| format!("port {port} cannot be used: choose another with --port"))
        }
    }
}

fn data_folder(asked: Option<&Path>) -> Result<PathBuf> {
    let folder = match asked {
        Some(folder) => std::path::absolute(folder)?,
        None if rustix::process::geteuid().is_root() => PathBuf::from("/var/lib/jouleboard"),
        None => std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")))
            .context("HOME is not set: name a folder with --data")?
            .join("jouleboard"),
    };
    // The cluster's own user must pass through; nobody else needs to look inside.
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(&folder)
        .with_context(|| format!("{} cannot be made: name another folder with --data", folder.display()))?;
    Ok(folder)
}

/// One service a data folder.
fn lock(data: &Path) -> Result<File> {
    let path = data.join("up.lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "{} is in use by another `up`: stop that, or choose another folder with --data",
                data.display()
            )
        }
        Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_while_the_worker_keeps_dying_and_are_forgiven_after_a_long_life() {
        let short = Duration::from_secs(2);
        assert_eq!(next_pause(FIRST_PAUSE, short), Duration::from_secs(2));
        assert_eq!(next_pause(Duration::from_secs(20), short), LONGEST_PAUSE);
        assert_eq!(next_pause(LONGEST_PAUSE, LONG_LIFE), FIRST_PAUSE);
    }

    #[test]
    fn a_taken_port_is_refused_with_the_way_out() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = check_port(port).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--port"), "{error}");
    }

    #[test]
    fn a_second_service_on_the_same_data_is_refused() {
        let data = tempfile::tempdir().unwrap();
        let first = lock(data.path()).unwrap();
        assert!(lock(data.path()).unwrap_err().to_string().contains("another `up`"));
        drop(first);
        assert!(lock(data.path()).is_ok());
    }
}
