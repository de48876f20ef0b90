//! `jouleboard-worker`: the process on a measuring machine.
//!
//! Synchronous by design: one Run at a time, nothing beside it. Must not: keep the facts of a Run longer than it
//! takes to report them.

mod against_wall;
mod any_command;
mod ask;
mod assemble;
mod backoff;
mod bench;
mod bench_plan;
mod calendar;
mod carry_out;
mod characterise;
mod client;
mod clock;
mod config;
mod control;
mod cooldown;
mod cooling;
mod error;
mod evaluate;
mod hardware;
mod hub;
mod keeper;
mod lease_loop;
mod live_tokens;
mod load;
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
mod windows;

use std::io::{ErrorKind, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::meter::MeterCard;
use engine::Engine;
use meter::cpu_model::Busy;
use meter::{Instruments, Monotonic};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::against_wall::Socket;
use crate::any_command::CommandError;
use crate::client::{Client, Token};
use crate::config::{CharacteriseArgs, Cli, Command, MeasureArgs, MeterArgs, RunArgs};
use crate::cooldown::Gate;
use crate::lease_loop::{Settings, Worker};
use crate::load::Work;
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
        Command::Bench(args) if args.dry_run => bench_plan::tell(&args).map(|()| ExitCode::SUCCESS),
        Command::Bench(args) => bench::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Evaluate(args) => evaluate::run(&args).map(|()| ExitCode::SUCCESS),
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
    let hub = args.open.hub.hub(model_args::cache());
    let mut bar = Bar::new(clock, stop.clone());
    let shelf = Shelf::fill(&args.places(), args.open.opening(), &hub, &mut bar)?;
    let options = args.meters.sampled(instruments.options());
    let settings = Settings {
        limits: args.limits(),
        protocol: args.protocol(),
        options,
        control_every: args.control_every(),
    };
    let gate = Gate::knowing(state.cooling(), state.rests());
    let controls = state.controls();
    let outbox = Outbox::open(args.outbox(), &args.server).context("the outbox cannot be made")?;
    let mut worker = Worker {
        client,
        outbox,
        clock,
        stop: stop.clone(),
        instruments,
        shelf,
        gate,
        state,
        controls,
        settings,
    };
    let outcome = worker
        .announce(&worker.announcement())
        .context("the server does not take this machine")
        .and_then(|()| worker.work(args.once).map_err(Into::into));
    stop.finish();
    // Being asked to stop while the server is away is no failure.
    if stop.is_asked() { Ok(()) } else { outcome }
}

fn measure_command(args: &MeasureArgs) -> anyhow::Result<ExitCode> {
    let mut instruments = args.meters.open_for_command()?;
    let plan = args.plan(instruments.options());
    let measured = any_command::measure(&mut instruments, Monotonic::start(), plan, &args.command);
    let (result, status) = match measured {
        Err(CommandError::Start { program, source }) => {
            // As shells have it: 127 where there is no such program, 126 where it may not be run.
            tracing::error!("{program} cannot be started: {source}");
            return Ok(ExitCode::from(if source.kind() == ErrorKind::NotFound { 127 } else { 126 }));
        }
        measured => measured?,
    };
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&result)?)?;
    } else {
        any_command::print(&result, &mut out)?;
    }
    // The command's own failure is ours; of a signal it is 128 and its number, as shells say it.
    let code = status.map_or(0, |status| {
        status.code().unwrap_or_else(|| status.signal().map_or(1, |signal| 128 + signal))
    });
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
    let clock = Monotonic::start();
    let mut instruments = args.meters.open_for_command()?;
    let cards = match &args.model {
        None => characterised(args, &mut instruments, clock, || load::of_cores(hardware::cores()))?,
        Some(place) => {
            let hub = args.open.hub.hub(model_args::cache());
            let found = source::find(place, &hub, &mut Bar::new(clock, Stop::default()))?;
            let engine = Mutex::new(found.open(&args.open.opening(), false)?);
            read_prompt(&engine)?;
            // What goes wrong was seen above; a load that fails later is a load that is off.
            let work = || -> Vec<Work<'_>> { vec![Box::new(|| drop(read_prompt(&engine)))] };
            characterised(args, &mut instruments, clock, work)?
        }
    };
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

/// The cards, with what the meter at the socket says where one is named.
fn characterised<'w>(
    args: &CharacteriseArgs,
    instruments: &mut Instruments,
    clock: Monotonic,
    mut work: impl FnMut() -> Vec<Work<'w>>,
) -> anyhow::Result<Vec<MeterCard>> {
    let plan = args.plan(instruments.options());
    let mut cards = characterise::characterise(instruments, clock, plan, &mut work)?;
    let Some((server, machine)) = args.server.as_ref().zip(args.machine.clone()) else { return Ok(cards) };
    let client = Client::new(server, Token::new(""), CALL_TIMEOUT);
    let plan = args.against_wall(instruments.options());
    let compared = Socket::open(&client, machine, args.against.as_deref(), clock)
        .and_then(|mut socket| against_wall::compare(instruments, clock, plan, &mut socket, work));
    match compared {
        Ok(wall) => {
            let found = cards.iter_mut().filter_map(|card| card.characterised.as_mut());
            found.for_each(|found| found.wall = Some(wall.clone()));
        }
        Err(error) => tracing::warn!("nothing was compared with the meter at the socket: {error}"),
    }
    Ok(cards)
}

/// A piece of load: a model reads a prompt and writes a token.
fn read_prompt(engine: &Mutex<Engine>) -> Result<(), engine::Error> {
    let plan = engine::bench::Plan { prompt_tokens: 32, output_tokens: 2, batch: 1 };
    let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
    engine::bench::round(&mut engine, &plan).map(|_| ())
}
