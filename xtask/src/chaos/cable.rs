//! A server in a network namespace of its own, at the end of a cable that can be pulled: the kernel's own silence, as
//! when a switch dies. Needs root and `ip`; where it cannot be had, [`Line`](super::network::Line) stands in.
//!
//! Must not: touch any network but its own, of addresses that are set aside for benchmarks and go nowhere.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use crate::program;
use crate::stack::Spot;

/// A namespace and the cable to it; dropping it removes both.
#[derive(Debug)]
pub(super) struct Cable {
    namespace: String,
    address: Ipv4Addr,
    is_pulled: Arc<AtomicBool>,
}

impl Cable {
    /// The n-th one of this process.
    pub(super) fn lay(number: u8) -> Result<Self> {
        let process = std::process::id();
        let third = u8::try_from(process % 250)?;
        let [near, far] = [1, 2].map(|end| Ipv4Addr::new(198, 18, third, (number % 60) * 4 + end));
        let namespace = format!("joule-{process}-{number}");
        let near_end = format!("jb{}-{number}", process % 1_000_000);
        ip(&["netns", "add", &namespace])?;
        // From here on whatever fails takes the namespace with it, and that takes the cable.
        let cable = Self { namespace, address: far, is_pulled: Arc::default() };
        let inside = cable.namespace.as_str();
        ip(&["link", "add", &near_end, "type", "veth", "peer", "name", "eth0", "netns", inside])?;
        ip(&["addr", "add", &format!("{near}/30"), "dev", &near_end])?;
        ip(&["link", "set", &near_end, "up"])?;
        ip(&["-n", inside, "addr", "add", &format!("{far}/30"), "dev", "eth0"])?;
        ip(&["-n", inside, "link", "set", "eth0", "up"])?;
        ip(&["-n", inside, "link", "set", "lo", "up"])?;
        Ok(cable)
    }

    /// Where a server at its end listens.
    pub(super) fn spot(&self, port: u16) -> Spot {
        Spot { address: SocketAddr::from((self.address, port)), namespace: Some(self.namespace.clone()) }
    }

    /// Pulls it for a while, unless it is out already; says whether it did. What was under way is sent again afterwards.
    pub(super) fn cut(&self, lasts: Duration) -> bool {
        if self.is_pulled.swap(true, Ordering::AcqRel) || set(&self.namespace, "down").is_err() {
            return false;
        }
        let (namespace, is_pulled) = (self.namespace.clone(), Arc::clone(&self.is_pulled));
        std::thread::spawn(move || {
            std::thread::sleep(lasts);
            let _ = set(&namespace, "up");
            is_pulled.store(false, Ordering::Release);
        });
        true
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        let _ = ip(&["netns", "del", &self.namespace]);
    }
}

fn set(namespace: &str, state: &str) -> Result<()> {
    ip(&["-n", namespace, "link", "set", "dev", "eth0", state])
}

fn ip(arguments: &[&str]) -> Result<()> {
    program::output(Command::new("ip").args(arguments)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::ErrorKind;
    use std::net::TcpStream;

    #[test]
    fn a_pulled_cable_is_silent_and_carries_again_later_where_namespaces_can_be_made() {
        let Ok(cable) = Cable::lay(59) else { return };
        // Nobody listens there: a network that carries says so at once.
        let call = || {
            let refused = TcpStream::connect_timeout(&cable.spot(9).address, Duration::from_millis(500));
            refused.unwrap_err().kind()
        };
        let carries = || (0..40).any(|_| call() == ErrorKind::ConnectionRefused);
        assert!(carries());
        assert!(cable.cut(Duration::from_secs(2)));
        assert!(!cable.cut(Duration::ZERO), "it is out already");
        assert_ne!(call(), ErrorKind::ConnectionRefused);
        assert!(carries(), "it carries again");
    }
}
