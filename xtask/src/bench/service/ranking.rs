//! The ranking that is asked for: cells of real reports, and as many runs behind them as wanted.
//!
//! Must not: time what is generated.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::connection::Connection;
use super::{Figure, generate, prompt};
use crate::chaos::facts;
use crate::clock;
use crate::place::Place;
use crate::stack::{API, Server};

/// How many models are ranked, each on four tasks and five kinds of questions.
pub(super) const MODELS: usize = 10;
const TASKS: [&str; 4] = ["chat", "chat-concise", "instruct", "instruct-concise"];
const KINDS: [&str; 5] = ["code", "math", "questions", "sql", "translation"];
/// Real reports a cell.
const REPORTS_A_CELL: u32 = 2;
/// Repetitions of each, all of different lengths, so that a cell holds the profile of a whole campaign.
const REPETITIONS: u32 = 32;
/// Calls of each kind that are timed.
const CALLS: u64 = 300;
/// The same before, not timed.
const WARM_UP: u64 = 30;
/// The longest that one call in a hundred may take.
const P99_MS: f64 = 20.0;
/// How much longer the middle call over the most runs may take than over the fewest.
const FLAT: f64 = 1.3;
/// The lists that pages ask for, without and with filters: of what is frequent, of what is rare, of what nothing has.
const LISTS: [(&str, &str); 9] = [
    ("machines", "/machines"),
    ("one machine", "/machines/bench"),
    ("campaigns", "/campaigns"),
    ("newest runs", "/runs"),
    ("runs of one kind", "/runs?kind=sql"),
    ("runs of one machine and grade", "/runs?machine=bench&verdict=flagged"),
    ("runs that failed", "/runs?state=failed"),
    ("runs of a campaign that has none", "/runs?campaign=bench&state=cancelled"),
    ("newest measurements of one kind", "/measurements?kind=sql&limit=5"),
];

/// The name of one model.
pub(super) fn model_id(index: usize) -> String {
    format!("bench-{index}@0:f32")
}

/// How long calls of one kind took.
pub(super) struct Spread {
    pub(super) name: String,
    pub(super) median_ms: f64,
    p99_ms: f64,
    is_limited: bool,
}

impl Spread {
    fn of(name: &str, is_limited: bool, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |hundredths: usize| {
            let index = (times.len() * hundredths).div_ceil(100).saturating_sub(1);
            times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        Self { name: name.to_owned(), median_ms: at(50), p99_ms: at(99), is_limited }
    }

    /// Middle, 99th of a hundred, and the middle against that over the fewest runs.
    pub(super) fn figures(&self, runs: u64, firsts: Option<&[(String, f64)]>) -> Vec<Figure> {
        let name = |what: &str| format!("{} at {runs} runs, {what}", self.name);
        let p99 = Figure::new(name("p99"), self.p99_ms, "ms");
        let mut figures = vec![
            Figure::new(name("median"), self.median_ms, "ms"),
            if self.is_limited { p99.at_most(P99_MS) } else { p99 },
        ];
        if let Some((_, first)) = firsts.into_iter().flatten().find(|(name, _)| *name == self.name) {
            let ratio = Figure::new(name("of the first"), self.median_ms / first, "x");
            figures.push(if self.is_limited { ratio.at_most(FLAT) } else { ratio });
        }
        figures
    }
}

/// The ranking and the way to it.
pub(super) struct Ranking {
    url: String,
    address: SocketAddr,
    connection: Connection,
    machine: Connection,
    /// Runs behind the cells now.
    runs: u64,
    /// How many cells there are.
    pub(super) cells: usize,
    /// How long the answer is that holds them all.
    pub(super) answer_bytes: usize,
}

impl Ranking {
    /// Announces the models.
    pub(super) fn start(server: &Server, token: &str, url: String) -> Result<Self> {
        let connection = Connection::open(server.address, None)?;
        let mut machine = Connection::open(server.address, Some(token))?;
        let models: Vec<Value> = (0..MODELS).map(model).collect();
        let card = facts()["meters"].clone();
        let said = json!({
            "worker_version": "bench", "meters": card, "missing_meters": [], "models": models,
            "hardware": {"cpu": "bench", "cores": 1, "memory_bytes": 1024, "accelerators": [], "system": "bench"},
        });
        machine.call("POST", &format!("{API}/worker/announce"), &said.to_string())?;
        Ok(Self { url, address: server.address, connection, machine, runs: 0, cells: 0, answer_bytes: 0 })
    }

