//! The differentiable network: a Llama as Hugging Face defines it, in the few tensor operations that a CPU does
//! quickly. Weights are kept `[in, out]`, a layer's norms have no gain of their own (it would only repeat the
//! columns of the projection that follows; they are stored as ones), and rows that nobody asks about are
//! dropped before the last feed-forward part.
//!
//! Must not: know files, tokens or text; be the engine (that one has a cache and speaks every family).

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

use crate::dice::Dice;
use crate::sizes::{NORM_EPSILON, ROPE_THETA, Size, VOCABULARY};

/// One layer's matrices, `[in, out]`.
#[derive(Module, Debug)]
pub(crate) struct Layer {
    /// Queries of all heads.
    pub(crate) query: Param<Tensor<2>>,
    /// Keys of all key heads.
    pub(crate) key: Param<Tensor<2>>,
    /// Values of all value heads.
    pub(crate) value: Param<Tensor<2>>,
    /// From the heads back to the residual stream.
    pub(crate) output: Param<Tensor<2>>,
    /// The gate of the feed-forward part.
    pub(crate) gate: Param<Tensor<2>>,
    /// What is gated.
    pub(crate) up: Param<Tensor<2>>,
    /// Back to the residual stream.
    pub(crate) down: Param<Tensor<2>>,
}

/// Everything that is trained.
#[derive(Module, Debug)]
pub(crate) struct Network {
    /// `[vocabulary, hidden]`; also the output projection.
    pub(crate) embedding: Param<Tensor<2>>,
    /// The layers, first to last.
    pub(crate) layers: Vec<Layer>,
    /// Gain of the last norm.
    pub(crate) norm: Param<Tensor<1>>,
}

/// What the forward pass needs beside the weights: depends on the length of the sequences only.
#[derive(Debug, Clone)]
pub(crate) struct Positions {
    query_cos: Tensor<4>,
    query_sin: Tensor<4>,
    key_cos: Tensor<4>,
    key_sin: Tensor<4>,
    /// 0 where a query may see a key, far below any score where not, `[1, 1, group · length, length]`.
    hidden: Tensor<4>,
}

fn matrix(rows: usize, columns: usize, deviation: f32, dice: &mut Dice, device: &Device) -> Param<Tensor<2>> {
    let values: Vec<f32> = (0..rows * columns).map(|_| dice.normal() * deviation).collect();
    Param::from_tensor(Tensor::from_data(TensorData::new(values, [rows, columns]), device))
}

/// 1 / √n as the deviation of first weights.
fn inverse_root(n: usize) -> f32 {
    1.0 / f32::from(u16::try_from(n).unwrap_or(u16::MAX)).sqrt()
}

impl Network {
    /// A network with random first weights.
    pub(crate) fn new(size: Size, dice: &mut Dice, device: &Device) -> Self {
        let Size { hidden, ffn, layers, .. } = size;
        let inward = inverse_root(hidden);
        let depth = inverse_root(2 * layers);
        let embedding = matrix(VOCABULARY, hidden, 0.05, dice, device);
        let layers = (0..layers)
            .map(|_| Layer {
                query: matrix(hidden, hidden, inward, dice, device),
                key: matrix(hidden, size.kv_width(), inward, dice, device),
                value: matrix(hidden, size.kv_width(), inward, dice, device),
                output: matrix(hidden, hidden, inward * depth, dice, device),
                gate: matrix(hidden, ffn, inward, dice, device),
                up: matrix(hidden, ffn, inward, dice, device),
                down: matrix(ffn, hidden, inverse_root(ffn) * depth, dice, device),
            })
            .collect();
        Self { embedding, layers, norm: Param::from_tensor(Tensor::ones([hidden], device)) }
    }

    /// Logits of the asked rows, `[rows, vocabulary]`. `tokens` is `[batch, length]`, padded at the right;
    /// `rows` counts through the flattened batch.
    pub(crate) fn logits(
        &self,
        size: Size,
        tokens: Tensor<2, Int>,
        rows: &Tensor<1, Int>,
        positions: &Positions,
    ) -> Tensor<2> {
        let [batch, length] = tokens.dims();
        let embedding = self.embedding.val();
        let mut stream = embedding.clone().select(0, tokens.reshape([batch * length]));
        let last = self.layers.len().saturating_sub(1);
        for (at, layer) in self.layers.iter().enumerate() {
            let mut context = layer.attend(size, normed(stream.clone()), batch, length, positions);
            if at == last {
                stream = stream.select(0, rows.clone());
                context = context.select(0, rows.clone());
            }
            stream = stream + context.matmul(layer.output.val());
            stream = stream.clone() + layer.feed_forward(normed(stream));
        }
        let stream = normed(stream) * self.norm.val().unsqueeze::<2>();
        stream.matmul(embedding.transpose())
    }
}

