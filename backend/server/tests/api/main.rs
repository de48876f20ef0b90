//! The API from outside: a real server on a fresh database, and a worker that speaks HTTP.
//!
//! Needs `DATABASE_URL` with the right to create databases; `cargo xtask test` sets it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

mod app;
mod battles;
mod calls;
mod campaigns;
mod carbon;
mod headers;
mod history;
mod limits;
mod machines;
mod openai;
mod patience;
mod prompts;
mod quality;
mod servers;
mod tables;
mod wall;
mod whole_path;
mod worker;
