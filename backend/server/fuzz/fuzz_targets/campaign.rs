//! `cargo +nightly fuzz run campaign` in `backend/server`.
//!
//! Must not: hold the target itself, which tests share.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| server_fuzz::targets::campaign(bytes));
