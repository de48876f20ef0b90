//! From a folder or a configuration to an engine.
//!
//! Must not: compute anything with the model.

use std::path::{Path, PathBuf};

use common::model::{Dtype, Model};

use super::{EAGER, Engine};
use crate::device::{Cpu, DeviceChoice};
use crate::error::Error;
use crate::hf::checkpoint::Checkpoint;
use crate::hf::config::{self, HfConfig};
use crate::hf::random::RandomWeights;
use crate::hf::raw::Stored;
use crate::hf::tokenizer::Tokenizer;
use crate::hf::weight_hash;
use crate::identity::Identity;
use crate::model::{Loader, Network, Order, Source};
use crate::numeric::count_u32;
use crate::ops;
use crate::spec::{self, ModelSpec};
use crate::{dtype, footprint};

/// How a model is loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Number format of the weights in memory; `None` takes the checkpoint's own.
    pub dtype: Option<Dtype>,
    /// Threads to compute on; `None` takes one for each physical core.
    pub threads: Option<usize>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Where the folder was fetched from; `None` takes name and revision from its files.
    pub origin: Option<Origin>,
    /// A folder in which the hashes of weight files are remembered; `None` computes them at every load.
    pub hashes: Option<PathBuf>,
    /// Rounds the frequencies of rotary positions to bf16, as a reference has them that was cast to bf16 in memory as a
    /// whole: only to compare with such a reference. No checkpoint holds them, and none is meant to be run so.
    pub rotary_in_bf16: bool,
}

/// A published checkpoint, as the hub names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Such as `org/name`.
    pub name: String,
    /// The commit.
    pub revision: String,
}

impl Engine {
    /// Loads a checkpoint folder in Hugging Face form.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming the file at fault, [`Error::Unsupported`] saying what can run,
    /// [`Error::Memory`] where it does not fit.
    pub fn load(dir: &Path, options: &LoadOptions) -> Result<Self, Error> {
        Self::load_folder(dir, options, true)
    }

    /// Loads a checkpoint folder for token ids only: it needs no tokenizer and cannot
    /// [`generate`](Engine::generate) text.
    ///
    /// # Errors
    /// As [`Engine::load`].
    pub fn load_for_ids(dir: &Path, options: &LoadOptions) -> Result<Self, Error> {
        Self::load_folder(dir, options, false)
    }

    fn load_folder(dir: &Path, options: &LoadOptions, text: bool) -> Result<Self, Error> {
        let config = HfConfig::load(dir)?;
        let mut spec = spec::read(&config)?;
        if options.rotary_in_bf16 {
            spec.round_rotations();
        }
        let checkpoint = Checkpoint::open(dir)?;
        let stored = match checkpoint.stored() {
            Stored::F32 => Dtype::F32,
            Stored::F16 => Dtype::F16,
            Stored::Bf16 => Dtype::Bf16,
        };
        let sha256 = weight_hash::sha256(&checkpoint, options.hashes.as_deref());
        let dtype = dtype::choose(options.dtype, stored)?;
        let identity = Identity::of_folder(dir, &config, sha256, options.origin.as_ref(), dtype)?;
        let tokenizer = if text { Some(Tokenizer::load(dir, spec.vocab)?) } else { None };
        let mut stop_ids = config.text_part().eos_ids()?;
        stop_ids.extend(config::generation_eos_ids(dir)?);
        stop_ids.extend(tokenizer.as_ref().and_then(Tokenizer::eos));
        stop_ids.sort_unstable();
        stop_ids.dedup();
        let source = Source::Files(checkpoint);
        Self::build(&spec, &source, dtype, options, identity, tokenizer, stop_ids)
    }

    /// Makes a model of a configuration's shape with seeded random weights: for speed and energy of
    /// a full-size model without a download. Without a `tokenizer.json` beside the configuration it reads
    /// text byte by byte. It knows no token that ends an answer.
    ///
    /// # Errors
    /// As [`Engine::load`].
    pub fn random(config: &Path, seed: u64, options: &LoadOptions) -> Result<Self, Error> {
        let config = HfConfig::load_file(config)?;
        let spec = spec::read(&config)?;
        let dtype = dtype::choose(options.dtype, config.dtype()?.unwrap_or(Dtype::F32))?;
        // The numbers follow from configuration and seed, so these two name them.
        let text = crate::hf::read_text(config.file(), u64::from(u32::MAX))?.unwrap_or_default();
        let sha256 = crate::hf::checkpoint::sha256_of(format!("{text}{seed}").as_bytes());
        let folder = config.file().parent().unwrap_or(Path::new("random"));
        let identity = Identity::of_random(&config, seed, sha256);
        let tokenizer = if folder.join("tokenizer.json").exists() {
            Some(Tokenizer::load(folder, spec.vocab)?)
        } else {
            Tokenizer::of_bytes(spec.vocab)?
        };
        let source = Source::Random(RandomWeights { seed });
        Self::build(&spec, &source, dtype, options, identity, tokenizer, Vec::new())
    }

    fn build(
        spec: &ModelSpec,
        source: &Source,
        dtype: Dtype,
        options: &LoadOptions,
        identity: Identity,
        tokenizer: Option<Tokenizer>,
        stop_ids: Vec<u32>,
    ) -> Result<Self, Error> {
        let cpu = Cpu::open(options.device, options.threads)?;
        cpu.check_weights(footprint::weight_bytes(spec, dtype))?;
        let mut loader = Loader {
            source,
            renames: &spec.renames,
            dtype,
            order: if cpu.is_cpu() { Order::Panels } else { Order::Rows },
            device: &cpu.device,
            memory: ops::Memory::default(),
            parameters: 0,
            weight_bytes: 0,
        };
        let network = Network::load(spec, &mut loader)?;
        if !cpu.is_cpu() && matches!(network, Network::Rwkv(_)) {
            tracing::warn!("{} on {}: {EAGER}", identity.name, cpu.name());
        }
        let (parameters, weight_bytes) = (loader.parameters, loader.weight_bytes);
        let id = format!("{}@{}:{dtype}", identity.name, identity.revision);
        let model = Model {
            id: id
                .parse()
                .map_err(|error| Error::unsupported(format!("{error}"), "rename the model's folder"))?,
            name: identity.name,
            family: spec.family.clone(),
            parameters,
            dtype,
            bits_per_weight: dtype::bits_per_weight(dtype, parameters, weight_bytes),
            weight_bytes,
            revision: identity.revision,
            weights_sha256: identity.sha256,
            weights: identity.weights,
            context_length: count_u32(spec.context_length),
            quality: identity.quality,
        };
        Ok(Self {
            model,
            network,
            tokenizer,
            stop_ids,
            cpu,
            #[cfg(feature = "cuda")]
            recordings: crate::model::recorded::Recordings::on(options.device),
        })
    }
}
