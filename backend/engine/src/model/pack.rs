//! Rows into blocks of small integers with a half-precision scale each, rounded to nearest.
//!
//! Must not: keep a scale more exact than the stored one while rounding; the error would be hidden.
#![expect(clippy::as_conversions, reason = "a number rounded and clamped to the range of its integer")]

use half::f16;

use super::linear::OutOfRange;
use crate::ops::BLOCK;

/// Blocks that a row takes; the last is filled up with zeros.
pub(crate) const fn blocks(inputs: usize) -> usize {
    inputs.div_ceil(BLOCK)
}

/// A scale as it is stored, and what to multiply with to get integers.
fn scale(step: f32, extreme: f32) -> Result<(f16, f32), OutOfRange> {
    let stored = f16::from_f32(step);
    if !extreme.is_finite() || !stored.is_finite() {
        return Err(OutOfRange(extreme));
    }
    let wide = stored.to_f32();
    Ok((stored, if wide == 0.0 { 0.0 } else { 1.0 / wide }))
}

/// The number farthest from zero, sign kept.
fn extreme(block: &[f32]) -> f32 {
    block.iter().copied().fold(
        0.0,
        |most: f32, number| if number.abs() > most.abs() || number.is_nan() { number } else { most },
    )
}

/// 8 bits: from -127 to 127.
pub(crate) fn int8(row: &[f32], values: &mut Vec<i8>, scales: &mut Vec<f16>) -> Result<(), OutOfRange> {
    for block in row.chunks(BLOCK) {
        let extreme = extreme(block);
        let (stored, inverse) = scale(extreme.abs() / 127.0, extreme)?;
        scales.push(stored);
        let rounded = |&number: &f32| (number * inverse).round_ties_even().clamp(-127.0, 127.0) as i8;
        values.extend(block.iter().map(rounded));
        values.resize(values.len() + (BLOCK - block.len()), 0);
    }
    Ok(())
}

/// 4 bits: from -8 to 7, the extreme of the block at -8; low half of a byte first sixteen numbers.
pub(crate) fn int4(row: &[f32], values: &mut Vec<u8>, scales: &mut Vec<f16>) -> Result<(), OutOfRange> {
    for block in row.chunks(BLOCK) {
        let extreme = extreme(block);
        let (stored, inverse) = scale(extreme / -8.0, extreme)?;
        scales.push(stored);
        let rounded = |at: usize| {
            let number = block.get(at).copied().unwrap_or(0.0);
            ((number * inverse).round_ties_even().clamp(-8.0, 7.0) + 8.0) as u8
        };
        values.extend((0..BLOCK / 2).map(|at| rounded(at) | (rounded(at + BLOCK / 2) << 4)));
    }
    Ok(())
}

/// The half bytes of a row in the order of its numbers, as stored.
pub(crate) fn halves(values: &[u8]) -> Vec<u8> {
    let blocks = values.chunks(BLOCK / 2);
    blocks
        .flat_map(|block| block.iter().map(|byte| byte & 15).chain(block.iter().map(|byte| byte >> 4)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Vec<f32> {
        (0..72u8).map(|n| (f32::from(n) * 0.7).sin() * 0.3).collect()
    }

    #[test]
    fn eight_bits_are_within_half_a_step_and_the_rest_is_zero() {
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        assert!(int8(&row(), &mut values, &mut scales).is_ok());
        assert_eq!((values.len(), scales.len()), (96, 3));
        for (at, number) in row().iter().enumerate() {
            let scale = scales[at / BLOCK].to_f32();
            assert!((f32::from(values[at]) * scale - number).abs() <= 0.51 * scale + 1e-6);
        }
        assert!(values[72..].iter().all(|&value| value == 0));
    }

    #[test]
    fn four_bits_are_within_a_step() {
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        assert!(int4(&row(), &mut values, &mut scales).is_ok());
        assert_eq!((values.len(), scales.len()), (48, 3));
        for (at, number) in row().iter().enumerate() {
            let scale = scales[at / BLOCK].to_f32();
            let got = (f32::from(halves(&values)[at]) - 8.0) * scale;
            assert!((got - number).abs() <= 1.01 * scale.abs(), "{at}: {got} is not {number}");
        }
    }

    #[test]
    fn zeros_stay_zero_and_what_is_not_finite_is_refused() {
        let (mut values, mut scales) = (Vec::new(), Vec::new());
        assert!(int8(&[0.0; 32], &mut values, &mut scales).is_ok());
        assert!(values.iter().all(|&value| value == 0));
        assert!(int8(&[f32::NAN; 32], &mut values, &mut scales).is_err());
        assert!(int4(&[f32::INFINITY; 32], &mut Vec::new(), &mut scales).is_err());
    }
}
