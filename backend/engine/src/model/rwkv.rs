//! RWKV-4: each layer keeps a decaying sum over the past instead of keys and values.
//!
//! Must not: recompute a token; the state after a token is all that the next one needs.

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::cache::State;
use super::linear::Linear;
use super::load::{Loader, Piece};
use super::norm::Norm;
use super::{Rows, last_rows};
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
#[derive(Clone)]
pub(crate) struct RwkvState {
    layers: Vec<LayerState>,
}

#[derive(Clone)]
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
        State::Rwkv(RwkvState { layers: layers.collect() })
    }

    pub(crate) fn step_bytes(&self, sequences: usize) -> usize {
        let head = self.head.as_ref().unwrap_or(&self.table).bytes();
        let memory = |layer: &Layer| 2 * self.hidden + 3 * layer.decay.len();
        let layers = self.layers.iter();
        head + layers.map(|layer| layer.bytes() + sequences * size_of::<f32>() * memory(layer)).sum::<usize>()
    }

    pub(crate) fn forward(&self, feeds: &mut [(&[u32], &mut RwkvState)], rows: Rows) -> Tensor<2> {
        let ids: Vec<u32> = feeds.iter().flat_map(|(ids, _)| ids.iter().copied()).collect();
        let mut x = self.first_norm.forward(self.table.embed(&ids));
        for (index, layer) in self.layers.iter().enumerate() {
            let mut turns: Vec<(usize, &mut LayerState)> = feeds
                .iter_mut()
                .filter_map(|(ids, state)| Some((ids.len(), state.layers.get_mut(index)?)))
                .collect();
            x = layer.forward(x, &mut turns, &self.device);
            if self.rescale_every > 0 && (index + 1) % self.rescale_every == 0 {
                x = x * 0.5;
            }
        }
        let x = if rows == Rows::Last { last_rows(x, feeds.iter().map(|(ids, _)| ids.len())) } else { x };
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

    fn bytes(&self) -> usize {
        let all = [&self.receptance, &self.key, &self.value, &self.output];
        let fed = [&self.ffn_key, &self.ffn_receptance, &self.ffn_value];
        all.into_iter().chain(fed).map(Linear::bytes).sum()
    }

    /// Each turn is a sequence's number of rows and its state; the rows stand in the turns' order.
    fn forward(&self, x: Tensor<2>, turns: &mut [(usize, &mut LayerState)], device: &Device) -> Tensor<2> {
        let tensor = |numbers: Vec<f32>, width: usize| -> Tensor<2> {
            let rows = numbers.len() / width.max(1);
            Tensor::from_data(TensorData::new(numbers, [rows, width]), (device, DType::F32))
        };
        let [_, hidden] = x.dims();
        let seen = ops::to_vec(self.norm_1.forward(x.clone()));
        let before = shifted(&seen, turns, |state| &mut state.attention_before);
        let mixed = |shares: &[f32]| tensor(mix(&seen, &before, shares), hidden);
        let receptance = ops::to_vec(self.receptance.forward(mixed(&self.mix.receptance)));
        let keys = ops::to_vec(self.key.forward(mixed(&self.mix.key)));
        let values = ops::to_vec(self.value.forward(mixed(&self.mix.value)));
        let mut sums = Vec::with_capacity(keys.len());
        let mut rest = (keys.as_slice(), values.as_slice());
        for (tokens, state) in turns.iter_mut() {
            let (keys, values) =
                (rest.0.split_at(*tokens * self.decay.len()), rest.1.split_at(*tokens * self.decay.len()));
            rest = (keys.1, values.1);
            self.recall(keys.0, values.0, state, &mut sums);
        }
        sums.iter_mut().zip(&receptance).for_each(|(sum, &gate)| *sum *= sigmoid(gate));
        let x = x + self.output.forward(tensor(sums, self.decay.len()));

        let seen = ops::to_vec(self.norm_2.forward(x.clone()));
        let before = shifted(&seen, turns, |state| &mut state.ffn_before);
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
    fn recall(&self, keys: &[f32], values: &[f32], state: &mut LayerState, out: &mut Vec<f32>) {
        let width = self.decay.len();
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
    }
}

/// Each token's predecessor in its own sequence; the last token stays in the state for the next call.
fn shifted<S>(seen: &[f32], turns: &mut [(usize, &mut S)], before: fn(&mut S) -> &mut Vec<f32>) -> Vec<f32> {
    let mut all = Vec::with_capacity(seen.len());
    let mut rest = seen;
    for (tokens, state) in turns.iter_mut() {
        let before = before(state);
        let (own, others) = rest.split_at(*tokens * before.len());
        rest = others;
        let last = own.len() - before.len();
        all.extend_from_slice(before);
        all.extend_from_slice(&own[..last]);
        before.copy_from_slice(&own[last..]);
    }
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
    fn a_token_sees_its_own_predecessor_across_calls_and_beside_other_sequences() {
        let (mut one, mut other) = (vec![9.0, 9.0], vec![7.0, 7.0]);
        let own: fn(&mut Vec<f32>) -> &mut Vec<f32> = |before| before;
        let seen = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let before = shifted(&seen, &mut [(2, &mut one), (1, &mut other)], own);
        assert_eq!(before, [9.0, 9.0, 1.0, 2.0, 7.0, 7.0]);
        assert_eq!((one.as_slice(), other), ([3.0, 4.0].as_slice(), vec![5.0, 6.0]));
        assert_eq!(shifted(&[5.0, 6.0], &mut [(1, &mut one)], own), [3.0, 4.0]);
    }
}
