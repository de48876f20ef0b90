//! The few operations that a network is made of.
//!
//! Each exists twice: in `reference` as plain burn operations, which define what is meant and run on
//! any device, and in `flex` as kernels over the slices of a Flex tensor, which decide the speed on the
//! CPU. Tests hold the two together.
//!
//! Must not: keep state; know layers or families.

#[cfg(any(test, feature = "cuda"))]
mod cube;
#[cfg(any(test, feature = "cuda"))]
pub(crate) mod experts;
mod flex;
pub(crate) mod kernels;
#[cfg(any(test, feature = "cuda"))]
mod narrow;
#[cfg(any(test, feature = "cuda"))]
#[cfg_attr(not(test), expect(dead_code, reason = "a GPU takes from it what has no kernel of ours"))]
mod reference;
#[cfg(any(test, feature = "cuda"))]
pub(crate) mod resident;
#[cfg(any(test, feature = "cuda"))]
mod route;
#[cfg(test)]
mod tests;

use burn::tensor::Tensor;

use crate::model::norm::Norm;

#[cfg(feature = "cuda")]
pub(crate) use cube::KERNELS as CUBE_KERNELS;
pub(crate) use flex::{Team, attention, into_vec, to_vec};
#[cfg(not(any(test, feature = "cuda")))]
pub(crate) use flex::{activate, embed, gated, linear, norm, sum};
pub(crate) use kernels::{BLOCK, Level, Memory, Numbers, panels};
#[cfg(any(test, feature = "cuda"))]
pub(crate) use route::{activate, embed, gated, linear, norm, sum};

/// Two tensors of one shape together, and what the norm makes of that: the stream, and what the next part of a layer reads.
pub(crate) fn sum_norm(x: Tensor<2>, y: Tensor<2>, by: &Norm) -> (Tensor<2>, Tensor<2>) {
    #[cfg(feature = "cuda")]
    if cube::has(&x) {
        return cube::sum_norm(x, y, by);
    }
    flex::sum_norm(x, y, by)
}

/// `cap · tanh(x / cap)`.
pub(crate) fn softcap<const D: usize>(x: Tensor<D>, cap: f32) -> Tensor<D> {
    (x / cap).tanh() * cap
}
