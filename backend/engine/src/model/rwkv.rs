//! RWKV-4: each layer keeps a decaying sum over the past instead of keys and values.
//!
//! Must not: recompute a token; the state after a token is all that the next one needs.

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::Rows;
use super::cache::State;
use super::linear::Linear;
use super::load::{Loader, Piece};
use super::norm::Norm;
use crate::error::Error;
use crate::ops;
use crate::spec::{ModelSpec, NormKind, NormSpec, RwkvSpec};

/// A loaded RWKV.
pub(crate) struct Rwkv {
    table: Linear,
    first_norm: Norm,
    layers: Vec<Layer>,
    last_norm: Norm,
    head: Option<Linear>,
    rescale_every: usize,
    hidden: usize,
    device: Device,
}

struct Layer {
    norm_1: Norm,
    norm_2: Norm,
    mix: Mix,
    /// Negative rate at which the past fades.
    decay: Vec<f32>,
    /// Bonus of the present token.
    first: Vec<f32>,
    receptance: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    ffn_key: Linear,
    ffn_receptance: Linear,
    ffn_value: Linear,
}

/// Shares of the present token in each input; the rest comes from the one before.
struct Mix {
    key: Vec<f32>,
    value: Vec<f32>,
    receptance: Vec<f32>,
    ffn_key: Vec<f32>,
    ffn_receptance: Vec<f32>,
}

/// The memory of one sequence.
pub(crate) struct RwkvState {
    layers: Vec<LayerState>,
    pub(crate) length: usize,
}

struct LayerState {
    attention_before: Vec<f32>,
    ffn_before: Vec<f32>,
    numerator: Vec<f32>,
    denominator: Vec<f32>,
    greatest: Vec<f32>,
}

impl Rwkv {
    pub(crate) fn load(model: &ModelSpec, spec: &RwkvSpec, loader: &mut Loader<'_>) -> Result<Self, Error> {
        let hidden = model.hidden;
        let norm = |name| NormSpec { name, kind: NormKind::Layer, eps: spec.eps, bias: true };
        let table = loader.table("rwkv.embeddings", model.vocab, hidden, false)?;
        let first_norm = Norm::load(&norm("rwkv.blocks.0.pre_ln"), "", hidden, loader)?;
        let layers = (0..model.layers)
            .map(|layer| Layer::load(spec, layer, hidden, loader))
            .collect::<Result<_, _>>()?;
        let last_norm = Norm::load(&norm("rwkv.ln_out"), "", hidden, loader)?;
        let head = if spec.tied { None } else { Some(loader.table("head", model.vocab, hidden, false)?) };
        let device = loader.device.clone();
        Ok(Self {
            table,
            first_norm,
            layers,
            last_norm,
            head,
            rescale_every: spec.rescale_every,
            hidden,
            device,
        })
    }

    pub(crate) fn vocab(&self) -> usize {
        self.table.outputs
    }

    pub(crate) fn state(&self) -> State {
        let layers = self.layers.iter().map(|layer| {
            let width = layer.decay.len();
            LayerState {
                attention_before: vec![0.0; self.hidden],
                ffn_before: vec![0.0; self.hidden],
                numerator: vec![0.0; width],
                denominator: vec![0.0; width],
                greatest: vec![-1e38; width],
            }
        });
        State::Rwkv(RwkvState { layers: layers.collect(), length: 0 })
    }

    pub(crate) fn forward(&self, ids: &[u32], state: &mut RwkvState, rows: Rows) -> Tensor<2> {
        let mut x = self.first_norm.forward(self.table.embed(ids, &self.device));
        for (index, (layer, state)) in self.layers.iter().zip(&mut state.layers).enumerate() {
            x = layer.forward(x, state, &self.device);
            if self.rescale_every > 0 && (index + 1) % self.rescale_every == 0 {
                x = x * 0.5;
            }
        }
        state.length += ids.len();
        let [tokens, hidden] = x.dims();
        let x = if rows == Rows::Last { x.slice([tokens - 1..tokens, 0..hidden]) } else { x };
        self.head.as_ref().unwrap_or(&self.table).forward(self.last_norm.forward(x))
    }
}

