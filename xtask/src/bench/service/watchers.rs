//! Thousands who watch events at once: whether all hear of a prompt, and how late the last one does.
//!
//! Must not: count who was connected; only who heard.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::connection::Connection;
use super::{Figure, prompt};
use crate::clock;
use crate::stack::{API, Server};

/// Time between two looks at all who have not heard yet; the figures are no finer than this.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Longer than anybody may wait.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many prompts are submitted while they watch.
const PROMPTS: u64 = 10;
/// How late the last of them may hear: what a person takes for at once.
const LATEST_MS: f64 = 1000.0;

/// Connects them, submits prompts, and waits each time until everybody has heard.
pub(super) fn run(server: &Server, count: usize) -> Result<Vec<Figure>> {
    let started = clock::now();
    let mut watchers = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(server.address)?;
        write!(
            stream,
            "GET {API}/events HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n\r\n",
            server.address
        )?;
        stream.set_nonblocking(true)?;
        watchers.push(stream);
    }
    wait(&mut watchers, b"retry:", started)?;
    let connected = started.elapsed();
    let mut submitter = Connection::open(server.address, None)?;
    let mut latest = Vec::new();
    for number in 0..PROMPTS {
        // What is still on its way belongs to the prompt before.
        std::thread::sleep(Duration::from_millis(300));
        drain(&mut watchers)?;
        let submitted = clock::now();
        submitter.call("POST", &format!("{API}/prompts"), &prompt(7, number).to_string())?;
        latest.push(wait(&mut watchers, b"data:", submitted)?.as_secs_f64() * 1e3);
    }
    latest.sort_by(f64::total_cmp);
    let median = latest.get(latest.len() / 2).copied().unwrap_or_default();
    let most = latest.last().copied().unwrap_or_default();
    Ok(vec![
        Figure::new(format!("{count} watchers connected after"), connected.as_secs_f64(), "s"),
        Figure::new(format!("the last of {count} watchers hears of a prompt, median"), median, "ms"),
        Figure::new(format!("the last of {count} watchers hears of a prompt, most"), most, "ms")
            .at_most(LATEST_MS),
    ])
}

/// Waits until each has received these bytes; gives how long after `since` the last one did.
fn wait(watchers: &mut [TcpStream], mark: &[u8], since: Instant) -> Result<Duration> {
    let mut pending: Vec<usize> = (0..watchers.len()).collect();
    let mut received = vec![Vec::new(); watchers.len()];
    while !pending.is_empty() {
        ensure!(
            since.elapsed() < PATIENCE,
            "{} watchers have heard nothing after {PATIENCE:?}",
            pending.len()
        );
        let mut still = Vec::new();
        for &index in &pending {
            read(&mut watchers[index], &mut received[index])?;
            if !received[index].windows(mark.len()).any(|window| window == mark) {
                still.push(index);
            }
        }
        pending = still;
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(since.elapsed())
}

fn drain(watchers: &mut [TcpStream]) -> Result<()> {
    let mut nowhere = Vec::new();
    for watcher in watchers {
        nowhere.clear();
        read(watcher, &mut nowhere)?;
    }
    Ok(())
}

/// Whatever is there now.
fn read(stream: &mut TcpStream, into: &mut Vec<u8>) -> Result<()> {
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => anyhow::bail!("the server closed the stream of a watcher"),
            Ok(length) => into.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}
