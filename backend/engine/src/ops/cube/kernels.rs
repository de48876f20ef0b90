//! Kernels in cubecl's language, which becomes CUDA C++: products of few rows, norms, activations, the choice of experts.
//!
//! Sums are single precision throughout. Tests run on the host what they become, and NVRTC compiles it for an A100 and an
//! H200. Must not: depend on a number of the host that changes from token to token.
#![expect(clippy::as_conversions, reason = "the language of kernels converts so")]
#![expect(
    clippy::assign_op_pattern,
    clippy::manual_is_multiple_of,
    reason = "the language of kernels is written as it is compiled"
)]
#![expect(unstable_name_collisions, reason = "the language of kernels has functions that Rust may get")]

use cubecl::prelude::*;
use half::f16;

use super::plan::{PLANE, Packing};
use crate::ops::BLOCK;
use crate::spec::Activation;

/// A number greater than any that a network makes.
const MOST: f32 = f32::MAX;

/// `x · Wᵀ + b` for few rows of `x` in each layer of cubes: a plane for each row of the weights, which are read once for
/// these rows. Of results there are `rows` in all, and as many of `x`; or, with experts, one row of `x` serves `sharing`
/// results, each of the expert that is `chosen` for it, one to a layer of cubes.
#[cube(launch_unchecked)]
pub(super) fn product<W: Numeric, N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<W, N>],
    scales: &[f16],
    bias: &[f32],
    chosen: &[i32],
    out: &mut [f32],
    vectors: usize,
    outputs: usize,
    rows: usize,
    #[comptime] tokens: usize,
    #[comptime] packing: Packing,
    #[comptime] has_bias: bool,
    #[comptime] sharing: usize,
    #[define(W)] _dtype: ElemType,
) {
    let row = CUBE_POS_X as usize * CUBE_DIM_Y as usize + UNIT_POS_Y as usize;
    if row >= outputs {
        terminate!();
    }
    let width = N::value().comptime();
    // Vectors of a block, of half a block, and of a row of `x` by those of a row of weights.
    let in_block = comptime!(BLOCK / width);
    let in_half = comptime!(BLOCK / 2 / width);
    let wide = comptime!(if packing == Packing::Int4 { 2 } else { 1 });
    let first = CUBE_POS_Y as usize * tokens;
    let mut line = row;
    if comptime!(sharing > 0) {
        line += chosen[first] as usize * outputs;
    }
    let mut sums = Array::<Vector<f32, N>>::new(tokens);
    #[unroll]
    for token in 0..tokens {
        sums[token] = Vector::new(0.0f32);
    }
    let mut at = UNIT_POS_X as usize;
    while at < vectors {
        let stored = weight[line * vectors + at];
        if comptime!(packing == Packing::Int4) {
            let scale = Vector::new(f32::cast_from(scales[(line * vectors + at) / in_half]));
            let bytes = Vector::<u32, N>::cast_from(stored);
            let eight = Vector::new(8.0f32);
            let low = (Vector::<f32, N>::cast_from(bytes & Vector::new(15u32)) - eight) * scale;
            let high = (Vector::<f32, N>::cast_from(bytes >> Vector::new(4u32)) - eight) * scale;
            let begin = at / in_half * in_half * 2 + at % in_half;
            #[unroll]
            for token in 0..tokens {
                let start = row_of(first + token, rows, sharing) * vectors * wide + begin;
                sums[token] = sums[token] + low * x[start] + high * x[start + in_half];
            }
        } else {
            let mut numbers = Vector::<f32, N>::cast_from(stored);
            if comptime!(packing == Packing::Int8) {
                numbers = numbers * Vector::new(f32::cast_from(scales[(line * vectors + at) / in_block]));
            }
            #[unroll]
            for token in 0..tokens {
                sums[token] = sums[token] + numbers * x[row_of(first + token, rows, sharing) * vectors + at];
            }
        }
        at += PLANE;
    }
    #[unroll]
    for token in 0..tokens {
        let sum = plane_sum(within::<N>(sums[token]));
        if UNIT_POS_X == 0 && first + token < rows {
            let at = (first + token) * outputs + row;
            if comptime!(has_bias) {
                out[at] = sum + bias[row];
            } else {
                out[at] = sum;
            }
        }
    }
}

/// Which row of `x` a result is of; the last where there are not so many, whose result is not used.
#[cube]
fn row_of(row: usize, rows: usize, #[comptime] sharing: usize) -> usize {
    let mut of = row;
    if comptime!(sharing > 0) {
        of = row / sharing;
    } else if row >= rows {
        of = rows - 1;
    }
    of
}

/// The `active` greatest of each row of `logits`, greatest first and of equals the first, and their shares when the
/// exponentials of the others count for nothing. A unit for each row.
#[cube(launch_unchecked)]
pub(super) fn best(
    logits: &[f32],
    chosen: &mut [i32],
    shares: &mut [f32],
    rows: usize,
    count: usize,
    active: usize,
) {
    if ABSOLUTE_POS >= rows {
        terminate!();
    }
    let start = ABSOLUTE_POS * count;
    let to = ABSOLUTE_POS * active;
    let mut last_score = f32::new(MOST);
    let mut last = 0usize;
    let mut greatest = 0.0f32;
    let mut all = 0.0f32;
    let mut rank = 0usize;
    while rank < active {
        let mut score = f32::new(-MOST);
        let mut found = 0usize;
        let mut at = 0usize;
        while at < count {
            let own = logits[start + at];
            let is_later = own < last_score || (own == last_score && at > last);
            if is_later && own > score {
                score = own;
                found = at;
            }
            at += 1;
        }
        if rank == 0 {
            greatest = score;
        }
        let share = f32::exp(score - greatest);
        chosen[to + rank] = found as i32;
        shares[to + rank] = share;
        all += share;
        last_score = score;
        last = found;
        rank += 1;
    }
    rank = 0usize;
    while rank < active {
        shares[to + rank] = shares[to + rank] / all;
        rank += 1;
    }
}

