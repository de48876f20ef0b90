//! One cluster of our own: made at the first start, stopped in order, adopted where a killed parent left
//! it running.
//!
//! Must not: print the address; it is a secret wherever it holds a password.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::process::{Pid, Signal};

use super::binaries::{Binaries, version_of};
use super::owner::Owner;
use crate::child::{Child, Ending, Guard};
use crate::{clock, say};

/// Name of the superuser and of the first database.
const NAME: &str = "jouleboard";
/// Name of the socket in its folder.
pub(crate) const SOCKET: &str = ".s.PGSQL.5432";
/// Longer socket paths do not fit the kernel's address.
const MAX_SOCKET_FOLDER: usize = 90;
/// PostgreSQL replays its log after a crash before it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether what is written must survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// People's data.
    Kept,
    /// Data of a test.
    Thrown,
}

/// A running cluster; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: PathBuf,
    process: Process,
}

#[derive(Debug)]
enum Process {
    Ours(Child),
    Adopted(Pid),
    Stopped,
}

impl Cluster {
    /// Starts the cluster in `folder`, making it where there is none, with a database of each name
    /// besides [`NAME`]. Call it from the main thread: the cluster ends when its thread does.
    pub(crate) fn start(folder: &Path, durability: Durability, more: &[&str]) -> Result<Self> {
        Self::start_showing(folder, durability, more, is_of_interest)
    }

