//! The one transformer decoder of every family but RWKV.
//!
//! Must not: compute logits that nobody asked for.

use std::sync::Arc;

use burn::tensor::{DType, Device, Tensor};
use common::model::Dtype;
use half::{bf16, f16};

use super::block::{Block, Stream};
use super::cache::{Alibi, Beyond, DecoderState, LayerCache, State, Tables, Turn};
use super::linear::Linear;
use super::load::Loader;
use super::norm::Norm;
use super::rope::RopeTable;
use super::{CHUNK, Room, Rows, last_rows};
use crate::device::check_memory;
use crate::error::Error;
use crate::numeric::{count_f32, count_f64, count_u32, count_u64, single};
use crate::ops::{self, Memory};
use crate::spec::{AlibiSpec, DecoderSpec, HeadSpec, ModelSpec};

/// A loaded decoder.
pub(crate) struct Decoder {
    pub(super) table: Linear,
    pub(super) scale: Option<f32>,
    pub(super) embedding_norm: Option<Norm>,
    pub(super) positions: Option<Linear>,
    pub(super) blocks: Vec<Block>,
    final_norm: Norm,
    /// `None` is the table once more and nothing else.
    head: Option<Linear>,
    softcap: Option<f32>,
    pub(super) spec: DecoderSpec,
    pub(super) device: Device,
    #[cfg(any(test, feature = "cuda"))]
    pub(super) context_length: usize,
}

impl Decoder {
    pub(crate) fn load(
        model: &ModelSpec,
        spec: &DecoderSpec,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let hidden = model.hidden;
        let table = loader.table(spec.embedding.table, model.vocab, hidden, false)?;
        let embedding_norm = match &spec.embedding.norm {
            Some(norm) => Some(Norm::load(norm, "", hidden, loader)?),
            None => None,
        };
        let positions = match spec.embedding.positions {
            Some((name, rows)) => Some(loader.table(name, rows, hidden, false)?),
            None => None,
        };
        let blocks = spec
            .plan
            .iter()
            .enumerate()
            .map(|(layer, &plan)| {
                let prefix = spec.layer_prefix.replace("{}", &layer.to_string());
                Block::load(&spec.block, plan, &prefix, hidden, loader)
            })
            .collect::<Result<_, _>>()?;
        let final_norm = Norm::load(&spec.final_norm, "", hidden, loader)?;
        let HeadSpec { name, tied, bias, .. } = spec.head;
        let head = match (tied, bias) {
            (false, _) => Some(loader.table(name, model.vocab, hidden, bias)?),
            (true, true) => {
                let bias = loader.vector(&format!("{name}.bias"), model.vocab, 0.0)?;
                Some(Linear { bias: Some(loader.tensor(bias)), ..table.clone() })
            }
            (true, false) => None,
        };
        Ok(Self {
            table,
            scale: spec.embedding.scale.map(|scale| rounded(scale, loader.dtype)),
            embedding_norm,
            positions,
            blocks,
            final_norm,
            head,
            softcap: spec.head.softcap.map(single),
            spec: spec.clone(),
            device: loader.device.clone(),
            #[cfg(any(test, feature = "cuda"))]
            context_length: model.context_length,
        })
    }

    pub(crate) fn vocab(&self) -> usize {
        self.table.outputs
    }

    /// A state for each text. Tables of positions are made once, for the longest.
    pub(crate) fn states(&self, rooms: &[Room]) -> Result<Vec<State>, Error> {
        let tokens: usize = rooms.iter().map(|room| room.capacity).sum();
        let bytes = self.cache_bytes(tokens, DType::F32);
        check_memory(&format!("a cache for {tokens} tokens"), bytes)?;
        let attention = &self.spec.block.attention;
        let most = rooms.iter().map(|room| room.capacity).max().unwrap_or(0);
        let near = Arc::new(self.tables(most, false));
        let original = self.changes_beyond();
        let far = original.filter(|&original| most > original).map(|_| Arc::new(self.tables(most, true)));
        let mut memory = Memory::of(usize::try_from(bytes).unwrap_or(usize::MAX));
        let state = |room: &Room| {
            let layers = self
                .blocks
                .iter()
                .map(|_| LayerCache::new(attention.kv_heads, room.capacity, attention.head_dim, &mut memory));
            let outgrows = original.zip(far.as_ref()).filter(|&(original, _)| room.capacity > original);
            let (tables, beyond) = match outgrows {
                Some((original, far)) if room.prompt > original => (far, None),
                Some((original, far)) => {
                    let history = Vec::with_capacity(original + 1);
                    (&near, Some(Beyond { original, tables: Arc::clone(far), history }))
                }
                None => (&near, None),
            };
            State::Decoder(DecoderState {
                layers: layers.collect(),
                tables: Arc::clone(tables),
                beyond,
                length: 0,
                capacity: room.capacity,
            })
        };
        Ok(rooms.iter().map(state).collect())
    }

    /// The length beyond which rotations are those for long texts.
    pub(crate) fn changes_beyond(&self) -> Option<usize> {
        self.spec.ropes.iter().find_map(|rope| rope.beyond.as_ref()).map(|beyond| beyond.original)
    }

    pub(super) fn tables(&self, positions: usize, far: bool) -> Tables {
        let attention = &self.spec.block.attention;
        let rope = |rope| RopeTable::new(rope, positions, far, &self.device);
        Tables {
            ropes: self.spec.ropes.iter().map(rope).collect(),
            alibi: attention.alibi.map(|spec| penalties(spec, attention.heads, positions)),
        }
    }

