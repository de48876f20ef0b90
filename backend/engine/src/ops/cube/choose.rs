//! Launching a mixture of experts on a GPU for few tokens: who is chosen stays on the device, and only the weights of those
//! are read.
//!
//! Must not: read anything back.

use burn::backend::Cube;
use burn::tensor::{DType, Tensor};
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::{CubeCount, CubeDim};

use super::kernels;
use super::launch::{cubes, lent, packed, room};
use super::plan::{PLANE, PLANES};
use crate::model::Linear;
use crate::numeric::count_u32;
use crate::ops::experts::Experts;

/// The experts that answer each token.
pub(crate) struct Chosen(CubeTensor);

/// Whether reading the chosen experts one by one is the shorter way.
pub(crate) fn can_choose(tokens: usize, experts: &Experts<'_>) -> bool {
    let fits = |linear: &Linear| linear.bias.is_none() && packed(linear).fits(linear.inputs);
    tokens * experts.active <= experts.count && fits(experts.up) && fits(experts.down)
}

/// The best experts of each token and their shares.
pub(crate) fn best(logits: Tensor<2>, active: usize) -> (Chosen, Tensor<2>) {
    let [tokens, count] = logits.dims();
    let logits = lent(logits);
    let shares = room(&logits, tokens, active);
    let shape = [tokens, active].into();
    let chosen =
        empty_device_contiguous_dtype(logits.client.clone(), logits.device.clone(), shape, DType::I32);
    let client = logits.client.clone();
    // SAFETY: units beyond the number of tokens end at once, and there are at least as many experts as are chosen.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::best::launch_unchecked(
            &client,
            cubes(tokens.div_ceil(PLANE)),
            CubeDim::new_1d(count_u32(PLANE)),
            logits.into_buffer_arg(),
            chosen.clone().into_buffer_arg(),
            shares.clone().into_buffer_arg(),
            tokens,
            count,
            active,
        );
    }
    (Chosen(chosen), Tensor::from_primitive::<Cube>(shares))
}

/// The product of each row of `x` with `sharing` experts of `count` that were chosen for it, a row of the result for each.
pub(crate) fn of_chosen(
    x: Tensor<2>,
    all: &Linear,
    chosen: &Chosen,
    sharing: usize,
    count: usize,
) -> Tensor<2> {
    let [rows, inputs] = x.dims();
    let (results, outputs) = (rows * sharing, all.outputs / count);
    let packed = packed(all);
    let x = lent(x);
    let out = room(&x, results, outputs);
    let client = x.client.clone();
    // SAFETY: no unit reads or writes past the ends: rows beyond `outputs` end at once, every row has so many vectors, and
    // a chosen expert is one of those whose weights there are.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        kernels::product::launch_unchecked(
            &client,
            CubeCount::Static(count_u32(outputs.div_ceil(PLANES)), count_u32(results), 1),
            CubeDim::new_2d(count_u32(PLANE), count_u32(PLANES)),
            packed.width,
            x.clone().into_buffer_arg(),
            packed.weight.into_buffer_arg(),
            packed.scales.into_buffer_arg(),
            x.into_buffer_arg(),
            chosen.0.clone().into_buffer_arg(),
            out.clone().into_buffer_arg(),
            inputs / packed.each,
            outputs,
            results,
            1,
            packed.packing,
            false,
            sharing,
            packed.elem,
        );
    }
    Tensor::from_primitive::<Cube>(out)
}
