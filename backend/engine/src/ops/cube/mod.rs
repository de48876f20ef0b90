//! The operations on a GPU: own kernels where burn's are many small ones, burn's where its are good (products of many rows
//! on tensor cores).
//!
//! What a launch looks like is in `plan`, without anything of CUDA, and tests run the CUDA C++ that kernels become on the
//! host. Must not: read anything back; be called with numbers of another device.

#[cfg(feature = "cuda")]
mod attend;
#[cfg(feature = "cuda")]
mod attention;
#[cfg(feature = "cuda")]
mod choose;
#[cfg(test)]
mod emulated;
#[cfg(feature = "cuda")]
mod kernels;
#[cfg(feature = "cuda")]
mod launch;
mod plan;
#[cfg(test)]
mod tests;

#[cfg(feature = "cuda")]
pub(super) use attend::{can_remember, look, remember};
#[cfg(feature = "cuda")]
pub(super) use choose::{best, can_choose, of_chosen};
#[cfg(feature = "cuda")]
pub(crate) use launch::KERNELS;
#[cfg(feature = "cuda")]
pub(super) use launch::{activate, for_many_rows, has, linear, norm, sum_norm};
