//! The few operations that a network is made of.
//!
//! Each exists twice: a body of plain burn operations, which defines what is meant and runs on any
//! device, and (where it is worth it) a kernel over the slices of a Flex tensor. Tests hold the two
//! together.
//!
//! Must not: keep state; know layers or families.

pub(crate) mod reference;

use burn::tensor::Tensor;

use crate::model::Linear;
pub(crate) use reference::{activate, attend, norm, softcap, split_qkv};

/// Which vector instructions the kernels use; chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Plain,
}

impl Level {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain kernels",
        }
    }
}

/// The best level of this processor.
pub(crate) fn level() -> Level {
    Level::Plain
}

/// `x · Wᵀ + b`.
pub(crate) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    reference::linear(x, linear)
}

/// The numbers of a tensor in single precision, row by row.
pub(crate) fn to_vec<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    x.into_data().as_slice::<f32>().map(<[f32]>::to_vec).unwrap_or_default()
}
