//! `cargo +nightly fuzz run template` in `backend/engine`.
//!
//! Must not: hold the target itself, which tests share.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| engine_fuzz::targets::template(bytes));