/// Packed weights as half-precision numbers, one for each unit: what products of many rows compute with.
#[cube(launch_unchecked)]
pub(super) fn widen<W: Numeric>(
    weight: &[W],
    scales: &[f16],
    out: &mut [f16],
    count: usize,
    #[comptime] packing: Packing,
    #[define(W)] _dtype: ElemType,
) {
    if ABSOLUTE_POS >= count {
        terminate!();
    }
    let scale = f32::cast_from(scales[ABSOLUTE_POS / BLOCK]);
    if comptime!(packing == Packing::Int4) {
        let half = comptime!(BLOCK / 2);
        let place = ABSOLUTE_POS % BLOCK;
        let byte = u32::cast_from(weight[ABSOLUTE_POS / BLOCK * half + place % half]);
        let number = if place < half { byte & 15u32 } else { byte >> 4u32 };
        out[ABSOLUTE_POS] = f16::cast_from((f32::cast_from(number) - 8.0f32) * scale);
    } else {
        out[ABSOLUTE_POS] = f16::cast_from(f32::cast_from(weight[ABSOLUTE_POS]) * scale);
    }
}

/// The numbers of a vector together.
#[cube]
fn within<N: Size>(numbers: Vector<f32, N>) -> f32 {
    let mut sum = 0.0f32;
    #[unroll]
    for lane in 0..N::value() {
        sum += numbers.extract(lane);
    }
    sum
}

/// The sum of a number of each unit of the cube, known to all of them.
#[cube]
fn together(number: f32, #[comptime] planes: usize) -> f32 {
    let mut parts = Shared::<[f32]>::new_slice(planes);
    let part = plane_sum(number);
    if UNIT_POS_X as usize % PLANE == 0 {
        parts[UNIT_POS_X as usize / PLANE] = part;
    }
    sync_cube();
    let mut sum = 0.0f32;
    #[unroll]
    for plane in 0..planes {
        sum += parts[plane];
    }
    sync_cube();
    sum
}

/// Normalises one group of numbers in each cube; with `more`, the sum of two tensors, which is written too.
#[cube(launch_unchecked)]
pub(super) fn norm(
    x: &[f32],
    more: &[f32],
    weight: &[f32],
    bias: &[f32],
    out: &mut [f32],
    sum: &mut [f32],
    group: usize,
    weights: usize,
    eps: f32,
    #[comptime] centred: bool,
    #[comptime] has_bias: bool,
    #[comptime] has_more: bool,
    #[comptime] planes: usize,
) {
    let start = CUBE_POS_X as usize * group;
    let units = comptime!(planes * PLANE);
    let mut mean = 0.0f32;
    if comptime!(centred) {
        let mut all = 0.0f32;
        let mut at = UNIT_POS_X as usize;
        while at < group {
            all += with_more(x, more, start + at, has_more);
            at += units;
        }
        mean = together(all, planes) / f32::cast_from(group);
    }
    let mut squares = 0.0f32;
    let mut at = UNIT_POS_X as usize;
    while at < group {
        let number = with_more(x, more, start + at, has_more) - mean;
        squares += number * number;
        at += units;
    }
    let mean_square = together(squares, planes) / f32::cast_from(group);
    let scale = 1.0f32 / f32::sqrt(mean_square + eps);
    let mut at = UNIT_POS_X as usize;
    while at < group {
        let place = (start + at) % weights;
        let whole = with_more(x, more, start + at, has_more);
        if comptime!(has_more) {
            sum[start + at] = whole;
        }
        let number = (whole - mean) * scale * weight[place];
        if comptime!(has_bias) {
            out[start + at] = number + bias[place];
        } else {
            out[start + at] = number;
        }
        at += units;
    }
}

#[cube]
fn with_more(x: &[f32], more: &[f32], at: usize, #[comptime] has_more: bool) -> f32 {
    let mut number = x[at];
    if comptime!(has_more) {
        number += more[at];
    }
    number
}

/// The activation, times the second half of the row where it is gated.
#[cube(launch_unchecked)]
pub(super) fn activate(
    x: &[f32],
    out: &mut [f32],
    inner: usize,
    count: usize,
    #[comptime] kind: Activation,
    #[comptime] gated: bool,
) {
    if ABSOLUTE_POS >= count {
        terminate!();
    }
    if comptime!(gated) {
        let start = ABSOLUTE_POS / inner * inner * 2 + ABSOLUTE_POS % inner;
        out[ABSOLUTE_POS] = activated(x[start], kind) * x[start + inner];
    } else {
        out[ABSOLUTE_POS] = activated(x[ABSOLUTE_POS], kind);
    }
}

#[cube]
fn activated(x: f32, #[comptime] kind: Activation) -> f32 {
    match comptime!(kind) {
        Activation::Silu => x / (1.0f32 + f32::exp(-x)),
        Activation::Gelu => 0.5f32 * x * (1.0f32 + f32::erf(x * 0.707_106_77f32)),
        Activation::GeluTanh => {
            let inner = 0.797_884_6f32 * (x + 0.044_715f32 * x * x * x);
            0.5f32 * x * (1.0f32 + f32::tanh(inner))
        }
        Activation::Relu => f32::max(x, 0.0f32),
    }
}
