//! The two commands of the README, `cargo xtask up` and `cargo xtask test`, and every other chore, one
//! file each.
//!
//! Must not: become part of the service; what runs on a machine for good belongs to `backend`.

mod bench;
mod bundle;
mod chaos;
mod child;
mod chores;
mod clock;
mod contract;
mod deployment;
mod e2e;
mod gpu;
mod house;
mod http;
mod interrupt;
mod place;
mod postgres;
mod program;
mod queries;
mod release;
mod say;
mod scratch;
mod setup;
mod stack;
mod steps;
mod tables;
mod test;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::place::Place;

/// Jouleboard's chores.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Run Jouleboard on this machine: database, server, one worker with the demo models
    Up(up::Options),
    /// Everything that must hold: format, clippy, all tests, the page, the journey in Chromium
    Test,
    /// Check what this machine has, and install what is missing
    Setup {
        /// Also what the tests need: Chromium, Node.js and the packages of e2e
        #[arg(long)]
        tests: bool,
    },
    /// Build the page into <target>/dist
    Bundle,
    /// Check the rules of the house: arrows, homes of packages, names, first lines
    House,
    /// The end-to-end tests alone
    E2e(e2e::Options),
    /// Time one demo prompt from submitting to its result, part by part; or what is named after it
    Bench(bench::Options),
    /// Kill workers, servers and PostgreSQL at random while prompts are served, and see that none is lost
    Chaos(chaos::Options),
    /// Hold a service to its OpenAPI document with schemathesis: no server error, no undocumented answer
    Contract(contract::Options),
    /// A worker that makes its figures up, for `chaos`
    #[command(hide = true)]
    FakeWorker(chaos::FakeWorker),
    /// What only a machine with an NVIDIA GPU can show: parity, recorded steps, speed and energy of full-size shapes
    Gpu(gpu::Options),
    /// Describe the store's queries anew, so that it compiles without a database
    Sqlx(queries::Options),
    /// Train, score or check the demo models (see `cargo xtask demo-models -- --help`)
    DemoModels {
        /// Arguments of the engine's `demo-models` program
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Check the dependencies with cargo-deny and cargo-machete
    Deps,
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::complain(format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    let place = Place::find()?;
    match chore {
        Chore::Setup { tests } => {
            setup::run(&place, if tests { setup::For::Tests } else { setup::For::Service })
        }
        Chore::Bundle => bundle::run(&place).map(|_| ()),
        Chore::House => house::run(&place),
        Chore::Up(options) => up::run(&place, &options),
        Chore::Test => test::run(&place),
        Chore::E2e(options) => e2e::run(&place, &options),
        Chore::Bench(options) => bench::run(&place, &options),
        Chore::Chaos(options) => chaos::run(&place, &options),
        Chore::Contract(options) => contract::run(&place, &options),
        Chore::FakeWorker(options) => chaos::fake_worker(&options),
        Chore::Gpu(options) => gpu::run(&place, &options),
        Chore::Sqlx(options) => queries::run(&place, &options),
        Chore::DemoModels { args } => chores::demo_models(&place, &args),
        Chore::Deps => chores::deps(&place),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
