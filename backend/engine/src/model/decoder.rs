//! The one transformer decoder of every family but RWKV.
//!
//! Must not: compute logits that nobody asked for.

use burn::tensor::{Device, Tensor};
use common::model::Dtype;
use half::{bf16, f16};

use super::Rows;
use super::block::Block;
use super::cache::{Alibi, DecoderState, LayerCache, State};
use super::linear::Linear;
use super::load::Loader;
use super::norm::Norm;
use super::rope::RopeTable;
use crate::device::check_memory;
use crate::error::Error;
use crate::numeric::{count_f32, count_f64, count_u64, single};
use crate::ops;
use crate::spec::{AlibiSpec, DecoderSpec, ModelSpec};

/// A loaded decoder.
pub(crate) struct Decoder {
    table: Linear,
    scale: Option<f32>,
    embedding_norm: Option<Norm>,
    positions: Option<Linear>,
    blocks: Vec<Block>,
    final_norm: Norm,
    /// `None` is the table once more.
    head: Option<Linear>,
    softcap: Option<f32>,
    spec: DecoderSpec,
    device: Device,
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
        let head = match spec.head.name {
            Some(name) => Some(loader.table(name, model.vocab, hidden, spec.head.bias)?),
            None => None,
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
        })
    }

    pub(crate) fn vocab(&self) -> usize {
        self.table.outputs
    }

    /// Room for this many tokens.
    pub(crate) fn state(&self, capacity: usize) -> Result<State, Error> {
        let attention = &self.spec.block.attention;
        let numbers = [2, self.blocks.len(), attention.kv_heads, attention.head_dim, capacity];
        let bytes = numbers.into_iter().fold(4u64, |bytes, side| bytes.saturating_mul(count_u64(side)));
        check_memory(&format!("a cache for {capacity} tokens"), bytes)?;
        let layers = self
            .blocks
            .iter()
            .map(|_| LayerCache::new(attention.kv_heads, capacity, attention.head_dim, &self.device))
            .collect();
        let ropes = self.spec.ropes.iter().map(|rope| RopeTable::new(rope, capacity, &self.device)).collect();
        let alibi = attention.alibi.map(|spec| penalties(spec, attention.heads, capacity));
        Ok(State::Decoder(DecoderState { layers, ropes, alibi, length: 0, capacity }))
    }

    pub(crate) fn forward(&self, ids: &[u32], state: &mut DecoderState, rows: Rows) -> Tensor<2> {
        let past = state.length;
        debug_assert!(
            past + ids.len() <= state.capacity,
            "the state has no room for {} more tokens",
            ids.len()
        );
        let mut x = self.table.embed(ids, &self.device);
        if let Some(scale) = self.scale {
            x = x * scale;
        }
        if let Some(positions) = &self.positions {
            let places: Vec<u32> = (past..past + ids.len()).map(crate::numeric::count_u32).collect();
            x = x + positions.embed(&places, &self.device);
        }
        if let Some(norm) = &self.embedding_norm {
            x = norm.forward(x);
        }
        for (block, cache) in self.blocks.iter().zip(&mut state.layers) {
            x = block.forward(x, cache, &state.ropes, state.alibi.as_ref(), past);
        }
        state.length += ids.len();
        let [tokens, hidden] = x.dims();
        let x = if rows == Rows::Last { x.slice([tokens - 1..tokens, 0..hidden]) } else { x };
        let logits = self.head.as_ref().unwrap_or(&self.table).forward(self.final_norm.forward(x));
        match self.softcap {
            Some(cap) => ops::softcap(logits, cap),
            None => logits,
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
fn penalties(spec: AlibiSpec, heads: usize, capacity: usize) -> Alibi {
    let near = if heads.is_power_of_two() { heads } else { heads.next_power_of_two() / 2 };
    let base = |count: usize| (-8.0 / count_f64(count)).exp2();
    let slope = |head: usize| {
        if head < near {
            base(near).powf(count_f64(head + 1))
        } else {
            base(2 * near).powf(count_f64(2 * (head - near) + 1))
        }
    };
    let mut penalties = Vec::with_capacity(heads * capacity);
    for head in 0..heads {
        let slope = single(slope(head));
        for position in 0..capacity {
            let penalty = if spec.in_bf16 {
                let slope = bf16::from_f32(slope).to_f32();
                bf16::from_f32(slope * bf16::from_f32(count_f32(position)).to_f32()).to_f32()
            } else {
                slope * count_f32(position)
            };
            penalties.push(penalty * single(spec.scale));
        }
    }
    Alibi { penalties }
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
