//! Attention straight over the cache: keys and values are read where they lie, once for all queries
//! that share them.
//!
//! Must not: copy the cache; hold scores of more than one query group a thread.

use burn::backend::Flex;
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::pointwise::{norm_row, with_norm};
use super::{SHARED_FROM, tensor, to_vec, with};
use crate::model::attention::Heads;
use crate::model::cache::{Alibi, LayerCache};
use crate::model::norm::Norm;
use crate::model::rope::RopeTable;
use crate::ops::kernels::{self, Level, math};

/// Norms and rotates, writes the cache and mixes the values that each query sees.
pub(crate) fn attention(
    qkv: Tensor<2>,
    heads: &Heads,
    norms: Option<(&Norm, &Norm)>,
    rope: Option<&RopeTable>,
    alibi: Option<&Alibi>,
    cache: &mut LayerCache,
    past: usize,
) -> Tensor<2> {
    let [tokens, width] = qkv.dims();
    let device = qkv.device();
    let (q_width, kv_width) = (heads.heads * heads.head_dim, heads.kv_heads * heads.head_dim);
    let mut rows = to_vec(qkv);
    if let Some((q, k)) = norms {
        with_norm(q, |weight, bias| {
            rows.chunks_mut(width).for_each(|row| norm_row(&mut row[..q_width], q, weight, bias));
        });
        with_norm(k, |weight, bias| {
            let keys = q_width..q_width + kv_width;
            rows.chunks_mut(width).for_each(|row| norm_row(&mut row[keys.clone()], k, weight, bias));
        });
    }
    if let Some(rope) = rope {
        rotate(&mut rows, width, q_width + kv_width, heads.head_dim, rope, past);
    }
    let [_, capacity, _] = cache.keys.dims();
    let place = Place { capacity, past, width, head_dim: heads.head_dim };
    remember(&mut cache.keys, &rows, q_width, heads.kv_heads, place);
    remember(&mut cache.values, &rows, q_width + kv_width, heads.kv_heads, place);
    let mut out = vec![0.0f32; tokens * q_width];
    with(cache.keys.clone(), |keys| {
        with(cache.values.clone(), |values| {
            let look = Look { heads, keys, values, capacity, alibi, level: Level::best() };
            let group = q_width / heads.kv_heads;
            let body = |scores: &mut Vec<f32>, (at, out): (usize, &mut [f32])| {
                let (token, kv_head) = (at / heads.kv_heads, at % heads.kv_heads);
                let queries = &rows[token * width + kv_head * group..token * width + (kv_head + 1) * group];
                look.mix(queries, kv_head, past + token, scores, out);
            };
            let work = tokens * q_width * (past + tokens);
            if work < SHARED_FROM || rayon::current_num_threads() == 1 {
                let mut scores = Vec::new();
                out.chunks_mut(group).enumerate().for_each(|piece| body(&mut scores, piece));
            } else {
                out.par_chunks_mut(group).enumerate().for_each_init(Vec::new, body);
            }
        });
    });
    tensor(out, q_width, &device)
}

/// Turns the heads in the first `end` numbers of each row.
fn rotate(rows: &mut [f32], width: usize, end: usize, head_dim: usize, rope: &RopeTable, past: usize) {
    let pairs = rope.pairs;
    with(rope.cos.clone(), |cos| {
        with(rope.sin.clone(), |sin| {
            for (token, row) in rows.chunks_mut(width).enumerate() {
                let at = (past + token) * pairs;
                let (cos, sin) = (&cos[at..at + pairs], &sin[at..at + pairs]);
                for head in row[..end].chunks_mut(head_dim) {
                    let (first, second) = head[..2 * pairs].split_at_mut(pairs);
                    for pair in 0..pairs {
                        let (a, b) = (first[pair], second[pair]);
                        first[pair] = a * cos[pair] - b * sin[pair];
                        second[pair] = b * cos[pair] + a * sin[pair];
                    }
                }
            }
        });
    });
}

/// Where rows go in a cache.
#[derive(Clone, Copy)]
struct Place {
    capacity: usize,
    past: usize,
    width: usize,
    head_dim: usize,
}

/// Writes the part of each row that begins at `from` into the cache, in place.
fn remember(cache: &mut Tensor<3>, rows: &[f32], from: usize, kv_heads: usize, place: Place) {
    cache.inplace(|cache| {
        let Ok(mut primitive) = cache.try_into_primitive::<Flex>() else {
            unreachable!("a cache is made on the Flex backend and stays there")
        };
        debug_assert!(primitive.is_unique(), "a shared cache would be copied at every token");
        let numbers = primitive.storage_mut::<f32>();
        for (token, row) in rows.chunks(place.width).enumerate() {
            for head in 0..kv_heads {
                let at = (head * place.capacity + place.past + token) * place.head_dim;
                let start = from + head * place.head_dim;
                numbers[at..at + place.head_dim].copy_from_slice(&row[start..start + place.head_dim]);
            }
        }
        Tensor::from_primitive::<Flex>(primitive)
    });
}

/// What a query looks at.
struct Look<'a> {
    heads: &'a Heads,
    keys: &'a [f32],
    values: &'a [f32],
    capacity: usize,
    alibi: Option<&'a Alibi>,
    level: Level,
}

impl Look<'_> {
    /// Mixes the values for the queries of one token that share a key head.
    fn mix(&self, queries: &[f32], kv_head: usize, position: usize, scores: &mut Vec<f32>, out: &mut [f32]) {
        let width = self.heads.head_dim;
        let group = queries.len() / width;
        let from = self.heads.window.map_or(0, |window| (position + 1).saturating_sub(window));
        let seen = position + 1 - from;
        let start = (kv_head * self.capacity + from) * width;
        let keys = &self.keys[start..start + seen * width];
        let values = &self.values[start..start + seen * width];
        scores.clear();
        scores.resize(group * seen, 0.0);
        for (at, key) in keys.chunks_exact(width).enumerate() {
            for (query, row) in queries.chunks_exact(width).zip(scores.chunks_exact_mut(seen)) {
                row[at] = kernels::f32(self.level, key, query);
            }
        }
        for (index, row) in scores.chunks_exact_mut(seen).enumerate() {
            self.weigh(row, kv_head * group + index, from);
        }
        out.fill(0.0);
        for (at, value) in values.chunks_exact(width).enumerate() {
            for (out, row) in out.chunks_exact_mut(width).zip(scores.chunks_exact(seen)) {
                kernels::add_scaled(self.level, out, value, row[at]);
            }
        }
    }

    /// Scores into weights that sum to one.
    fn weigh(&self, row: &mut [f32], head: usize, from: usize) {
        let scale = self.heads.scale;
        row.iter_mut().for_each(|score| *score *= scale);
        if let Some(cap) = self.heads.softcap {
            row.iter_mut().for_each(|score| *score = cap * (*score / cap).tanh());
        }
        if let Some(alibi) = self.alibi {
            let at = head * self.capacity + from;
            for (score, &penalty) in row.iter_mut().zip(&alibi.penalties[at..]) {
                *score += penalty;
            }
        }
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for score in row.iter_mut() {
            *score = math::exp(*score - most);
            sum += *score;
        }
        let factor = 1.0 / sum;
        row.iter_mut().for_each(|score| *score *= factor);
    }
}
