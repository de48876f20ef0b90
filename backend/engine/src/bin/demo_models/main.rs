//! `demo-models`: makes the corpus, trains the demo models on it, examines them on held-out questions and stores
//! them in Hugging Face form, so that a machine without internet has something sensible to measure.
//!
//! Must not: be needed by any other program; the models in the repository are its results.
#![expect(clippy::print_stdout, reason = "a command: its progress and its marks belong on the screen")]

mod batches;
mod chat;
mod clock;
mod corpus;
mod dice;
mod exam;
mod folder;
mod network;
mod quality;
mod sizes;
mod train;
mod vocabulary;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use burn::tensor::Device;
use clap::Parser;
use common::model::Dtype;
use common::prompt::Kind;
use common::score::is_correct;
use tokenizers::Tokenizer;

use crate::corpus::HeldOut;
use crate::exam::Marks;
use crate::folder::Stored;
use crate::network::Network;
use crate::sizes::{Round, Size};
use crate::train::{Plan, Progress, Until};

/// Steps between two lines on the screen.
const LINE_EVERY: u64 = 20;
/// Steps between two stored states, each a usable model.
const STORE_EVERY: u64 = 200;
/// What is written beside the weights.
const CARD: &str = "jouleboard.json";
/// Seed of the held-out questions: always the same ones, whatever a training is seeded with.
const EXAM_SEED: u64 = 2026;

/// Trains Jouleboard's demo models and stores them, with their marks, in Hugging Face form.
#[derive(Debug, Parser)]
#[command(name = "demo-models", version)]
struct Config {
    /// Where the models' folders are written.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/demo-models"))]
    out: PathBuf,
    /// Which sizes, in this order: 0.3m, 1m, 3m.
    #[arg(long, default_value = "1m,0.3m,3m", value_delimiter = ',')]
    sizes: Vec<String>,
    /// Seed of first weights and examples; a second round takes the next one.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Train each size in one round on so many tokens instead of in its own rounds; same seed and tokens, same weights.
    #[arg(long, conflicts_with = "minutes")]
    tokens: Option<u64>,
    /// Train each size in one round for so many minutes; how far that leads depends on the machine.
    #[arg(long)]
    minutes: Option<f64>,
    /// Tokens of a batch.
    #[arg(long, default_value_t = 3_072)]
    batch: usize,
    /// Highest learning rate, instead of each round's own.
    #[arg(long)]
    rate: Option<f64>,
    /// Go on from the models in this folder (trained with the same tokenizer) instead of random weights.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Held-out questions of every kind.
    #[arg(long, default_value_t = 50)]
    held_out: usize,
    /// Train nothing: examine what is stored once more, through the engine.
    #[arg(long)]
    examine: bool,
    /// Write the engine's answers to this file, as JSON, to compare with another engine's.
    #[arg(long)]
    answers: Option<PathBuf>,
    /// Print every wrong answer of an exam.
    #[arg(long)]
    wrong: bool,
    /// Train nothing: only print what is drawn, so many examples and held-out questions.
    #[arg(long)]
    show: Option<usize>,
}

fn main() -> Result<()> {
    let config = Config::parse();
    if let Some(examples) = config.show {
        show(examples, config.seed);
        return Ok(());
    }
    let sizes = config
        .sizes
        .iter()
        .map(|name| Size::named(name).ok_or_else(|| anyhow!("there is no size {name:?}: use 0.3m, 1m or 3m")))
        .collect::<Result<Vec<_>>>()?;
    let questions = corpus::held_out(config.held_out, EXAM_SEED);
    if config.examine {
        return sizes.into_iter().try_for_each(|size| examine(&config, size, &questions));
    }
    std::fs::create_dir_all(&config.out)
        .with_context(|| format!("{} could not be made; choose another --out", config.out.display()))?;
    folder::write_json(&config.out.join("heldout.json"), &questions)?;
    println!("training the tokenizer");
    let tokenizer = vocabulary::train(EXAM_SEED)?;
    for size in sizes {
        make(&config, size, &tokenizer, &questions)?;
    }
    Ok(())
}

