//! Launching products, norms and activations on a GPU.
//!
//! Must not: read anything back; be called with numbers of another device.

use burn::backend::Cube;
use burn::tensor::{DType, Int, Tensor};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::{ElemType, FloatKind, IntKind, UIntKind};
use cubecl::prelude::{BufferArg, CubeCount, CubeDim};

use super::kernels;
use super::plan::{FEW, MANY, PLANE, PLANES, Packing};
use crate::model::norm::Norm;
use crate::model::{Linear, Weight};
use crate::numeric::count_u32;
use crate::ops::{BLOCK, narrow, reference};
use crate::spec::Activation;

/// What of ours takes part, for the record of a measurement.
pub(crate) const KERNELS: &str = "own kernels for products of up to 8 rows (64 of packed weights), norms, rotation, cache, attention and activations; burn's \
     with autotune for products of more rows and the rest";

/// Whether the numbers lie on a GPU.
pub(crate) fn has<const D: usize>(x: &Tensor<D>) -> bool {
    x.clone().try_into_primitive::<Cube>().is_ok()
}

pub(super) fn lent<const D: usize>(x: Tensor<D>) -> CubeTensor {
    match x.try_into_primitive::<Cube>() {
        Ok(primitive) => into_contiguous(primitive),
        Err(error) => unreachable!("numbers of a GPU are asked of another device: {error:?}"),
    }
}

pub(super) fn lent_int<const D: usize>(x: Tensor<D, Int>) -> CubeTensor {
    match x.try_into_primitive::<Cube>() {
        Ok(primitive) => into_contiguous(primitive),
        Err(error) => unreachable!("numbers of a GPU are asked of another device: {error:?}"),
    }
}

/// Room for a result beside `like`.
pub(super) fn room(like: &CubeTensor, rows: usize, width: usize) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), [rows, width].into(), DType::F32)
}

/// The bias, or, where there is none, something in its place that is not read.
pub(super) fn bias_or(bias: Option<&Tensor<1>>, instead: &CubeTensor) -> BufferArg {
    bias.map_or_else(|| instead.clone(), |bias| lent(bias.clone())).into_buffer_arg()
}

pub(super) fn cubes(count: usize) -> CubeCount {
    CubeCount::Static(count_u32(count), 1, 1)
}

/// Weights as a kernel reads them.
pub(super) struct Packed {
    pub(super) weight: CubeTensor,
    /// Where numbers are not packed, the weights once more, not read.
    pub(super) scales: CubeTensor,
    pub(super) elem: ElemType,
    pub(super) packing: Packing,
    /// Numbers of `x` to a vector, 16 bytes of weights at most.
    pub(super) width: usize,
    /// Numbers of `x` to a vector of weights.
    pub(super) each: usize,
}

pub(super) fn packed(linear: &Linear) -> Packed {
    let block = |values: &Tensor<2, Int>, scales: &Tensor<2>, elem, packing, each| Packed {
        weight: lent_int(values.clone()),
        scales: lent(scales.clone()),
        elem,
        packing,
        width: 8,
        each,
    };
    match &linear.weight {
        Weight::Dense(weight) => {
            let (kind, width) = match weight.dtype() {
                DType::BF16 => (FloatKind::BF16, 8),
                DType::F16 => (FloatKind::F16, 8),
                _ => (FloatKind::F32, 4),
            };
            let weight = lent(weight.clone());
            let scales = weight.clone();
            Packed {
                weight,
                scales,
                elem: ElemType::Float(kind),
                packing: Packing::Dense,
                width,
                each: width,
            }
        }
        Weight::Int8 { values, scales } => {
            block(values, scales, ElemType::Int(IntKind::I8), Packing::Int8, 8)
        }
        Weight::Int4 { values, scales } => {
            block(values, scales, ElemType::UInt(UIntKind::U8), Packing::Int4, 16)
        }
        Weight::Panels(_) => unreachable!("a GPU has no panels"),
    }
}

impl Packed {
    /// Whether every row is whole vectors and blocks.
    pub(super) fn fits(&self, inputs: usize) -> bool {
        inputs.is_multiple_of(if self.packing == Packing::Dense { self.width } else { BLOCK })
    }
}

