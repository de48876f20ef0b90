//! The engine: a loaded model ready to answer.
//!
//! Must not: keep anything of one answer for the next.

use std::path::{Path, PathBuf};

use common::measurement::Computing;
use common::model::{Dtype, Model};

use crate::device::{Cpu, DeviceChoice};
use crate::error::Error;
use crate::generate::{self, EnginePrompt, Generation, TokenEvent};
use crate::hf::checkpoint::Checkpoint;
use crate::hf::config::{self, HfConfig};
use crate::hf::random::RandomWeights;
use crate::hf::raw::Stored;
use crate::hf::tokenizer::Tokenizer;
use crate::hf::weight_hash;
use crate::identity::Identity;
use crate::model::{Feed, Loader, Network, Order, Room, Rows, Source, State};
use crate::numeric::{count_u32, count_u64, index};
use crate::ops;
use crate::spec::{self, ModelSpec};
use crate::{decoding, dtype, footprint};

/// What is said of a model whose steps a GPU cannot record.
const EAGER: &str = "eager, the steps of a recurrent network are not recorded";

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

/// A model on a device.
pub struct Engine {
    model: Model,
    network: Network,
    tokenizer: Option<Tokenizer>,
    stop_ids: Vec<u32>,
    cpu: Cpu,
    /// Decode steps that a GPU has recorded.
    #[cfg(feature = "cuda")]
    recordings: crate::model::recorded::Recordings,
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

