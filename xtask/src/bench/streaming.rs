//! What streaming costs: the same prompts once as a person asks them, with tokens and power sent while they are made, and once
//! as a campaign does, quiet; in pairs, either first by a coin, so that what drifts falls on both.
//!
//! Each prompt differs from the others, so that nothing answers twice. Of each pair the quotient counts; their median needs
//! no distribution, and neither does its interval. Must not: compare different prompts, or give a difference without its
//! interval.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::stand::{self, Made, Stand};
use super::submit::offered;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::stack::{API, Models, Server};
use crate::{clock, http, say};

/// Longer than any demo prompt takes.
const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(10);
/// Tokens of each answer at most.
const OUTPUT_TOKENS: u32 = 64;
/// The model of the worker's CPU: watts of the idle machine, and of each core that it keeps busy. Energy less idle is
/// then processor time in disguise.
const IDLE_WATTS: f64 = 4.0;
const WATTS_A_CORE: f64 = 5.0;
/// Fewer pairs have no interval of 95 %.
const LEAST_PAIRS: u16 = 6;
/// Where the page has its figures from.
const STATED: &str = "common/src/streaming_cost.json";

/// How much is compared.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many prompts, each streamed and quiet
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(i64::from(LEAST_PAIRS)..))]
    pairs: u16,
    /// Build nothing: time what was built before
    #[arg(long)]
    as_built: bool,
    /// Write what is found to where the page has its figures from, too
    #[arg(long)]
    state: bool,
    #[command(flatten)]
    models: Models,
}

#[derive(Debug, Deserialize)]
struct Queue {
    queued_runs: u64,
    leased_runs: u64,
}

#[derive(Debug, Deserialize)]
struct RunPage {
    runs: Vec<Run>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Run {
    text: String,
    model_id: String,
    origin: String,
    figures: Option<Figures>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Figures {
    label: String,
    energy_j: f64,
    net_energy_j: f64,
    latency_s: f64,
    ttft_s: f64,
    output_tokens: f64,
}

/// What is compared: its name, how it follows from a run's figures, and its label, where that is not the run's.
type Quantity = (&'static str, fn(&Figures) -> f64, Option<&'static str>);

/// Times and processor time are read from clocks, energy is modelled from them.
const QUANTITIES: [Quantity; 3] = [
    ("s per output token", |run| (run.latency_s - run.ttft_s) / (run.output_tokens - 1.0), Some("measured")),
    ("processor s per response", |run| run.net_energy_j / WATTS_A_CORE, Some("measured")),
    ("J per response", |run| run.energy_j, None),
];

/// What was found, where and how.
#[derive(Debug, Serialize)]
struct Found {
    #[serde(flatten)]
    made: Made,
    command: String,
    /// What else of it ran there.
    beside: &'static str,
    /// The kernel's load average over a minute before anything of it ran: what others did.
    load_before: f64,
    output_tokens: u32,
    costs: Vec<Cost>,
}

/// One quantity of one model, streamed against quiet.
#[derive(Debug, Serialize)]
struct Cost {
    model: String,
    quantity: &'static str,
    /// Whether it was measured, modelled or simulated.
    label: String,
    pairs: usize,
    /// Medians of each side.
    streamed: f64,
    quiet: f64,
    /// The median over the pairs of streamed over quiet, less 1; and its 95 % interval.
    difference: f64,
    low: f64,
    high: f64,
}

/// Measures, prints the table and writes `<target>/bench/streaming.json`.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    stand::build(place, options.as_built)?;
    let load_before = load_average()?;
    let (idle, busy) = (IDLE_WATTS.to_string(), WATTS_A_CORE.to_string());
    let mut hurry = vec!["--min-cool-down-s", "0", "--calm-timeout-s", "0.2", "--max-warm-up", "1"];
    hurry.extend(["--cpu-idle-watts", &idle, "--cpu-busy-watts-per-core", &busy]);
    let stand = Stand::start(place, &options.models, &hurry)?;
    let models = offered(&stand.server)?;
    for number in 0..options.pairs {
        let text = text(number);
        let is_streamed_first = coin(number);
        for is_streamed in [is_streamed_first, !is_streamed_first] {
            if is_streamed {
                let body = json!({
                    "text": text, "models": models, "is_public": true,
                    "decoding": { "max_output_tokens": OUTPUT_TOKENS, "temperature": 0.0, "top_p": 1.0, "seed": 0 },
                });
                let _: Value =
                    http::post(stand.server.address, &format!("{API}/prompts"), &body.to_string())?;
            } else {
                queue_quiet(place, &stand.server, stand.folder.path(), number)?;
            }
            until_idle(&stand.server)?;
        }
        if (number + 1) % 10 == 0 {
            say::line(format!("bench: {} of {} pairs", number + 1, options.pairs));
        }
    }
    let costs = costs(runs(&stand.server)?)?;
    tell(&costs);
    let found = Found {
        made: Made::here(place)?,
        command: format!("cargo xtask bench streaming --pairs {}", options.pairs),
        beside: "The server and its database ran on the same cores; a machine that measures for others has its own.",
        load_before,
        output_tokens: OUTPUT_TOKENS,
        costs,
    };
    if options.state {
        fs::write(place.root.join(STATED), serde_json::to_string_pretty(&found)? + "\n")?;
    }
    stand::keep(place, "streaming", &found)
}

/// Over a minute, as the kernel says.
fn load_average() -> Result<f64> {
    let said = fs::read_to_string("/proc/loadavg")?;
    said.split_whitespace().next().context("/proc/loadavg is empty")?.parse().context("in /proc/loadavg")
}

fn text(number: u16) -> String {
    format!("What is {} plus {}? Explain each step.", 17 + number, 25 + 3 * number)
}

/// Whether the streamed one comes first: a bit of a fixed hash, so that order follows no pattern and is the same again.
fn coin(number: u16) -> bool {
    (u32::from(number) + 1).wrapping_mul(0x9e37_79b1).count_ones() % 2 == 0
}

fn queue_quiet(place: &Place, server: &Server, folder: &Path, number: u16) -> Result<()> {
    let file = folder.join(format!("quiet-{number}.toml"));
    let campaign = format!(
        "name = \"quiet-{number}\"\nabout = \"One prompt, quiet.\"\nmodels = \"all\"\ntasks = [\"plain\"]\nrepetitions = 1\n\n\
         [decoding]\nmax_output_tokens = {OUTPUT_TOKENS}\n\n[[prompts]]\nkind = \"math\"\ntext = \"{}\"\n",
        text(number)
    );
    fs::write(&file, campaign)?;
    server.queue(place, &file).map(|_| ())
}

fn until_idle(server: &Server) -> Result<()> {
    let started = clock::now();
    loop {
        // A server that is busy for a moment is asked again.
        let queue: Result<Queue> = http::get(server.address, &format!("{API}/machines"));
        if queue.is_ok_and(|queue| queue.queued_runs + queue.leased_runs == 0) {
            return Ok(());
        }
        ensure!(started.elapsed() < PATIENCE, "runs still wait after {}", say::span(started.elapsed()));
        std::thread::sleep(POLL);
    }
}

/// All that was measured.
fn runs(server: &Server) -> Result<Vec<Run>> {
    let (mut runs, mut after) = (Vec::new(), String::new());
    loop {
        let page: RunPage =
            http::get(server.address, &format!("{API}/runs?state=measured&limit=200{after}"))?;
        runs.extend(page.runs);
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(runs),
        }
    }
}

