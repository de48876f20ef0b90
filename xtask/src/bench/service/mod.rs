//! What one server of the service can do and what it takes for that: prompts a second, the ranking over ten thousand to ten
//! million runs, thousands of watchers, and its memory.
//!
//! The ranking's cells come from real reports over the API. The bulk is generated in SQL: prompts, runs, leases and
//! measurements with their lines in lists, without documents, repetitions or traces, and the cells' counts multiplied as
//! if all those runs had been reported. What was generated for one size stays for the next.
//! Must not: hide what is generated, or give a figure without its limit where there is one.

mod connection;
mod generate;
mod ranking;
mod watchers;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::stand;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::postgres::{Cluster, Durability};
use crate::stack::{API, Enrolment, Server, TROUBLE, free_port};
use crate::{clock, program, say, scratch};
use connection::Connection;
use ranking::{MODELS, Ranking};

/// Bytes that a generated run takes on disk, its indexes and the log of writing it included.
const BYTES_A_RUN: u64 = 1_700;
/// Bytes that must be left besides.
const BYTES_LEFT: u64 = 3 << 30;
/// How long prompts are submitted.
const SUBMIT_FOR: Duration = Duration::from_secs(5);
/// Connections that submit at once.
const SUBMITTERS: usize = 8;

/// How much.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many runs there are when the ranking is asked for; 1.7 gigabytes of disk for a million
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    runs: Vec<u64>,
    /// How many watch events at once
    #[arg(long, default_value_t = 5_000)]
    watchers: usize,
    /// Build nothing: time what was built before
    #[arg(long)]
    as_built: bool,
}

/// What a figure may be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Limit {
    AtMost(f64),
}

/// One line of the table.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    limit: Option<Limit>,
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, limit: None }
    }

    pub(super) fn at_most(self, limit: f64) -> Self {
        Self { limit: Some(Limit::AtMost(limit)), ..self }
    }

    fn verdict(&self) -> String {
        match self.limit {
            None => String::new(),
            Some(Limit::AtMost(limit)) if self.value <= limit => format!("at most {limit}: holds"),
            Some(Limit::AtMost(limit)) => format!("at most {limit}: MISSED"),
        }
    }
}

/// Measures, prints the table and writes `<target>/bench/service.json`.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    let mut sizes = options.runs.clone();
    sizes.sort_unstable();
    let most = sizes.last().copied().context("--runs names no size")?;
    stand::build(place, options.as_built)?;
    let folder = scratch::folder()?;
    ensure_room(&folder.path().to_string_lossy(), most)?;
    let cluster = Cluster::start(&folder.path().join("postgres"), Durability::Kept, &[])?;
    let mut server = Server::start(place, &cluster.url(), free_port()?, &[], TROUBLE)?;
    let mut figures = vec![Figure::new("memory at start", megabytes(&server)?, "MB")];
    let token = folder.path().join("bench.token");
    server.enrol(place, &Enrolment::assumed("bench", "WORLD"), &token)?;
    let token = fs::read_to_string(&token)?.trim().to_owned();

    let mut ranking = Ranking::start(&server, &token, cluster.url())?;
    figures.push(ranking.report(place, &server, folder.path())?);
    figures.push(submit(&server)?);
    figures.push(Figure::new("memory after submits", megabytes(&server)?, "MB"));
    let mut firsts: Option<Vec<(String, f64)>> = None;
    for &runs in &sizes {
        say::line(format!("bench: making {runs} runs"));
        ranking.grow(runs)?;
        let spreads = ranking.ask()?;
        let medians = spreads.iter().map(|spread| (spread.name.clone(), spread.median_ms)).collect();
        for spread in &spreads {
            figures.extend(spread.figures(runs, firsts.as_deref()));
        }
        firsts.get_or_insert(medians);
    }
    figures.push(Figure::new("memory after the rankings", megabytes(&server)?, "MB"));
    figures.extend(watchers::run(&server, options.watchers)?);
    figures.push(Figure::new(
        format!("memory with {} watchers", options.watchers),
        megabytes(&server)?,
        "MB",
    ));
    server.stop();

    tell(&figures);
    let report = json!({ "figures": figures, "cells": ranking.cells, "answer_bytes": ranking.answer_bytes, "models": MODELS, "generated": GENERATED });
    stand::keep(place, "service", &report)
}

/// What stands beside the figures wherever they are shown.
const GENERATED: &str = "The cells come from real reports; runs beyond those are generated in SQL (rows of prompt, run, lease, measurement \
     and its line; no documents, repetitions or traces) and the cells' counts multiplied to match.";

/// The server's resident memory now.
fn megabytes(server: &Server) -> Result<f64> {
    let kilobytes = u32::try_from(server.resident_bytes()? >> 10)?;
    Ok(f64::from(kilobytes) / 1024.0)
}

fn ensure_room(folder: &str, runs: u64) -> Result<()> {
    let mut command = std::process::Command::new("df");
    let free = program::output(command.args(["--output=avail", "--block-size=1", folder]))?;
    let free: u64 = free.lines().last().unwrap_or_default().trim().parse().context("df gives no number")?;
    let needed = runs * BYTES_A_RUN + BYTES_LEFT;
    ensure!(
        free >= needed,
        "{runs} runs need about {} GB of disk below {folder}, and {} GB are free: ask for fewer with --runs",
        needed >> 30,
        free >> 30
    );
    Ok(())
}

/// Prompts a second, each of one run, over a few connections at once.
fn submit(server: &Server) -> Result<Figure> {
    let (count, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let started = clock::now();
    std::thread::scope(|scope| -> Result<()> {
        let submitters: Vec<_> = (0..SUBMITTERS)
            .map(|index| {
                let (count, is_over) = (&count, &is_over);
                scope.spawn(move || -> Result<()> {
                    let mut connection = Connection::open(server.address, None)?;
                    while !is_over.load(Ordering::Relaxed) {
                        let number = count.fetch_add(1, Ordering::Relaxed);
                        connection.call(
                            "POST",
                            &format!("{API}/prompts"),
                            &prompt(index, number).to_string(),
                        )?;
                    }
                    Ok(())
                })
            })
            .collect();
        std::thread::sleep(SUBMIT_FOR);
        is_over.store(true, Ordering::Relaxed);
        submitters
            .into_iter()
            .try_for_each(|each| each.join().unwrap_or_else(|_| bail!("a submitter panicked")))
    })?;
    let submitted = u32::try_from(count.load(Ordering::Relaxed))?;
    Ok(Figure::new(
        "prompts submitted a second",
        f64::from(submitted) / started.elapsed().as_secs_f64(),
        "/s",
    ))
}

/// A person's prompt.
pub(super) fn prompt(submitter: usize, number: u64) -> Value {
    json!({ "text": format!("What is {number} plus {submitter}?"), "models": [ranking::model_id(0)] })
}

fn tell(figures: &[Figure]) {
    say::line("");
    for figure in figures {
        say::line(format!(
            "  {:<58} {:>10.2} {:<3} {}",
            figure.name,
            figure.value,
            figure.unit,
            figure.verdict()
        ));
    }
    say::line(format!("  {GENERATED}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_beyond_its_limit_says_so() {
        let figure = |value| Figure::new("p99", value, "ms").at_most(20.0).verdict();
        assert_eq!(figure(20.0), "at most 20: holds");
        assert_eq!(figure(20.1), "at most 20: MISSED");
        assert_eq!(Figure::new("memory", 1.0, "MB").verdict(), "");
    }
}
