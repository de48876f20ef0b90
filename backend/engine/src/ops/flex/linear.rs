//! Products with weights: one token straight from the stored rows, many through widened tiles.
//!
//! Must not: hold a whole matrix widened.

use std::borrow::Cow;

use burn::backend::Flex;
use burn::tensor::{Device, Int, Tensor};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::{share, tensor, with};
use crate::model::{Linear, Weight};
use crate::ops::kernels::{self, BLOCK, Level, plain};

/// Up to so many tokens are multiplied one by one.
const FEW: usize = 3;
/// Numbers of a widened tile: a few megabytes, which the second-level caches hold.
const TILE: usize = 1 << 19;

/// The stored rows of a matrix.
#[derive(Clone, Copy)]
enum Stored<'a> {
    F32(&'a [f32]),
    F16(&'a [u16]),
    Bf16(&'a [u16]),
    Int8(&'a [i8], &'a [u16]),
    Int4(&'a [u8], &'a [u16]),
}

impl Stored<'_> {
    /// One row times `x`, which is padded to whole blocks where rows are packed.
    fn dot(self, level: Level, row: usize, width: usize, x: &[f32]) -> f32 {
        let blocks = width.div_ceil(BLOCK);
        match self {
            Self::F32(w) => kernels::f32(level, &w[row * width..(row + 1) * width], x),
            Self::F16(w) => kernels::f16(level, &w[row * width..(row + 1) * width], x),
            Self::Bf16(w) => kernels::bf16(level, &w[row * width..(row + 1) * width], x),
            Self::Int8(w, scales) => kernels::int8(
                level,
                &w[row * blocks * BLOCK..(row + 1) * blocks * BLOCK],
                &scales[row * blocks..(row + 1) * blocks],
                x,
            ),
            Self::Int4(w, scales) => kernels::int4(
                level,
                &w[row * blocks * BLOCK / 2..(row + 1) * blocks * BLOCK / 2],
                &scales[row * blocks..(row + 1) * blocks],
                x,
            ),
        }
    }

    /// One row in single precision.
    fn widen(self, row: usize, out: &mut [f32]) {
        let width = out.len();
        let blocks = width.div_ceil(BLOCK);
        match self {
            Self::F32(w) => out.copy_from_slice(&w[row * width..(row + 1) * width]),
            Self::F16(w) => {
                for (out, &bits) in out.iter_mut().zip(&w[row * width..]) {
                    *out = plain::wide_f16(bits);
                }
            }
            Self::Bf16(w) => {
                for (out, &bits) in out.iter_mut().zip(&w[row * width..]) {
                    *out = plain::wide_bf16(bits);
                }
            }
            Self::Int8(w, scales) => {
                for (block, out) in out.chunks_mut(BLOCK).enumerate() {
                    let at = row * blocks + block;
                    let scale = plain::wide_f16(scales[at]);
                    for (out, &value) in out.iter_mut().zip(&w[at * BLOCK..]) {
                        *out = f32::from(value) * scale;
                    }
                }
            }
            Self::Int4(w, scales) => {
                for (block, out) in out.chunks_mut(BLOCK).enumerate() {
                    let at = row * blocks + block;
                    let scale = plain::wide_f16(scales[at]);
                    let bytes = &w[at * BLOCK / 2..(at + 1) * BLOCK / 2];
                    for (place, out) in out.iter_mut().enumerate() {
                        let (first, second) = plain::wide_int4(bytes[place % (BLOCK / 2)]);
                        *out = if place < BLOCK / 2 { first * scale } else { second * scale };
                    }
                }
            }
        }
    }
}

/// Lends the stored rows.
fn with_weight<R>(weight: &Weight, body: impl FnOnce(Stored<'_>) -> R) -> R {
    let packed = |values: &Tensor<2, Int>, scales: &Tensor<2>| {
        (values.clone().try_into_primitive::<Flex>(), scales.clone().try_into_primitive::<Flex>())
    };
    match weight {
        Weight::Dense(weight) => {
            let Ok(weight) = weight.clone().try_into_primitive::<Flex>() else { unreachable!("{NOT_FLEX}") };
            if let Some(rows) = weight.as_slice::<f32>() {
                body(Stored::F32(rows))
            } else if let Some(rows) = weight.as_slice::<f16>() {
                body(Stored::F16(rows.reinterpret_cast()))
            } else if let Some(rows) = weight.as_slice::<bf16>() {
                body(Stored::Bf16(rows.reinterpret_cast()))
            } else {
                unreachable!("{NOT_FLEX}")
            }
        }
        Weight::Int8 { values, scales } => {
            let (Ok(values), Ok(scales)) = packed(values, scales) else { unreachable!("{NOT_FLEX}") };
            body(Stored::Int8(values.storage::<i8>(), scales.storage::<f16>().reinterpret_cast()))
        }
        Weight::Int4 { values, scales } => {
            let (Ok(values), Ok(scales)) = packed(values, scales) else { unreachable!("{NOT_FLEX}") };
            body(Stored::Int4(values.storage::<u8>(), scales.storage::<f16>().reinterpret_cast()))
        }
    }
}

const NOT_FLEX: &str = "weights are made contiguous on the Flex backend and stay there";

/// `x · Wᵀ + b` for each row of `x`.
pub(crate) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let [tokens, _] = x.dims();
    let device = x.device();
    let product = if tokens <= FEW { few(x, linear, &device) } else { many(x, linear, &device) };
    match &linear.bias {
        Some(bias) => product + bias.clone().unsqueeze(),
        None => product,
    }
}

fn few(x: Tensor<2>, linear: &Linear, device: &Device) -> Tensor<2> {
    let (inputs, outputs) = (linear.inputs, linear.outputs);
    let [tokens, _] = x.dims();
    let mut out = vec![0.0f32; tokens * outputs];
    let level = Level::best();
    // A few pieces a thread, so that one that is interrupted does not hold up the others.
    let piece = outputs.div_ceil(4 * rayon::current_num_threads()).max(16);
    with(x, |x| {
        with_weight(&linear.weight, |weight| {
            for (x, out) in x.chunks(inputs).zip(out.chunks_mut(outputs)) {
                let x = padded(x, weight);
                share(out, piece, inputs * outputs, |at, out| {
                    for (row, out) in out.iter_mut().enumerate() {
                        *out = weight.dot(level, at * piece + row, inputs, &x);
                    }
                });
            }
        });
    });
    tensor(out, outputs, device)
}

/// Packed rows end in whole blocks, so `x` must too.
fn padded<'a>(x: &'a [f32], weight: Stored<'_>) -> Cow<'a, [f32]> {
    if !matches!(weight, Stored::Int8(..) | Stored::Int4(..)) || x.len().is_multiple_of(BLOCK) {
        return Cow::Borrowed(x);
    }
    let mut longer = x.to_vec();
    longer.resize(x.len().next_multiple_of(BLOCK), 0.0);
    Cow::Owned(longer)
}

fn many(x: Tensor<2>, linear: &Linear, device: &Device) -> Tensor<2> {
    if let Weight::Dense(weight) = &linear.weight
        && weight.dtype() == burn::tensor::DType::F32
    {
        return x.matmul(weight.clone().transpose());
    }
    let (inputs, outputs) = (linear.inputs, linear.outputs);
    let tile = (TILE / inputs).clamp(16, outputs.max(16));
    with_weight(&linear.weight, |weight| {
        let tiles = (0..outputs).step_by(tile).map(|start| {
            let rows = tile.min(outputs - start);
            let mut wide = vec![0.0f32; rows * inputs];
            share(&mut wide, inputs * 16, rows * inputs, |at, out| {
                for (row, out) in out.chunks_mut(inputs).enumerate() {
                    weight.widen(start + at * 16 + row, out);
                }
            });
            x.clone().matmul(tensor(wide, inputs, device).transpose())
        });
        let tiles: Vec<Tensor<2>> = tiles.collect();
        if tiles.len() == 1 { tiles.into_iter().next() } else { Some(Tensor::cat(tiles, 1)) }
    })
    .unwrap_or_else(|| Tensor::zeros([x.dims()[0], outputs], device))
}

/// The rows of these ids in single precision.
pub(crate) fn embed(linear: &Linear, ids: &[u32], device: &Device) -> Tensor<2> {
    let mut out = vec![0.0f32; ids.len() * linear.inputs];
    with_weight(&linear.weight, |weight| {
        for (out, &id) in out.chunks_mut(linear.inputs).zip(ids) {
            weight.widen(crate::numeric::index(id), out);
        }
    });
    tensor(out, linear.inputs, device)
}
