//! The few operations that a network is made of.
//!
//! Each exists twice: in `reference` as plain burn operations, which define what is meant and run on
//! any device, and in `flex` as kernels over the slices of a Flex tensor, which decide the speed on the
//! CPU. Tests hold the two together.
//!
//! Must not: keep state; know layers or families.

mod flex;
pub(crate) mod kernels;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use burn::tensor::Tensor;

pub(crate) use flex::{Team, activate, attention, embed, into_vec, linear, norm, sum, to_vec};
pub(crate) use kernels::{BLOCK, Level, panels};

/// `cap · tanh(x / cap)`.
pub(crate) fn softcap<const D: usize>(x: Tensor<D>, cap: f32) -> Tensor<D> {
    (x / cap).tanh() * cap
}