impl Layer {
    fn load(spec: &RwkvSpec, layer: usize, hidden: usize, loader: &mut Loader<'_>) -> Result<Self, Error> {
        let prefix = format!("rwkv.blocks.{layer}.");
        let norm = |name| NormSpec { name, kind: NormKind::Layer, eps: spec.eps, bias: true };
        // The stream is halved now and then so that 16-bit numbers hold it; what is added to it
        // afterwards must shrink as much.
        let halvings = layer.checked_div(spec.rescale_every).unwrap_or(0);
        let shrink = (0..halvings).fold(1.0f32, |factor, _| factor * 0.5);
        let mut linear = |name: &str, rows, inputs, factor| {
            loader.scaled_linear(
                &[Piece::whole(format!("{prefix}{name}"), rows, false)],
                inputs,
                false,
                factor,
            )
        };
        let (receptance, key, value) = (
            linear("attention.receptance", spec.attention, hidden, 1.0)?,
            linear("attention.key", spec.attention, hidden, 1.0)?,
            linear("attention.value", spec.attention, hidden, 1.0)?,
        );
        let output = linear("attention.output", hidden, spec.attention, shrink)?;
        let (ffn_key, ffn_receptance, ffn_value) = (
            linear("feed_forward.key", spec.inner, hidden, 1.0)?,
            linear("feed_forward.receptance", hidden, hidden, 1.0)?,
            linear("feed_forward.value", hidden, spec.inner, shrink)?,
        );
        let mut vector = |name: &str, length| loader.vector(&format!("{prefix}{name}"), length, 0.5);
        let mut decay = vector("attention.time_decay", spec.attention)?;
        decay.iter_mut().for_each(|rate| *rate = -rate.exp());
        Ok(Self {
            decay,
            first: vector("attention.time_first", spec.attention)?,
            mix: Mix {
                key: vector("attention.time_mix_key", hidden)?,
                value: vector("attention.time_mix_value", hidden)?,
                receptance: vector("attention.time_mix_receptance", hidden)?,
                ffn_key: vector("feed_forward.time_mix_key", hidden)?,
                ffn_receptance: vector("feed_forward.time_mix_receptance", hidden)?,
            },
            norm_1: Norm::load(&norm("ln1"), &prefix, hidden, loader)?,
            norm_2: Norm::load(&norm("ln2"), &prefix, hidden, loader)?,
            receptance,
            key,
            value,
            output,
            ffn_key,
            ffn_receptance,
            ffn_value,
        })
    }

    fn forward(&self, x: Tensor<2>, state: &mut LayerState, device: &Device) -> Tensor<2> {
        let tensor = |numbers: Vec<f32>, width: usize| -> Tensor<2> {
            let rows = numbers.len() / width.max(1);
            Tensor::from_data(TensorData::new(numbers, [rows, width]), (device, DType::F32))
        };
        let [_, hidden] = x.dims();
        let seen = ops::to_vec(self.norm_1.forward(x.clone()));
        let before = shifted(&seen, &mut state.attention_before);
        let mixed = |shares: &[f32]| tensor(mix(&seen, &before, shares), hidden);
        let receptance = ops::to_vec(self.receptance.forward(mixed(&self.mix.receptance)));
        let keys = ops::to_vec(self.key.forward(mixed(&self.mix.key)));
        let values = ops::to_vec(self.value.forward(mixed(&self.mix.value)));
        let mut sums = self.recall(&keys, &values, state);
        sums.iter_mut().zip(&receptance).for_each(|(sum, &gate)| *sum *= sigmoid(gate));
        let x = x + self.output.forward(tensor(sums, self.decay.len()));

        let seen = ops::to_vec(self.norm_2.forward(x.clone()));
        let before = shifted(&seen, &mut state.ffn_before);
        let mixed = |shares: &[f32]| tensor(mix(&seen, &before, shares), hidden);
        let mut inner = ops::to_vec(self.ffn_key.forward(mixed(&self.mix.ffn_key)));
        inner.iter_mut().for_each(|number| *number = number.max(0.0).powi(2));
        let fed = self.ffn_value.forward(tensor(inner, self.ffn_key.outputs));
        let mut gate = ops::to_vec(self.ffn_receptance.forward(mixed(&self.mix.ffn_receptance)));
        gate.iter_mut().for_each(|number| *number = sigmoid(*number));
        x + fed * tensor(gate, hidden)
    }

    /// The fading average of values, weighted by the exponential of their keys; sums are kept
    /// relative to the greatest exponent so that none overflows.
    fn recall(&self, keys: &[f32], values: &[f32], state: &mut LayerState) -> Vec<f32> {
        let width = self.decay.len();
        let mut out = Vec::with_capacity(keys.len());
        for (keys, values) in keys.chunks(width).zip(values.chunks(width)) {
            for channel in 0..width {
                let (key, value) = (keys[channel], values[channel]);
                let (numerator, denominator, greatest) =
                    (state.numerator[channel], state.denominator[channel], state.greatest[channel]);
                let present = key + self.first[channel];
                let top = greatest.max(present);
                let (past, now) = ((greatest - top).exp(), (present - top).exp());
                out.push((past * numerator + now * value) / (past * denominator + now));
                let faded = greatest + self.decay[channel];
                let top = faded.max(key);
                let (past, now) = ((faded - top).exp(), (key - top).exp());
                state.numerator[channel] = past * numerator + now * value;
                state.denominator[channel] = past * denominator + now;
                state.greatest[channel] = top;
            }
        }
        out
    }
}

/// Each token's predecessor; the last token stays in `before` for the next call.
fn shifted(seen: &[f32], before: &mut Vec<f32>) -> Vec<f32> {
    let mut all = before.clone();
    all.extend_from_slice(seen);
    let kept = all.split_off(seen.len());
    *before = kept;
    all
}

fn mix(seen: &[f32], before: &[f32], shares: &[f32]) -> Vec<f32> {
    seen.iter()
        .zip(before)
        .zip(shares.iter().cycle())
        .map(|((&now, &then), &share)| now * share + then * (1.0 - share))
        .collect()
}

fn sigmoid(number: f32) -> f32 {
    1.0 / (1.0 + (-number).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_sees_its_predecessor_across_calls() {
        let mut before = vec![9.0, 9.0];
        assert_eq!(shifted(&[1.0, 2.0, 3.0, 4.0], &mut before), [9.0, 9.0, 1.0, 2.0]);
        assert_eq!(before, [3.0, 4.0]);
        assert_eq!(shifted(&[5.0, 6.0], &mut before), [3.0, 4.0]);
    }
}
