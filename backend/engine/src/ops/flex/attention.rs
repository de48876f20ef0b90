//! Attention straight over the cache: keys and values are read where they lie, each sequence its own.
//!
//! A text is looked at in parts of a fixed length, and what the parts say is put together by the online softmax
//! (Milakov & Gimelshein, arXiv 1805.02867): so a few queries keep all threads busy, and the queries that share
//! a key head meet its keys while they are close by.
//!
//! Must not: copy the cache; let a query's result depend on what else is computed with it, or on threads.

use std::cell::RefCell;

use burn::tensor::Tensor;

use super::pointwise::{norm_row, with_norm};
use super::{into_vec, share, tensor, with};
use crate::model::attention::Heads;
use crate::model::cache::{Alibi, Turn};
use crate::model::norm::Norm;
use crate::model::rope::RopeTable;
use crate::ops::kernels::{self, Level, math};

/// Positions of a part: their keys and values fit into the nearest cache.
const PART: usize = 64;
/// Queries that are looked at together, at most.
const MOST: usize = 3;
/// So many rows are shared out one by one, fewer by key heads and parts.
const MANY: usize = 8;

thread_local! {
    /// What one row's parts say; kept so that none is allocated for each token.
    static SAID: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Norms and rotates, writes the caches and mixes the values that each query sees.
pub(crate) fn attention(
    qkv: Tensor<2>,
    heads: &Heads,
    norms: Option<(&Norm, &Norm)>,
    rope: Option<usize>,
    turns: &mut [Turn<'_>],
) -> Tensor<2> {
    let [tokens, width] = qkv.dims();
    let (q_width, kv_width) = (heads.heads * heads.head_dim, heads.kv_heads * heads.head_dim);
    let mut rows = into_vec(qkv);
    if let Some((q, k)) = norms {
        with_norm(q, |weight, bias| {
            rows.chunks_mut(width).for_each(|row| norm_row(&mut row[..q_width], q, weight, bias));
        });
        with_norm(k, |weight, bias| {
            let keys = q_width..q_width + kv_width;
            rows.chunks_mut(width).for_each(|row| norm_row(&mut row[keys.clone()], k, weight, bias));
        });
    }
    let mut rest = rows.as_mut_slice();
    for turn in turns.iter_mut() {
        let (rows, others) = std::mem::take(&mut rest).split_at_mut(turn.tokens * width);
        rest = others;
        if let Some(rope) = rope.and_then(|rope| turn.tables.ropes.get(rope)) {
            rotate(rows, width, q_width + kv_width, heads.head_dim, rope, turn.past);
        }
        let place = Place { capacity: turn.cache.capacity, past: turn.past, width, head_dim: heads.head_dim };
        remember(&mut turn.cache.keys, rows, q_width, heads.kv_heads, place);
        remember(&mut turn.cache.values, rows, q_width + kv_width, heads.kv_heads, place);
    }
    let looks: Vec<Look<'_>> = turns
        .iter()
        .map(|turn| Look {
            heads,
            keys: &turn.cache.keys,
            values: &turn.cache.values,
            capacity: turn.cache.capacity,
            alibi: turn.tables.alibi.as_ref(),
            level: Level::best(),
        })
        .collect();
    // Which sequence a row belongs to, and where in its text it stands.
    let places: Vec<(usize, usize)> = turns
        .iter()
        .enumerate()
        .flat_map(|(index, turn)| (turn.past..turn.past + turn.tokens).map(move |position| (index, position)))
        .collect();
    let mut out = vec![0.0f32; tokens * q_width];
    let work: usize = places.iter().map(|&(_, position)| 2 * q_width * (position + 1)).sum();
    let said = Said { heads: heads.heads, kv_heads: heads.kv_heads, width: heads.head_dim };
    if tokens < MANY {
        let parts = places.iter().map(|&(_, position)| position / PART + 1).max().unwrap_or(0);
        let mut all = vec![0.0f32; tokens * parts * said.of_part()];
        share(&mut all, said.of_group(), work, |at, group| {
            let (place, kv_head) = (at / heads.kv_heads, at % heads.kv_heads);
            let (row, part) = (place / parts, place % parts);
            let (sequence, position) = places[row];
            looks[sequence].say(&rows[row * width..][..q_width], kv_head, part, position, group);
        });
        for (all, out) in all.chunks(parts * said.of_part()).zip(out.chunks_mut(q_width)) {
            said.merge(all, out);
        }
    } else {
        share(&mut out, q_width, work, |row, out| {
            let (sequence, position) = places[row];
            SAID.with_borrow_mut(|all| {
                all.clear();
                all.resize((position / PART + 1) * said.of_part(), 0.0);
                for (at, group) in all.chunks_mut(said.of_group()).enumerate() {
                    let (part, kv_head) = (at / heads.kv_heads, at % heads.kv_heads);
                    looks[sequence].say(&rows[row * width..][..q_width], kv_head, part, position, group);
                }
                said.merge(all, out);
            });
        });
    }
    tensor(out, q_width)
}

/// Turns the heads in the first `end` numbers of each row.
fn rotate(rows: &mut [f32], width: usize, end: usize, head_dim: usize, rope: &RopeTable, past: usize) {
    let (pairs, level) = (rope.pairs, Level::best());
    with(rope.cos.clone(), |cos| {
        with(rope.sin.clone(), |sin| {
            for (token, row) in rows.chunks_mut(width).enumerate() {
                let at = (past + token) * pairs;
                let (cos, sin) = (&cos[at..at + pairs], &sin[at..at + pairs]);
                for head in row[..end].chunks_mut(head_dim) {
                    let (first, second) = head[..2 * pairs].split_at_mut(pairs);
                    kernels::turn(level, first, second, cos, sin);
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

/// Writes the part of each row that begins at `from` into the cache.
fn remember(cache: &mut [f32], rows: &[f32], from: usize, kv_heads: usize, place: Place) {
    for (token, row) in rows.chunks(place.width).enumerate() {
        for head in 0..kv_heads {
            let at = (head * place.capacity + place.past + token) * place.head_dim;
            let start = from + head * place.head_dim;
            cache[at..at + place.head_dim].copy_from_slice(&row[start..start + place.head_dim]);
        }
    }
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
    /// What a part of the text says to the queries of one key head: for each its values mixed by their
    /// weights, the greatest score, and the sum of the weights.
    fn say(&self, queries: &[f32], kv_head: usize, part: usize, position: usize, group: &mut [f32]) {
        let width = self.heads.head_dim;
        let window = self.heads.window.map_or(0, |window| (position + 1).saturating_sub(window));
        let (from, to) = (window.max(part * PART), (position + 1).min((part + 1) * PART));
        if from >= to {
            return;
        }
        let place = (kv_head * self.capacity + from) * width..(kv_head * self.capacity + to) * width;
        let (keys, values) = (&self.keys[place.clone()], &self.values[place]);
        let (seen, heads) = (to - from, group.len() / (width + 2));
        let at_once = kernels::queries_at_once(self.level);
        let mut scores = [0.0f32; MOST * PART];
        for (index, said) in group.chunks_mut(at_once * (width + 2)).enumerate() {
            let (first, count) = (kv_head * heads + index * at_once, said.len() / (width + 2));
            let queries = &queries[first * width..][..count * width];
            let scores = &mut scores[..count * seen];
            kernels::scores(self.level, count, queries, keys, self.heads.scale, scores);
            if let Some(cap) = self.heads.softcap {
                scores.iter_mut().for_each(|score| *score = cap * (*score / cap).tanh());
            }
            for (head, (scores, said)) in
                (first..).zip(scores.chunks_mut(seen).zip(said.chunks_mut(width + 2)))
            {
                if let Some(alibi) = self.alibi {
                    let at = head * alibi.positions + from;
                    for (score, &penalty) in scores.iter_mut().zip(&alibi.penalties[at..]) {
                        *score += penalty;
                    }
                }
                let (most, sum) = kernels::weigh(self.level, scores);
                said[width..].copy_from_slice(&[most, sum]);
            }
            kernels::mix(self.level, count, scores, values, width, said);
        }
    }
}

/// How what is said about one row lies: part after part, head after head, `width + 2` numbers each.
#[derive(Clone, Copy)]
struct Said {
    heads: usize,
    kv_heads: usize,
    width: usize,
}

impl Said {
    fn of_part(self) -> usize {
        self.heads * (self.width + 2)
    }

    /// Of the queries that share a key head.
    fn of_group(self) -> usize {
        self.of_part() / self.kv_heads
    }

    /// One row: the parts' mixtures by the share that each has of all weights. A part that a window hides
    /// has no weight.
    fn merge(self, all: &[f32], out: &mut [f32]) {
        let level = Level::best();
        for (head, out) in out.chunks_mut(self.width).enumerate() {
            let at = head * (self.width + 2);
            let parts = || {
                let parts =
                    all.chunks(self.of_part()).map(|part| part[at..at + self.width + 2].split_at(self.width));
                parts.filter(|(_, facts)| facts[1] > 0.0 || facts[1].is_nan())
            };
            let most = parts().map(|(_, facts)| facts[0]).fold(f32::NEG_INFINITY, f32::max);
            let weight = |facts: &[f32]| math::exp(facts[0] - most);
            let sum: f32 = parts().map(|(_, facts)| weight(facts) * facts[1]).sum();
            out.fill(0.0);
            for (mixed, facts) in parts() {
                kernels::add_times(level, out, mixed, weight(facts) / sum);
            }
        }
    }
}
