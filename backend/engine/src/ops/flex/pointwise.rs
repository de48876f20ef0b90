//! Norms and activations, row by row.
//!
//! Must not: mix rows.

use burn::tensor::Tensor;

use super::{share, tensor, with};
use crate::model::norm::Norm;
use crate::numeric::count_f32;
use crate::ops::kernels::math;
use crate::spec::Activation;

/// Sums in eight lanes, which compilers turn into vectors.
fn sum(numbers: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (steps, rest) = numbers.as_chunks::<8>();
    for step in steps {
        for lane in 0..8 {
            lanes[lane] += of(step[lane]);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&number| of(number)).sum::<f32>()
}

/// Normalises one row of groups in place; weights repeat over groups.
pub(super) fn norm_row(row: &mut [f32], norm: &Norm, weight: &[f32], bias: Option<&[f32]>) {
    let length = count_f32(norm.group);
    for (index, group) in row.chunks_mut(norm.group).enumerate() {
        let at = index * norm.group % weight.len();
        let mean = if norm.centred { sum(group, |number| number) / length } else { 0.0 };
        let square = sum(group, |number| (number - mean) * (number - mean)) / length;
        let factor = 1.0 / (square + norm.eps).sqrt();
        for (number, &weight) in group.iter_mut().zip(&weight[at..]) {
            *number = (*number - mean) * factor * weight;
        }
        if let Some(bias) = bias {
            for (number, &bias) in group.iter_mut().zip(&bias[at..]) {
                *number += bias;
            }
        }
    }
}

/// Lends the weights of a norm.
pub(super) fn with_norm<R>(norm: &Norm, body: impl FnOnce(&[f32], Option<&[f32]>) -> R) -> R {
    with(norm.weight.clone(), |weight| match &norm.bias {
        Some(bias) => with(bias.clone(), |bias| body(weight, Some(bias))),
        None => body(weight, None),
    })
}

/// Root-mean-square or mean-and-variance normalisation of each group.
pub(crate) fn norm(x: Tensor<2>, norm: &Norm) -> Tensor<2> {
    let [_, width] = x.dims();
    let device = x.device();
    let mut out = super::to_vec(x);
    with_norm(norm, |weight, bias| {
        let work = out.len();
        share(&mut out, width, work, |_, row| norm_row(row, norm, weight, bias));
    });
    tensor(out, width, &device)
}

/// The activation, times the second half of the row where it is gated.
pub(crate) fn activate(x: Tensor<2>, kind: Activation, gated: bool) -> Tensor<2> {
    let [tokens, width] = x.dims();
    let device = x.device();
    let inner = if gated { width / 2 } else { width };
    let mut out = vec![0.0f32; tokens * inner];
    with(x, |x| {
        let work = 8 * out.len();
        share(&mut out, inner, work, |token, out| {
            let row = &x[token * width..(token + 1) * width];
            match kind {
                Activation::Silu => apply(row, out, gated, math::silu),
                Activation::Gelu => apply(row, out, gated, math::gelu),
                Activation::GeluTanh => apply(row, out, gated, math::gelu_tanh),
                Activation::Relu => apply(row, out, gated, |number| number.max(0.0)),
            }
        });
    });
    tensor(out, inner, &device)
}

#[inline(always)]
fn apply(row: &[f32], out: &mut [f32], gated: bool, of: impl Fn(f32) -> f32) {
    let (gate, up) = row.split_at(out.len());
    for (out, &gate) in out.iter_mut().zip(gate) {
        *out = of(gate);
    }
    if gated {
        for (out, &up) in out.iter_mut().zip(up) {
            *out *= up;
        }
    }
}
