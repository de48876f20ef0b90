//! A private PostgreSQL: found binaries, an own cluster, reached through a socket that only we can open.
//!
//! Must not: touch a cluster of the system, open a TCP port, or run as root.

mod binaries;
mod cluster;
mod owner;
mod query;

pub(crate) use binaries::Binaries;
pub(crate) use cluster::{Cluster, Durability, SOCKET, is_of_interest, url_through};
pub(crate) use query::query;
