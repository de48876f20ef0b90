//! What a network remembers of the tokens it was fed: keys and values with room set aside before the
//! first token, or a recurrent state.
//!
//! Must not: grow; outlive one answer (a cached prefill would measure nothing).

use burn::tensor::{DType, Device, Tensor};

use super::rope::RopeTable;
use super::rwkv::RwkvState;

/// The memory of one sequence.
pub(crate) enum State {
    Decoder(DecoderState),
    Rwkv(RwkvState),
}

/// Keys and values of every layer.
pub(crate) struct DecoderState {
    pub(crate) layers: Vec<LayerCache>,
    pub(crate) ropes: Vec<RopeTable>,
    /// Slope of each head's distance penalty, and its rounding.
    pub(crate) alibi: Option<Alibi>,
    pub(crate) length: usize,
    pub(crate) capacity: usize,
}

/// `[kv_heads, capacity, head_dim]` each.
pub(crate) struct LayerCache {
    pub(crate) keys: Tensor<3>,
    pub(crate) values: Tensor<3>,
}

impl LayerCache {
    pub(crate) fn new(kv_heads: usize, capacity: usize, head_dim: usize, device: &Device) -> Self {
        let zeros = || Tensor::zeros([kv_heads, capacity, head_dim], (device, DType::F32));
        Self { keys: zeros(), values: zeros() }
    }
}

/// The penalty added to a score: by head and key position.
#[derive(Debug, Clone)]
pub(crate) struct Alibi {
    /// `heads × capacity`.
    pub(crate) penalties: Vec<f32>,
}
