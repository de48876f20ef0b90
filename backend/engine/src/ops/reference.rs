//! Every operation as plain burn operations: what the kernels must equal.
//!
//! Must not: be made clever; clarity is its purpose.

use burn::tensor::{DType, Device, Int, Tensor, TensorData, activation};

use crate::model::attention::Heads;
use crate::model::cache::{Alibi, LayerCache, Turn};
use crate::model::norm::Norm;
use crate::model::rope::RopeTable;
use crate::model::{Linear, Weight};
use crate::ops::{BLOCK, softcap};
use crate::spec::Activation;

/// The weights in single precision.
pub(crate) fn widened(linear: &Linear) -> Tensor<2> {
    match &linear.weight {
        Weight::Panels(_) => unreachable!("the reference has weights as tensors"),
        Weight::Dense(weight) => weight.clone().cast(DType::F32),
        Weight::Int8 { values, scales } => blocks(values.clone().float(), scales.clone(), linear),
        Weight::Int4 { values, scales } => {
            let [rows, bytes] = values.dims();
            let bytes = values.clone().cast(DType::I32).reshape([rows, bytes / 16, 16]);
            let high = bytes.clone() / 16;
            let low = bytes - high.clone() * 16;
            let numbers: Tensor<3, Int> = Tensor::cat(vec![low, high], 2);
            let [rows, blocks_of_row, _] = numbers.dims();
            blocks((numbers.float() - 8.0).reshape([rows, blocks_of_row * BLOCK]), scales.clone(), linear)
        }
    }
}

/// Numbers times the scale of their block, without the padding.
fn blocks(numbers: Tensor<2>, scales: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let [rows, count] = scales.dims();
    let scaled =
        numbers.cast(DType::F32).reshape([rows, count, BLOCK]) * scales.cast(DType::F32).unsqueeze_dim(2);
    scaled.reshape([rows, count * BLOCK]).slice([0..linear.outputs, 0..linear.inputs])
}

/// The rows of these ids in single precision.
pub(crate) fn embed(linear: &Linear, ids: &[u32], device: &Device) -> Tensor<2> {
    let ids: Vec<i32> = ids.iter().map(|&id| i32::try_from(id).unwrap_or(i32::MAX)).collect();
    let count = ids.len();
    let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), (device, DType::I32));
    widened(linear).select(0, ids)
}

/// What packed weights are multiplied with: each 32 numbers rounded to bytes with a scale.
fn in_bytes(x: Tensor<2>) -> Tensor<2> {
    let [tokens, inputs] = x.dims();
    let padded = inputs.next_multiple_of(BLOCK);
    let more = Tensor::zeros([tokens, padded - inputs], (&x.device(), DType::F32));
    let blocks = Tensor::cat(vec![x, more], 1).reshape([tokens, padded / BLOCK, BLOCK]);
    let scales = blocks.clone().abs().max_dim(2) / 127.0;
    // A block of zeros has no scale, and needs none.
    let divisors = scales.clone() + scales.clone().equal_elem(0.0).float();
    ((blocks / divisors).round() * scales).reshape([tokens, padded]).slice([0..tokens, 0..inputs])
}

/// `x · Wᵀ + b`, weights widened to single precision, and `x` in bytes where they are packed.
pub(crate) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let x = if matches!(linear.weight, Weight::Dense(_)) { x } else { in_bytes(x) };
    let product = x.matmul(widened(linear).transpose());
    match &linear.bias {
        Some(bias) => product + bias.clone().unsqueeze(),
        None => product,
    }
}

/// Root-mean-square or mean-and-variance normalisation of each group.
pub(crate) fn norm(x: Tensor<2>, norm: &Norm) -> Tensor<2> {
    let [rows, width] = x.dims();
    let groups = width / norm.group;
    let x = x.reshape([rows * groups, norm.group]);
    let x = if norm.centred { x.clone() - x.mean_dim(1) } else { x };
    let mean_square = x.clone().powi_scalar(2).mean_dim(1);
    let x = (x / (mean_square + norm.eps).sqrt()).reshape([rows, width]);
    let repeats = width / norm.weight.dims()[0];
    let x = x * norm.weight.clone().repeat_dim(0, repeats).unsqueeze();
    match &norm.bias {
        Some(bias) => x + bias.clone().repeat_dim(0, repeats).unsqueeze(),
        None => x,
    }
}

/// Queries, keys and values of each token.
fn split_qkv(qkv: Tensor<2>, heads: &Heads) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
    let [tokens, _] = qkv.dims();
    let (q, kv) = (heads.heads * heads.head_dim, heads.kv_heads * heads.head_dim);
    (
        qkv.clone().slice([0..tokens, 0..q]),
        qkv.clone().slice([0..tokens, q..q + kv]),
        qkv.slice([0..tokens, q + kv..q + 2 * kv]),
    )
}

/// The activation, times the second half of the row where it is gated.
pub(crate) fn activate(x: Tensor<2>, kind: Activation, gated: bool) -> Tensor<2> {
    let act = |x: Tensor<2>| match kind {
        Activation::Silu => activation::silu(x),
        Activation::Gelu => activation::gelu(x),
        Activation::GeluTanh => activation::gelu_approximate(x),
        Activation::Relu => activation::relu(x),
    };
    if !gated {
        return act(x);
    }
    let [tokens, width] = x.dims();
    let gate = act(x.clone().slice([0..tokens, 0..width / 2]));
    gate * x.slice([0..tokens, width / 2..width])
}

