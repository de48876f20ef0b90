//! The operations as kernels over Flex tensors: slices in, slices out, spread over the pool's threads.
//!
//! Must not: run on another device; split work that is too small to share.

mod attention;
mod columns;
mod linear;
mod pointwise;
mod team;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::{Tensor, TensorData};

pub(crate) use attention::attention;
pub(crate) use linear::{embed, gated, linear};
pub(crate) use pointwise::{activate, norm, sum, sum_norm};
pub(crate) use team::Team;
use team::Work;

/// Multiplications below which one thread is faster than several.
const SHARED_FROM: usize = 1 << 16;

/// Lends the numbers of a tensor in row order.
fn with<const D: usize, R>(x: Tensor<D>, body: impl FnOnce(&[f32]) -> R) -> R {
    let data;
    match x.clone().try_into_primitive::<Flex>() {
        Ok(primitive) => match primitive.as_slice::<f32>() {
            Some(numbers) => body(numbers),
            None => {
                data = x.into_data();
                body(data.as_slice::<f32>().unwrap_or_default())
            }
        },
        Err(_) => {
            data = x.into_data();
            body(data.as_slice::<f32>().unwrap_or_default())
        }
    }
}

/// The numbers of a tensor in single precision, in row order.
pub(crate) fn to_vec<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    with(x, <[f32]>::to_vec)
}

/// The same where the tensor is used no more: its own numbers where nobody else has them.
pub(crate) fn into_vec<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().try_into_vec().unwrap_or_default()
}

/// Rows as a tensor.
fn tensor(numbers: Vec<f32>, width: usize) -> Tensor<2> {
    let rows = numbers.len() / width.max(1);
    Tensor::from_primitive::<Flex>(FlexTensor::from_data(TensorData::new(numbers, [rows, width])))
}

/// Computes `out` in pieces of `piece` numbers, on several threads where `work` is worth it.
fn share<F: Fn(usize, &mut [f32]) + Sync>(out: &mut [f32], piece: usize, work: usize, body: F) {
    let piece = piece.max(1);
    if work < SHARED_FROM {
        out.chunks_mut(piece).enumerate().for_each(|(at, out)| body(at, out));
    } else {
        let width = out.len();
        let units = width.div_ceil(piece);
        let plan = Work { units, most: units, ahead: None };
        columns::each_columns(out, width, piece, plan, &|columns| {
            let first = columns.range().start / piece;
            columns.row(0).chunks_mut(piece).enumerate().for_each(|(at, out)| body(first + at, out));
        });
    }
}