    /// Bytes of keys and values of so many tokens in this format.
    pub(crate) fn cache_bytes(&self, tokens: usize, format: DType) -> u64 {
        self.spec.remembered().saturating_mul(count_u64(tokens.saturating_mul(format.size())))
    }

    /// What a step reads; keys and values lie in this format.
    pub(crate) fn step_bytes(&self, sequences: usize, length: usize, format: DType) -> u64 {
        let head = self.head.as_ref().unwrap_or(&self.table).bytes();
        let blocks: usize = self.blocks.iter().map(|block| block.read_bytes(sequences)).sum();
        count_u64(head + blocks) + self.spec.seen(length) * count_u64(sequences * format.size())
    }

    pub(crate) fn forward(&self, feeds: &mut [(&[u32], &mut DecoderState)], rows: Rows) -> Tensor<2> {
        for (ids, state) in feeds.iter_mut() {
            debug_assert!(
                state.length + ids.len() <= state.capacity,
                "no room for {} more tokens",
                ids.len()
            );
            self.outgrow(ids, state);
        }
        let ids: Vec<u32> = feeds.iter().flat_map(|(ids, _)| ids.iter().copied()).collect();
        let mut x = self.table.embed(&ids);
        if let Some(scale) = self.scale {
            x = x * scale;
        }
        if let Some(positions) = &self.positions {
            let places = feeds.iter().flat_map(|(ids, state)| state.length..state.length + ids.len());
            x = x + positions.embed(&places.map(count_u32).collect::<Vec<u32>>());
        }
        if let Some(norm) = &self.embedding_norm {
            x = norm.forward(x);
        }
        let mut stream = Stream::from(x);
        for (layer, block) in self.blocks.iter().enumerate() {
            let mut turns: Vec<Turn<'_>> = feeds
                .iter_mut()
                .filter_map(|(ids, state)| {
                    let DecoderState { layers, tables, length, .. } = &mut **state;
                    let cache = layers.get_mut(layer)?;
                    Some(Turn { tokens: ids.len(), past: *length, cache, tables })
                })
                .collect();
            stream = block.forward(stream, self.blocks.get(layer + 1), &mut turns);
        }
        let x = stream.x;
        for (ids, state) in feeds.iter_mut() {
            state.length += ids.len();
        }
        let x = if rows == Rows::Last { last_rows(x, feeds.iter().map(|(ids, _)| ids.len())) } else { x };
        self.logits(x)
    }

    /// Logits of these rows.
    pub(super) fn logits(&self, x: Tensor<2>) -> Tensor<2> {
        let logits = self.head.as_ref().unwrap_or(&self.table).forward(self.final_norm.forward(x));
        match self.softcap {
            Some(cap) => ops::softcap(logits, cap),
            None => logits,
        }
    }

    /// Where these tokens make the text longer than its rotations hold for, feeds all of it again
    /// with those for long texts, as the reference does.
    fn outgrow(&self, ids: &[u32], state: &mut DecoderState) {
        let Some(beyond) = &mut state.beyond else { return };
        if state.length + ids.len() <= beyond.original {
            beyond.history.extend_from_slice(ids);
            return;
        }
        let history = std::mem::take(&mut beyond.history);
        state.tables = Arc::clone(&beyond.tables);
        state.beyond = None;
        state.length = 0;
        for piece in history.chunks(CHUNK) {
            let _ = self.forward(&mut [(piece, &mut *state)], Rows::Last);
        }
    }
}

/// A factor as the reference holds it in this dtype.
fn rounded(scale: f64, dtype: Dtype) -> f32 {
    match dtype {
        Dtype::F16 => f16::from_f64(scale).to_f32(),
        Dtype::Bf16 => bf16::from_f64(scale).to_f32(),
        _ => single(scale),
    }
}

/// Slopes as the paper on linear biases defines them, powers of two spread over the heads.
fn penalties(spec: AlibiSpec, heads: usize, positions: usize) -> Alibi {
    let near = if heads.is_power_of_two() { heads } else { heads.next_power_of_two() / 2 };
    let base = |count: usize| (-8.0 / count_f64(count)).exp2();
    let slope = |head: usize| {
        if head < near {
            base(near).powf(count_f64(head + 1))
        } else {
            base(2 * near).powf(count_f64(2 * (head - near) + 1))
        }
    };
    let mut penalties = Vec::with_capacity(heads * positions);
    for head in 0..heads {
        let slope = single(slope(head));
        for position in 0..positions {
            let penalty = if spec.in_bf16 {
                let slope = bf16::from_f32(slope).to_f32();
                bf16::from_f32(slope * bf16::from_f32(count_f32(position)).to_f32()).to_f32()
            } else {
                slope * count_f32(position)
            };
            penalties.push(penalty * single(spec.scale));
        }
    }
    Alibi { penalties, positions }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_a_power_of_two_halve_evenly_and_others_fill_the_gaps() {
        let spec = AlibiSpec { scale: 1.0, in_bf16: false };
        assert_eq!(
            penalties(spec, 4, 2).penalties,
            [0.0, 0.25, 0.0, 0.0625, 0.0, 0.015_625, 0.0, 0.003_906_25]
        );
        let three = penalties(spec, 3, 2).penalties;
        assert!((three[1] - 0.0625).abs() < 1e-7 && (three[3] - 0.003_906_25).abs() < 1e-7);
        assert!((three[5] - 0.25).abs() < 1e-7, "{three:?}");
    }
}
