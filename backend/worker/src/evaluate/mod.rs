//! Scoring a model on ARC-Challenge, HellaSwag or TruthfulQA here and now, with the energy that it took: the prompts of
//! lm-evaluation-harness of 2023, the likelihoods of this engine.
//!
//! The result is a file that `jouleboard-server quality import` takes. Must not: be taken for a Measurement (nobody waits
//! for a calm machine), or fetch questions.

mod plan;
mod score;
mod task;
mod twister;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use common::measurement::{Conditions, Reading};
use common::trace::Window;
use engine::Engine;
use meter::cpu_model::Busy;
use meter::{Instruments, Monotonic, Options, idle};
use serde_json::{Value, json};

use crate::any_command::{self, CommandResult};
use crate::config::{MeterArgs, seconds};
use crate::model_args::{OneModelArgs, cache};
use crate::progress::Bar;
use crate::source;
use crate::stop::Stop;
use crate::{assemble, clock, hardware};
use plan::Put;
use score::Mark;
use task::Task;

/// Most tokens of a request, as the harness of 2023 has it; a longer one loses its beginning.
const MOST_TOKENS: u32 = 2048;
/// Questions in one Window: enough that edges do not matter, few enough that a trace stays short.
const IN_A_WINDOW: usize = 32;

/// What to evaluate.
#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    model: OneModelArgs,
    /// Which questions.
    #[arg(long, value_enum)]
    task: Task,
    /// The questions: a file of one JSON object a line, as the hub has them (ARC: test; HellaSwag and TruthfulQA: validation).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The questions that examples are drawn from, in the same form: the training set.
    #[arg(long, value_name = "FILE")]
    examples: Option<PathBuf>,
    /// Examples before each question. Default: as published tables have it (ARC 25, HellaSwag 10, TruthfulQA 0).
    #[arg(long)]
    shots: Option<u32>,
    /// The questions and answers that stand before every question of TruthfulQA, as its authors publish them.
    #[arg(long, value_name = "FILE", required_if_eq("task", "truthfulqa_mc"))]
    primer: Option<PathBuf>,
    /// Only so many questions, to try it; the result says so and is not imported.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Where to write the result. Default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only say whether data and prompts are those of the harness, without asking the model; examples are not looked at.
    #[arg(long)]
    requests_only: bool,
    /// Seconds over which idle power is read before and after.
    #[arg(long, default_value = "1", value_parser = seconds)]
    baseline_s: Duration,
    #[command(flatten)]
    meters: MeterArgs,
}

/// Evaluates and writes the result.
pub(crate) fn run(args: &EvaluateArgs) -> anyhow::Result<()> {
    let primer = args.primer.as_ref().map(|file| {
        std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
    });
    let primer = primer.transpose()?.unwrap_or_default();
    let questions = args.task.read(&args.data, primer.trim_end())?;
    let sha256 = plan::hash(&plan::put(&questions, &[], 0));
    let is_same = sha256 == args.task.requests_of_2023();
    tracing::info!(
        questions = questions.len(),
        requests.sha256 = sha256,
        of_2023 = is_same,
        "requests without examples"
    );
    if args.requests_only {
        let same =
            if is_same { "those of the harness of 2023" } else { "others than those of the harness of 2023" };
        writeln!(std::io::stdout(), "{sha256}  {} questions, {same}", questions.len())?;
        if let Some(doubt) = args.task.doubt().filter(|_| !is_same) {
            writeln!(std::io::stdout(), "{}: {doubt}", args.task.name())?;
        }
        return Ok(());
    }
    let shots = args.shots.unwrap_or(args.task.usual_shots());
    let examples = match &args.examples {
        Some(file) => args.task.read(file, primer.trim_end())?,
        None => Vec::new(),
    };
    if shots > 0 && args.task == Task::TruthfulQa {
        bail!("truthfulqa_mc has its examples in its primer: use --shots 0");
    }
    let wanted = usize::try_from(shots)?;
    if wanted > examples.len() {
        bail!(
            "{shots} examples before each question need at least as many in --examples; there are {}",
            examples.len()
        );
    }
    let mut all = plan::put(&questions, &examples, wanted);
    if let Some(limit) = args.limit {
        all.truncate(usize::try_from(limit)?);
    }
    let started_at = clock::date();
    let hub = args.model.open.hub.hub(cache());
    let mut bar = Bar::new(Monotonic::start(), Stop::default());
    let engine =
        source::find(&args.model.place()?, &hub, &mut bar)?.open(&args.model.open.opening(), true)?;
    let mut instruments = args.meters.open(Busy::ThisProcess)?;
    let options = args.meters.sampled(instruments.options());
    let mut stand = Stand {
        instruments: &mut instruments,
        clock: Monotonic::start(),
        options,
        baseline: args.baseline_s,
    };
    let (marks, energy) = stand.ask(&engine, &all)?;
    let found =
        Found { task: args.task, shots, limit: args.limit, questions: questions.len(), sha256, is_same };
    let mut document = found.document(&engine, &marks, energy.as_ref());
    let started_at = started_at.format(&time::format_description::well_known::Rfc3339)?;
    document["started_at"] = started_at.into();
    document["hardware"] =
        serde_json::to_value(hardware::describe(std::path::Path::new("/"), instruments.accelerators()))?;
    let text = serde_json::to_string_pretty(&document)?;
    match &args.out {
        Some(file) => {
            std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
        }
        None => writeln!(std::io::stdout(), "{text}").context("standard output is closed"),
    }
}

