//! How fast a loaded model runs here, beside how fast this machine reads memory: rows of a table, made
//! by whoever times it (the worker adds joules, the engine has none).
//!
//! A round feeds prompts of fixed length and decodes a fixed number of tokens, likeliest first and
//! stopping at none. A decode step reads every weight once, however many sequences share it, and the
//! cache of each sequence; so `read` is what must cross the bus and `share` how close a step comes to
//! the bandwidth. That is measured before every round, and a share is of its own round: what disturbs a shared machine
//! for a while disturbs both.
//!
//! Must not: mix rounds of two plans; state a share of a bandwidth that another round had.

use std::time::Duration;

use common::measurement::Computing;
use common::model::{Dtype, Weights};
use common::stats::median;
use serde::Serialize;

use crate::clock;
use crate::engine::Engine;
use crate::error::Error;
use crate::numeric::{count_f64, index, wide};
use crate::ops::Memory;

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Tokens of each prompt.
    pub prompt_tokens: u32,
    /// Tokens decoded for each prompt; two at least, for a step lies between two tokens.
    pub output_tokens: u32,
    /// Prompts at once.
    pub batch: u32,
}

/// One execution of a [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Start of prefill until every prompt's first token was on the host.
    pub prefill: Duration,
    /// From there to the last token of all.
    pub decode: Duration,
}

/// One line of the table: medians over its rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The model's name.
    pub model: String,
    /// Whether its weights were learned or drawn.
    pub weights: Weights,
    /// Number format of its weights.
    pub dtype: Dtype,
    /// Where it ran.
    pub device: String,
    /// With which kernels.
    pub computing: Computing,
    /// Threads that computed.
    pub threads: u32,
    /// Numbers in the model.
    pub parameters: u64,
    /// Bytes they take.
    pub weight_bytes: u64,
    /// Tokens of each prompt.
    pub prompt_tokens: u32,
    /// Tokens decoded for each prompt.
    pub output_tokens: u32,
    /// Prompts at once.
    pub batch: u32,
    /// How often it was timed.
    pub rounds: u32,
    /// Prompt tokens of all sequences a second.
    pub prefill_tokens_per_s: f64,
    /// Output tokens of all sequences a second, the first ones not counted.
    pub decode_tokens_per_s: f64,
    /// Bytes that a decode step must read, halfway through the answer.
    pub step_bytes: u64,
    /// Gigabytes read a second while decoding.
    #[serde(rename = "decode_gb_per_s")]
    pub read: f64,
    /// Gigabytes a second that this machine reads at best with as many threads.
    #[serde(rename = "bandwidth_gb_per_s")]
    pub bandwidth: f64,
    /// What a round read as a share of the bandwidth before it.
    pub share: f64,
}

/// Times one execution. The prompts are fixed ids that differ from sequence to sequence.
///
/// # Errors
/// As [`Engine::generate_ids`].
pub fn round(engine: &mut Engine, plan: &Plan) -> Result<Round, Error> {
    let vocab = engine.vocab();
    let prompts: Vec<Vec<u32>> = (0..plan.batch)
        .map(|sequence| (0..plan.prompt_tokens).map(|at| (at * 37 + sequence * 101) % vocab).collect())
        .collect();
    let prompts: Vec<&[u32]> = prompts.iter().map(Vec::as_slice).collect();
    let answers = engine.generate_ids(&prompts, plan.output_tokens.max(2))?;
    let latest = |at: fn(&[Duration]) -> Option<&Duration>| {
        answers.iter().filter_map(|answer| at(&answer.token_times)).max().copied().unwrap_or_default()
    };
    let prefill = latest(<[Duration]>::first);
    Ok(Round { prefill, decode: latest(<[Duration]>::last).saturating_sub(prefill) })
}

