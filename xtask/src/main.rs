//! The two commands of the README, `cargo xtask up` and `cargo xtask test`, and every other chore, one
//! file each.
//!
//! Must not: become part of the service; what runs on a machine for good belongs to `backend`.

mod bundle;
mod child;
mod clock;
mod house;
mod http;
mod place;
mod postgres;
mod program;
mod say;
mod setup;

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
    }
}
