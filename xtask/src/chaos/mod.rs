//! Whether the service loses nothing: prompts by the hundred, and workers, servers and PostgreSQL killed with SIGKILL and
//! the lines between them cut at random while they are served. In the end each prompt is measured exactly once or has failed with a reason.
//!
//! Must not: measure anything (its workers make their figures up), or touch any data but its own.

mod cable;
mod fake_worker;
mod network;
mod victims;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::Args;
use fastrand::Rng;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::postgres::query;
use crate::stack::API;
use crate::{bundle, clock, http, release, say, scratch, setup};
use victims::Victims;

pub(crate) use fake_worker::Options as FakeWorker;
pub(crate) use fake_worker::facts;
pub(crate) use fake_worker::run as fake_worker;

/// Longer than the rest takes once nobody is killed any more.
const PATIENCE: Duration = Duration::from_secs(300);

/// How much, and with which luck.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many prompts
    #[arg(long, default_value_t = 1000)]
    prompts: u32,
    /// How many servers share the database
    #[arg(long, default_value_t = 2)]
    servers: usize,
    /// How many fake workers
    #[arg(long, default_value_t = 5)]
    workers: usize,
    /// Seed of who is killed when
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Build nothing: test what was built before
    #[arg(long)]
    as_built: bool,
}

impl Options {
    /// The form for `cargo xtask test`.
    pub(crate) const SHORT: Self = Self { prompts: 100, servers: 2, workers: 5, seed: 1, as_built: true };
}

/// What became of the prompts.
#[derive(Debug, Default)]
struct Ends {
    measured: u64,
    /// By the code of the reason.
    failed: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Submitted {
    run_ids: Vec<String>,
}

#[derive(Deserialize)]
struct RunView {
    state: String,
    failure: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    code: String,
}

/// Builds what is needed, then torments it.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    if !options.as_built {
        setup::run(place, setup::For::Service)?;
        release::build(place)?;
        bundle::run(place)?;
    }
    torment(place, options)
}

/// The same with what is built.
pub(crate) fn torment(place: &Place, options: &Options) -> Result<()> {
    let started = clock::now();
    let folder = scratch::folder()?;
    let mut victims = Victims::start(place, folder.path(), options.servers, options.workers)?;
    // The same seed kills the same.
    let mut dice = Rng::with_seed(options.seed);
    let (mut runs, mut lost_answers) = (Vec::new(), 0_u64);
    let mut next_blow = clock::now();
    while runs.len() < usize::try_from(options.prompts)? {
        victims.revive()?;
        if clock::now() >= next_blow {
            victims.hurt_one(&mut dice);
            next_blow = clock::now() + Duration::from_millis(150 + dice.u64(..450));
        }
        match submit(victims.address(&mut dice), runs.len()) {
            Ok(Some(run)) => runs.push(run),
            // Refused or never arrived: nothing was queued.
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            // Its connection broke: it may have been queued.
            Err(_) => lost_answers += 1,
        }
    }
    // The rest is served under fire too, for a while.
    let until = clock::now() + Duration::from_secs(u64::from(options.prompts) / 50 + 2);
    while clock::now() < until {
        victims.revive()?;
        victims.hurt_one(&mut dice);
        std::thread::sleep(Duration::from_millis(200 + dice.u64(..400)));
    }
    victims.revive()?;
    let ends = wait_for_all(&mut victims, &runs)?;
    say::line(format!(
        "chaos: {} prompts, {} lost answers, {}, seed {}, {}",
        runs.len(),
        lost_answers,
        victims.told(),
        options.seed,
        say::span(started.elapsed())
    ));
    say::line(format!("chaos: {} measured, failed {:?}", ends.measured, ends.failed));
    audit(&victims, &ends, lost_answers)
}

