//! `jouleboard-worker`: the process on a measuring machine.
//!
//! Synchronous by design: one Run at a time, nothing beside it. Must not: keep the facts of a Run longer than it
//! takes to report them.

mod any_command;
mod ask;
mod assemble;
mod bench;
mod calendar;
mod characterise;
mod client;
mod clock;
mod config;
mod cooldown;
mod cooling;
mod error;
mod hardware;
mod hub;
mod keeper;
mod lease_loop;
mod live_tokens;
mod model_args;
mod models;
mod outbox;
mod progress;
mod repetitions;
mod source;
mod state;
mod stop;
mod streaming;
#[cfg(test)]
mod tests;
mod watched;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use meter::Monotonic;
use meter::cpu_model::Busy;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::client::Client;
use crate::config::{CharacteriseArgs, Cli, Command, MeasureArgs, MeterArgs, RunArgs};
use crate::cooldown::Gate;
use crate::lease_loop::{Settings, Worker};
use crate::models::Shelf;
use crate::outbox::Outbox;
use crate::progress::Bar;
use crate::stop::Stop;

/// A call may take so long; asking for work waits on the server meanwhile.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<ExitCode> {
    start_log()?;
    let outcome = match Cli::parse().command {
        Command::Run(args) => run(&args).map(|()| ExitCode::SUCCESS),
        Command::Measure(args) => measure_command(&args),
        Command::Meters(args) => show_meters(&args).map(|()| ExitCode::SUCCESS),
        Command::Characterise(args) => characterise_meters(&args).map(|()| ExitCode::SUCCESS),
        Command::Logits(args) => ask::logits(&args).map(|()| ExitCode::SUCCESS),
        Command::Bench(args) => bench::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Devices => ask::devices().map(|()| ExitCode::SUCCESS),
        Command::Generate(args) => ask::generate(&args).map(|()| ExitCode::SUCCESS),
    };
    Ok(outcome.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::FAILURE
    }))
}

/// Starts the log, on standard error; `JOULEBOARD_LOG` chooses what it holds, as on the server.
fn start_log() -> anyhow::Result<()> {
    let asked = std::env::var("JOULEBOARD_LOG");
    let filter: Targets = asked.as_deref().unwrap_or("info").parse().context(
        "JOULEBOARD_LOG is not understood: write a level, or levels by module, such as info,engine=debug",
    )?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();
    Ok(())
}

fn run(args: &RunArgs) -> anyhow::Result<()> {
    let clock = Monotonic::start();
    let client = Client::new(&args.server, args.token()?, CALL_TIMEOUT);
    let stop = Stop::default();
    stop.listen(client.clone()).context("signals cannot be listened for")?;
    let state = args.meters.state();
    let instruments = args.meters.open(Busy::ThisProcess)?;
    for sentence in &instruments.missing {
        tracing::info!("{sentence}");
    }
    let hub = args.open.hub.hub(model_args::home());
    let mut bar = Bar::new(clock, stop.clone());
    let shelf = Shelf::fill(&args.places(), args.open.opening(), &hub, &mut bar)?;
    let options = args.meters.sampled(instruments.options());
    let settings =
        Settings { limits: args.limits(), warm_up: args.warm_up(), baseline: args.baseline_s, options };
    let gate = Gate::knowing(state.cooling());
    let outbox = Outbox::open(args.outbox(), &args.server).context("the outbox cannot be made")?;
    let mut worker =
        Worker { client, outbox, clock, stop: stop.clone(), instruments, shelf, gate, state, settings };
    let outcome = worker
        .announce(&worker.announcement())
        .context("the server does not take this machine")
        .and_then(|()| worker.work(args.once).map_err(Into::into));
    stop.finish();
    // Being asked to stop while the server is away is no failure.
    if stop.is_asked() { Ok(()) } else { outcome }
}

fn measure_command(args: &MeasureArgs) -> anyhow::Result<ExitCode> {
    let mut instruments = args.meters.open(Busy::Machine)?;
    let plan = args.plan(instruments.options());
    let (result, status) = any_command::measure(&mut instruments, Monotonic::start(), plan, &args.command)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&result)?)?;
    } else {
        any_command::print(&result, &mut out)?;
    }
    // As of a shell: the command's own failure is ours.
    let code = status.map_or(0, |status| status.code().unwrap_or(1));
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

fn show_meters(args: &MeterArgs) -> anyhow::Result<()> {
    let instruments = args.open(Busy::Machine)?;
    let mut out = std::io::stdout().lock();
    for card in instruments.cards() {
        writeln!(out, "{}", serde_json::to_string_pretty(&card)?)?;
    }
    for sentence in &instruments.missing {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}

fn characterise_meters(args: &CharacteriseArgs) -> anyhow::Result<()> {
    let mut instruments = args.meters.open(Busy::Machine)?;
    let plan = args.plan(instruments.options());
    let cards = characterise::characterise(&mut instruments, Monotonic::start(), plan)?;
    let kept = args.meters.state().keep_cards(&cards);
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&cards)?)?;
    } else {
        characterise::print(&cards, &mut out)?;
        if let Some(path) = kept {
            writeln!(out, "Kept in {}; the worker sends it from its next start on.", path.display())?;
        }
    }
    Ok(())
}
