//! One file a resource; each handler parses, calls one verb of `store`, answers.
//!
//! Must not: know another resource.

pub(crate) mod battles;
pub(crate) mod campaigns;
pub(crate) mod carbon;
pub(crate) mod docs;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod leaderboard;
pub(crate) mod leases;
pub(crate) mod machines;
pub(crate) mod measurements;
pub(crate) mod models;
pub(crate) mod pages;
pub(crate) mod probes;
pub(crate) mod prompts;
pub(crate) mod quality;
pub(crate) mod runs;