impl Row {
    /// The line of these rounds, each with the bandwidth ([`Engine::bandwidth`]) just before it. `None` without a round.
    pub fn of(engine: &Engine, plan: &Plan, rounds: &[(f64, Round)]) -> Option<Self> {
        let model = engine.model();
        let middle =
            |of: &dyn Fn(&(f64, Round)) -> f64| median(&mut rounds.iter().map(of).collect::<Vec<_>>());
        let sequences = f64::from(plan.batch);
        let steps = f64::from(plan.output_tokens.max(2) - 1);
        let length = plan.prompt_tokens + plan.output_tokens / 2;
        let step_bytes = engine.step_bytes(index(plan.batch), index(length));
        let read = |round: &Round| wide(step_bytes) * steps / round.decode.as_secs_f64() / 1e9;
        let prefill = middle(&|(_, round)| round.prefill.as_secs_f64())?;
        let decode = middle(&|(_, round)| round.decode.as_secs_f64())?;
        Some(Self {
            model: model.name.clone(),
            weights: model.weights,
            dtype: model.dtype,
            device: engine.device().to_owned(),
            computing: engine.computing(),
            threads: engine.threads(),
            parameters: model.parameters,
            weight_bytes: model.weight_bytes,
            prompt_tokens: plan.prompt_tokens,
            output_tokens: plan.output_tokens,
            batch: plan.batch,
            rounds: u32::try_from(rounds.len()).unwrap_or(u32::MAX),
            prefill_tokens_per_s: f64::from(plan.prompt_tokens) * sequences / prefill,
            decode_tokens_per_s: steps * sequences / decode,
            step_bytes,
            read: middle(&|(_, round)| read(round))?,
            bandwidth: middle(&|&(bandwidth, _)| bandwidth)?,
            share: middle(&|(bandwidth, round)| read(round) / bandwidth)?,
        })
    }

    /// The head of the table that [`Row`]'s `Display` fills.
    pub const HEAD: &'static str = "| model | dtype | threads | prompt + output | batch | prefill tok/s | decode tok/s | read GB/s | of bandwidth |\n|---|---|---|---|---|---|---|---|---|";
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let random = if self.weights == Weights::Random { " (random weights)" } else { "" };
        write!(
            f,
            "| {}{random} | {} | {} | {} + {} | {} | {:.0} | {:.1} | {:.1} | {:.0} % |",
            self.model,
            self.dtype,
            self.threads,
            self.prompt_tokens,
            self.output_tokens,
            self.batch,
            self.prefill_tokens_per_s,
            self.decode_tokens_per_s,
            self.read,
            100.0 * self.share
        )
    }
}

/// Gigabytes a second that this machine reads from memory: the best of five passes over half a
/// gigabyte, each thread its part.
pub(crate) fn read_bandwidth(threads: u32) -> f64 {
    // Where weights would lie.
    let mut numbers = Memory::default().take::<u64>(1 << 26);
    numbers.fill(1);
    let bytes = count_f64(size_of_val(&*numbers));
    let mut best = 0.0f64;
    for _ in 0..5 {
        let start = clock::now();
        std::thread::scope(|scope| {
            for part in numbers.chunks(numbers.len().div_ceil(index(threads.max(1)))) {
                scope.spawn(move || {
                    std::hint::black_box(part.iter().fold(0u64, |sum, &number| sum.wrapping_add(number)))
                });
            }
        });
        best = best.max(bytes / clock::now().saturating_duration_since(start).as_secs_f64() / 1e9);
    }
    best
}

/// Gigabytes a second that a GPU reads and writes while it copies a gigabyte: the best of ten.
#[cfg(feature = "cuda")]
pub(crate) fn copy_bandwidth(device: &burn::tensor::Device) -> f64 {
    use burn::tensor::{DType, Tensor};
    let from = Tensor::<1>::ones([1 << 28], (device, DType::F32));
    let bytes = count_f64(2 * 4 * (1 << 28));
    let mut best = 0.0f64;
    for _ in 0..10 {
        // A device that fails here fails in the round beside it, which says so.
        let _ = device.sync();
        let start = clock::now();
        let copy = from.clone() * 1.0;
        let _ = device.sync();
        best = best.max(bytes / clock::now().saturating_duration_since(start).as_secs_f64() / 1e9);
        drop(copy);
    }
    best
}
