//! NVIDIA GPUs: what this machine lacks for them, and opening one.
//!
//! Kernels are CUDA C++ that cubecl writes and NVRTC compiles while the program runs, so a machine needs a driver,
//! NVRTC and its headers, and a build needs nothing. `cargo xtask gpu` runs all of
//! it.
//!
//! Must not: choose the CPU where a GPU was asked for.

/// Whether this build can use them.
pub const IS_BUILT: bool = cfg!(feature = "cuda");

#[cfg(feature = "cuda")]
mod open;
mod probe;
#[cfg(feature = "cuda")]
mod tuned;

#[cfg(feature = "cuda")]
pub(crate) use open::{check_memory, open};
pub use probe::{Lack, Places, Toolkit, probe};
#[cfg(feature = "cuda")]
pub(crate) use tuned::tuned;
