//! The kernels in plain Rust: what every processor runs and what the fast ones must equal.
//!
//! Must not: use fused rounding, which a processor without it would have to imitate.
#![expect(clippy::as_conversions, reason = "widening bits to numbers is what these kernels do")]

use super::BLOCK;

const LANES: usize = 16;

fn total(sums: [f32; LANES]) -> f32 {
    sums.iter().sum()
}

/// Itself.
pub(crate) fn wide_f32(number: f32) -> f32 {
    number
}

/// bfloat16 is the upper half of single precision.
pub(crate) fn wide_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// Exact for every finite half; the builder of weights lets no other through.
pub(crate) fn wide_f16(bits: u16) -> f32 {
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
    f32::from_bits(magnitude.to_bits() | (u32::from(bits & 0x8000) << 16))
}

fn dense<W: Copy>(w: &[W], x: &[f32], widen: impl Fn(W) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (w_steps, w_rest) = w.as_chunks::<LANES>();
    let (x_steps, x_rest) = x.as_chunks::<LANES>();
    for (w, x) in w_steps.iter().zip(x_steps) {
        for lane in 0..LANES {
            sums[lane] += widen(w[lane]) * x[lane];
        }
    }
    total(sums) + w_rest.iter().zip(x_rest).map(|(&w, &x)| widen(w) * x).sum::<f32>()
}

/// A row in single precision.
pub(crate) fn f32(w: &[f32], x: &[f32]) -> f32 {
    dense(w, x, wide_f32)
}

/// A row in half precision.
pub(crate) fn f16(w: &[u16], x: &[f32]) -> f32 {
    dense(w, x, wide_f16)
}

/// A row in bfloat16.
pub(crate) fn bf16(w: &[u16], x: &[f32]) -> f32 {
    dense(w, x, wide_bf16)
}

/// Blocks of 32 bytes with a scale each.
pub(crate) fn int8(w: &[i8], scales: &[u16], x: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (w, x) = (w.as_chunks::<BLOCK>().0, x.as_chunks::<BLOCK>().0);
    for ((w, x), &scale) in w.iter().zip(x).zip(scales) {
        let scale = wide_f16(scale);
        for lane in 0..LANES {
            let pair = f32::from(w[lane]) * x[lane] + f32::from(w[LANES + lane]) * x[LANES + lane];
            sums[lane] += pair * scale;
        }
    }
    total(sums)
}

/// The two numbers of a byte.
pub(crate) fn wide_int4(byte: u8) -> (f32, f32) {
    ((i32::from(byte & 15) - 8) as f32, (i32::from(byte >> 4) - 8) as f32)
}

/// Blocks of 16 bytes: their low halves are the first 16 numbers, each stored 8 above its value.
pub(crate) fn int4(w: &[u8], scales: &[u16], x: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (w, x) = (w.as_chunks::<LANES>().0, x.as_chunks::<BLOCK>().0);
    for ((w, x), &scale) in w.iter().zip(x).zip(scales) {
        let scale = wide_f16(scale);
        for lane in 0..LANES {
            let (first, second) = wide_int4(w[lane]);
            sums[lane] += (first * x[lane] + second * x[LANES + lane]) * scale;
        }
    }
    total(sums)
}

/// `out + x · factor`.
pub(crate) fn add_scaled(out: &mut [f32], x: &[f32], factor: f32) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out += x * factor;
    }
}