/// Rotates `[heads, tokens, head_dim]` for tokens from position `past`.
fn rotate(x: Tensor<3>, table: &RopeTable, past: usize) -> Tensor<3> {
    let [heads, tokens, width] = x.dims();
    let pairs = table.pairs;
    let cos = table.cos.clone().slice([past..past + tokens, 0..pairs]).unsqueeze::<3>();
    let sin = table.sin.clone().slice([past..past + tokens, 0..pairs]).unsqueeze::<3>();
    let first = x.clone().slice([0..heads, 0..tokens, 0..pairs]);
    let second = x.clone().slice([0..heads, 0..tokens, pairs..2 * pairs]);
    let mut parts =
        vec![first.clone() * cos.clone() - second.clone() * sin.clone(), second * cos + first * sin];
    if 2 * pairs < width {
        parts.push(x.slice([0..heads, 0..tokens, 2 * pairs..width]));
    }
    Tensor::cat(parts, 2)
}

/// What is added to the scores: minus infinity where a query must not look, and the penalties.
fn bias(heads: &Heads, alibi: Option<&Alibi>, past: usize, tokens: usize, seen: usize) -> Vec<f32> {
    let capacity = alibi.map_or(0, |alibi| alibi.positions);
    let mut bias = Vec::with_capacity(heads.heads * tokens * seen);
    for head in 0..heads.heads {
        for query in past..past + tokens {
            for key in 0..seen {
                let hidden = key > query || heads.window.is_some_and(|window| query - key >= window);
                let penalty = alibi.map_or(0.0, |alibi| alibi.penalties[head * capacity + key]);
                bias.push(if hidden { f32::NEG_INFINITY } else { penalty });
            }
        }
    }
    bias
}

/// Norms and rotates, writes the caches and mixes the values that each query sees.
pub(crate) fn attention(
    qkv: Tensor<2>,
    heads: &Heads,
    norms: Option<(&Norm, &Norm)>,
    rope: Option<usize>,
    turns: &mut [Turn<'_>],
) -> Tensor<2> {
    let [_, width] = qkv.dims();
    let mut start = 0;
    let mixed = turns.iter_mut().map(|turn| {
        let own = qkv.clone().slice([start..start + turn.tokens, 0..width]);
        start += turn.tokens;
        let rope = rope.and_then(|rope| turn.tables.ropes.get(rope));
        attention_of_one(own, heads, norms, rope, turn.tables.alibi.as_ref(), turn.cache, turn.past)
    });
    Tensor::cat(mixed.collect(), 0)
}

fn attention_of_one(
    qkv: Tensor<2>,
    heads: &Heads,
    norms: Option<(&Norm, &Norm)>,
    rope: Option<&RopeTable>,
    alibi: Option<&Alibi>,
    cache: &mut LayerCache,
    past: usize,
) -> Tensor<2> {
    let (q, k, v) = split_qkv(qkv, heads);
    let (q, k) = match norms {
        Some((on_q, on_k)) => (norm(q, on_q), norm(k, on_k)),
        None => (q, k),
    };
    let [tokens, _] = q.dims();
    let device = q.device();
    let (all, kv, width) = (heads.heads, heads.kv_heads, heads.head_dim);
    let by_head = |x: Tensor<2>, count: usize| x.reshape([tokens, count, width]).swap_dims(0, 1);
    let turn = |x: Tensor<3>| match rope {
        Some(table) => rotate(x, table, past),
        None => x,
    };
    let q = turn(by_head(q, all));
    let k = turn(by_head(k, kv));
    let v = by_head(v, kv);
    let seen = past + tokens;
    let capacity = cache.capacity;
    let remembered = |numbers: &mut [f32], new: Tensor<3>| {
        let all = Tensor::<3>::from_data(
            TensorData::new(numbers.to_vec(), [kv, capacity, width]),
            (&device, DType::F32),
        );
        let all = all.slice_assign([0..kv, past..seen, 0..width], new);
        numbers.copy_from_slice(&super::to_vec(all.clone()));
        all.slice([0..kv, 0..seen, 0..width])
    };
    let (keys, values) = (remembered(&mut cache.keys, k), remembered(&mut cache.values, v));
    // The queries that share a key head stand in one matrix.
    let rows = all / kv * tokens;
    let scores = q.reshape([kv, rows, width]).matmul(keys.swap_dims(1, 2)) * heads.scale;
    let scores = match heads.softcap {
        Some(cap) => softcap(scores, cap),
        None => scores,
    };
    let bias = bias(heads, alibi, past, tokens, seen);
    let bias = Tensor::<3>::from_data(TensorData::new(bias, [kv, rows, seen]), (&device, DType::F32));
    let mixed = activation::softmax(scores + bias, 2).matmul(values);
    mixed.reshape([all, tokens, width]).swap_dims(0, 1).reshape([tokens, all * width])
}
