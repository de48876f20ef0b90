//! Sixteen numbers in plain Rust: what every processor runs and what the fast levels must equal.
//!
//! Must not: use fused rounding, which a processor without it would have to imitate.
#![expect(clippy::as_conversions, reason = "widening bits to numbers is what these do")]

use super::{LANES, math};

/// See [`super::avx2::BYTE_OFFSET`].
pub(super) const BYTE_OFFSET: i32 = 128;

type Numbers = [f32; LANES];
type Whole = [i32; LANES];

fn each<T: Copy, U: Copy + Default>(from: &[T; LANES], of: impl Fn(T) -> U) -> [U; LANES] {
    let mut out = [U::default(); LANES];
    for lane in 0..LANES {
        out[lane] = of(from[lane]);
    }
    out
}

/// Exact for every finite half; the builder of weights lets no other through.
fn wide_f16(bits: u16) -> f32 {
    let magnitude = f32::from_bits(u32::from(bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
    f32::from_bits(magnitude.to_bits() | (u32::from(bits & 0x8000) << 16))
}

pub(super) fn zero() -> Numbers {
    [0.0; LANES]
}
pub(super) fn splat(x: f32) -> Numbers {
    [x; LANES]
}
pub(super) fn load(x: &Numbers) -> Numbers {
    *x
}
pub(super) fn load_f16(x: &[u16; LANES]) -> Numbers {
    each(x, wide_f16)
}
pub(super) fn load_bf16(x: &[u16; LANES]) -> Numbers {
    each(x, |bits| f32::from_bits(u32::from(bits) << 16))
}
pub(super) fn store(out: &mut Numbers, x: Numbers) {
    *out = x;
}
pub(super) fn total(x: Numbers) -> f32 {
    x.iter().sum()
}
pub(super) fn times(a: Numbers, b: Numbers) -> Numbers {
    let mut out = a;
    for lane in 0..LANES {
        out[lane] *= b[lane];
    }
    out
}
pub(super) fn fused(a: Numbers, b: Numbers, c: Numbers) -> Numbers {
    let mut out = c;
    for lane in 0..LANES {
        out[lane] += a[lane] * b[lane];
    }
    out
}
pub(super) fn peak(a: Numbers, b: Numbers) -> f32 {
    let mut most = [0.0f32; LANES];
    for lane in 0..LANES {
        let (a, b) = (a[lane].abs(), b[lane].abs());
        most[lane] = if a > b { a } else { b };
    }
    math::greatest(most)
}
/// To the nearest whole bytes, of two equals the even one, and their sum.
pub(super) fn rounded(x: Numbers) -> ([u8; LANES], i32) {
    let bytes = each(&x, math::rounded_byte);
    (bytes.map(i8::cast_unsigned), bytes.iter().copied().map(i32::from).sum())
}
pub(super) fn splat_i32(x: i32) -> Whole {
    [x; LANES]
}
pub(super) fn float(x: Whole) -> Numbers {
    each(&x, |number| number as f32)
}
pub(super) fn bytes(x: &[u8; 4 * LANES]) -> [u8; 4 * LANES] {
    *x
}
pub(super) fn nibbles(x: &[u8; 4 * LANES]) -> ([u8; 4 * LANES], [u8; 4 * LANES]) {
    (x.map(|byte| byte & 15), x.map(|byte| byte >> 4))
}
pub(super) fn dot_bytes(sum: Whole, bytes: [u8; 4 * LANES], x: i32) -> Whole {
    let x = x.to_le_bytes();
    let mut out = sum;
    for (sum, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
        for (byte, x) in bytes.iter().zip(x) {
            *sum += i32::from(*byte) * i32::from(x.cast_signed());
        }
    }
    out
}
pub(super) fn dot_nibbles(sum: Whole, bytes: [u8; 4 * LANES], x: i32) -> Whole {
    dot_bytes(sum, bytes, x)
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    #[test]
    fn halves_are_widened_exactly_down_to_the_smallest() {
        for bits in 0..=u16::MAX {
            let half = f16::from_bits(bits);
            if half.is_finite() {
                assert_eq!(wide_f16(bits).to_bits(), half.to_f32().to_bits());
            }
        }
    }
}
