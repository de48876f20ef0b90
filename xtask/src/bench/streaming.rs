//! What streaming costs: the same prompts once as a person asks them, with tokens and power sent while they are made, and once
//! as a campaign does, quiet; by turns, so that what drifts falls on both.
//!
//! Each prompt differs from the others, so that nothing answers twice. Must not: compare different prompts, or give a
//! difference without its interval.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::stand::{self, Stand};
use super::submit::offered;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::stack::{API, Models, Server};
use crate::{clock, http, say};

/// Longer than any demo prompt takes, the wait for a calm machine included.
const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(50);
/// Tokens of each answer at most.
const OUTPUT_TOKENS: u32 = 64;

/// How much is compared.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many prompts, each streamed and quiet
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    times: u32,
    /// Build nothing: time what was built before
    #[arg(long)]
    as_built: bool,
    #[command(flatten)]
    models: Models,
}

#[derive(Debug, Deserialize)]
struct Queue {
    queued_runs: u64,
    leased_runs: u64,
}

#[derive(Debug, Deserialize)]
struct Leaderboard {
    cells: Vec<Cell>,
}

#[derive(Debug, Deserialize)]
struct Cell {
    model_id: String,
    origin: String,
    label: String,
    tpot_s: Moments,
    energy_j: Moments,
}

/// Count, mean and sum of squared deviations, as the API gives them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Moments {
    n: u32,
    mean: f64,
    m2: f64,
}

impl Moments {
    fn merge(self, other: Self) -> Self {
        let (a, b) = (f64::from(self.n), f64::from(other.n));
        if self.n == 0 || other.n == 0 {
            return if self.n == 0 { other } else { self };
        }
        let delta = other.mean - self.mean;
        Self {
            n: self.n + other.n,
            mean: self.mean + delta * b / (a + b),
            m2: self.m2 + other.m2 + delta * delta * a * b / (a + b),
        }
    }

    /// Variance of the mean.
    fn of_mean(self) -> Option<f64> {
        let n = f64::from(self.n);
        (self.n >= 2).then(|| self.m2 / (n - 1.0) / n)
    }
}

/// What is compared: its name, where it stands in a cell, and under which label.
type Quantity<'a> = (&'static str, fn(&Cell) -> Moments, &'a str);

/// One quantity of one model, streamed against quiet.
#[derive(Debug, Serialize)]
struct Cost {
    model: String,
    quantity: &'static str,
    /// Whether it was measured, modelled or simulated; times are always measured.
    label: String,
    streamed: f64,
    quiet: f64,
    prompts: u32,
    /// Streamed over quiet, less 1.
    difference: f64,
    /// Half-width of its 95 % interval (normal).
    half_width: Option<f64>,
}

/// Measures, prints the table and writes `<target>/bench/streaming.json`.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    stand::build(place, options.as_built)?;
    let stand = Stand::start(place, &options.models)?;
    let models = offered(&stand.server)?;
    for number in 0..options.times {
        let text = format!("What is {} plus {}? Explain each step.", 17 + number, 25 + 3 * number);
        let is_streamed_first = number % 2 == 0;
        for is_streamed in [is_streamed_first, !is_streamed_first] {
            if is_streamed {
                let body = json!({
                    "text": text, "models": models,
                    "decoding": { "max_output_tokens": OUTPUT_TOKENS, "temperature": 0.0, "top_p": 1.0, "seed": 0 },
                });
                let _: serde_json::Value =
                    http::post(stand.server.address, &format!("{API}/prompts"), &body.to_string())?;
            } else {
                queue_quiet(place, &stand.server, stand.folder.path(), number, &text)?;
            }
            until_idle(&stand.server)?;
        }
        say::line(format!("bench: {} of {} prompts", number + 1, options.times));
    }
    let board: Leaderboard = http::get(stand.server.address, &format!("{API}/leaderboard"))?;
    let costs = costs(&board.cells)?;
    tell(&costs);
    stand::keep(place, "streaming", &costs)
}

fn queue_quiet(place: &Place, server: &Server, folder: &Path, number: u32, text: &str) -> Result<()> {
    let file = folder.join(format!("quiet-{number}.toml"));
    let campaign = format!(
        "name = \"quiet-{number}\"\nabout = \"One prompt, quiet.\"\nmodels = \"all\"\ntasks = [\"plain\"]\nrepetitions = 1\n\n\
         [decoding]\nmax_output_tokens = {OUTPUT_TOKENS}\n\n[[prompts]]\nkind = \"math\"\ntext = \"{text}\"\n"
    );
    fs::write(&file, campaign)?;
    server.campaign(place, &file)
}

