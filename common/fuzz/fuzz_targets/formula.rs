//! `cargo +nightly fuzz run formula` in `common`.
//!
//! Must not: hold the target itself, which tests share.

#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code, missing_docs, reason = "each program calls one of the targets, and tests share the file")]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::formula(bytes));