fn show(examples: usize, seed: u64) {
    let mut dice = dice::Dice::new(seed);
    for _ in 0..examples {
        let example = corpus::draw(&mut dice);
        println!("{}\t{}\t{:?}\t{:?}", example.kind, example.task, example.text, example.answer);
    }
    for question in corpus::held_out(examples / Kind::ALL.len(), EXAM_SEED) {
        println!(
            "held out\t{}\t{}\t{:?}\t{:?}",
            question.kind, question.task, question.text, question.expected
        );
    }
}

/// A stored model that training goes on from.
struct Before {
    stored: Vec<Stored>,
    tokenizer: Tokenizer,
    training: serde_json::Value,
}

impl Before {
    fn load(home: &Path) -> Result<Self> {
        let path = home.join("tokenizer.json");
        let tokenizer = Tokenizer::from_file(&path)
            .map_err(|error| anyhow!("{} could not be read: {error}", path.display()))?;
        let training = folder::read_json(&home.join(CARD))?["training"].take();
        Ok(Self { stored: folder::load(home)?, tokenizer, training })
    }
}

impl Config {
    /// The rounds that a size is trained in.
    fn plans(&self, size: Size) -> Vec<Plan> {
        let minutes = self.minutes.map(|minutes| {
            Until::Elapsed(Duration::try_from_secs_f64(60.0 * minutes).unwrap_or(Duration::MAX))
        });
        let asked = minutes.or(self.tokens.map(Until::Tokens));
        let rounds = if asked.is_some() { &size.rounds[..1] } else { size.rounds };
        let plan = |(seed, round): (u64, &Round)| Plan {
            size,
            seed,
            until: asked.unwrap_or(Until::Tokens(round.tokens)),
            batch: self.batch,
            rate: self.rate.unwrap_or(round.rate),
        };
        (self.seed..).zip(rounds).map(plan).collect()
    }
}

/// Trains, examines and stores one size.
fn make(config: &Config, size: Size, tokenizer: &Tokenizer, questions: &[HeldOut]) -> Result<()> {
    let home = config.out.join(size.folder);
    std::fs::create_dir_all(&home).with_context(|| format!("{} could not be made", home.display()))?;
    println!("{}: {} parameters", size.folder, size.parameters());
    let from = config.from.as_ref().map(|from| from.join(size.folder));
    let mut before = from.as_deref().map(Before::load).transpose()?;
    for plan in config.plans(size) {
        round(&home, plan, before.as_ref(), tokenizer, questions)?;
        before = Some(Before::load(&home)?);
    }
    examine(config, size, questions)
}

/// Trains and stores one round, going on from what was stored before where there is such.
fn round(
    home: &Path,
    plan: Plan,
    before: Option<&Before>,
    tokenizer: &Tokenizer,
    questions: &[HeldOut],
) -> Result<()> {
    let size = plan.size;
    let tokenizer = before.map_or(tokenizer, |before| &before.tokenizer);
    vocabulary::store(tokenizer, home)?;
    let mut last = None;
    let mut mean = f32::NAN;
    let network = train::train(
        plan,
        before.map(|before| before.stored.as_slice()),
        tokenizer,
        clock::started(),
        |progress, network| {
            mean = if mean.is_nan() { progress.loss } else { 0.95 * mean + 0.05 * progress.loss };
            if progress.steps.is_multiple_of(LINE_EVERY) {
                println!("{}", line(size, &progress, mean));
            }
            if progress.steps.is_multiple_of(STORE_EVERY) {
                keep(home, plan, network, &progress, tokenizer, questions)?;
            }
            last = Some(progress);
            Ok(())
        },
    )?;
    let progress = last.context("nothing was trained; ask for more tokens or minutes")?;
    keep(home, plan, &network, &progress, tokenizer, questions)?;
    if let Some(before) = before {
        let mut record = folder::read_json(&home.join(CARD))?;
        record["training"]["went_on_from"] = before.training.clone();
        folder::write_json(&home.join(CARD), &record)?;
    }
    Ok(())
}

