//! The rooms of the house in the two halves that are always built as a whole, in the one profile that
//! everything shares.
//!
//! Cargo unifies features over the packages of one call: another selection is another burn, compiled anew for minutes.
//! Server side and machine side share no program, so each half is a selection of its own, with and without its tests.
//! Must not: select packages in any other way.

use anyhow::Result;

use crate::place::Place;
use crate::program;

/// The options that select one half.
pub(crate) type Half = &'static [&'static str];

/// What runs on the server, and the pure rooms of the page.
pub(crate) const SERVICE: Half =
    &["--locked", "--release", "-p", "common", "-p", "store", "-p", "server", "-p", "frontend"];
/// What runs on a measuring machine; burn is here and nowhere else.
pub(crate) const MACHINE: Half = &["--locked", "--release", "-p", "engine", "-p", "meter", "-p", "worker"];
/// Both, the quick one first.
pub(crate) const HALVES: [Half; 2] = [SERVICE, MACHINE];

/// Builds server and worker for running them.
pub(crate) fn build(place: &Place) -> Result<()> {
    program::run(program::cargo(place, ["build", "--bin", "jouleboard-server"]).args(SERVICE))?;
    build_worker(place)
}

/// Builds the worker alone.
pub(crate) fn build_worker(place: &Place) -> Result<()> {
    program::run(program::cargo(place, ["build", "--bin", "jouleboard-worker"]).args(MACHINE))
}

/// Builds what stands in for hardware in the end-to-end tests.
pub(crate) fn build_stand_ins(place: &Place) -> Result<()> {
    program::run(program::cargo(place, ["build", "--example", "fake_nvml"]).args(MACHINE))
}
