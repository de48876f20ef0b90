//! Kernels over slices: products of weights in panels with tokens, and attention's sums, at the best
//! level of vector instructions that the processor has, chosen at run time.
//!
//! x86-64 has three levels and 64-bit ARM two; every other processor runs the plain one, which the compiler
//! turns into what vectors it may assume.
//!
//! Must not: know tensors; be used with a level that `Level::best` did not give.

mod ahead;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod body;
pub(crate) mod math;
mod memory;
#[cfg(target_arch = "aarch64")]
mod neon;
pub(crate) mod panels;
mod plain;
#[cfg(test)]
mod tests;
mod tile;

use crate::numeric::count_f32;
use crate::spec::Activation;

pub(crate) use ahead::Ahead;
pub(crate) use memory::{Memory, Numbers};
pub(crate) use tile::{Tile, at_once, multiply, tiles};

/// Numbers that share one scale in packed rows.
pub(crate) const BLOCK: usize = 32;
/// Rows of a panel.
pub(crate) const LANES: usize = 16;

/// Which vector instructions the kernels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// Every level that this processor runs, the best one last.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            let narrow = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c");
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vnni");
            if narrow {
                all.push(Self::Avx2);
            }
            if narrow && wide {
                all.push(Self::Avx512);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon")
            && std::arch::is_aarch64_feature_detected!("dotprod")
        {
            all.push(Self::Neon);
        }
        all
    }

    /// The best level of this processor.
    pub(crate) fn best() -> Self {
        static BEST: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::all().pop().unwrap_or(Self::Plain))
    }

    /// What this level's products with stored bytes count too much for each number that they meet.
    const fn byte_offset(self) -> i32 {
        match self {
            Self::Plain => plain::BYTE_OFFSET,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::BYTE_OFFSET,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512::BYTE_OFFSET,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => neon::BYTE_OFFSET,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain kernels",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2 kernels",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512 vnni kernels",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "neon dotprod kernels",
        }
    }
}

/// Packed tokens of a tile: of each block of inputs the bytes of four inputs at a time, where the sum
/// starts (weights are stored above their value, which counts too much) and their scale, each for `T`
/// tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packed<'a, const T: usize> {
    pub(crate) quads: &'a [[[i32; T]; BLOCK / 4]],
    pub(crate) starts: &'a [[i32; T]],
    pub(crate) scales: &'a [[f32; T]],
}

/// Where a token's bytes go: every `places`-th number from `token` on.
pub(crate) struct Place<'a> {
    pub(crate) token: usize,
    pub(crate) places: usize,
    pub(crate) quads: &'a mut [i32],
    pub(crate) starts: &'a mut [i32],
    pub(crate) scales: &'a mut [f32],
}

/// Calls a kernel at a level.
macro_rules! at_level {
    ($level:expr, $name:ident$(::<$($generic:tt),*>)?($($argument:expr),*)) => {
        match $level {
            $crate::ops::kernels::Level::Plain => {
                $crate::ops::kernels::body::plain::$name$(::<$($generic),*>)?($($argument),*)
            }
            // SAFETY: a level comes from `Level::all`, which has asked the processor.
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "the processor was asked for these instructions")]
            $crate::ops::kernels::Level::Avx2 => unsafe {
                $crate::ops::kernels::body::avx2::$name$(::<$($generic),*>)?($($argument),*)
            },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            #[expect(unsafe_code, reason = "the processor was asked for these instructions")]
            $crate::ops::kernels::Level::Avx512 => unsafe {
                $crate::ops::kernels::body::avx512::$name$(::<$($generic),*>)?($($argument),*)
            },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            #[expect(unsafe_code, reason = "the processor was asked for these instructions")]
            $crate::ops::kernels::Level::Neon => unsafe {
                $crate::ops::kernels::body::neon::$name$(::<$($generic),*>)?($($argument),*)
            },
        }
    };
}
use at_level;

/// A row rounded to bytes into one token's place of a tile.
pub(crate) fn pack(level: Level, row: &[f32], offset: i32, into: Place<'_>) {
    at_level!(level, pack(row, offset, into));
}

/// Queries that meet the same keys and values at once, at most: their sums must fit into the registers.
pub(crate) const fn queries_at_once(level: Level) -> usize {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => 3,
        _ => 1,
    }
}

/// The products of so many queries with each key, times a scale: those of the first query first.
pub(crate) fn scores(level: Level, heads: usize, queries: &[f32], keys: &[f32], scale: f32, out: &mut [f32]) {
    match heads {
        1 => at_level!(level, scores::<1>(queries, keys, scale, out)),
        2 => at_level!(level, scores::<2>(queries, keys, scale, out)),
        _ => at_level!(level, scores::<3>(queries, keys, scale, out)),
    }
}

/// The sums of values, `width` numbers each, by so many rows of weights; each goes into the beginning of its stretch of
/// `out`.
pub(crate) fn mix(
    level: Level,
    heads: usize,
    weights: &[f32],
    values: &[f32],
    width: usize,
    out: &mut [f32],
) {
    match heads {
        1 => at_level!(level, mix::<1>(weights, values, width, out)),
        2 => at_level!(level, mix::<2>(weights, values, width, out)),
        _ => at_level!(level, mix::<3>(weights, values, width, out)),
    }
}

/// Scores into weights, the greatest into one: returns that score and the sum of the weights.
pub(crate) fn weigh(level: Level, row: &mut [f32]) -> (f32, f32) {
    at_level!(level, weigh(row))
}

/// Normalises numbers together, their mean taken away first where `centred`.
pub(crate) fn norm(level: Level, x: &mut [f32], eps: f32, centred: bool, weight: &[f32]) {
    let length = count_f32(x.len());
    at_level!(level, norm(x, length, eps, centred, weight));
}

/// The first half of a head and the second, as the parts of numbers turned by angles.
pub(crate) fn turn(level: Level, first: &mut [f32], second: &mut [f32], cos: &[f32], sin: &[f32]) {
    at_level!(level, turn(first, second, cos, sin));
}

/// `out + x`.
pub(crate) fn add(level: Level, out: &mut [f32], x: &[f32]) {
    at_level!(level, add(out, x));
}

/// `out + factor · x`.
pub(crate) fn add_times(level: Level, out: &mut [f32], x: &[f32], factor: f32) {
    at_level!(level, add_times(out, x, factor));
}

/// `out · x`, number by number.
pub(crate) fn times(level: Level, out: &mut [f32], x: &[f32]) {
    at_level!(level, times(out, x));
}

/// The activation of each number, in place.
pub(crate) fn activate(level: Level, kind: Activation, x: &mut [f32]) {
    match kind {
        Activation::Silu => at_level!(level, silu(x)),
        Activation::Gelu => at_level!(level, gelu(x)),
        Activation::GeluTanh => at_level!(level, gelu_tanh(x)),
        Activation::Relu => at_level!(level, relu(x)),
    }
}
