//! What the decoder does with tensors that never leave the device: rows of a table by ids that are there, keys and values
//! written at positions that are there, attention over what lies before those positions.
//!
//! Plain burn operations, of fixed shapes where a step is recorded; a GPU has kernels of its own for most. Must not: read anything back; depend on a number of
//! the host that changes from step to step.

use burn::tensor::{Bool, DType, IndexingUpdateOp, Int, Tensor, activation};

#[cfg(feature = "cuda")]
use super::cube;
use super::reference::widened;
use super::{norm, softcap};
use crate::model::attention::Heads;
use crate::model::norm::Norm;
use crate::model::resident::{Cache, Places, Seen};
use crate::model::rope::RopeTable;
use crate::model::{Linear, Weight};

/// The rows of these ids in single precision.
pub(crate) fn embed(linear: &Linear, ids: Tensor<1, Int>) -> Tensor<2> {
    let [count] = ids.dims();
    let weight = match &linear.weight {
        Weight::Dense(weight) => Weight::Dense(weight.clone().select(0, ids)),
        Weight::Int8 { values, scales } => Weight::Int8 {
            values: values.clone().select(0, ids.clone()),
            scales: scales.clone().select(0, ids),
        },
        Weight::Int4 { values, scales } => Weight::Int4 {
            values: values.clone().select(0, ids.clone()),
            scales: scales.clone().select(0, ids),
        },
        Weight::Panels(_) => unreachable!("a device other than the CPU has no panels"),
    };
    widened(&Linear { weight, bias: None, inputs: linear.inputs, outputs: count })
}

/// Norms and rotates queries and keys of each row at its position, writes keys and values to its place in the cache.
/// Queries `[rows, heads, head_dim]`, ready to look.
pub(crate) fn remember(
    qkv: Tensor<2>,
    heads: &Heads,
    norms: Option<(&Norm, &Norm)>,
    rope: Option<&RopeTable>,
    cache: &mut Cache,
    places: &Places,
) -> Tensor<3> {
    #[cfg(feature = "cuda")]
    if cube::has(&qkv) && cube::can_remember(heads, norms) {
        return cube::remember(qkv, heads, norms, rope, cache, places);
    }
    let [rows, _] = qkv.dims();
    let (q, kv) = (heads.heads * heads.head_dim, heads.kv_heads * heads.head_dim);
    let part = |from: usize, to: usize| qkv.clone().slice([0..rows, from..to]);
    let (queries, keys, values) = (part(0, q), part(q, q + kv), part(q + kv, q + 2 * kv));
    let (queries, keys) = match norms {
        Some((on_q, on_k)) => (norm(queries, on_q), norm(keys, on_k)),
        None => (queries, keys),
    };
    let turned = |x: Tensor<2>, count: usize| {
        let x = x.reshape([rows, count, heads.head_dim]);
        match rope {
            Some(table) => rotate(x, table, &places.positions),
            None => x,
        }
    };
    let queries = turned(queries, heads.heads);
    let keys = turned(keys, heads.kv_heads).reshape([rows, kv]);
    write(&mut cache.keys, &places.rows, keys);
    write(&mut cache.values, &places.rows, values);
    queries
}

fn write(cache: &mut Tensor<2>, rows: &Tensor<1, Int>, new: Tensor<2>) {
    let dtype = cache.dtype();
    cache.inplace(|cache| cache.select_assign(0, rows.clone(), new.cast(dtype), IndexingUpdateOp::Assign));
}

/// Rotates `[rows, heads, head_dim]`, each row at its position.
fn rotate(x: Tensor<3>, table: &RopeTable, positions: &Tensor<1, Int>) -> Tensor<3> {
    let [rows, heads, width] = x.dims();
    let pairs = table.pairs;
    let of_rows = |table: &Tensor<2>| table.clone().select(0, positions.clone()).reshape([rows, 1, pairs]);
    let (cos, sin) = (of_rows(&table.cos), of_rows(&table.sin));
    let part = |from: usize, to: usize| x.clone().slice([0..rows, 0..heads, from..to]);
    let (first, second) = (part(0, pairs), part(pairs, 2 * pairs));
    let mut parts =
        vec![first.clone() * cos.clone() - second.clone() * sin.clone(), second * cos + first * sin];
    if 2 * pairs < width {
        parts.push(part(2 * pairs, width));
    }
    Tensor::cat(parts, 2)
}

/// Mixes the values that each row sees: `[rows, heads × head_dim]`.
pub(crate) fn look(
    queries: Tensor<3>,
    heads: &Heads,
    alibi: Option<&Tensor<2>>,
    cache: &Cache,
    places: &Places,
    seen: &Seen,
) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if cube::has(&queries) {
        return cube::look(queries, heads, alibi, cache, places, seen);
    }
    let [rows, _, _] = queries.dims();
    let (kv, width) = (heads.kv_heads, heads.head_dim);
    let shared = heads.heads / kv;
    // Sequences with so many rows each, over so many places of the cache.
    let (sequences, each, length, from) = match *seen {
        Seen::All { sequences, capacity } => (sequences, rows / sequences, capacity, 0),
        Seen::One { first_row, length } => (1, rows, length, first_row),
    };
    let by_head = |cache: &Tensor<2>| {
        let [_, columns] = cache.dims();
        let part = cache.clone().slice([from..from + sequences * length, 0..columns]).cast(DType::F32);
        part.reshape([sequences, length, kv, width]).swap_dims(1, 2)
    };
    let (keys, values) = (by_head(&cache.keys), by_head(&cache.values));
    let queries = queries.reshape([sequences, each, kv, shared * width]).swap_dims(1, 2);
    let queries = queries.reshape([sequences, kv, each * shared, width]);
    let scores = queries.matmul(keys.swap_dims(2, 3)) * heads.scale;
    let scores = match heads.softcap {
        Some(cap) => softcap(scores, cap),
        None => scores,
    };
    let scores = scores.reshape([sequences, kv, each, shared, length]);
    let scores = match alibi {
        Some(alibi) => {
            let alibi = alibi.clone().slice([0..heads.heads, 0..length]);
            scores + alibi.reshape([1, kv, 1, shared, length])
        }
        None => scores,
    };
    let hidden = hidden(places, heads.window, length).reshape([sequences, 1, each, 1, length]);
    let hidden = hidden.expand([sequences, kv, each, shared, length]);
    let scores = scores.mask_fill(hidden, f32::NEG_INFINITY);
    let shares = activation::softmax(scores, 4).reshape([sequences, kv, each * shared, length]);
    let mixed = shares.matmul(values).reshape([sequences, kv, each, shared * width]);
    mixed.swap_dims(1, 2).reshape([rows, heads.heads * width])
}

/// Which of the first `length` places each row must not see: `[rows, length]`.
fn hidden(places: &Places, window: Option<usize>, length: usize) -> Tensor<2, Bool> {
    let [rows] = places.positions.dims();
    let at = places.columns.clone().narrow(0, 0, length).reshape([1, length]).expand([rows, length]);
    let here = places.positions.clone().reshape([rows, 1]).expand([rows, length]);
    let later = at.clone().greater(here.clone());
    match window.and_then(|window| i64::try_from(window).ok()) {
        Some(window) => later.bool_or((here - at).greater_equal_elem(window)),
        None => later,
    }
}
