//! The rooms of the server that read an operator's files, with their fuzzing targets.
//!
//! Must not: grow code; it only says where the rooms lie.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "the rooms are compiled alone, without their callers")]

#[path = "../../src/campaign"]
mod campaign {
    pub(crate) mod file;
    pub(crate) mod profile;
}

#[path = "../../src/quality"]
mod quality {
    pub(crate) mod benchmark;
    pub(crate) mod error;
    pub(crate) mod file;
}

#[path = "../targets.rs"]
pub mod targets;
