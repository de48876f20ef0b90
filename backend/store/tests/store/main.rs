//! Every verb against a real PostgreSQL, each test on a database of its own.
//!
//! Needs `DATABASE_URL` with the right to create databases; `cargo xtask test` sets it. Time is passed, never waited for.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod campaigns;
mod claims;
mod first_release;
mod grid;
mod leaderboard;
mod made_up;
mod order;
mod public_runs;
mod quality;
mod queue;
mod records;
mod wake;
mod wall;
