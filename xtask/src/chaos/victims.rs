//! What is killed and started again: fake workers, servers, PostgreSQL; and the lines between them, which are cut.
//!
//! Must not: stop anything in order; SIGKILL is the point.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;

use super::cable::Cable;
use super::network::Line;
use crate::child::Child;
use crate::clock;
use crate::place::Place;
use crate::postgres::{Cluster, Durability, SOCKET, is_of_interest, url_through};
use crate::stack::{Enrolment, Server, Spot, free_port};

/// Servers of the test: leases are short, so that a killed worker is missed soon, and one client submits all.
const RULES: [&str; 12] = [
    "--lease-seconds",
    "1",
    "--reap-seconds",
    "0.2",
    "--max-attempts",
    "6",
    "--runs-per-client",
    "0",
    "--tokens-per-client",
    "0",
    "--requests-per-minute",
    "0",
];

/// What PostgreSQL says of its own sudden death and of whoever calls too early afterwards.
const EXPECTED: [&str; 10] = [
    "the database system is starting up",
    "the database system is not yet accepting connections",
    "the database system is in recovery mode",
    "the database system is shutting down",
    "Consistent recovery state has not been yet reached",
    "terminating connection due to unexpected postmaster exit",
    "terminating connection due to administrator command",
    "connection to client lost",
    // The next one is started before the last child of the dead one has gone; it is tried again.
    "pre-existing shared memory block",
    "Terminate any old server processes",
];

/// Its complaints, without those that killing it brings with it.
fn is_amiss(line: &str) -> bool {
    is_of_interest(line) && !EXPECTED.iter().any(|expected| line.contains(expected))
}

/// Nothing is shown; many deaths are loud.
fn silent(_: &str) -> bool {
    false
}

/// All parts, alive or not.
pub(super) struct Victims {
    place: Place,
    data: PathBuf,
    cluster: Option<Cluster>,
    url: String,
    servers: Vec<Host>,
    workers: Vec<(PathBuf, Option<Child>)>,
    started: u64,
    kills: [u64; 3],
    cuts: [u64; 2],
}

/// What leads from workers and people to a server.
enum Front {
    /// The network itself.
    Cable(Cable),
    /// A proxy that can fall silent.
    Line(Line),
}

/// A server and the lines that lead to it and from it.
struct Host {
    /// Where it listens.
    spot: Spot,
    server: Option<Server>,
    front: Front,
    /// Where the front begins.
    address: SocketAddr,
    /// To PostgreSQL, and the folder of the socket where it begins.
    back: (Line, PathBuf),
}

impl Host {
    fn new(number: u8, port: u16, folder: &Path, cluster: &Cluster) -> Result<Self> {
        let (front, spot, address) = match Cable::lay(number) {
            Ok(cable) => {
                let spot = cable.spot(port);
                let address = spot.address;
                (Front::Cable(cable), spot, address)
            }
            Err(_) => {
                let spot = Spot { address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), namespace: None };
                let (line, address) = Line::to_server(spot.address)?;
                (Front::Line(line), spot, address)
            }
        };
        let folder = folder.join(format!("line-{port}"));
        std::fs::create_dir(&folder)?;
        let back = Line::to_socket(&folder.join(SOCKET), &cluster.socket())?;
        Ok(Self { spot, server: None, front, address, back: (back, folder) })
    }
}

impl Victims {
    /// Starts all.
    pub(super) fn start(place: &Place, folder: &Path, servers: usize, workers: usize) -> Result<Self> {
        ensure!(servers > 0 && workers > 0, "there must be at least one server and one worker");
        let data = folder.join("postgres");
        let cluster = Cluster::start_showing(&data, Durability::Kept, &[], is_amiss)?;
        let url = cluster.url();
        let mut ports = Vec::new();
        while ports.len() < servers {
            let port = free_port()?;
            if !ports.contains(&port) {
                ports.push(port);
            }
        }
        let hosts = (0_u8..)
            .zip(ports)
            .map(|(number, port)| Host::new(number, port, folder, &cluster))
            .collect::<Result<_>>()?;
        let mut victims = Self {
            place: place.clone(),
            data,
            cluster: Some(cluster),
            url,
            servers: hosts,
            workers: (0..workers).map(|index| (folder.join(format!("fake-{index}.token")), None)).collect(),
            started: 0,
            kills: [0; 3],
            cuts: [0; 2],
        };
        victims.start_servers()?;
        let first = victims.servers.iter().find_map(|host| host.server.as_ref()).context("no server runs")?;
        for (index, (token, _)) in victims.workers.iter().enumerate() {
            first.enrol(place, &Enrolment::assumed(&format!("fake-{index}"), "WORLD"), token)?;
        }
        victims.revive()?;
        victims.wait_for_a_model()?;
        Ok(victims)
    }

