//! The engine: a loaded model ready to answer.
//!
//! Must not: keep anything of one answer for the next.

mod likelihood;
mod load;

use burn::tensor::DType;
use common::measurement::Computing;
use common::model::Model;

use crate::decoding;
use crate::device::Cpu;
use crate::dtype;
use crate::error::Error;
use crate::generate::{self, EnginePrompt, Generation, TokenEvent};
use crate::hf::tokenizer::Tokenizer;
use crate::model::{Feed, Network, Room, Rows, State};
use crate::numeric::{count_u32, index};
use crate::ops;

pub use load::{LoadOptions, Origin};

/// What is said of a model whose steps a GPU cannot record.
const EAGER: &str = "eager, the steps of a recurrent network are not recorded";
/// The same of a CPU.
const ON_CPU: &str = "eager, a CPU records no steps";

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
        Computing {
            kernels: ops::Level::best().name().to_owned(),
            decode: Some(ON_CPU.to_owned()),
            tuned: Some(Vec::new()),
        }
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
    /// weight that it uses once, and what each sees of its cache.
    pub fn step_bytes(&self, sequences: usize, length: usize) -> u64 {
        self.network.step_bytes(sequences, length, self.cache_format())
    }

    /// How keys and values lie in the device's memory.
    fn cache_format(&self) -> DType {
        if self.cpu.is_cpu() { DType::F32 } else { dtype::of_cache(self.model.dtype) }
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
            return self.recordings.states(decoder, rooms, self.cache_format(), &self.cpu.device);
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

fn no_prompt() -> Error {
    Error::Prompt { what: "there is none".to_owned() }
}