impl Layer {
    fn attend(&self, size: Size, input: Tensor<2>, batch: usize, length: usize, at: &Positions) -> Tensor<2> {
        let (width, kv) = (size.head_width(), size.kv_heads);
        let group = size.heads / kv;
        let heads = |projected: Tensor<2>, heads: usize| projected.reshape([batch, length, heads, width]);
        let query =
            rotated(heads(input.clone().matmul(self.query.val()), size.heads), &at.query_cos, &at.query_sin);
        let key = rotated(heads(input.clone().matmul(self.key.val()), kv), &at.key_cos, &at.key_sin);
        let value = heads(input.matmul(self.value.val()), kv).swap_dims(1, 2);
        // The query heads that share a key head stand below one another, so that keys need not be repeated.
        let query = query.swap_dims(1, 2).reshape([batch, kv, group * length, width]);
        let scores = query.matmul(key.swap_dims(1, 2).transpose());
        let scores = scores + at.hidden.clone();
        let highest = scores.clone().detach().max_dim(3);
        let weights = (scores - highest).exp();
        let sum = weights.clone().sum_dim(3);
        let context = weights.matmul(value) / sum;
        context
            .reshape([batch, size.heads, length, width])
            .swap_dims(1, 2)
            .reshape([batch * length, size.hidden])
    }

    fn feed_forward(&self, input: Tensor<2>) -> Tensor<2> {
        let gate = activation::silu(input.clone().matmul(self.gate.val()));
        (gate * input.matmul(self.up.val())).matmul(self.down.val())
    }
}

/// Divided by the root of the mean square of its row.
fn normed(stream: Tensor<2>) -> Tensor<2> {
    let mean = (stream.clone() * stream.clone()).mean_dim(1);
    stream * mean.add_scalar(NORM_EPSILON).sqrt().recip()
}

/// The rotary embedding as Hugging Face has it: the first half of a head is turned against the second.
fn rotated(heads: Tensor<4>, cos: &Tensor<4>, sin: &Tensor<4>) -> Tensor<4> {
    let mut halves = heads.chunk(2, 3);
    let (Some(second), Some(first)) = (halves.pop(), halves.pop()) else {
        return Tensor::cat(halves, 3);
    };
    let turned_first = first.clone() * cos.clone() - second.clone() * sin.clone();
    let turned_second = second * cos.clone() + first * sin.clone();
    Tensor::cat(vec![turned_first, turned_second], 3)
}

impl Positions {
    /// Tables for sequences of `length` tokens.
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "positions and widths are below 1,000"
    )]
    pub(crate) fn new(size: Size, length: usize, device: &Device) -> Self {
        let half = size.head_width() / 2;
        let angle = |position: usize, at: usize| {
            position as f32 * ROPE_THETA.powf(-(2.0 * at as f32) / size.head_width() as f32)
        };
        let table = |scale: f32, of: fn(f32) -> f32| -> Tensor<4> {
            let values: Vec<f32> =
                (0..length * half).map(|i| scale * of(angle(i / half, i % half))).collect();
            Tensor::from_data(TensorData::new(values, [1, length, 1, half]), device)
        };
        // The usual 1/√width of the scores rides on the queries.
        let scale = inverse_root(size.head_width());
        let group = size.heads / size.kv_heads;
        let hidden: Vec<f32> = (0..group * length)
            .flat_map(|row| (0..length).map(move |column| if column <= row % length { 0.0 } else { -1e9 }))
            .collect();
        Self {
            query_cos: table(scale, f32::cos),
            query_sin: table(scale, f32::sin),
            key_cos: table(1.0, f32::cos),
            key_sin: table(1.0, f32::sin),
            hidden: Tensor::from_data(TensorData::new(hidden, [1, 1, group * length, length]), device),
        }
    }
}