    /// Queues a campaign and reports every run of it, as a worker would; gives the reports a second.
    pub(super) fn report(&mut self, place: &Place, server: &Server, folder: &Path) -> Result<Figure> {
        let file = folder.join("bench.toml");
        std::fs::write(&file, campaign())?;
        server.campaign(place, &file)?;
        let (mut reports, mut spent) = (0_u32, Duration::ZERO);
        loop {
            let leased = self.machine.call("POST", &format!("{API}/leases"), r#"{"wait_s": 0}"#)?;
            if leased.is_empty() {
                break;
            }
            let lease: Value = serde_json::from_slice(&leased)?;
            let (id, model) =
                lease["id"].as_str().zip(lease["model_id"].as_str()).context("the lease has no id")?;
            let report = json!({"outcome": "measured", "facts": measured(model, reports)}).to_string();
            let started = clock::now();
            self.machine.call("PUT", &format!("{API}/leases/{id}/report"), &report)?;
            spent += started.elapsed();
            reports += 1;
        }
        self.runs = u64::from(reports);
        let name = format!("reports of {REPETITIONS} repetitions a second, one after the other");
        Ok(Figure::new(name, f64::from(reports) / spent.as_secs_f64(), "/s"))
    }

    /// Makes runs until there are so many behind the cells.
    pub(super) fn grow(&mut self, runs: u64) -> Result<()> {
        // A generated prompt has a run on each model.
        let models = u64::try_from(MODELS)?;
        if runs / self.runs.max(1) >= 2 {
            generate::grow(&self.url, (self.runs / models, runs / models), runs / self.runs.max(1))?;
            self.runs = runs;
        }
        Ok(())
    }

    /// Times what pages ask for.
    pub(super) fn ask(&mut self) -> Result<Vec<Spread>> {
        // The one of before was idle while runs were made, and the server has closed it.
        self.connection = Connection::open(self.address, None)?;
        let get = |path: &str| ("GET", format!("{API}{path}"));
        let board =
            self.timed("ranking and matrix (one call)", true, get("/leaderboard"), |_| String::new())?;
        let answer = self.connection.call("GET", &format!("{API}/leaderboard"), "")?;
        self.answer_bytes = answer.len();
        let document: Value = serde_json::from_slice(&answer)?;
        self.cells = document["cells"].as_array().map_or(0, Vec::len);
        let mut spreads = vec![board];
        for (name, path) in LISTS {
            spreads.push(self.timed(name, true, get(path), |_| String::new())?);
        }
        let submit = self.timed("submit a prompt", false, ("POST", format!("{API}/prompts")), |index| {
            prompt(99, index).to_string()
        })?;
        spreads.push(submit);
        Ok(spreads)
    }

    fn timed(
        &mut self,
        name: &str,
        is_limited: bool,
        (method, path): (&str, String),
        body: impl Fn(u64) -> String,
    ) -> Result<Spread> {
        let mut times = Vec::new();
        for index in 0..WARM_UP + CALLS {
            let body = body(index);
            let started = clock::now();
            self.connection.call(method, &path, &body)?;
            if index >= WARM_UP {
                times.push(started.elapsed());
            }
        }
        Ok(Spread::of(name, is_limited, times))
    }
}

fn model(index: usize) -> Value {
    let mut model = facts()["model"].clone();
    model["id"] = model_id(index).into();
    model["name"] = format!("bench-{index}").into();
    model
}

/// Each task and kind twice for each model.
fn campaign() -> String {
    let tasks = TASKS.map(|task| format!("{task:?}")).join(", ");
    let mut text = format!("name = \"bench\"\nmodels = \"all\"\ntasks = [{tasks}]\n");
    for kind in KINDS {
        for number in 0..REPORTS_A_CELL {
            text += &format!("[[prompts]]\nkind = {kind:?}\ntext = \"Question {number} of {kind}\"\n");
        }
    }
    text
}

/// A record whose repetitions all have different lengths, as those of a campaign have.
fn measured(model: &str, report: u32) -> Value {
    let mut measured = facts();
    measured["model"]["id"] = model.into();
    measured["model"]["name"] = model.split('@').next().into();
    let first = measured["repetitions"][0].clone();
    let repetitions = (0..REPETITIONS).map(|index| {
        let mut repetition = first.clone();
        repetition["prompt_tokens"] = (20 + index + REPETITIONS * (report % REPORTS_A_CELL)).into();
        repetition["readings"][0]["energy_j"] = (4.0 + f64::from(index % 7) / 100.0).into();
        repetition
    });
    measured["repetitions"] = repetitions.collect();
    measured
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_99th_of_a_hundred_calls_is_the_last_but_one() {
        let spread = Spread::of("calls", true, (1..=100).rev().map(Duration::from_millis).collect());
        assert!((spread.median_ms - 50.0).abs() < 1e-9 && (spread.p99_ms - 99.0).abs() < 1e-9);
        let figures = spread.figures(7, Some(&[("calls".to_owned(), 25.0)]));
        assert!((figures[2].value - 2.0).abs() < 1e-9);
    }

    #[test]
    fn reports_of_one_cell_have_all_lengths_once() {
        let lengths = |report| -> Vec<u64> {
            let facts = measured("bench-0@0:f32", report);
            facts["repetitions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["prompt_tokens"].as_u64().unwrap())
                .collect()
        };
        let mut all = [lengths(0), lengths(1)].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 64);
    }
}
