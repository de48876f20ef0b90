//! The operations on a GPU: own kernels where burn's are many small ones, burn's where its are good (products of many rows
//! on tensor cores).
//!
//! Must not: read anything back; be called with numbers of another device.

mod kernels;
#[cfg(test)]
mod tests;

use burn::backend::Cube;
use burn::tensor::{DType, Int, Tensor};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::{ElemType, FloatKind};
use cubecl::prelude::{BufferArg, CubeCount, CubeDim};

use super::{BLOCK, reference};
use crate::model::norm::Norm;
use crate::model::{Linear, Weight};
use crate::numeric::count_u32;
use crate::spec::Activation;
use kernels::PLANE;

/// What of ours takes part, for the record of a measurement.
pub(crate) const KERNELS: &str =
    "own kernels for products of up to 8 rows, norms and activations, burn's with autotune for the rest";

/// Up to so many rows share one pass of our kernels over the weights.
const FEW: usize = 8;
/// Rows of weights in a cube of a product, and planes in a cube of a norm.
const PLANES: usize = 8;

/// Whether the numbers lie on a GPU.
pub(super) fn has<const D: usize>(x: &Tensor<D>) -> bool {
    x.clone().try_into_primitive::<Cube>().is_ok()
}

fn lent<const D: usize>(x: Tensor<D>) -> CubeTensor {
    match x.try_into_primitive::<Cube>() {
        Ok(primitive) => into_contiguous(primitive),
        Err(error) => unreachable!("numbers of a GPU are asked of another device: {error:?}"),
    }
}

fn lent_int<const D: usize>(x: Tensor<D, Int>) -> CubeTensor {
    match x.try_into_primitive::<Cube>() {
        Ok(primitive) => into_contiguous(primitive),
        Err(error) => unreachable!("numbers of a GPU are asked of another device: {error:?}"),
    }
}

/// Room for a result beside `like`.
fn room(like: &CubeTensor, rows: usize, width: usize) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), [rows, width].into(), DType::F32)
}

/// The bias, or, where there is none, something in its place that is not read.
fn bias_or(bias: Option<&Tensor<1>>, instead: &CubeTensor) -> BufferArg {
    bias.map_or_else(|| instead.clone(), |bias| lent(bias.clone())).into_buffer_arg()
}

fn cubes(count: usize) -> CubeCount {
    CubeCount::Static(count_u32(count), 1, 1)
}

/// `x · Wᵀ + b` for each row of `x`.
pub(super) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let [tokens, inputs] = x.dims();
    // A vector of 16 bytes of weights, eight numbers at most.
    let (width, fits) = match &linear.weight {
        Weight::Dense(weight) if weight.dtype() == DType::F32 => (4, inputs % 4 == 0),
        Weight::Dense(_) => (8, inputs % 8 == 0),
        _ => (8, inputs % BLOCK == 0),
    };
    if tokens > FEW || !fits {
        return wide(x, linear);
    }
    let x = lent(x);
    let out = room(&x, tokens, linear.outputs);
    let client = x.client.clone();
    let count = cubes(linear.outputs.div_ceil(PLANES));
    let dim = CubeDim::new_2d(count_u32(PLANE), count_u32(PLANES));
    let has_bias = linear.bias.is_some();
    let bias = bias_or(linear.bias.as_ref(), &x);
    let (read, write) = (x.into_buffer_arg(), out.clone().into_buffer_arg());
    // SAFETY: no unit reads or writes past the ends: rows beyond `outputs` end at once, and every row has `vectors` vectors.
    #[expect(unsafe_code, reason = "kernels that check their bounds themselves")]
    unsafe {
        match &linear.weight {
            Weight::Dense(weight) => {
                let kind = match weight.dtype() {
                    DType::BF16 => FloatKind::BF16,
                    DType::F16 => FloatKind::F16,
                    _ => FloatKind::F32,
                };
                kernels::product::launch_unchecked(
                    &client,
                    count,
                    dim,
                    width,
                    read,
                    lent(weight.clone()).into_buffer_arg(),
                    bias,
                    write,
                    inputs / width,
                    linear.outputs,
                    tokens,
                    has_bias,
                    ElemType::Float(kind),
                );
            }
            Weight::Int8 { values, scales } => kernels::product_int8::launch_unchecked(
                &client,
                count,
                dim,
                width,
                read,
                lent_int(values.clone()).into_buffer_arg(),
                lent(scales.clone()).into_buffer_arg(),
                bias,
                write,
                inputs / width,
                linear.outputs,
                tokens,
                has_bias,
            ),
            Weight::Int4 { values, scales } => kernels::product_int4::launch_unchecked(
                &client,
                count,
                dim,
                width,
                read,
                lent_int(values.clone()).into_buffer_arg(),
                lent(scales.clone()).into_buffer_arg(),
                bias,
                write,
                inputs / 2 / width,
                linear.outputs,
                tokens,
                has_bias,
            ),
            Weight::Panels(_) => unreachable!("a GPU has no panels"),
        }
    }
    Tensor::from_primitive::<Cube>(out)
}

/// Products of many rows: burn's, in the weights' own format where that has 16 bits, so that tensor cores compute.
fn wide(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let weight = match &linear.weight {
        Weight::Dense(weight) => weight.clone(),
        _ => reference::widened(linear).cast(DType::F16),
    };
    let product = x.cast(weight.dtype()).matmul(weight.transpose()).cast(DType::F32);
    match &linear.bias {
        Some(bias) => product + bias.clone().unsqueeze(),
        None => product,
    }
}

/// Normalises each group of each row.
pub(super) fn norm(x: Tensor<2>, norm: &Norm) -> Tensor<2> {
    let [rows, width] = x.dims();
    let x = lent(x);
    let out = room(&x, rows, width);
    let weight = lent(norm.weight.clone());
    let bias = bias_or(norm.bias.as_ref(), &weight);
    let client = x.client.clone();
    // SAFETY: each cube stays within its group, and weights are taken modulo their number.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::norm::launch_unchecked(
            &client,
            cubes(rows * width / norm.group),
            CubeDim::new_1d(count_u32(PLANES * PLANE)),
            x.into_buffer_arg(),
            weight.into_buffer_arg(),
            bias,
            out.clone().into_buffer_arg(),
            norm.group,
            norm.weight.dims()[0],
            norm.eps,
            norm.centred,
            norm.bias.is_some(),
            PLANES,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// The activation, times the second half of the row where it is gated.
pub(super) fn activate(x: Tensor<2>, kind: Activation, gated: bool) -> Tensor<2> {
    let [rows, width] = x.dims();
    let inner = if gated { width / 2 } else { width };
    let x = lent(x);
    let out = room(&x, rows, inner);
    let client = x.client.clone();
    let units = PLANES * PLANE;
    // SAFETY: units beyond the number of results end at once.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::activate::launch_unchecked(
            &client,
            cubes((rows * inner).div_ceil(units)),
            CubeDim::new_1d(count_u32(units)),
            x.into_buffer_arg(),
            out.clone().into_buffer_arg(),
            inner,
            rows * inner,
            kind,
            gated,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}