/// Both sides of one prompt on one model.
#[derive(Debug, Default)]
struct Pair {
    streamed: Option<Figures>,
    quiet: Option<Figures>,
}

fn costs(runs: Vec<Run>) -> Result<Vec<Cost>> {
    let mut models: BTreeMap<String, BTreeMap<String, Pair>> = BTreeMap::new();
    for run in runs {
        let pair = models.entry(run.model_id).or_default().entry(run.text).or_default();
        let side = if run.origin == "interactive" { &mut pair.streamed } else { &mut pair.quiet };
        *side = run.figures;
    }
    let mut costs = Vec::new();
    for (model, pairs) in models {
        let whole: Vec<(Figures, Figures)> =
            pairs.into_values().filter_map(|pair| pair.streamed.zip(pair.quiet)).collect();
        for (quantity, of, label) in QUANTITIES {
            let sides: Vec<(f64, f64)> =
                whole.iter().map(|(streamed, quiet)| (of(streamed), of(quiet))).collect();
            let sorted = |of: fn(&(f64, f64)) -> f64| {
                let mut values: Vec<f64> = sides.iter().map(of).collect();
                values.sort_by(f64::total_cmp);
                values
            };
            let quotients = sorted(|(streamed, quiet)| streamed / quiet - 1.0);
            let (low, high) = interval(&quotients)
                .with_context(|| format!("{model} has {} pairs, which tell no interval", sides.len()))?;
            let own = whole.first().map(|(streamed, _)| streamed.label.as_str());
            costs.push(Cost {
                model: model.clone(),
                quantity,
                label: label.or(own).unwrap_or_default().to_owned(),
                pairs: sides.len(),
                streamed: median(&sorted(|side| side.0)),
                quiet: median(&sorted(|side| side.1)),
                difference: median(&quotients),
                low,
                high,
            });
        }
    }
    ensure!(!costs.is_empty(), "nothing was measured");
    Ok(costs)
}