/// Stores the network as it is, examines what was stored and writes the marks beside it.
fn keep(
    home: &Path,
    plan: Plan,
    network: &Network,
    progress: &Progress,
    tokenizer: &Tokenizer,
    questions: &[HeldOut],
) -> Result<()> {
    let size = plan.size;
    let stored = folder::tensors(network, size)?;
    let (end, pad) = (vocabulary::mark(tokenizer, chat::END)?, vocabulary::mark(tokenizer, chat::PAD)?);
    folder::store(&stored, size, end, pad, home)?;
    let device = Device::flex();
    let examined = folder::network(&stored, size.layers, &device)?;
    let answers = exam::answers(&examined, size, tokenizer, &exam::prompts(questions), &device)?;
    let marks = exam::judge(questions, &answers);
    print_marks(size, "so far", &marks);
    folder::write_json(&home.join(CARD), &quality::record(&marks, plan, progress))
}

/// Lets the engine answer from the stored folder in every dtype; its marks replace those of the training. Wrong
/// answers are printed, and answers written, of the widest dtype.
fn examine(config: &Config, size: Size, questions: &[HeldOut]) -> Result<()> {
    let home = config.out.join(size.folder);
    let mut quality = Vec::new();
    for dtype in Dtype::ALL {
        let answers = exam::engine_answers(&home, dtype, questions)?;
        let marks = exam::judge(questions, &answers);
        print_marks(size, &format!("through the engine in {dtype}"), &marks);
        quality.extend(quality::benchmarks(&marks, dtype));
        if dtype != Dtype::F32 {
            continue;
        }
        if config.wrong {
            print_wrong(questions, &answers);
        }
        if let Some(path) = &config.answers {
            let given: Vec<_> = questions.iter().zip(&answers).map(quality::given).collect();
            folder::write_json(path, &given)?;
        }
    }
    let card = home.join(CARD);
    let mut record = folder::read_json(&card)?;
    record["quality"] = quality.into();
    folder::write_json(&card, &record)
}

fn print_wrong(questions: &[HeldOut], answers: &[String]) {
    for (question, answer) in questions.iter().zip(answers) {
        if !is_correct(question.kind, &question.expected, answer) {
            println!("  wrong: {:?} -> {answer:?}, not {:?}", question.text, question.expected);
        }
    }
}

fn line(size: Size, progress: &Progress, mean: f32) -> String {
    let elapsed = progress.elapsed.as_secs_f64();
    let left = Duration::try_from_secs_f64(elapsed / progress.share.max(1e-9) - elapsed).unwrap_or_default();
    format!(
        "{}: {:5.1} %  step {}  {} tokens  loss {mean:.4}  {elapsed:.0} s, {:.0} s left",
        size.folder,
        100.0 * progress.share,
        progress.steps,
        progress.tokens,
        left.as_secs_f64()
    )
}

fn print_marks(size: Size, how: &str, marks: &Marks) {
    let overall = marks.overall;
    println!(
        "{}, {how}: {:.1} % of {} held-out questions right",
        size.folder,
        100.0 * overall.share(),
        overall.asked
    );
    for (kind, mark) in &marks.kinds {
        println!("  {kind:<12} {:5.1} %  ({} of {})", 100.0 * mark.share(), mark.right, mark.asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_its_own_rounds_unless_one_is_asked_for() {
        let plans = |words: &[&str]| {
            let config = Config::parse_from([&["demo-models"], words].concat());
            let size = Size::named("3m").unwrap_or_else(|| panic!("there is a size 3m"));
            config.plans(size)
        };
        let own = plans(&[]);
        assert_eq!(own.iter().map(|plan| plan.seed).collect::<Vec<_>>(), [1, 2]);
        assert!(own[1].rate < own[0].rate);
        let asked = plans(&["--tokens", "5000", "--rate", "0.001", "--seed", "7"]);
        assert_eq!(asked.len(), 1);
        assert_eq!((asked[0].until, asked[0].rate, asked[0].seed), (Until::Tokens(5000), 0.001, 7));
        assert_eq!(plans(&["--minutes", "2"])[0].until, Until::Elapsed(Duration::from_secs(120)));
    }
}