/// Whether the database agrees: of all runs, those whose answers were lost included, each has ended, each measured one has one
/// record from its last lease and is counted once in the ranking, and each failed one has a reason.
fn audit(victims: &Victims, ends: &Ends, lost_answers: u64) -> Result<()> {
    let started = clock::now();
    let count = |sql: &str| -> Result<u64> { Ok(query(victims.url(), &[sql])?.trim().parse()?) };
    while count("select count(*) from run where state in ('queued', 'leased')")? > 0 {
        ensure!(started.elapsed() < PATIENCE, "runs whose answers were lost have not ended");
        std::thread::sleep(Duration::from_millis(100));
    }
    let measured = count("select count(*) from run where state = 'measured'")?;
    let ranked = ranked(victims.any_address())?;
    say::line(format!(
        "chaos: {measured} runs are measured in the database, {ranked} are counted in the ranking"
    ));
    ensure!(
        (ends.measured..=ends.measured + lost_answers).contains(&measured),
        "{} runs are measured and {lost_answers} answers were lost, but the database has {measured}",
        ends.measured
    );
    ensure!(ranked == measured, "the ranking counts {ranked} of {measured} measured runs");
    for (what, sql) in [
        ("measured runs without exactly one record of a lease that ended so", NOT_ONCE),
        (
            "records of runs that are not measured",
            "select count(*) from measurement join run on run.id = run_id where state <> 'measured'",
        ),
        (
            "failed runs without a reason",
            "select count(*) from run where state = 'failed' and failure_code is null",
        ),
        ("leases that are still open", "select count(*) from lease where ended_at is null"),
        (
            "runs too many or too few in the count of the queue",
            "select coalesce(sum(abs(open_runs)), 0) from queue_count",
        ),
    ] {
        let wrong = count(sql)?;
        ensure!(wrong == 0, "there are {wrong} {what}");
    }
    Ok(())
}

const NOT_ONCE: &str = "select count(*) from run where state = 'measured' and 1 <> (
    select count(*) from lease left join measurement on measurement.lease_id = lease.id
    where lease.run_id = run.id and (lease.outcome = 'measured') and measurement.run_id = run.id)";

/// Queues one prompt; `None` if it was refused or the server was not reached at all.
fn submit(server: SocketAddr, number: usize) -> Result<Option<String>> {
    let Ok(stream) = std::net::TcpStream::connect_timeout(&server, Duration::from_secs(1)) else {
        return Ok(None);
    };
    drop(stream);
    let body =
        json!({"text": format!("What is {number} plus 1?"), "models": [fake_worker::MODEL]}).to_string();
    match http::post::<Submitted>(server, &format!("{API}/prompts"), &body) {
        Ok(submitted) => Ok(submitted.run_ids.into_iter().next()),
        Err(error) if error.to_string().contains(" answered ") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Waits until every run has ended; one that neither is measured nor has failed with a reason is an error.
fn wait_for_all(victims: &mut Victims, runs: &[String]) -> Result<Ends> {
    let started = clock::now();
    let mut ends = Ends::default();
    for run in runs {
        loop {
            victims.revive()?;
            let view: Result<RunView> = http::get(victims.any_address(), &format!("{API}/runs/{run}"));
            match view {
                Ok(view) if view.state == "measured" => {
                    ends.measured += 1;
                    break;
                }
                Ok(view) if view.state == "failed" => {
                    let code = view.failure.map(|failure| failure.code);
                    ensure!(code.is_some(), "the run {run} has failed without a reason");
                    *ends.failed.entry(code.unwrap_or_default()).or_default() += 1;
                    break;
                }
                Ok(view) => ensure!(view.state != "cancelled", "the run {run} was cancelled by nobody"),
                Err(_) => {}
            }
            ensure!(
                started.elapsed() < PATIENCE,
                "the run {run} has not ended after {}",
                say::span(started.elapsed())
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(ends)
}

/// Runs in the ranking, counted or left out.
fn ranked(server: SocketAddr) -> Result<u64> {
    let board: Value = http::get(server, &format!("{API}/leaderboard"))?;
    let cells = board["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |cell: &Value, name: &str| cell[name].as_u64().unwrap_or(0);
    Ok(cells.iter().map(|cell| of(cell, "runs") + of(cell, "excluded_runs")).sum())
}
