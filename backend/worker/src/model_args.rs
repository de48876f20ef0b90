//! What the operator says of models: which, where from, on which device, and what to ask them.
//!
//! Must not: open anything; that is `source`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use common::model::Dtype;
use common::prompt::Decoding;
use engine::DeviceChoice;
use engine::bench::Plan;

use crate::config::{MeterArgs, seconds};
use crate::hub::HubArgs;
use crate::source::{ModelPlace, Opening, RandomPlace};

/// What to time.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Checkpoint folders, or models of the hub, each with a dtype if not its own.
    #[arg(long, alias = "model", value_name = "MODEL[:DTYPE]", value_delimiter = ',', num_args = 1..,
        required_unless_present = "random")]
    models: Vec<ModelPlace>,
    /// Configurations to be filled with random weights, each with a dtype if not its own.
    #[arg(long, value_name = "CONFIG.json[:DTYPE]", value_delimiter = ',', num_args = 1..)]
    random: Vec<RandomPlace>,
    /// Number formats: f32, f16, bf16, int8, int4. Default: what each model names, or its own.
    #[arg(long, value_delimiter = ',')]
    dtypes: Vec<Dtype>,
    /// Tokens of a prompt; several make a line each, as everywhere below.
    #[arg(long, value_delimiter = ',', default_value = "128", value_parser = clap::value_parser!(u32).range(1..))]
    prompt_tokens: Vec<u32>,
    /// Tokens of an answer.
    #[arg(long, value_delimiter = ',', default_value = "64", value_parser = clap::value_parser!(u32).range(2..))]
    output_tokens: Vec<u32>,
    /// Prompts at once.
    #[arg(long, value_delimiter = ',', default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1024))]
    batch: Vec<u32>,
    /// Rounds that count; figures are medians, joules are means.
    #[arg(long, default_value = "3", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) repeat: u32,
    /// Also write everything, with hardware and versions, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Seconds over which idle power is read before and after each line.
    #[arg(long, default_value = "1", value_parser = seconds)]
    pub(crate) baseline_s: Duration,
    /// Load and time nothing: say which memory each line would take on a GPU.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// With --dry-run, memory of the GPU that is planned for, in GiB: says what does not fit.
    #[arg(long, value_name = "GIB", requires = "dry_run", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub(crate) memory_gib: Option<u64>,
    #[command(flatten)]
    pub(crate) open: OpenArgs,
    #[command(flatten)]
    pub(crate) meters: MeterArgs,
}

impl BenchArgs {
    /// Every model to time, those with random weights last.
    pub(crate) fn places(&self) -> Vec<ModelPlace> {
        let random = self.random.iter().cloned().map(|random| random.seeded(self.open.random_seed));
        self.models.iter().cloned().chain(random).collect()
    }

    /// In which formats, where the model itself names `own`.
    pub(crate) fn dtypes(&self, own: Option<Dtype>) -> Vec<Option<Dtype>> {
        if self.dtypes.is_empty() { vec![own] } else { self.dtypes.iter().copied().map(Some).collect() }
    }

    /// Every combination of lengths and batches.
    pub(crate) fn plans(&self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for &batch in &self.batch {
            for &prompt_tokens in &self.prompt_tokens {
                for &output_tokens in &self.output_tokens {
                    plans.push(Plan { prompt_tokens, output_tokens, batch });
                }
            }
        }
        plans
    }
}

/// How a model is opened.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// Where to compute: cpu, cuda, or cuda:1 for the second GPU.
    #[arg(long, env = "JOULEBOARD_DEVICE", default_value = "cpu")]
    device: DeviceChoice,
    /// Threads of the engine on the CPU. Default: one for each physical core.
    #[arg(long, env = "JOULEBOARD_ENGINE_THREADS")]
    threads: Option<usize>,
    /// Seed of random weights.
    #[arg(long, env = "JOULEBOARD_RANDOM_SEED", default_value = "1", value_name = "SEED")]
    pub(crate) random_seed: u64,
    #[command(flatten)]
    pub(crate) hub: HubArgs,
}

impl OpenArgs {
    /// The same for the room that opens it. Hashes of weights are remembered in the user's cache folder.
    pub(crate) fn opening(&self) -> Opening {
        Opening {
            device: self.device,
            threads: self.threads,
            hashes: cache().map(|cache| cache.join("jouleboard/hashes")),
            rotary_in_bf16: false,
        }
    }
}

/// The user's folder of what can be had again.
pub(crate) fn cache() -> Option<PathBuf> {
    let named = |name| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")))
}

/// Which one model.
#[derive(Debug, Args)]
pub(crate) struct OneModelArgs {
    /// A checkpoint folder, or a model of the hub such as `org/name@revision`; with a dtype if not its own: `DIR:f16`.
    #[arg(long, value_name = "MODEL[:DTYPE]", required_unless_present = "random")]
    model: Option<ModelPlace>,
    /// A configuration to be filled with random weights, with a dtype if not its own.
    #[arg(long, value_name = "CONFIG.json[:DTYPE]", conflicts_with = "model")]
    random: Option<RandomPlace>,
    /// The number format: f32, f16, bf16, int8 or int4. Default: what the model names, or the checkpoint's own.
    #[arg(long)]
    dtype: Option<Dtype>,
    #[command(flatten)]
    pub(crate) open: OpenArgs,
}

impl OneModelArgs {
    /// The model, with the dtype that was asked for last.
    pub(crate) fn place(&self) -> anyhow::Result<ModelPlace> {
        let random = || self.random.clone().map(|random| random.seeded(self.open.random_seed));
        let place = self.model.clone().or_else(random);
        let mut place = place.ok_or_else(|| anyhow::anyhow!("no model: give --model or --random"))?;
        place.dtype = self.dtype.or(place.dtype);
        Ok(place)
    }
}

/// Which logits to print.
#[derive(Debug, Args)]
pub(crate) struct LogitsArgs {
    #[command(flatten)]
    pub(crate) model: OneModelArgs,
    /// Token ids, separated by commas, such as 1,5,7.
    #[arg(long, required = true, value_delimiter = ',')]
    pub(crate) ids: Vec<u32>,
    /// Round the frequencies of rotary positions to bf16 first: for a reference that was cast to bf16 in memory as a whole,
    /// which rounds them too. No checkpoint holds them so.
    #[arg(long)]
    pub(crate) rotary_in_bf16: bool,
}

/// What to answer.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) model: OneModelArgs,
    /// The prompt.
    pub(crate) prompt: String,
    /// A system prompt, for models whose template has a place for it.
    #[arg(long)]
    pub(crate) system: Option<String>,
    /// Most tokens of the answer.
    #[arg(long, default_value = "256", value_parser = clap::value_parser!(u32).range(1..))]
    max_output_tokens: u32,
    /// 0 takes the likeliest token; above it, chance grows.
    #[arg(long, default_value = "0", value_parser = |text: &str| within(text, 0.0..=2.0))]
    temperature: f64,
    /// Chance is limited to the likeliest tokens that together reach this share.
    #[arg(long, default_value = "1", value_parser = |text: &str| within(text, 1e-6..=1.0))]
    top_p: f64,
    /// Same seed, same answer.
    #[arg(long, default_value = "0")]
    seed: u32,
}

impl GenerateArgs {
    /// How the answer is decoded.
    pub(crate) const fn decoding(&self) -> Decoding {
        Decoding {
            max_output_tokens: self.max_output_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            seed: self.seed,
            forced_length: false,
        }
    }
}

fn within(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if range.contains(&value) => Ok(value),
        _ => Err(format!("{text:?} is not a number from {} to {}", range.start(), range.end())),
    }
}
