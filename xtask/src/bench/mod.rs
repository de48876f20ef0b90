//! What is timed and what is weighed: one prompt from submitting to its result, the engine, the meter's method, the service
//! under load, the page, and what streaming costs.
//!
//! Must not: judge; the figures are of this machine and of today, and what is simulated says so.

mod engine;
mod meter;
mod service;
mod site;
mod stand;
mod streaming;
mod submit;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::place::Place;

/// What to bench; without a word it is one prompt.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    submit: submit::Prompt,
}

#[derive(Debug, Subcommand)]
enum What {
    /// How fast the engine is at the shapes of published models, beside the bandwidth of this machine's memory
    Engine(engine::Options),
    /// How right the meter's method is against the waveform oracle (simulated), and what its sampler costs here
    Meter,
    /// What one server can do: prompts a second, the ranking over millions of runs, watchers, memory
    Service(service::Options),
    /// The page in the installed Chromium: bytes of a first visit, and toggles on a leaderboard of 2,000 rows
    Site {
        /// Build nothing: time the page that was bundled before
        #[arg(long)]
        as_built: bool,
    },
    /// What sending tokens and power to a watcher costs: the same prompts streamed and quiet, by turns
    Streaming(streaming::Options),
}

/// Benches.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    match &options.what {
        None => submit::run(place, &options.submit),
        Some(What::Engine(options)) => engine::run(place, options),
        Some(What::Meter) => meter::run(place),
        Some(What::Service(options)) => service::run(place, options),
        Some(What::Site { as_built }) => site::run(place, *as_built),
        Some(What::Streaming(options)) => streaming::run(place, options),
    }
}
