//! Kernels in cubecl's language, which becomes CUDA C++: products of few rows, norms, activations.
//!
//! Sums are single precision throughout. Never run on a GPU so far; a test compiles them with NVRTC where it is. Must not:
//! depend on a number of the host that changes from token to token.
#![expect(clippy::as_conversions, reason = "the language of kernels converts so")]
#![expect(unstable_name_collisions, reason = "the language of kernels has functions that Rust may get")]

use cubecl::prelude::*;
use half::f16;

use crate::ops::BLOCK;
use crate::spec::Activation;

/// Units of a plane; NVIDIA's are all so wide.
pub(super) const PLANE: usize = 32;

/// `x · Wᵀ + b` for few rows of `x`: a plane for each row of the weights, which are read once for all.
#[cube(launch_unchecked)]
pub(super) fn product<W: Numeric, N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<W, N>],
    bias: &[f32],
    out: &mut [f32],
    vectors: usize,
    outputs: usize,
    #[comptime] tokens: usize,
    #[comptime] has_bias: bool,
    #[define(W)] _dtype: ElemType,
) {
    let row = CUBE_POS_X as usize * CUBE_DIM_Y as usize + UNIT_POS_Y as usize;
    if row >= outputs {
        terminate!();
    }
    let mut sums = Array::<Vector<f32, N>>::new(tokens);
    #[unroll]
    for token in 0..tokens {
        sums[token] = Vector::new(0.0f32);
    }
    let mut at = UNIT_POS_X as usize;
    while at < vectors {
        let numbers = Vector::<f32, N>::cast_from(weight[row * vectors + at]);
        #[unroll]
        for token in 0..tokens {
            sums[token] = sums[token] + numbers * x[token * vectors + at];
        }
        at += PLANE;
    }
    #[unroll]
    for token in 0..tokens {
        let sum = plane_sum(within::<N>(sums[token]));
        if UNIT_POS_X == 0 {
            finish(sum, bias, out, token * outputs + row, row, has_bias);
        }
    }
}

/// The same with bytes in blocks of 32 and a scale for each block.
#[cube(launch_unchecked)]
pub(super) fn product_int8<N: Size>(
    x: &[Vector<f32, N>],
    values: &[Vector<i8, N>],
    scales: &[f16],
    bias: &[f32],
    out: &mut [f32],
    vectors: usize,
    outputs: usize,
    #[comptime] tokens: usize,
    #[comptime] has_bias: bool,
) {
    let row = CUBE_POS_X as usize * CUBE_DIM_Y as usize + UNIT_POS_Y as usize;
    if row >= outputs {
        terminate!();
    }
    let width = N::value().comptime();
    let in_block = comptime!(BLOCK / width);
    let mut sums = Array::<Vector<f32, N>>::new(tokens);
    #[unroll]
    for token in 0..tokens {
        sums[token] = Vector::new(0.0f32);
    }
    let mut at = UNIT_POS_X as usize;
    while at < vectors {
        let scale = f32::cast_from(scales[(row * vectors + at) / in_block]);
        let numbers = Vector::<f32, N>::cast_from(values[row * vectors + at]) * Vector::new(scale);
        #[unroll]
        for token in 0..tokens {
            sums[token] = sums[token] + numbers * x[token * vectors + at];
        }
        at += PLANE;
    }
    #[unroll]
    for token in 0..tokens {
        let sum = plane_sum(within::<N>(sums[token]));
        if UNIT_POS_X == 0 {
            finish(sum, bias, out, token * outputs + row, row, has_bias);
        }
    }
}

/// The same with two numbers a byte: the low half is one of the first sixteen of a block, the high half of the others.
#[cube(launch_unchecked)]
pub(super) fn product_int4<N: Size>(
    x: &[Vector<f32, N>],
    values: &[Vector<u8, N>],
    scales: &[f16],
    bias: &[f32],
    out: &mut [f32],
    vectors: usize,
    outputs: usize,
    #[comptime] tokens: usize,
    #[comptime] has_bias: bool,
) {
    let row = CUBE_POS_X as usize * CUBE_DIM_Y as usize + UNIT_POS_Y as usize;
    if row >= outputs {
        terminate!();
    }
    // Vectors of bytes in half a block's numbers.
    let width = N::value().comptime();
    let in_half = comptime!(BLOCK / 2 / width);
    let mut sums = Array::<Vector<f32, N>>::new(tokens);
    #[unroll]
    for token in 0..tokens {
        sums[token] = Vector::new(0.0f32);
    }
    let mut at = UNIT_POS_X as usize;
    while at < vectors {
        let scale = Vector::new(f32::cast_from(scales[(row * vectors + at) / in_half]));
        let bytes = Vector::<u32, N>::cast_from(values[row * vectors + at]);
        let eight = Vector::new(8.0f32);
        let low = (Vector::<f32, N>::cast_from(bytes & Vector::new(15u32)) - eight) * scale;
        let high = (Vector::<f32, N>::cast_from(bytes >> Vector::new(4u32)) - eight) * scale;
        let first = at / in_half * in_half * 2 + at % in_half;
        #[unroll]
        for token in 0..tokens {
            let start = token * vectors * 2 + first;
            sums[token] = sums[token] + low * x[start] + high * x[start + in_half];
        }
        at += PLANE;
    }
    #[unroll]
    for token in 0..tokens {
        let sum = plane_sum(within::<N>(sums[token]));
        if UNIT_POS_X == 0 {
            finish(sum, bias, out, token * outputs + row, row, has_bias);
        }
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

#[cube]
fn finish(sum: f32, bias: &[f32], out: &mut [f32], at: usize, row: usize, #[comptime] has_bias: bool) {
    if comptime!(has_bias) {
        out[at] = sum + bias[row];
    } else {
        out[at] = sum;
    }
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

/// Normalises one group of numbers in each cube.
#[cube(launch_unchecked)]
pub(super) fn norm(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    out: &mut [f32],
    group: usize,
    weights: usize,
    eps: f32,
    #[comptime] centred: bool,
    #[comptime] has_bias: bool,
    #[comptime] planes: usize,
) {
    let start = CUBE_POS_X as usize * group;
    let units = comptime!(planes * PLANE);
    let mut mean = 0.0f32;
    if comptime!(centred) {
        let mut sum = 0.0f32;
        let mut at = UNIT_POS_X as usize;
        while at < group {
            sum += x[start + at];
            at += units;
        }
        mean = together(sum, planes) / f32::cast_from(group);
    }
    let mut squares = 0.0f32;
    let mut at = UNIT_POS_X as usize;
    while at < group {
        let number = x[start + at] - mean;
        squares += number * number;
        at += units;
    }
    let mean_square = together(squares, planes) / f32::cast_from(group);
    let scale = 1.0f32 / f32::sqrt(mean_square + eps);
    let mut at = UNIT_POS_X as usize;
    while at < group {
        let place = (start + at) % weights;
        let number = (x[start + at] - mean) * scale * weight[place];
        if comptime!(has_bias) {
            out[start + at] = number + bias[place];
        } else {
            out[start + at] = number;
        }
        at += units;
    }
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
