//! The network: a [`ModelSpec`](crate::spec::ModelSpec) and weights become something that turns token
//! ids into logits.
//!
//! Must not: know files, families or decoding.

pub(crate) mod attention;
mod block;
pub(crate) mod cache;
mod decoder;
pub(crate) mod linear;
mod load;
mod mlp;
pub(crate) mod norm;
mod pack;
#[cfg(any(test, feature = "cuda"))]
pub(crate) mod recorded;
#[cfg(any(test, feature = "cuda"))]
pub(crate) mod resident;
pub(crate) mod rope;
mod rwkv;

use std::sync::Arc;

use cache::DecoderState;
pub(crate) use cache::State;
pub(crate) use linear::{Linear, Order, Weight};
pub(crate) use load::{Loader, Source};

use burn::tensor::{DType, Tensor};

use crate::error::Error;
use crate::numeric::count_u64;
use crate::spec::{ModelSpec, Network as NetworkSpec};

/// Most tokens computed at once, over all sequences; bounds the memory of long prompts.
pub(crate) const CHUNK: usize = 512;

const FOREIGN: &str = "a state is used only with the network that made it";

/// How much a state must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Tokens that are there from the start.
    pub(crate) prompt: usize,
    /// Most tokens in all.
    pub(crate) capacity: usize,
}

/// The row of the last token of each feed, given how many tokens each has.
fn last_rows(x: Tensor<2>, tokens: impl Iterator<Item = usize>) -> Tensor<2> {
    let [_, width] = x.dims();
    let mut end = 0;
    let rows: Vec<Tensor<2>> = tokens
        .map(|tokens| {
            end += tokens;
            x.clone().slice([end - 1..end, 0..width])
        })
        .collect();
    Tensor::cat(rows, 0)
}

/// For which of the given tokens logits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Last,
    All,
}

/// New tokens of one sequence, and what it remembers of those before.
pub(crate) struct Feed<'a> {
    pub(crate) ids: &'a [u32],
    pub(crate) state: &'a mut State,
}

/// A loaded network.
pub(crate) enum Network {
    Decoder(Arc<decoder::Decoder>),
    Rwkv(Box<rwkv::Rwkv>),
}

impl Network {
    /// Takes the weights from the loader's source.
    pub(crate) fn load(spec: &ModelSpec, loader: &mut Loader<'_>) -> Result<Self, Error> {
        Ok(match &spec.network {
            NetworkSpec::Decoder(decoder) => {
                Self::Decoder(Arc::new(decoder::Decoder::load(spec, decoder, loader)?))
            }
            NetworkSpec::Rwkv(rwkv) => Self::Rwkv(Box::new(rwkv::Rwkv::load(spec, rwkv, loader)?)),
        })
    }

    /// Ids that it knows.
    pub(crate) fn vocab(&self) -> usize {
        match self {
            Self::Decoder(decoder) => decoder.vocab(),
            Self::Rwkv(rwkv) => rwkv.vocab(),
        }
    }

    /// A fresh state for each of these texts.
    pub(crate) fn states(&self, rooms: &[Room]) -> Result<Vec<State>, Error> {
        match self {
            Self::Decoder(decoder) => decoder.states(rooms),
            Self::Rwkv(rwkv) => Ok(rooms.iter().map(|_| rwkv.state()).collect()),
        }
    }

    /// The length of a text beyond which everything in it is computed in another way.
    pub(crate) fn changes_beyond(&self) -> Option<usize> {
        match self {
            Self::Decoder(decoder) => decoder.changes_beyond(),
            Self::Rwkv(_) => None,
        }
    }

    /// Bytes that one step of so many sequences, each this long, reads from memory: weights once,
    /// and what each sees of its memory, where keys and values lie in this format.
    pub(crate) fn step_bytes(&self, sequences: usize, length: usize, format: DType) -> u64 {
        match self {
            Self::Decoder(decoder) => decoder.step_bytes(sequences, length, format),
            Self::Rwkv(rwkv) => count_u64(rwkv.step_bytes(sequences)),
        }
    }

    /// Feeds tokens of several sequences at once, so that weights are read once for all, and returns
    /// their logits in the order of the feeds: of the last token of each, or of every token. Each
    /// state must have room, and every id must be below the vocabulary's size.
    pub(crate) fn forward(&self, feeds: &mut [Feed<'_>], rows: Rows) -> Tensor<2> {
        match self {
            #[cfg(any(test, feature = "cuda"))]
            Self::Decoder(decoder) if feeds.iter().any(|feed| matches!(feed.state, State::Slot(_))) => {
                recorded::forward(decoder, feeds, rows)
            }
            Self::Decoder(decoder) => {
                let mut feeds: Vec<(&[u32], &mut DecoderState)> = feeds
                    .iter_mut()
                    .map(|feed| match &mut *feed.state {
                        State::Decoder(state) => (feed.ids, state),
                        _ => unreachable!("{FOREIGN}"),
                    })
                    .collect();
                decoder.forward(&mut feeds, rows)
            }
            Self::Rwkv(rwkv) => {
                let mut feeds: Vec<(&[u32], &mut rwkv::RwkvState)> = feeds
                    .iter_mut()
                    .map(|feed| match &mut *feed.state {
                        State::Rwkv(state) => (feed.ids, state),
                        _ => unreachable!("{FOREIGN}"),
                    })
                    .collect();
                rwkv.forward(&mut feeds, rows)
            }
        }
    }
}
