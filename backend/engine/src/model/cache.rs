//! What a network remembers of the tokens it was fed: keys and values with room set aside before the
//! first token, or a recurrent state.
//!
//! Must not: grow; outlive one answer (a cached prefill would measure nothing) or the answers to one question whose
//! likelihoods are asked for; be shared by two sequences at once.

use std::sync::Arc;

use super::rope::RopeTable;
use super::rwkv::RwkvState;
use crate::ops::{Memory, Numbers};

/// The memory of one sequence.
pub(crate) enum State {
    Decoder(DecoderState),
    Rwkv(RwkvState),
    /// A place in a batch that lies on a GPU.
    #[cfg(any(test, feature = "cuda"))]
    Slot(super::recorded::Slot),
}

/// Where a sequence stood: what it was fed until then is kept, what follows is forgotten.
pub(crate) enum Mark {
    /// So many tokens; what lies beyond them in a cache is written anew before it is seen.
    Length(usize),
    /// A recurrent memory has no beyond, so it is kept as it was.
    Rwkv(RwkvState),
}

impl State {
    /// Where it stands.
    pub(crate) fn mark(&self) -> Mark {
        match self {
            Self::Decoder(state) => Mark::Length(state.length),
            Self::Rwkv(state) => Mark::Rwkv(state.clone()),
            #[cfg(any(test, feature = "cuda"))]
            Self::Slot(slot) => Mark::Length(slot.length),
        }
    }

    /// Back to where it stood. A text that outgrows its rotations is not to be marked: it has been computed anew since.
    pub(crate) fn go_back(&mut self, mark: &Mark) {
        match (self, mark) {
            (Self::Decoder(state), Mark::Length(length)) => {
                debug_assert!(state.beyond.is_none(), "its tables may have changed since");
                state.length = *length;
            }
            (Self::Rwkv(state), Mark::Rwkv(known)) => state.clone_from(known),
            #[cfg(any(test, feature = "cuda"))]
            (Self::Slot(slot), Mark::Length(length)) => slot.length = *length,
            _ => unreachable!("{}", super::FOREIGN),
        }
    }
}

/// Keys and values of every layer.
pub(crate) struct DecoderState {
    pub(crate) layers: Vec<LayerCache>,
    pub(crate) tables: Arc<Tables>,
    /// What to do where the text grows beyond the context that the tables hold for.
    pub(crate) beyond: Option<Beyond>,
    pub(crate) length: usize,
    pub(crate) capacity: usize,
}

/// Tables for a text that outgrows the context its rotations were made for: every key must then be
/// made anew, so the tokens are kept.
pub(crate) struct Beyond {
    pub(crate) original: usize,
    pub(crate) tables: Arc<Tables>,
    pub(crate) history: Vec<u32>,
}

/// What depends on positions only, shared by sequences.
pub(crate) struct Tables {
    pub(crate) ropes: Vec<RopeTable>,
    pub(crate) alibi: Option<Alibi>,
}

/// One sequence's part in a pass through a layer: its tokens stand together in the rows, in the order
/// of the turns.
pub(crate) struct Turn<'a> {
    pub(crate) tokens: usize,
    /// Tokens in the cache before these.
    pub(crate) past: usize,
    pub(crate) cache: &'a mut LayerCache,
    pub(crate) tables: &'a Tables,
}

/// Keys and values of one layer, `kv_heads × capacity × head_dim` each.
pub(crate) struct LayerCache {
    pub(crate) keys: Numbers<f32>,
    pub(crate) values: Numbers<f32>,
    pub(crate) capacity: usize,
}

impl LayerCache {
    pub(crate) fn new(kv_heads: usize, capacity: usize, head_dim: usize, memory: &mut Memory) -> Self {
        let mut zeros = || memory.take(kv_heads * capacity * head_dim);
        Self { keys: zeros(), values: zeros(), capacity }
    }
}

/// The penalty added to a score: by head and key position.
#[derive(Debug, Clone)]
pub(crate) struct Alibi {
    /// `heads × positions`.
    pub(crate) penalties: Vec<f32>,
    pub(crate) positions: usize,
}