    fn wait_for_a_model(&mut self) -> Result<()> {
        let started = clock::now();
        while !self
            .servers
            .iter()
            .filter_map(|host| host.server.as_ref())
            .any(|server| server.health().is_ok_and(|health| health.machines_alive > 0))
        {
            ensure!(started.elapsed() < Duration::from_secs(30), "no fake worker has announced itself");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Starts again what is dead.
    pub(super) fn revive(&mut self) -> Result<()> {
        if self.cluster.is_none() {
            self.cluster = Some(restart(&self.data)?);
        }
        self.start_servers()?;
        let addresses: Vec<String> = self.servers.iter().map(|host| host.address.to_string()).collect();
        for (token, worker) in self.workers.iter_mut().filter(|(_, worker)| worker.is_none()) {
            self.started += 1;
            let mut command = Command::new(std::env::current_exe()?);
            command.args([
                "fake-worker",
                "--servers",
                &addresses.join(","),
                "--seed",
                &self.started.to_string(),
            ]);
            command.arg("--token-file").arg(&*token);
            *worker = Some(Child::start("fake worker", command, silent)?);
        }
        Ok(())
    }

    fn start_servers(&mut self) -> Result<()> {
        for host in &mut self.servers {
            // One that ended by itself, because the database was away when it started, is started again too.
            if host.server.as_mut().is_some_and(|server| server.ended().is_some()) {
                host.server = None;
            }
            if host.server.is_none() {
                let url = url_through(&host.back.1);
                host.server = Some(Server::start_at(&self.place, &url, &host.spot, &RULES, silent)?);
            }
        }
        Ok(())
    }

    /// Kills one part or cuts one line: mostly a worker, often a server, now and then PostgreSQL or a line.
    pub(super) fn hurt_one(&mut self, dice: &mut Rng) {
        match dice.u8(..13) {
            10.. => self.cut_one(dice),
            0 => {
                if let Some(mut cluster) = self.cluster.take() {
                    cluster.kill();
                    self.kills[2] += 1;
                }
            }
            1..=3 => {
                let index = dice.usize(..self.servers.len());
                if let Some(mut server) = self.servers[index].server.take() {
                    server.kill();
                    self.kills[1] += 1;
                }
            }
            _ => {
                let index = dice.usize(..self.workers.len());
                if let Some(mut worker) = self.workers[index].1.take() {
                    worker.kill();
                    self.kills[0] += 1;
                }
            }
        }
    }

    /// Cuts a server off from workers and people or from PostgreSQL, mostly longer than a lease lasts.
    fn cut_one(&mut self, dice: &mut Rng) {
        let host = &self.servers[dice.usize(..self.servers.len())];
        let (lasts, is_deadly) = (Duration::from_millis(300 + dice.u64(..2500)), dice.bool());
        let (is_cut, counted) = match (dice.bool(), &host.front) {
            (true, Front::Cable(cable)) => (cable.cut(lasts), &mut self.cuts[0]),
            (true, Front::Line(line)) => (line.cut(lasts, is_deadly), &mut self.cuts[0]),
            _ => (host.back.0.cut(lasts, is_deadly), &mut self.cuts[1]),
        };
        *counted += u64::from(is_cut);
    }

    /// A server as people reach it, whether it lives or not.
    pub(super) fn address(&self, dice: &mut Rng) -> SocketAddr {
        self.servers[dice.usize(..self.servers.len())].address
    }

    /// The first server, past all proxies.
    pub(super) fn any_address(&self) -> SocketAddr {
        self.servers[0].spot.address
    }

    /// The database, past all lines.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Who was killed and what was cut how often.
    pub(super) fn told(&self) -> String {
        let ([workers, servers, databases], [front, back]) = (self.kills, self.cuts);
        format!(
            "{workers} kills of workers, {servers} of servers, {databases} of PostgreSQL; {front} cuts before servers \
             ({}), {back} between servers and PostgreSQL (by silent proxies)",
            self.means()
        )
    }

    /// How servers are cut off from workers and people.
    pub(super) fn means(&self) -> &'static str {
        match self.servers.iter().all(|host| matches!(host.front, Front::Cable(_))) {
            true => "of the network, in namespaces",
            false => "by silent proxies, for no network namespace can be made here",
        }
    }
}

/// A cluster whose postmaster was killed starts again once its last child has gone.
fn restart(data: &Path) -> Result<Cluster> {
    let started = clock::now();
    loop {
        match Cluster::start_showing(data, Durability::Kept, &[], is_amiss) {
            Ok(cluster) => return Ok(cluster),
            Err(error) if started.elapsed() > Duration::from_secs(60) => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}
