//! How long one demo prompt takes from submitting to its result, and where that time goes; how large the
//! page is.
//!
//! Must not: judge; the figures are of this machine and of today.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::stand::{self, Stand};
use crate::bundle::Size;
use crate::interrupt::Interrupt;
use crate::place::Place;
use crate::stack::{API, Models, Server};
use crate::{clock, http, say};

/// Longer than any demo prompt takes, the wait for a calm machine included.
const PATIENCE: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(10);

/// What is asked, how often.
#[derive(Debug, Args)]
pub(crate) struct Prompt {
    /// The prompt
    #[arg(long, default_value = "What is 17 plus 25?")]
    text: String,
    /// How many times, one after the other; the first also loads the model
    #[arg(long, default_value_t = 3)]
    times: u32,
    /// Build nothing: time what was built before
    #[arg(long)]
    as_built: bool,
    #[command(flatten)]
    models: Models,
}

/// Where the time of one prompt went. The parts sum up to the whole.
#[derive(Debug, Serialize)]
struct Split {
    model: String,
    submit_to_result_s: f64,
    /// Until a machine had it.
    queue_s: f64,
    load_s: f64,
    cool_down_s: f64,
    baseline_s: f64,
    warm_up_s: f64,
    window_s: f64,
    /// All the rest: the worker's bookkeeping, sending, checking and storing the record, and our polling.
    report_s: f64,
    output_tokens: u64,
    tokens_per_s: Option<f64>,
    /// Without the first token, whose time is the prefill's.
    decode_tokens_per_s: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Run {
    state: String,
    failure: Option<serde_json::Value>,
    measurement: Option<Measurement>,
}

#[derive(Debug, Deserialize)]
struct Measurement {
    facts: Facts,
}

#[derive(Debug, Deserialize)]
struct Facts {
    repetitions: Vec<Repetition>,
    overhead: Overhead,
}

#[derive(Debug, Deserialize)]
struct Overhead {
    load_s: f64,
    cool_down_s: f64,
    baseline_s: f64,
    warm_up_s: f64,
}

#[derive(Debug, Deserialize)]
struct Repetition {
    output_tokens: u64,
    token_times_s: Vec<f64>,
    window: Window,
}

#[derive(Debug, Deserialize)]
struct Window {
    body_start_s: f64,
    body_end_s: f64,
    length_s: f64,
}

/// Measures, prints the table and writes `<target>/bench/submit.json`.
pub(crate) fn run(place: &Place, options: &Prompt) -> Result<()> {
    let _interrupt = Interrupt::watch()?;
    let page = stand::build(place, options.as_built)?;
    let stand = Stand::start(place, &options.models, &[])?;

    let mut splits = Vec::new();
    for model in offered(&stand.server)? {
        for _ in 0..options.times {
            splits.push(ask(&stand.server, &options.text, &model)?);
        }
    }
    tell(&splits, &page);
    stand::keep(place, "submit", &json!({ "prompts": splits, "page": page }))
}

pub(super) fn offered(server: &Server) -> Result<Vec<String>> {
    let answer: serde_json::Value = http::get(server.address, &format!("{API}/models"))?;
    let models = answer["models"].as_array().context("the server offers no list of models")?;
    let ids: Vec<String> = models.iter().filter_map(|model| Some(model["id"].as_str()?.to_owned())).collect();
    ensure!(!ids.is_empty(), "the worker announced no model");
    Ok(ids)
}

fn ask(server: &Server, text: &str, model: &str) -> Result<Split> {
    let body = json!({ "text": text, "models": [model] }).to_string();
    let started = clock::now();
    let submitted: serde_json::Value = http::post(server.address, &format!("{API}/prompts"), &body)?;
    let id = submitted["run_ids"][0].as_str().context("the answer names no run")?;
    let path = format!("{API}/runs/{id}");
    let mut queue = None;
    loop {
        let run: Run = http::get(server.address, &path)?;
        let elapsed = started.elapsed();
        if run.state != "queued" {
            queue.get_or_insert(elapsed);
        }
        if let Some(measurement) = run.measurement {
            return Ok(split(model, elapsed, queue.unwrap_or(elapsed), &measurement.facts));
        }
        if run.state == "failed" {
            bail!("the run failed: {}", run.failure.unwrap_or_default());
        }
        ensure!(elapsed < PATIENCE, "the run is still {} after {}", run.state, say::span(elapsed));
        std::thread::sleep(POLL);
    }
}

fn split(model: &str, whole: Duration, queue: Duration, facts: &Facts) -> Split {
    let sum = |of: fn(&Repetition) -> f64| facts.repetitions.iter().map(of).sum::<f64>();
    let window_s = sum(|repetition| repetition.window.length_s);
    let body_s = sum(|repetition| repetition.window.body_end_s - repetition.window.body_start_s);
    let decode_s = sum(|repetition| match repetition.token_times_s.as_slice() {
        [first, .., last] => last - first,
        _ => 0.0,
    });
    let output_tokens = facts.repetitions.iter().map(|repetition| repetition.output_tokens).sum();
    let later_tokens =
        facts.repetitions.iter().map(|repetition| repetition.output_tokens.saturating_sub(1)).sum();
    let Overhead { load_s, cool_down_s, baseline_s, warm_up_s } = facts.overhead;
    let (submit_to_result_s, queue_s) = (whole.as_secs_f64(), queue.as_secs_f64());
    let known = queue_s + load_s + cool_down_s + baseline_s + warm_up_s + window_s;
    Split {
        model: model.to_owned(),
        submit_to_result_s,
        queue_s,
        load_s,
        cool_down_s,
        baseline_s,
        warm_up_s,
        window_s,
        report_s: submit_to_result_s - known,
        output_tokens,
        tokens_per_s: rate(output_tokens, body_s),
        decode_tokens_per_s: rate(later_tokens, decode_s),
    }
}

/// No tokens in no time is no rate.
fn rate(tokens: u64, seconds: f64) -> Option<f64> {
    let tokens = f64::from(u32::try_from(tokens).ok()?);
    (tokens > 0.0 && seconds > 0.0).then(|| tokens / seconds)
}

fn tell(splits: &[Split], page: &[Size]) {
    say::line("");
    say::line(format!(
        "  {:<34} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6} {:>8} {:>8}",
        "model (times in s)",
        "whole",
        "queue",
        "load",
        "cool",
        "base",
        "warm-up",
        "window",
        "report",
        "tokens",
        "tok/s",
        "dec/s"
    ));
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
    for split in splits {
        say::line(format!(
            "  {:<34} {:>7.3} {:>7.3} {:>7.3} {:>7.3} {:>7.3} {:>7.3} {:>7.3} {:>7.3} {:>6} {:>8} {:>8}",
            split.model,
            split.submit_to_result_s,
            split.queue_s,
            split.load_s,
            split.cool_down_s,
            split.baseline_s,
            split.warm_up_s,
            split.window_s,
            split.report_s,
            split.output_tokens,
            number(split.tokens_per_s),
            number(split.decode_tokens_per_s)
        ));
    }
    say::line("");
    say::line(format!("  {:<34} {:>10} {:>10} {:>10}", "page (bytes)", "raw", "gzip", "brotli"));
    let row = |name: &str, raw: usize, gzip: usize, brotli: usize| {
        say::line(format!("  {name:<34} {raw:>10} {gzip:>10} {brotli:>10}"));
    };
    for size in page {
        row(&size.name, size.raw_bytes, size.gzip_bytes, size.brotli_bytes);
    }
    let sum = |of: fn(&Size) -> usize| page.iter().map(of).sum::<usize>();
    row("together", sum(|size| size.raw_bytes), sum(|size| size.gzip_bytes), sum(|size| size.brotli_bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_sum_up_to_the_whole_and_the_first_token_is_no_decoding() {
        let facts: Facts = serde_json::from_value(json!({
            "overhead": { "load_s": 0.5, "cool_down_s": 1.0, "baseline_s": 0.25, "warm_up_s": 0.25 },
            "repetitions": [{
                "output_tokens": 3,
                "token_times_s": [0.5, 0.75, 1.0],
                "window": { "body_start_s": 0.5, "body_end_s": 1.5, "length_s": 2.0 },
            }],
        }))
        .unwrap();
        let split = split("m", Duration::from_secs(5), Duration::from_millis(500), &facts);
        assert!((split.report_s - 0.5).abs() < 1e-9, "{split:?}");
        assert_eq!(split.tokens_per_s, Some(3.0));
        assert_eq!(split.decode_tokens_per_s, Some(4.0));
    }

    #[test]
    fn no_token_is_no_rate_rather_than_zero() {
        assert_eq!(rate(0, 1.0), None);
        assert_eq!(rate(5, 0.0), None);
    }
}
