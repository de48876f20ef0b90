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
pub(crate) mod rope;
mod rwkv;

pub(crate) use cache::State;
pub(crate) use linear::{Linear, Weight};
pub(crate) use load::{Loader, Source};

use burn::tensor::Tensor;

use crate::error::Error;
use crate::spec::{ModelSpec, Network as NetworkSpec};

/// Most prompt tokens computed at once; bounds the memory of a long prompt.
pub(crate) const CHUNK: usize = 512;

/// For which of the given tokens logits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Last,
    All,
}

/// A loaded network.
pub(crate) enum Network {
    Decoder(Box<decoder::Decoder>),
    Rwkv(Box<rwkv::Rwkv>),
}

impl Network {
    /// Takes the weights from the loader's source.
    pub(crate) fn load(spec: &ModelSpec, loader: &mut Loader<'_>) -> Result<Self, Error> {
        Ok(match &spec.network {
            NetworkSpec::Decoder(decoder) => {
                Self::Decoder(Box::new(decoder::Decoder::load(spec, decoder, loader)?))
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

    /// A fresh state with room for this many tokens.
    pub(crate) fn state(&self, capacity: usize) -> Result<State, Error> {
        match self {
            Self::Decoder(decoder) => decoder.state(capacity),
            Self::Rwkv(rwkv) => Ok(rwkv.state()),
        }
    }

    /// Feeds tokens and returns their logits. The state must have room for them, and every id must
    /// be below the vocabulary's size.
    pub(crate) fn forward(&self, ids: &[u32], state: &mut State, rows: Rows) -> Tensor<2> {
        match (self, state) {
            (Self::Decoder(decoder), State::Decoder(state)) => decoder.forward(ids, state, rows),
            (Self::Rwkv(rwkv), State::Rwkv(state)) => rwkv.forward(ids, state, rows),
            _ => unreachable!("a state is used only with the network that made it"),
        }
    }
}
