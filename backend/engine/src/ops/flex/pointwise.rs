//! Norms and activations, row by row.
//!
//! Must not: mix rows.

use burn::tensor::Tensor;

use super::{SHARED_FROM, into_vec, share, tensor, with};
use crate::model::norm::Norm;
use crate::ops::kernels::{self, Level};
use crate::spec::Activation;

/// Normalises one row of groups in place; weights repeat over groups.
pub(super) fn norm_row(row: &mut [f32], norm: &Norm, weight: &[f32], bias: Option<&[f32]>) {
    let level = Level::best();
    for (index, group) in row.chunks_mut(norm.group).enumerate() {
        let at = index * norm.group % weight.len();
        kernels::norm(level, group, norm.eps, norm.centred, &weight[at..]);
        if let Some(bias) = bias {
            kernels::add(level, group, &bias[at..]);
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
    let mut out = into_vec(x);
    with_norm(norm, |weight, bias| {
        let work = out.len();
        share(&mut out, width, work, |_, row| norm_row(row, norm, weight, bias));
    });
    tensor(out, width)
}

/// The activation of each number.
pub(crate) fn activate(x: Tensor<2>, kind: Activation) -> Tensor<2> {
    let [_, width] = x.dims();
    let mut out = into_vec(x);
    let work = 8 * out.len();
    share(&mut out, width, work, |_, row| kernels::activate(Level::best(), kind, row));
    tensor(out, width)
}

/// The sum of two.
pub(crate) fn sum(x: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
    const PIECE: usize = 1 << 12;
    let [_, width] = x.dims();
    let mut out = into_vec(x);
    with(y, |y| {
        let work = out.len();
        share(&mut out, PIECE, work, |at, out| kernels::add(Level::best(), out, &y[at * PIECE..]));
    });
    tensor(out, width)
}

/// The sum of two, and what the norm makes of it.
pub(crate) fn sum_norm(x: Tensor<2>, y: Tensor<2>, by: &Norm) -> (Tensor<2>, Tensor<2>) {
    let [tokens, width] = x.dims();
    if tokens * width >= SHARED_FROM {
        let both = sum(x, y);
        return (both.clone(), norm(both, by));
    }
    let mut both = into_vec(x);
    with(y, |y| kernels::add(Level::best(), &mut both, y));
    let mut normed = both.clone();
    with_norm(by, |weight, bias| normed.chunks_mut(width).for_each(|row| norm_row(row, by, weight, bias)));
    (tensor(both, width), tensor(normed, width))
}
