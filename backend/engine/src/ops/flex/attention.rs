//! Attention straight over the cache: keys and values are read where they lie, each sequence its own.
//!
//! Must not: copy the cache; hold scores of more than one query a thread; let a query's result depend on
//! what else is computed with it.

use std::cell::RefCell;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::Tensor;

use super::pointwise::{norm_row, with_norm};
use super::{into_vec, share, tensor, with};
use crate::model::attention::Heads;
use crate::model::cache::{Alibi, Turn};
use crate::model::norm::Norm;
use crate::model::rope::RopeTable;
use crate::ops::kernels::{self, Level};

thread_local! {
    /// Kept so that none is allocated for each token.
    static SCORES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
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
        let [_, capacity, _] = turn.cache.keys.dims();
        let place = Place { capacity, past: turn.past, width, head_dim: heads.head_dim };
        remember(&mut turn.cache.keys, rows, q_width, heads.kv_heads, place);
        remember(&mut turn.cache.values, rows, q_width + kv_width, heads.kv_heads, place);
    }
    let caches: Vec<(FlexTensor, FlexTensor)> =
        turns.iter().map(|turn| (primitive(&turn.cache.keys), primitive(&turn.cache.values))).collect();
    let looks: Vec<Look<'_>> = turns
        .iter()
        .zip(&caches)
        .map(|(turn, (keys, values))| Look {
            heads,
            keys: keys.storage::<f32>(),
            values: values.storage::<f32>(),
            capacity: turn.cache.keys.dims()[1],
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
    let head_dim = heads.head_dim;
    let group = heads.heads / heads.kv_heads;
    // Few rows are shared out by heads, many by rows.
    let heads_of_piece = if tokens < 8 { 1 } else { heads.heads };
    share(&mut out, heads_of_piece * head_dim, work, |at, out| {
        SCORES.with_borrow_mut(|scores| {
            for (index, out) in out.chunks_mut(head_dim).enumerate() {
                let (row, head) = (
                    (at * heads_of_piece + index) / heads.heads,
                    (at * heads_of_piece + index) % heads.heads,
                );
                let (sequence, position) = places[row];
                let query = &rows[row * width + head * head_dim..][..head_dim];
                looks[sequence].mix(query, head, head / group, position, scores, out);
            }
        });
    });
    tensor(out, q_width)
}

/// The tensor below, which shares its numbers.
fn primitive(cache: &Tensor<3>) -> FlexTensor {
    let Ok(primitive) = cache.clone().try_into_primitive::<Flex>() else { unreachable!("{NOT_FLEX}") };
    primitive
}

const NOT_FLEX: &str = "a cache is made on the Flex backend and stays there";

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
        let Ok(mut primitive) = cache.try_into_primitive::<Flex>() else { unreachable!("{NOT_FLEX}") };
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
    /// Mixes the values for one query.
    fn mix(
        &self,
        query: &[f32],
        head: usize,
        kv_head: usize,
        position: usize,
        scores: &mut Vec<f32>,
        out: &mut [f32],
    ) {
        let width = self.heads.head_dim;
        let from = self.heads.window.map_or(0, |window| (position + 1).saturating_sub(window));
        let seen = position + 1 - from;
        let start = (kv_head * self.capacity + from) * width;
        let keys = &self.keys[start..start + seen * width];
        let values = &self.values[start..start + seen * width];
        scores.clear();
        scores.resize(seen, 0.0);
        kernels::scores(self.level, query, keys, self.heads.scale, scores);
        if let Some(cap) = self.heads.softcap {
            scores.iter_mut().for_each(|score| *score = cap * (*score / cap).tanh());
        }
        if let Some(alibi) = self.alibi {
            let at = head * alibi.positions + from;
            for (score, &penalty) in scores.iter_mut().zip(&alibi.penalties[at..]) {
                *score += penalty;
            }
        }
        kernels::softmax(self.level, scores);
        kernels::mix(self.level, scores, values, out);
    }
}
