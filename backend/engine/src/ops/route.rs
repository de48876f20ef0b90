//! Which body an operation takes, where there is more than the CPU's: by where its numbers lie.
//!
//! Must not: compute anything itself.

use burn::tensor::{DType, Tensor, TensorData};

#[cfg(feature = "cuda")]
use super::cube;
use super::{flex, reference, resident};
use crate::model::norm::Norm;
use crate::model::{Linear, Weight};
use crate::spec::Activation;

/// The rows of these ids in single precision.
pub(crate) fn embed(linear: &Linear, ids: &[u32]) -> Tensor<2> {
    let device = match &linear.weight {
        Weight::Panels(_) => return flex::embed(linear, ids),
        Weight::Dense(weight) => weight.device(),
        Weight::Int8 { scales, .. } | Weight::Int4 { scales, .. } => scales.device(),
    };
    let ids: Vec<i32> = ids.iter().map(|&id| i32::try_from(id).unwrap_or(i32::MAX)).collect();
    let count = ids.len();
    resident::embed(linear, Tensor::from_data(TensorData::new(ids, [count]), (&device, DType::I32)))
}

/// `x · Wᵀ + b` for each row of `x`.
pub(crate) fn linear(x: Tensor<2>, linear: &Linear) -> Tensor<2> {
    match &linear.weight {
        Weight::Panels(_) => flex::linear(x, linear),
        #[cfg(feature = "cuda")]
        _ if cube::has(&x) => cube::linear(x, linear),
        _ => reference::linear(x, linear),
    }
}

/// Normalises each group of each row.
pub(crate) fn norm(x: Tensor<2>, norm: &Norm) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if cube::has(&x) {
        return cube::norm(x, norm);
    }
    flex::norm(x, norm)
}

/// The activation of each number.
pub(crate) fn activate(x: Tensor<2>, kind: Activation) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if cube::has(&x) {
        return cube::activate(x, kind, false);
    }
    flex::activate(x, kind)
}

/// The first half of `x · Wᵀ + b` through the activation, times the second.
pub(crate) fn gated(x: Tensor<2>, up: &Linear, kind: Activation) -> Tensor<2> {
    match &up.weight {
        Weight::Panels(_) => flex::gated(x, up, kind),
        _ => halves(linear(x, up), kind),
    }
}

/// The first half of each row through the activation, times the second.
pub(crate) fn halves(x: Tensor<2>, kind: Activation) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if cube::has(&x) {
        return cube::activate(x, kind, true);
    }
    reference::activate(x, kind, true)
}

/// Two tensors of one shape together.
pub(crate) fn sum(x: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if cube::has(&x) {
        return x + y;
    }
    flex::sum(x, y)
}
