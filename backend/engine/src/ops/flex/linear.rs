//! Products with weights: panels shared out over threads, each panel read once for a tile of tokens.
//!
//! Must not: hold a matrix in another form than its own; sum over inputs in pieces.

use burn::tensor::Tensor;

use super::{SHARED_FROM, team, tensor, with};
use crate::model::{Linear, Weight};
use crate::ops::kernels::panels::Panels;
use crate::ops::kernels::{self, LANES, Level, Tile};

/// Pieces that each thread may take at least, so that one that is interrupted does not hold up the others.
const PIECES: usize = 8;
/// Bytes of weights that a piece has at most: whoever is done waits for the last piece of another.
const PIECE_BYTES: usize = 1 << 17;

/// Lends the panels.
fn panels(linear: &Linear) -> &Panels {
    match &linear.weight {
        Weight::Panels(panels) => panels,
        _ => unreachable!("weights for the CPU are made as panels"),
    }
}

/// `x · Wᵀ + b` for each row of `x`.
pub(crate) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let [tokens, _] = x.dims();
    let mut out = vec![0.0f32; tokens * linear.outputs];
    with(x, |x| match &linear.bias {
        Some(bias) => with(bias.clone(), |bias| multiply(panels(linear), x, tokens, Some(bias), &mut out)),
        None => multiply(panels(linear), x, tokens, None, &mut out),
    });
    tensor(out, linear.outputs)
}

fn multiply(panels: &Panels, x: &[f32], tokens: usize, bias: Option<&[f32]>, out: &mut [f32]) {
    let level = Level::best();
    let work = tokens * panels.inputs * panels.outputs;
    let shared = work >= SHARED_FROM;
    let tiles = tiles(level, panels, x, tokens, shared);
    let count = panels.count();
    let step = kernels::at_once(level, panels);
    let fair = (PIECES * team::threads()).max(panels.bytes() / PIECE_BYTES);
    let pieces = if shared { fair } else { 1 };
    let piece = count.div_ceil(pieces).next_multiple_of(step);
    let width = panels.outputs;
    let body = |columns: &mut team::Columns<'_>| {
        let first = columns.start() / LANES;
        let last = count.min(first + piece);
        let mut panel = first;
        while panel < last {
            let mut taken = 1;
            for tile in &tiles {
                taken = kernels::multiply(level, panels, panel, last, tile, &mut |token, next, numbers| {
                    let start = (panel + next) * LANES;
                    let length = LANES.min(width - start);
                    let at = (panel + next - first) * LANES;
                    let out = &mut columns.row(tile.start + token)[at..at + length];
                    out.copy_from_slice(&numbers[..length]);
                    if let Some(bias) = bias {
                        out.iter_mut().zip(&bias[start..]).for_each(|(out, bias)| *out += bias);
                    }
                });
            }
            panel += taken;
        }
    };
    team::each_columns(out, width, piece * LANES, &body);
}

/// The rows of `x` as the kernels read them, laid out on several threads where there are many.
fn tiles(level: Level, panels: &Panels, x: &[f32], tokens: usize, shared: bool) -> Vec<Tile> {
    let places = kernels::tiles(level, tokens);
    let make = |place: &(usize, usize, usize)| Tile::new(level, panels, x, *place);
    if !shared || places.len() < 2 {
        return places.iter().map(make).collect();
    }
    let made: Vec<std::sync::OnceLock<Tile>> = places.iter().map(|_| std::sync::OnceLock::new()).collect();
    team::each(places.len(), &|at| {
        let _ = made[at].set(make(&places[at]));
    });
    made.into_iter().filter_map(std::sync::OnceLock::into_inner).collect()
}

/// The rows of these ids in single precision.
pub(crate) fn embed(linear: &Linear, ids: &[u32]) -> Tensor<2> {
    let panels = panels(linear);
    let mut out = vec![0.0f32; ids.len() * linear.inputs];
    for (out, &id) in out.chunks_mut(linear.inputs).zip(ids) {
        panels.row(crate::numeric::index(id), out);
    }
    tensor(out, linear.inputs)
}