/// The middle of values in order.
fn median(sorted: &[f64]) -> f64 {
    let middle = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    (middle(sorted.len().saturating_sub(1) / 2) + middle(sorted.len() / 2)) / 2.0
}

/// Two of the values in order, between which the median of what they are drawn from lies in 95 of 100 draws or more:
/// how many values lie below it is binomial. `None` of too few.
fn interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let n = u16::try_from(sorted.len()).ok().filter(|&n| n >= LEAST_PAIRS)?;
    // ln of the share of draws in which at most `cut` values lie below the median, term by term.
    let (mut term, mut tail, mut cut) = (-f64::from(n) * std::f64::consts::LN_2, 0.0, 0_usize);
    for below in 0..n / 2 {
        tail += term.exp();
        if tail > 0.025 {
            break;
        }
        cut += 1;
        term += (f64::from(n - below) / f64::from(below + 1)).ln();
    }
    let index = cut.checked_sub(1)?;
    Some((*sorted.get(index)?, *sorted.get(sorted.len() - 1 - index)?))
}

fn tell(costs: &[Cost]) {
    say::line("");
    say::line(format!(
        "  {:<26} {:<26} {:<10} {:>12} {:>12} {:>6} {:>30}",
        "model", "quantity", "label", "streamed", "quiet", "pairs", "streaming costs (95 %)"
    ));
    for cost in costs {
        say::line(format!(
            "  {:<26} {:<26} {:<10} {:>12.6} {:>12.6} {:>6} {:>+10.2} % ({:+.2} to {:+.2})",
            cost.model,
            cost.quantity,
            cost.label,
            cost.streamed,
            cost.quiet,
            cost.pairs,
            cost.difference * 100.0,
            cost.low * 100.0,
            cost.high * 100.0
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u16, origin: &str, factor: f64) -> Run {
        let figures = Figures {
            label: "modelled".to_owned(),
            energy_j: 3.0 * factor,
            net_energy_j: 2.0 * factor,
            latency_s: 0.1 + 0.63 * factor,
            ttft_s: 0.1,
            output_tokens: 64.0,
        };
        Run {
            text: text(number),
            model_id: "m".to_owned(),
            origin: origin.to_owned(),
            figures: Some(figures),
        }
    }

    #[test]
    fn prompts_are_compared_each_with_itself_and_energy_keeps_its_label() {
        // Prompts differ far more than what streaming costs, which is a tenth; one pair was disturbed.
        let pair = |number: u16| {
            let own = f64::from(number + 1);
            let cost = if number == 3 { 9.0 } else { 1.1 };
            [run(number, "interactive", own * cost), run(number, "campaign", own)]
        };
        let costs = costs((0..20).flat_map(pair).collect()).unwrap();
        assert_eq!(costs.len(), 3);
        for cost in &costs {
            assert!((cost.difference - 0.1).abs() < 1e-9 && cost.pairs == 20, "{cost:?}");
            assert!((cost.low - 0.1).abs() < 1e-9 && (cost.high - 0.1).abs() < 1e-9, "{cost:?}");
        }
        let labels: Vec<&str> = costs.iter().map(|cost| cost.label.as_str()).collect();
        assert_eq!(labels, ["measured", "measured", "modelled"]);
        assert!((costs[0].quiet - 0.01 * 10.5).abs() < 1e-9 && (costs[1].quiet - 0.4 * 10.5).abs() < 1e-9);
    }

    #[test]
    fn a_side_that_is_missing_makes_no_pair_and_too_few_pairs_are_an_error() {
        let alone = (0..40).map(|number| run(number, "interactive", 1.0)).collect();
        assert!(costs(alone).unwrap_err().to_string().contains("0 pairs"));
        assert!(costs(vec![]).is_err());
    }

    #[test]
    fn the_interval_of_a_median_is_that_of_the_binomial_tables() {
        let of = |n: u16| {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            interval(&values)
        };
        // From tables of the sign test at 95 %.
        assert_eq!(of(5), None);
        assert_eq!(of(6), Some((1.0, 6.0)));
        assert_eq!(of(10), Some((2.0, 9.0)));
        assert_eq!(of(20), Some((6.0, 15.0)));
        assert_eq!(of(100), Some((40.0, 61.0)));
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 8.0]), 3.0);
    }

    #[test]
    fn either_side_comes_first_about_as_often() {
        let first = (0..100).filter(|&number| coin(number)).count();
        assert!((35..=65).contains(&first), "{first} of 100");
    }
}