/// What it took: means over the Windows, and how many there were.
type Energies = (CommandResult, u32);

/// Instruments to ask beside.
struct Stand<'a> {
    instruments: &'a mut Instruments,
    clock: Monotonic,
    options: Options,
    baseline: Duration,
}

impl Stand<'_> {
    /// Asks everything, some questions in each Window; no energy where no instrument is.
    fn ask(&mut self, engine: &Engine, all: &[Put<'_>]) -> anyhow::Result<(Vec<Mark>, Option<Energies>)> {
        let meters = &mut self.instruments.meters;
        let before = idle::baseline(meters, self.clock, self.options, self.baseline)?;
        let mut marks = Vec::with_capacity(all.len());
        let mut windows: Vec<(Window, Vec<Reading>)> = Vec::new();
        for part in all.chunks(IN_A_WINDOW) {
            let (found, measured) = meter::measure(meters, self.clock, self.options, None, |_| {
                part.iter().map(|put| mark(engine, put)).collect::<anyhow::Result<Vec<Mark>>>()
            })?;
            marks.extend(found?);
            windows.push((measured.window, measured.readings));
            tracing::info!(done = marks.len(), of = all.len(), "questions asked");
        }
        let after = idle::baseline(meters, self.clock, self.options, self.baseline)?;
        if meters.is_empty() {
            return Ok((marks, None));
        }
        // Nobody waited for calm, so the verdict cannot say that it was.
        let conditions =
            Conditions { temperature_after: self.instruments.temperature(), ..Conditions::default() };
        let (cards, baselines) = (self.instruments.cards(), idle::baselines(&before, &after));
        let result = any_command::conclude(&cards, &conditions, &baselines, &windows, self.instruments);
        Ok((marks, Some((result, u32::try_from(windows.len())?))))
    }
}

/// One question: the likelihood of each of its answers.
fn mark(engine: &Engine, put: &Put<'_>) -> anyhow::Result<Mark> {
    // Spaces at the end of a context belong to what follows: tokens are made of both together.
    let context = put.context.trim_end_matches(' ');
    let spaces = &put.context[context.len()..];
    let known = engine.bare_ids(context)?;
    let most = usize::try_from(engine.model().context_length.min(MOST_TOKENS))?;
    let mut asked: Vec<(Vec<u32>, usize)> = Vec::new();
    for continuation in put.question.continuations() {
        let mut ids = engine.bare_ids(&format!("{context}{spaces}{continuation}"))?;
        // One more than is read: the last is only foretold.
        let cut = ids.len().saturating_sub(most + 1);
        let from = known.len().min(ids.len().saturating_sub(1)).saturating_sub(cut).max(1);
        ids.drain(..cut);
        asked.push((ids, from));
    }
    // The context is computed once for all answers to it.
    let asked: Vec<(&[u32], usize)> = asked.iter().map(|(ids, from)| (ids.as_slice(), *from)).collect();
    let sums = engine.log_likelihoods(&asked)?;
    Ok(score::mark(put.question, &sums))
}

/// What was asked.
struct Found {
    task: Task,
    shots: u32,
    limit: Option<u32>,
    questions: usize,
    sha256: String,
    is_same: bool,
}

impl Found {
    /// The file of results, in the form of 2023 with what only we know besides.
    fn document(&self, engine: &Engine, marks: &[Mark], energy: Option<&Energies>) -> Value {
        let task = self.task.name();
        let names = if self.task == Task::TruthfulQa { ["mc1", "mc2"] } else { ["acc", "acc_norm"] };
        let mut scores = serde_json::Map::new();
        for (name, of) in names.into_iter().zip([|mark: &Mark| mark.acc, |mark: &Mark| mark.second]) {
            let (share, error) = score::mean(marks.iter().map(of));
            scores.insert(name.to_owned(), share.into());
            scores.insert(format!("{name}_stderr"), error.map_or(Value::from("N/A"), Value::from));
        }
        let model = engine.model();
        let right: f64 = marks.iter().map(|mark| mark.acc).sum();
        // A mean over Windows times their number is the whole.
        let whole =
            energy.and_then(|(result, windows)| Some(result.machine_energy?.joules() * f64::from(*windows)));
        json!({
            "evaluator": {"name": "jouleboard-worker", "version": assemble::worker_version(), "engine": Engine::version(),
                          "device": engine.device(), "threads": engine.threads()},
            "model_id": model.id,
            "results": {task: scores},
            "versions": {task: self.task.version()},
            "n-samples": {task: {"original": self.questions, "effective": marks.len()}},
            "config": {"model": "jouleboard", "model_args": format!("pretrained={},dtype={}", model.name, model.dtype),
                       "model_dtype": model.dtype, "model_sha": model.revision, "num_fewshot": self.shots,
                       "batch_size": 1, "limit": self.limit},
            "requests": {"sha256_without_examples": self.sha256, "are_those_of_2023": self.is_same},
            "energy": energy.map(|(result, windows)| json!({
                "windows": windows, "per_window": result, "energy_j": whole,
                "energy_j_per_right_answer": whole.filter(|_| right > 0.0).map(|joules| joules / right),
            })),
        })
    }
}

#[cfg(test)]
mod tests;
