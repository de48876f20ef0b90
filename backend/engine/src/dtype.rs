//! Which number formats run on the CPU, and which one a checkpoint is stored in.
//!
//! The dtype of a [`Model`](common::model::Model) is the format in which weights lie in memory and cross
//! the bus. Products of dense weights widen each weight to single precision and sum in it. Packed
//! weights meet their input rounded to bytes, 32 numbers with a scale of their own; products within a
//! block are exact integers, sums over blocks are single precision. What chooses experts is never
//! packed. The residual stream, norms, attention and the cache are single precision in every dtype.
//!
//! Must not: change a dtype that was asked for.

use common::model::Dtype;

use crate::error::Error;

/// Every dtype that runs on the CPU.
pub const RUNNABLE: [Dtype; 5] = Dtype::ALL;

/// The dtype to load: what was asked for, or the checkpoint's own.
///
/// # Errors
/// [`Error::Unsupported`] naming those that run.
pub(crate) fn choose(asked: Option<Dtype>, stored: Dtype) -> Result<Dtype, Error> {
    let wanted = asked.unwrap_or(stored);
    if RUNNABLE.contains(&wanted) {
        return Ok(wanted);
    }
    let names: Vec<&str> = RUNNABLE.iter().map(|dtype| dtype.name()).collect();
    Err(Error::unsupported(
        format!("dtype {wanted} does not run on the CPU"),
        format!("those that run are {}", names.join(", ")),
    ))
}

/// Bits stored per weight, scales included: the format's own, or for packed weights (whose tables keep
/// eight bits) the mean.
pub(crate) fn bits_per_weight(dtype: Dtype, parameters: u64, weight_bytes: u64) -> f64 {
    match dtype {
        Dtype::F32 => 32.0,
        Dtype::F16 | Dtype::Bf16 => 16.0,
        Dtype::Int8 | Dtype::Int4 => {
            let bits = crate::numeric::wide(weight_bytes) * 8.0 / crate::numeric::wide(parameters.max(1));
            (bits * 100.0).round() / 100.0
        }
    }
}

/// The format of embedding tables and output heads: four bits cost too much there.
pub(crate) const fn of_tables(dtype: Dtype) -> Dtype {
    match dtype {
        Dtype::Int4 => Dtype::Int8,
        other => other,
    }
}

/// The format of what chooses experts: a few thousand numbers, and a choice that rounding turns is another network.
pub(crate) const fn of_routers(dtype: Dtype) -> Dtype {
    match dtype {
        Dtype::Int8 | Dtype::Int4 => Dtype::F32,
        other => other,
    }
}

/// Twice the bits of a weight, its part of the scale of its block included.
pub(crate) const fn half_bits(dtype: Dtype) -> u64 {
    match dtype {
        Dtype::F32 => 64,
        Dtype::F16 | Dtype::Bf16 => 32,
        Dtype::Int8 => 17,
        Dtype::Int4 => 9,
    }
}

/// The format of keys and values on a GPU, where they cross the bus with the weights.
pub(crate) const fn of_cache(dtype: Dtype) -> burn::tensor::DType {
    match dtype {
        Dtype::F32 => burn::tensor::DType::F32,
        Dtype::Bf16 => burn::tensor::DType::BF16,
        Dtype::F16 | Dtype::Int8 | Dtype::Int4 => burn::tensor::DType::F16,
    }
}