    /// The model as the record names it.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// This engine and the burn below it.
    pub fn version() -> &'static str {
        concat!("engine ", env!("CARGO_PKG_VERSION"), ", burn 0.22.1")
    }

    /// The device, as records name it.
    pub fn device(&self) -> &str {
        self.cpu.name()
    }

    /// With which kernels it computes and, once something was asked, how a step is run and what was tuned.
    pub fn computing(&self) -> Computing {
        #[cfg(feature = "cuda")]
        if !self.cpu.is_cpu() {
            return Computing {
                kernels: ops::CUBE_KERNELS.to_owned(),
                decode: match &self.network {
                    Network::Decoder(_) => self.recordings.say(),
                    Network::Rwkv(_) => Some(EAGER.to_owned()),
                },
                tuned: crate::cuda::tuned(),
            };
        }
        Computing { kernels: ops::Level::best().name().to_owned(), decode: None, tuned: Some(Vec::new()) }
    }

    /// Threads that compute.
    pub fn threads(&self) -> u32 {
        count_u32(self.cpu.threads())
    }

    /// Answers a prompt, calling `on_token` for each token as its id reaches the host.
    ///
    /// # Errors
    /// [`Error::PromptTooLong`] or [`Error::Prompt`] about this prompt, [`Error::NotFinite`] about the
    /// model.
    pub fn generate(
        &mut self,
        prompt: &EnginePrompt<'_>,
        on_token: &mut dyn FnMut(&TokenEvent<'_>),
    ) -> Result<Generation, Error> {
        let mut told = |_: usize, token: &TokenEvent<'_>| on_token(token);
        let answers = generate::generate(self, std::slice::from_ref(prompt), &mut told)?;
        answers.into_iter().next().ok_or_else(no_prompt)
    }

    /// Answers several prompts at once, calling `on_token` with a prompt's place in the list and the
    /// token. All start together, so `started` is one instant; each answer has its own length, its own
    /// reason to end and its own token times, the last of which is its latency. Energy over the whole
    /// call belongs to all of them: an answer's share is the whole by their number.
    ///
    /// # Errors
    /// As [`Engine::generate`]; one bad prompt refuses the batch.
    pub fn generate_batch(
        &mut self,
        prompts: &[EnginePrompt<'_>],
        on_token: &mut dyn FnMut(usize, &TokenEvent<'_>),
    ) -> Result<Vec<Generation>, Error> {
        if prompts.is_empty() {
            return Err(no_prompt());
        }
        generate::generate(self, prompts, on_token)
    }

    /// Continues each list of token ids by as many tokens as asked, likeliest first and stopping at
    /// none: a fixed amount of work, for comparing speeds. The generations' texts are empty.
    ///
    /// # Errors
    /// As [`Engine::logits`], and [`Error::NotFinite`].
    pub fn generate_ids(&mut self, prompts: &[&[u32]], output_tokens: u32) -> Result<Vec<Generation>, Error> {
        for ids in prompts {
            self.check_ids(ids, index(output_tokens))?;
        }
        generate::generate_ids(self, prompts, output_tokens)
    }

    /// Ids that the model knows.
    pub fn vocab(&self) -> u32 {
        count_u32(self.network.vocab())
    }

    /// Bytes that one decode step of so many sequences, each this long, must read from memory: every
    /// weight that it uses once, and the cache of each.
    pub fn step_bytes(&self, sequences: usize, length: usize) -> u64 {
        count_u64(self.network.step_bytes(sequences, length))
    }

    /// Gigabytes a second that the device moves at best: what the CPU's threads read, or what a GPU copies.
    pub fn bandwidth(&self) -> f64 {
        #[cfg(feature = "cuda")]
        if !self.cpu.is_cpu() {
            return crate::bench::copy_bandwidth(&self.cpu.device);
        }
        crate::bench::read_bandwidth(self.threads())
    }

    /// Token ids of a prompt as [`Engine::generate`] feeds them.
    ///
    /// # Errors
    /// [`Error::Prompt`], or [`Error::Unsupported`] without a tokenizer.
    pub fn prompt_ids(&self, system: Option<&str>, text: &str) -> Result<Vec<u32>, Error> {
        self.tokenizer()?.prompt(system, &[], text)
    }

    /// Logits after each of these tokens, fed as one text: a window into the engine, for comparing it
    /// with others.
    ///
    /// # Errors
    /// [`Error::PromptTooLong`], or [`Error::Prompt`] for an id outside the vocabulary.
    pub fn logits(&self, ids: &[u32]) -> Result<Vec<Vec<f32>>, Error> {
        self.logits_in_pieces(ids, crate::model::CHUNK)
    }

    /// The same, fed in pieces of so many tokens; they give the same numbers.
    ///
    /// # Errors
    /// As [`Engine::logits`].
    pub fn logits_in_pieces(&self, ids: &[u32], piece: usize) -> Result<Vec<Vec<f32>>, Error> {
        self.check_ids(ids, 0)?;
        let mut state = self.state(Room { prompt: ids.len(), capacity: ids.len() })?;
        let mut rows = Vec::with_capacity(ids.len());
        for ids in ids.chunks(piece.max(1)) {
            let feed = Feed { ids, state: &mut state };
            let logits =
                self.cpu.run(ids.len(), || ops::to_vec(self.network.forward(&mut [feed], Rows::All)));
            let width = logits.len() / ids.len().max(1);
            rows.extend(logits.chunks(width.max(1)).map(<[f32]>::to_vec));
        }
        Ok(rows)
    }

    /// Token ids of a text as it stands: no template, and no token that starts or ends a text.
    ///
    /// # Errors
    /// [`Error::Prompt`], or [`Error::Unsupported`] without a tokenizer.
    pub fn bare_ids(&self, text: &str) -> Result<Vec<u32>, Error> {
        self.tokenizer()?.bare(text)
    }

    /// The sum of the log-likelihoods of these tokens from place `from` on, each after all that stand before it.
    ///
    /// # Errors
    /// As [`Engine::logits`]; [`Error::Prompt`] where no token stands before place `from`, [`Error::NotFinite`].
    pub fn log_likelihood(&self, ids: &[u32], from: usize) -> Result<f64, Error> {
        let sums = self.log_likelihoods(&[(ids, from)])?;
        sums.into_iter().next().ok_or_else(no_prompt)
    }

    /// The same of several texts, of which what all begin with is computed once: the answers to one question. What was
    /// computed is forgotten with the call.
    ///
    /// # Errors
    /// As [`Engine::log_likelihood`]; one bad text refuses all.
    pub fn log_likelihoods(&self, texts: &[(&[u32], usize)]) -> Result<Vec<f64>, Error> {
        for &(ids, from) in texts {
            if from == 0 || from >= ids.len() {
                return Err(Error::Prompt {
                    what: "there is no token before or in what is to be likely".to_owned(),
                });
            }
            // The last token is only foretold.
            self.check_ids(&ids[..ids.len() - 1], 0)?;
            self.check_ids(&ids[from..], 0)?;
        }
        let mut sums = vec![0.0; texts.len()];
        // Texts on either side of a length at which rotations change have nothing in common.
        let is_far = |&(ids, _): &(&[u32], usize)| {
            self.network.changes_beyond().is_some_and(|length| ids.len() - 1 > length)
        };
        for far in [false, true] {
            let numbered = texts.iter().enumerate().filter(|(_, text)| is_far(text) == far);
            let (places, alike): (Vec<usize>, Vec<(&[u32], usize)>) = numbered.unzip();
            for (place, sum) in places.into_iter().zip(self.likelihoods_of_alike(&alike)?) {
                sums[place] = sum;
            }
        }
        Ok(sums)
    }

    fn likelihoods_of_alike(&self, texts: &[(&[u32], usize)]) -> Result<Vec<f64>, Error> {
        let Some(longest) = texts.iter().map(|(ids, _)| ids.len() - 1).max() else { return Ok(Vec::new()) };
        let mut state = self.state(Room { prompt: longest, capacity: longest })?;
        let shared = shared(texts);
        if !shared.is_empty() {
            generate::prefill(self, shared, &mut state);
        }
        let mark = state.mark();
        let mut sums = Vec::with_capacity(texts.len());
        for &(ids, from) in texts {
            state.go_back(&mark);
            let (before, rest) = ids[..ids.len() - 1].split_at(from - 1);
            let own = &before[shared.len()..];
            if !own.is_empty() {
                generate::prefill(self, own, &mut state);
            }
            let (mut sum, mut told) = (0.0, ids[from..].iter());
            for ids in rest.chunks(crate::model::CHUNK) {
                let feed = Feed { ids, state: &mut state };
                let logits =
                    self.cpu.run(ids.len(), || ops::to_vec(self.network.forward(&mut [feed], Rows::All)));
                let width = logits.len() / ids.len().max(1);
                for (row, id) in logits.chunks(width.max(1)).zip(told.by_ref()) {
                    sum += decoding::log_softmax(row, *id);
                }
            }
            if !sum.is_finite() {
                return Err(Error::NotFinite { index: 0, dtype: self.model.dtype });
            }
            sums.push(sum);
        }
        Ok(sums)
    }

    /// The likeliest continuation of these tokens, stop tokens included like any other.
    ///
    /// # Errors
    /// As [`Engine::logits`], and [`Error::NotFinite`].
    pub fn greedy(&self, ids: &[u32], count: usize) -> Result<Vec<u32>, Error> {
        self.check_ids(ids, count)?;
        let mut state = self.state(Room { prompt: ids.len(), capacity: ids.len() + count })?;
        let mut logits = generate::prefill(self, ids, &mut state);
        let mut out = Vec::with_capacity(count);
        while out.len() < count {
            let index = count_u32(out.len());
            let (_, id) =
                decoding::greedy(&logits).map_err(|_| Error::NotFinite { index, dtype: self.model.dtype })?;
            out.push(id);
            if out.len() < count {
                logits = generate::step(self, &mut [Feed { ids: &[id], state: &mut state }]);
            }
        }
        Ok(out)
    }

    /// A state for each of these texts.
    pub(crate) fn states(&self, rooms: &[Room]) -> Result<Vec<State>, Error> {
        #[cfg(feature = "cuda")]
        if !self.cpu.is_cpu() {
            // A recurrent network keeps its memory on the host, and runs step by step.
            let Network::Decoder(decoder) = &self.network else {
                return self.network.states(rooms);
            };
            let dtype = dtype::of_cache(self.model.dtype);
            return self.recordings.states(decoder, rooms, dtype, &self.cpu.device);
        }
        self.network.states(rooms)
    }

    fn state(&self, room: Room) -> Result<State, Error> {
        let states = self.states(&[room])?;
        states.into_iter().next().ok_or_else(no_prompt)
    }

    fn check_ids(&self, ids: &[u32], more: usize) -> Result<(), Error> {
        let vocab = self.network.vocab();
        if let Some(id) = ids.iter().find(|&&id| index(id) >= vocab) {
            return Err(Error::Prompt { what: format!("the id {id} is outside the vocabulary of {vocab}") });
        }
        if ids.is_empty() {
            return Err(Error::Prompt { what: "there is no token in it".to_owned() });
        }
        if ids.len() + more > index(self.model.context_length) {
            return Err(Error::PromptTooLong {
                prompt_tokens: count_u32(ids.len()),
                context_length: self.model.context_length,
            });
        }
        Ok(())
    }

    pub(crate) fn tokenizer(&self) -> Result<&Tokenizer, Error> {
        self.tokenizer.as_ref().ok_or_else(|| {
            Error::unsupported("this model was loaded without a tokenizer", "feed it token ids instead")
        })
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    pub(crate) fn stop_ids(&self) -> &[u32] {
        &self.stop_ids
    }

    pub(crate) fn cpu(&self) -> &Cpu {
        &self.cpu
    }
}

/// What all of these texts begin with, before the token that foretells the first of interest.
fn shared<'a>(texts: &[(&'a [u32], usize)]) -> &'a [u32] {
    let mut before = texts.iter().map(|&(ids, from)| &ids[..from - 1]);
    let first = before.next().unwrap_or_default();
    before.fold(first, |shared, other| {
        let alike = shared.iter().zip(other).take_while(|(one, other)| one == other).count();
        &shared[..alike]
    })
}

fn no_prompt() -> Error {
    Error::Prompt { what: "there is none".to_owned() }
}
