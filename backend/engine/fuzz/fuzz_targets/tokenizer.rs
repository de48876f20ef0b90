//! `cargo +nightly fuzz run tokenizer` in `backend/engine`.
//!
//! Panics of the library are caught below, so only one that is not ends the program. Must not: hold the target itself,
//! which tests share.

#![no_main]

libfuzzer_sys::fuzz_target!(init: drop(std::panic::take_hook()), |bytes: &[u8]| engine_fuzz::targets::tokenizer(bytes));