fn until_idle(server: &Server) -> Result<()> {
    let started = clock::now();
    loop {
        let queue: Queue = http::get(server.address, &format!("{API}/machines"))?;
        if queue.queued_runs + queue.leased_runs == 0 {
            return Ok(());
        }
        ensure!(started.elapsed() < PATIENCE, "runs still wait after {}", say::span(started.elapsed()));
        std::thread::sleep(POLL);
    }
}

fn costs(cells: &[Cell]) -> Result<Vec<Cost>> {
    let mut models: Vec<&str> = cells.iter().map(|cell| cell.model_id.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    let mut costs = Vec::new();
    for model in models {
        let of = |origin: &str, figure: fn(&Cell) -> Moments| {
            let own = cells.iter().filter(|cell| cell.model_id == model && cell.origin == origin);
            own.map(figure).fold(Moments::default(), Moments::merge)
        };
        let label = cells.iter().find(|cell| cell.model_id == model).context("a model without a cell")?;
        let quantities: [Quantity<'_>; 2] = [
            ("s per output token", |cell| cell.tpot_s, "measured"),
            ("J per response", |cell| cell.energy_j, &label.label),
        ];
        for (quantity, figure, label) in quantities {
            let (streamed, quiet) = (of("interactive", figure), of("campaign", figure));
            if streamed.n == 0 || quiet.n == 0 || quiet.mean <= 0.0 {
                bail!("{model} has {quantity} of {} streamed and {} quiet prompts", streamed.n, quiet.n);
            }
            let variance = streamed.of_mean().zip(quiet.of_mean()).map(|(one, other)| one + other);
            costs.push(Cost {
                model: model.to_owned(),
                quantity,
                label: label.to_owned(),
                streamed: streamed.mean,
                quiet: quiet.mean,
                prompts: streamed.n.min(quiet.n),
                difference: streamed.mean / quiet.mean - 1.0,
                half_width: variance.map(|variance| 1.96 * variance.sqrt() / quiet.mean),
            });
        }
    }
    Ok(costs)
}

fn tell(costs: &[Cost]) {
    say::line("");
    say::line(format!(
        "  {:<34} {:<20} {:<10} {:>12} {:>12} {:>8} {:>22}",
        "model", "quantity", "label", "streamed", "quiet", "prompts", "streaming costs"
    ));
    for cost in costs {
        let half = cost.half_width.map_or_else(|| "?".to_owned(), |half| format!("{:.2}", half * 100.0));
        say::line(format!(
            "  {:<34} {:<20} {:<10} {:>12.6} {:>12.6} {:>8} {:>+14.2} ± {half} %",
            cost.model,
            cost.quantity,
            cost.label,
            cost.streamed,
            cost.quiet,
            cost.prompts,
            cost.difference * 100.0
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(origin: &str, values: &[f64]) -> Cell {
        let moments =
            values.iter().fold(Moments::default(), |sum, &mean| sum.merge(Moments { n: 1, mean, m2: 0.0 }));
        Cell {
            model_id: "m".to_owned(),
            origin: origin.to_owned(),
            label: "modelled".to_owned(),
            tpot_s: moments,
            energy_j: moments,
        }
    }

    #[test]
    fn the_difference_comes_with_an_interval_and_energy_keeps_its_label() {
        let cells = [cell("interactive", &[1.1, 1.3]), cell("campaign", &[1.0]), cell("campaign", &[1.0])];
        let costs = costs(&cells).unwrap();
        assert!((costs[0].difference - 0.2).abs() < 1e-9, "{costs:?}");
        // Variance of the mean: 0.02 / 2 streamed, none quiet.
        assert!((costs[0].half_width.unwrap() - 1.96 * 0.1).abs() < 1e-9, "{costs:?}");
        assert_eq!((costs[0].label.as_str(), costs[1].label.as_str()), ("measured", "modelled"));
    }

    #[test]
    fn a_side_that_is_missing_is_an_error_and_no_difference() {
        assert!(costs(&[cell("interactive", &[1.0])]).unwrap_err().to_string().contains("0 quiet"));
    }
}
