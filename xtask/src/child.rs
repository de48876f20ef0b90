//! A program of the service running beside us: its lines under its name, its last words kept, and its end
//! told in one sentence.
//!
//! Must not: outlive us, even if we are killed (where `setpriv` is there), nor hear the terminal's
//! Ctrl-C itself: we stop the parts in order.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal};

use crate::{clock, program, say};

/// Last lines kept for the sentence about its end.
const LAST_WORDS: usize = 12;

/// How a program is bound to our life and whose rights it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    /// What it is sent when we are killed, as `setpriv` names it.
    pub(crate) signal: &'static str,
    /// User and group to become; nobody else where `None`.
    pub(crate) user: Option<(u32, u32)>,
}

impl Guard {
    /// The program, wrapped.
    pub(crate) fn command(self, path: &Path) -> Command {
        let Some(setpriv) = program::on_path("setpriv") else {
            let mut command = Command::new(path);
            if let Some((uid, gid)) = self.user {
                command.uid(uid).gid(gid);
            }
            return command;
        };
        let mut command = Command::new(setpriv);
        if let Some((uid, gid)) = self.user {
            command
                .arg("--reuid")
                .arg(uid.to_string())
                .arg("--regid")
                .arg(gid.to_string())
                .arg("--clear-groups");
        }
        command.args(["--pdeathsig", self.signal, "--"]).arg(path);
        command
    }
}

/// A running program.
#[derive(Debug)]
pub(crate) struct Child {
    name: &'static str,
    process: std::process::Child,
    last_words: Arc<Mutex<VecDeque<String>>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Child {
    /// Starts it. Lines for which `is_shown` says yes appear on screen at once; all are kept for a while.
    pub(crate) fn start(
        name: &'static str,
        mut command: Command,
        is_shown: fn(&str) -> bool,
    ) -> Result<Self> {
        if !say::is_coloured() {
            command.env("NO_COLOR", "1");
        }
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let mut readers = Vec::new();
        if let Some(out) = process.stdout.take() {
            readers.push(relay(name, out, Arc::clone(&last_words), is_shown));
        }
        if let Some(err) = process.stderr.take() {
            readers.push(relay(name, err, Arc::clone(&last_words), is_shown));
        }
        Ok(Self { name, process, last_words, readers })
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<Ending> {
        let status = self.process.try_wait().ok().flatten()?;
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Ending { name: self.name, status: Some(status), last_words: words.iter().cloned().collect() })
    }

    /// How much memory it holds now.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kilobytes.with_context(|| format!("{} has no resident memory", self.name))? << 10)
    }

    /// Kills it at once.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks it to stop, waits, and kills it when it does not listen.
    pub(crate) fn stop(&mut self, signal: Signal, patience: Duration) {
        let asked = clock::now();
        let Ok(None) = self.process.try_wait() else { return };
        let pid = Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(pid, signal);
        while asked.elapsed() < patience {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        say::line(format!("{} does not stop within {}: killing it", self.name, say::span(patience)));
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stop(Signal::TERM, Duration::from_secs(5));
    }
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ending {
    name: &'static str,
    status: Option<ExitStatus>,
    last_words: Vec<String>,
}

impl Ending {
    /// The end of a process that is no child of ours, of which nothing more is known.
    pub(crate) const fn of_stranger(name: &'static str) -> Self {
        Self { name, status: None, last_words: Vec::new() }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ended unexpectedly", self.name)?;
        match self.status.map(|status| (status.code(), status.signal())) {
            Some((Some(code), _)) => write!(f, " with exit status {code}")?,
            Some((None, Some(signal))) => write!(f, ", killed by signal {signal}")?,
            _ => {}
        }
        if self.last_words.is_empty() {
            return write!(f, "; it said nothing");
        }
        write!(f, "; its last lines:")?;
        self.last_words.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

fn relay(
    name: &'static str,
    from: impl Read + Send + 'static,
    last_words: Arc<Mutex<VecDeque<String>>>,
    is_shown: fn(&str) -> bool,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(from);
        let mut bytes = Vec::new();
        while lines.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if is_shown(&line) {
                say::line(format!("{name:>8} | {line}"));
            }
            let mut words = last_words.lock().unwrap_or_else(PoisonError::into_inner);
            if words.len() == LAST_WORDS {
                words.pop_front();
            }
            words.push_back(line);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(child: &mut Child) -> Ending {
        loop {
            if let Some(ending) = child.ended() {
                return ending;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn shell(script: &str) -> Child {
        let mut command = Guard { signal: "TERM", user: None }.command(Path::new("/bin/sh"));
        command.args(["-c", script]);
        Child::start("part", command, |_| false).unwrap()
    }

    #[test]
    fn a_death_is_told_with_its_status_and_its_last_lines() {
        let told = wait(&mut shell("echo fine; echo broken >&2; exit 7")).to_string();
        assert!(told.starts_with("part ended unexpectedly with exit status 7"), "{told}");
        assert!(told.contains("broken") && told.contains("fine"), "{told}");
    }

    #[test]
    fn a_killed_part_is_told_with_its_signal() {
        let told = wait(&mut shell("kill -9 $$")).to_string();
        assert!(told.contains("signal 9") && told.contains("said nothing"), "{told}");
    }

    #[test]
    fn a_part_that_does_not_listen_is_killed() {
        let mut child = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        std::thread::sleep(Duration::from_millis(200));
        child.stop(Signal::TERM, Duration::from_millis(100));
        let told = wait(&mut child).to_string();
        assert!(told.contains("signal 9"), "{told}");
    }
}