/// `x · Wᵀ + b` for each row of `x`.
pub(crate) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let [rows, inputs] = x.dims();
    let is_dense = matches!(linear.weight, Weight::Dense(_));
    // Packed weights are so much smaller than widened ones that reading them several times is the shorter way.
    let most = if is_dense { FEW } else { MANY };
    let packed = packed(linear);
    if rows > most || !packed.fits(inputs) {
        return wide(x, linear);
    }
    let x = lent(x);
    let out = room(&x, rows, linear.outputs);
    let client = x.client.clone();
    let tokens = rows.min(FEW);
    let count =
        CubeCount::Static(count_u32(linear.outputs.div_ceil(PLANES)), count_u32(rows.div_ceil(tokens)), 1);
    // SAFETY: no unit reads or writes past the ends: rows beyond `outputs` end at once, rows of `x` beyond `rows` are
    // replaced by the last and not written, and every row has so many vectors.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::product::launch_unchecked(
            &client,
            count,
            CubeDim::new_2d(count_u32(PLANE), count_u32(PLANES)),
            packed.width,
            x.clone().into_buffer_arg(),
            packed.weight.into_buffer_arg(),
            packed.scales.into_buffer_arg(),
            bias_or(linear.bias.as_ref(), &x),
            // Nobody chooses here; not read.
            x.clone().into_buffer_arg(),
            out.clone().into_buffer_arg(),
            inputs / packed.each,
            linear.outputs,
            rows,
            tokens,
            packed.packing,
            linear.bias.is_some(),
            0,
            packed.elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// Products of many rows: burn's, in the weights' own format where that has 16 bits, so that tensor cores compute.
fn wide(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    let product = narrow::product(x, half_or_whole(linear).transpose());
    match &linear.bias {
        Some(bias) => product + bias.clone().unsqueeze(),
        None => product,
    }
}

/// Weights that lie on a GPU as burn's products read them: their own format, or half precision where they are packed.
pub(crate) fn for_many_rows(linear: &Linear) -> Option<Tensor<2>> {
    let is_here = match &linear.weight {
        Weight::Dense(weight) => has(weight),
        Weight::Int8 { scales, .. } | Weight::Int4 { scales, .. } => has(scales),
        Weight::Panels(_) => false,
    };
    is_here.then(|| half_or_whole(linear))
}

fn half_or_whole(linear: &Linear) -> Tensor<2> {
    match &linear.weight {
        Weight::Dense(weight) => weight.clone(),
        _ if linear.inputs.is_multiple_of(BLOCK) => halves(linear),
        _ => reference::widened(linear).cast(DType::F16),
    }
}

/// Packed weights in half precision.
fn halves(linear: &Linear) -> Tensor<2> {
    let packed = packed(linear);
    let (client, device) = (packed.weight.client.clone(), packed.weight.device.clone());
    let count = linear.outputs * linear.inputs;
    let out = empty_device_contiguous_dtype(
        client.clone(),
        device,
        [linear.outputs, linear.inputs].into(),
        DType::F16,
    );
    let units = PLANES * PLANE;
    // SAFETY: units beyond the number of weights end at once.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::widen::launch_unchecked(
            &client,
            cubes(count.div_ceil(units)),
            CubeDim::new_1d(count_u32(units)),
            packed.weight.into_buffer_arg(),
            packed.scales.into_buffer_arg(),
            out.clone().into_buffer_arg(),
            count,
            packed.packing,
            packed.elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}

/// Normalises each group of each row.
pub(crate) fn norm(x: Tensor<2>, norm: &Norm) -> Tensor<2> {
    normed(x, None, norm).1
}

/// Two tensors together, and the same normalised.
pub(crate) fn sum_norm(x: Tensor<2>, y: Tensor<2>, norm: &Norm) -> (Tensor<2>, Tensor<2>) {
    normed(x, Some(y), norm)
}

/// What is normalised, and normalised.
fn normed(x: Tensor<2>, more: Option<Tensor<2>>, norm: &Norm) -> (Tensor<2>, Tensor<2>) {
    let [rows, width] = x.dims();
    let x = lent(x);
    let out = room(&x, rows, width);
    let (more, sum) = match more {
        Some(more) => (Some(lent(more)), room(&x, rows, width)),
        None => (None, x.clone()),
    };
    let weight = lent(norm.weight.clone());
    let bias = bias_or(norm.bias.as_ref(), &weight);
    let client = x.client.clone();
    // SAFETY: each cube stays within its group, weights are taken modulo their number, and a sum is written only where there
    // is more than `x`.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::norm::launch_unchecked(
            &client,
            cubes(rows * width / norm.group),
            CubeDim::new_1d(count_u32(PLANES * PLANE)),
            x.clone().into_buffer_arg(),
            more.clone().unwrap_or_else(|| x.clone()).into_buffer_arg(),
            weight.into_buffer_arg(),
            bias,
            out.clone().into_buffer_arg(),
            sum.clone().into_buffer_arg(),
            norm.group,
            norm.weight.dims()[0],
            norm.eps,
            norm.centred,
            norm.bias.is_some(),
            more.is_some(),
            PLANES,
        );
    }
    (Tensor::from_primitive::<Cube>(sum), Tensor::from_primitive::<Cube>(out))
}

/// The activation, times the second half of the row where it is gated.
pub(crate) fn activate(x: Tensor<2>, kind: Activation, gated: bool) -> Tensor<2> {
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