    /// The same, with only those of its lines shown for which `is_shown` says yes.
    pub(crate) fn start_showing(
        folder: &Path,
        durability: Durability,
        more: &[&str],
        is_shown: fn(&str) -> bool,
    ) -> Result<Self> {
        let (data, socket) = (folder.join("data"), folder.join("sock"));
        ensure!(
            socket.as_os_str().len() <= MAX_SOCKET_FOLDER,
            "{} is too long a path for a socket: choose a shorter folder with --data",
            socket.display()
        );
        let owner = Owner::choose()?;
        for each in [folder, &socket] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(each)
                .with_context(|| format!("{} cannot be made", each.display()))?;
            if let Some(owner) = owner {
                owner.take(each)?;
            }
        }
        let version = version_of(&data)?;
        let binaries = Binaries::find(version.as_deref())?;
        if version.is_none() {
            say::line(format!("postgres: making a private cluster in {}", folder.display()));
            create(&binaries, owner, folder, durability, more)?;
        }
        if let Some(pid) = running(&data) {
            say::line(format!("postgres: adopting the cluster that still runs in {}", folder.display()));
            return Ok(Self { folder: folder.to_path_buf(), process: Process::Adopted(pid) });
        }
        let process = Process::Ours(launch(&binaries, owner, folder, durability, is_shown)?);
        let mut cluster = Self { folder: folder.to_path_buf(), process };
        cluster.wait_until_ready(&data)?;
        Ok(cluster)
    }

    /// The address of the first database, for `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        self.url_of(NAME)
    }

    /// The address of a database of the cluster.
    pub(crate) fn url_of(&self, database: &str) -> String {
        url(database, &self.folder.join("sock"))
    }

    /// The socket that PostgreSQL listens on.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("sock").join(SOCKET)
    }

    /// How the cluster ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<Ending> {
        match &mut self.process {
            Process::Ours(child) => child.ended(),
            Process::Adopted(pid) if is_alive(*pid) => None,
            Process::Adopted(_) => Some(Ending::of_stranger("postgres")),
            Process::Stopped => None,
        }
    }

    /// Kills it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        match std::mem::replace(&mut self.process, Process::Stopped) {
            Process::Ours(mut child) => child.kill(),
            Process::Adopted(pid) => {
                let _ = rustix::process::kill_process(pid, Signal::KILL);
            }
            Process::Stopped => {}
        }
    }

    /// Stops it: no new connections, open ones are cut, everything written.
    pub(crate) fn stop(&mut self) {
        match std::mem::replace(&mut self.process, Process::Stopped) {
            Process::Ours(mut child) => child.stop(Signal::INT, Duration::from_secs(20)),
            Process::Adopted(pid) => {
                let _ = rustix::process::kill_process(pid, Signal::INT);
                let started = clock::now();
                while is_alive(pid) && started.elapsed() < Duration::from_secs(20) {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            Process::Stopped => {}
        }
    }

    fn wait_until_ready(&mut self, data: &Path) -> Result<()> {
        let started = clock::now();
        loop {
            if pid_file(data).is_some_and(|(_, is_ready)| is_ready) {
                return Ok(());
            }
            if let Some(ending) = self.ended() {
                bail!("{ending}");
            }
            ensure!(started.elapsed() < PATIENCE, "postgres is not ready after {}", say::span(PATIENCE));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Makes the cluster beside its place and moves it there when it is whole, so that an interrupted first
/// start leaves nothing that looks like a cluster.
fn create(
    binaries: &Binaries,
    owner: Option<Owner>,
    folder: &Path,
    durability: Durability,
    more: &[&str],
) -> Result<()> {
    let fresh = folder.join("data.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let mut initdb = tool(binaries, owner, folder, "initdb");
    initdb.arg("-D").arg(&fresh).args(["-U", NAME, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]);
    if durability == Durability::Thrown {
        initdb.arg("--no-sync");
    }
    crate::program::output(&mut initdb)?;

    // The single-user mode needs no client program and no running server.
    let mut single = tool(binaries, owner, folder, "postgres");
    single.args(["--single", "-D"]).arg(&fresh);
    if durability == Durability::Thrown {
        single.arg("-F");
    }
    let mut single = single
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("postgres cannot be started in single-user mode")?;
    if let Some(mut input) = single.stdin.take() {
        for name in std::iter::once(&NAME).chain(more) {
            writeln!(input, "create database {name}")?;
        }
    }
    let output = single.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success() && !complaint.contains("ERROR"),
        "postgres could not create the database: {}",
        complaint.trim()
    );
    fs::rename(&fresh, folder.join("data"))?;
    Ok(())
}

/// Its story of starting and stopping is only of interest when it ends; its warnings always are.
pub(crate) fn is_of_interest(line: &str) -> bool {
    !line.contains(" LOG: ")
}

fn launch(
    binaries: &Binaries,
    owner: Option<Owner>,
    folder: &Path,
    durability: Durability,
    is_shown: fn(&str) -> bool,
) -> Result<Child> {
    let guard = Guard { signal: "INT", user: owner.map(|owner| (owner.uid, owner.gid)) };
    let mut command = guard.command(&binaries.program("postgres"));
    command.env_clear().current_dir(folder).arg("-D").arg(folder.join("data"));
    let socket = format!("unix_socket_directories={}", folder.join("sock").display());
    let mut settings =
        vec!["listen_addresses=", &socket, "unix_socket_permissions=0700", "shared_buffers=64MB"];
    if durability == Durability::Thrown {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    Child::start("postgres", command, is_shown)
}

fn tool(binaries: &Binaries, owner: Option<Owner>, folder: &Path, name: &str) -> Command {
    let mut command = Command::new(binaries.program(name));
    command.env_clear().env("LC_ALL", "C").current_dir(folder);
    if let Some(owner) = owner {
        owner.run(&mut command);
    }
    command
}

/// The process of a cluster that runs and is ready.
fn running(data: &Path) -> Option<Pid> {
    let (pid, is_ready) = pid_file(data)?;
    (is_ready && is_alive(pid)).then_some(pid)
}

/// The first line of `postmaster.pid` is the process, the eighth says how far it is.
fn pid_file(data: &Path) -> Option<(Pid, bool)> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
    Some((pid, lines.nth(6).is_some_and(|status| status.trim() == "ready")))
}

/// Whether the process is there and is PostgreSQL: numbers are used again.
fn is_alive(pid: Pid) -> bool {
    fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero()))
        .is_ok_and(|name| name.trim() == "postgres")
}

/// The address of the first database through a socket in another folder.
pub(crate) fn url_through(folder: &Path) -> String {
    url(NAME, folder)
}

fn url(database: &str, folder: &Path) -> String {
    format!("postgres://{NAME}@localhost/{database}?host={}", percent(&folder.to_string_lossy()))
}

/// Spells a path inside an address.
fn percent(text: &str) -> String {
    const PLAIN: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_stays_one_address() {
        assert_eq!(percent("/a b/c&d"), "/a%20b/c%26d");
    }

    #[test]
    fn a_cluster_is_ready_only_when_its_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let write = |status: &str| {
            let text = format!("1234\n/data\n1700000000\n5432\n/sock\n\n 42 7\n{status}\n");
            fs::write(folder.path().join("postmaster.pid"), text).unwrap();
            pid_file(folder.path()).unwrap().1
        };
        assert!(!write("starting"));
        assert!(write("ready   "));
    }

    #[test]
    fn a_cluster_starts_is_found_again_and_leaves_on_drop() {
        let folder = crate::scratch::folder().unwrap();
        let cluster = Cluster::start(folder.path(), Durability::Thrown, &["second"]).unwrap();
        assert!(cluster.url().contains("jouleboard?host="));
        assert!(folder.path().join("sock/.s.PGSQL.5432").exists());
        let pid = running(&folder.path().join("data")).unwrap();
        let mut again = Cluster::start(folder.path(), Durability::Thrown, &[]).unwrap();
        assert!(matches!(again.process, Process::Adopted(_)), "a running cluster is adopted, not doubled");
        assert!(again.ended().is_none());
        again.process = Process::Stopped;
        drop(cluster);
        assert!(!is_alive(pid));
    }
}
