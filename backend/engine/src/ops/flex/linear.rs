//! Products with weights: panels shared out over threads, each panel read once for a tile of tokens.
//!
//! Must not: hold a matrix in another form than its own; sum over inputs in pieces.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, Weak};

use burn::tensor::Tensor;

use super::columns::{self, Columns};
use super::team::{self, Work};
use super::{SHARED_FROM, tensor, with};
use crate::model::{Linear, Weight};
use crate::ops::kernels::panels::Panels;
use crate::ops::kernels::{self, Ahead, LANES, Level, Tile};

/// Bytes of weights that a thread takes at once at most: they fit into the cache of a core, and who is interrupted
/// does not hold up the others for long.
const TAKEN_BYTES: usize = 1 << 18;

thread_local! {
    /// The product computed last, where it is not known yet which one follows it.
    static UNFOLLOWED: RefCell<Option<Weak<Panels>>> = const { RefCell::new(None) };
}

/// Lends the panels.
fn panels(linear: &Linear) -> &Arc<Panels> {
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

fn multiply(panels: &Arc<Panels>, x: &[f32], tokens: usize, bias: Option<&[f32]>, out: &mut [f32]) {
    let level = Level::best();
    let work = tokens * panels.inputs * panels.outputs;
    let shared = work >= SHARED_FROM;
    let tiles = tiles(level, panels, x, tokens, shared);
    let width = panels.outputs;
    let unit = LANES * if shared { kernels::at_once(level, panels) } else { panels.count() };
    let units = width.div_ceil(unit.max(1));
    let plan = Work {
        units,
        most: (units * TAKEN_BYTES).div_ceil(panels.bytes().max(1)),
        ahead: if shared { follower(panels) } else { None },
    };
    let body = |columns: &mut Columns<'_>| {
        let Range { start: first, end } = columns.range();
        let (mut panel, last) = (first / LANES, end.div_ceil(LANES));
        while panel < last {
            let mut taken = 1;
            for tile in &tiles {
                taken = kernels::multiply(level, panels, panel, last, tile, &mut |token, next, numbers| {
                    let start = (panel + next) * LANES;
                    let length = LANES.min(width - start);
                    let out = &mut columns.row(tile.start + token)[start - first..][..length];
                    match <&mut [f32; LANES]>::try_from(&mut *out) {
                        Ok(whole) => *whole = *numbers,
                        Err(_) => out.copy_from_slice(&numbers[..length]),
                    }
                    if let Some(bias) = bias {
                        out.iter_mut().zip(&bias[start..]).for_each(|(out, bias)| *out += bias);
                    }
                });
            }
            panel += taken;
        }
    };
    columns::each_columns(out, width, unit, plan, &body);
}

/// What is read after these panels: what followed them the first time, for a pass computes its products in one order.
fn follower(panels: &Arc<Panels>) -> Option<Ahead> {
    if let Some(before) = UNFOLLOWED.take().and_then(|before| before.upgrade()) {
        let part = panels.bytes() / (team::PART * team::threads());
        let _ = before.follower.set(panels.last_bytes(part.min(TAKEN_BYTES)));
    }
    let follower = panels.follower.get().copied();
    if follower.is_none() {
        UNFOLLOWED.set(Some(Arc::downgrade(panels)));
    }
    follower
}

/// The rows of `x` as the kernels read them, laid out on several threads where there are many.
fn tiles(level: Level, panels: &Panels, x: &[f32], tokens: usize, shared: bool) -> Vec<Tile> {
    let places = kernels::tiles(level, tokens);
    let make = |place: &(usize, usize, usize)| Tile::new(level, panels, x, *place);
    if !shared || places.len() < 2 {
        return places.iter().map(make).collect();
    }
    let made: Vec<std::sync::OnceLock<Tile>> = places.iter().map(|_| std::sync::OnceLock::new()).collect();
    let plan = Work { units: places.len(), most: 1, ahead: None };
    team::each(plan, &|some| {
        for at in some {
            let _ = made[at].set(make(&places[at]));
        }
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
