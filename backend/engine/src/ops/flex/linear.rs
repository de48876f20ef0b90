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
use crate::spec::Activation;

/// Bytes of weights that a thread takes at once at most: they fit into the cache of a core, and who is interrupted
/// does not hold up the others for long.
const TAKEN_BYTES: usize = 1 << 18;

thread_local! {
    /// What gates a thread's columns wait for.
    static SECOND: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
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
    product(x, linear, linear.outputs, None)
}

/// The first half of `x · Wᵀ + b` through the activation, times the second. Each thread makes of its own columns what
/// becomes of them, while they are close by.
pub(crate) fn gated(x: Tensor<2>, linear: &Linear, kind: Activation) -> Tensor<2> {
    product(x, linear, linear.outputs / 2, Some(kind))
}

fn product(x: Tensor<2>, linear: &Linear, width: usize, gate: Option<Activation>) -> Tensor<2> {
    let [tokens, _] = x.dims();
    let mut out = vec![0.0f32; tokens * width];
    with(x, |x| match &linear.bias {
        Some(bias) => {
            with(bias.clone(), |bias| multiply(panels(linear), x, tokens, Some(bias), gate, &mut out))
        }
        None => multiply(panels(linear), x, tokens, None, gate, &mut out),
    });
    tensor(out, width)
}

fn multiply(
    panels: &Arc<Panels>,
    x: &[f32],
    tokens: usize,
    bias: Option<&[f32]>,
    gate: Option<Activation>,
    out: &mut [f32],
) {
    debug_assert_eq!(panels.paired, gate.is_some(), "what is gated stands in pairs");
    let level = Level::best();
    let work = tokens * panels.inputs * panels.outputs;
    let shared = work >= SHARED_FROM;
    let tiles = tiles(level, panels, x, tokens, shared);
    // Panels of which the same columns come.
    let together = if panels.paired { 2 } else { 1 };
    let width = panels.outputs / together;
    let at_once = if shared { kernels::at_once(level, panels) } else { panels.count() };
    let unit = LANES * at_once.div_ceil(together);
    let units = width.div_ceil(unit.max(1));
    let plan = Work {
        units,
        most: (units * TAKEN_BYTES).div_ceil(panels.bytes().max(1)),
        ahead: if shared { follower(panels) } else { None },
    };
    let body = |columns: &mut Columns<'_>| {
        let Range { start: first, end } = columns.range();
        let (mut panel, last) = (together * (first / LANES), together * end.div_ceil(LANES));
        SECOND.with_borrow_mut(|second| {
            second.resize((together - 1) * tokens * (end - first), 0.0);
            while panel < last {
                let mut taken = 1;
                for tile in &tiles {
                    taken =
                        kernels::multiply(level, panels, panel, last, tile, &mut |token, next, numbers| {
                            let (half, start) =
                                ((panel + next) % together, (panel + next) / together * LANES);
                            let (row, length) = (tile.start + token, LANES.min(width - start));
                            let row = match half {
                                0 => columns.row(row),
                                _ => &mut second[row * (end - first)..][..end - first],
                            };
                            let out = &mut row[start - first..][..length];
                            match <&mut [f32; LANES]>::try_from(&mut *out) {
                                Ok(whole) => *whole = *numbers,
                                Err(_) => out.copy_from_slice(&numbers[..length]),
                            }
                            if let Some(bias) = bias {
                                let bias = &bias[half * width + start..];
                                out.iter_mut().zip(bias).for_each(|(out, bias)| *out += bias);
                            }
                        });
                }
                panel += taken;
            }
            if let Some(kind) = gate {
                for (token, second) in second.chunks(end - first).enumerate() {
                    let out = columns.row(token);
                    kernels::activate(level, kind, out);
                    kernels::times(level, out, second);
                }
            }
        });
    };
    columns::each_columns(out, width, unit, plan, &body);
}

/// What is read after these panels: what followed them the first time, for a pass computes its products in one order.
fn follower(panels: &Arc<Panels>) -> Option<Ahead> {
    if let Some(before) = UNFOLLOWED.take().and_then(|before| before.upgrade()) {
        let part = panels.bytes() / team::threads();
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
