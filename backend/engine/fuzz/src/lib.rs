//! The rooms of the engine that read a checkpoint's folder, with their fuzzing targets.
//!
//! Must not: grow code; it only says where the rooms lie.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "the rooms are compiled alone, without their callers")]

#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/hf/mod.rs"]
mod hf;
#[path = "../../src/numeric.rs"]
mod numeric;
#[path = "../../src/spec/mod.rs"]
mod spec;
#[path = "../../src/tiny.rs"]
mod tiny;

#[path = "../targets.rs"]
pub mod targets;
