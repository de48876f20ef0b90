//! A network that can be cut: what goes to an address passes through here, and during a cut nothing does.
//!
//! A cut is silent, as one of a cable is: connections stay open and hear nothing, new ones are not answered. After it they
//! go on where they were, or have died meanwhile. Must not: change a byte.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;

/// How soon a cut, its end, or our own end is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What all connections of one line share.
#[derive(Debug, Default)]
struct State {
    is_cut: AtomicBool,
    is_over: AtomicBool,
    /// Connections of an older generation have died.
    generation: AtomicU64,
}

/// A line to one address; dropping it ends it.
#[derive(Debug)]
pub(super) struct Line(Arc<State>);

/// Both ends of a new connection.
type Ends = (OwnedFd, OwnedFd);

impl Line {
    /// A line to a server of this machine; gives where it begins.
    pub(super) fn to_server(to: SocketAddr) -> Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let from = listener.local_addr()?;
        let line = Self::start(move || {
            let (near, _) = listener.accept()?;
            let far = TcpStream::connect(to)?;
            for end in [&near, &far] {
                end.set_read_timeout(Some(LOOK_EVERY))?;
                end.set_nodelay(true)?;
            }
            Ok((near.into(), far.into()))
        });
        Ok((line, from))
    }

    /// A line to the socket `to`, which begins at the socket `from`.
    pub(super) fn to_socket(from: &Path, to: &Path) -> Result<Self> {
        let (listener, to) = (UnixListener::bind(from)?, to.to_owned());
        Ok(Self::start(move || {
            let (near, _) = listener.accept()?;
            let far = UnixStream::connect(&to)?;
            for end in [&near, &far] {
                end.set_read_timeout(Some(LOOK_EVERY))?;
            }
            Ok((near.into(), far.into()))
        }))
    }

    fn start(accept: impl Fn() -> std::io::Result<Ends> + Send + 'static) -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            while !shared.is_over.load(Ordering::Acquire) {
                // Whoever is on the other side may be dead just now; then this connection dies too.
                if let Ok(ends) = accept() {
                    wait_out(&shared);
                    let _ = carry(&shared, ends);
                }
            }
        });
        Self(state)
    }

    /// Cuts it for a while, unless it is cut already; says whether it did. Afterwards connections that were there go
    /// on, or find that they have died.
    pub(super) fn cut(&self, lasts: Duration, is_deadly: bool) -> bool {
        if self.0.is_cut.swap(true, Ordering::AcqRel) {
            return false;
        }
        let state = Arc::clone(&self.0);
        std::thread::spawn(move || {
            std::thread::sleep(lasts);
            if is_deadly {
                state.generation.fetch_add(1, Ordering::AcqRel);
            }
            state.is_cut.store(false, Ordering::Release);
        });
        true
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Release);
    }
}

fn wait_out(state: &State) {
    while state.is_cut.load(Ordering::Acquire) && !state.is_over.load(Ordering::Acquire) {
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Carries bytes both ways on two threads, until one side ends or the connection dies.
fn carry(state: &Arc<State>, (near, far): Ends) -> std::io::Result<()> {
    let generation = state.generation.load(Ordering::Acquire);
    let (to_far, to_near) = ((near.try_clone()?, far.try_clone()?), (far, near));
    let is_dead = Arc::new(AtomicBool::new(false));
    for (from, to) in [to_far, to_near] {
        let (state, is_dead) = (Arc::clone(state), Arc::clone(&is_dead));
        std::thread::spawn(move || {
            one_way(&state, &is_dead, generation, (File::from(from), File::from(to)));
            is_dead.store(true, Ordering::Release);
        });
    }
    Ok(())
}

fn one_way(state: &State, is_dead: &AtomicBool, generation: u64, (mut from, mut to): (File, File)) {
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut piece);
        wait_out(state);
        let is_over = state.is_over.load(Ordering::Acquire)
            || is_dead.load(Ordering::Acquire)
            || state.generation.load(Ordering::Acquire) != generation;
        match read {
            _ if is_over => return,
            Ok(0) => return,
            Ok(length) => {
                if to.write_all(&piece[..length]).is_err() {
                    return;
                }
            }
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    /// A server that answers each line with itself.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    let mut line = String::new();
                    while stream.read_line(&mut line).unwrap_or(0) > 0 {
                        let _ = stream.get_mut().write_all(line.as_bytes());
                        line.clear();
                    }
                });
            }
        });
        address
    }

    fn say(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
        stream.get_mut().write_all(b"hello\n")?;
        let mut line = String::new();
        stream.read_line(&mut line)?;
        Ok(line)
    }

    #[test]
    fn a_cut_is_silent_and_afterwards_what_was_said_arrives_or_the_connection_has_died() {
        let (line, address) = Line::to_server(echo()).unwrap();
        let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
        stream.get_ref().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        assert_eq!(say(&mut stream).unwrap(), "hello\n");
        assert!(line.cut(Duration::from_millis(900), false));
        assert!(!line.cut(Duration::ZERO, true), "it is cut already");
        assert!(say(&mut stream).is_err(), "nothing comes back while it is cut");
        stream.get_ref().set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut late = String::new();
        stream.read_line(&mut late).unwrap();
        assert_eq!(late, "hello\n", "it was only late");
        assert!(line.cut(Duration::from_millis(50), true));
        assert_eq!(stream.read_line(&mut late).unwrap_or(0), 0, "the connection has died");
        let mut new = BufReader::new(TcpStream::connect(address).unwrap());
        assert_eq!(say(&mut new).unwrap(), "hello\n");
    }
}
