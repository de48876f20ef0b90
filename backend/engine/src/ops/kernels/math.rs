//! Exponentials and what is made of them, in a form that the compiler turns into vector code.
//!
//! Must not: be less exact than a few units in the last place of single precision.
#![expect(clippy::as_conversions, reason = "the exponent of a float is built from its bits")]
#![expect(clippy::excessive_precision, reason = "constants are written as derived")]

use super::LANES;

/// `e^x`; 0 below -87, and no infinity above 88.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let clamped = x.clamp(-87.3, 88.3);
    let shifted = clamped * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = clamped - whole * 0.693_359_375 + whole * 2.121_944_4e-4;
    let mut sum = 1.987_569_2e-4;
    sum = sum * rest + 1.398_199_9e-3;
    sum = sum * rest + 8.333_452e-3;
    sum = sum * rest + 4.166_579_6e-2;
    sum = sum * rest + 0.166_666_65;
    sum = sum * rest + 0.5;
    let value = sum * rest * rest + rest + 1.0;
    // The whole number lies in the last bits of what was rounded.
    let power = f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    if x < -87.3 { 0.0 } else { value * power }
}

/// A number from -127 to 127 rounded to the nearest whole one, of two equals the even one.
#[inline(always)]
pub(crate) fn rounded_byte(x: f32) -> i8 {
    const ROUND: f32 = 12_582_912.0;
    ((x + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32) as i8
}

/// Sixteen numbers to one, halved step by step so that no sum waits for fifteen others. Written out, for a loop over
/// halves becomes a chain through memory.
#[inline(always)]
fn fold(lanes: [f32; LANES], of: impl Fn(f32, f32) -> f32) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|lane| of(lanes[lane], lanes[lane + 8]));
    let four: [f32; 4] = std::array::from_fn(|lane| of(eight[lane], eight[lane + 4]));
    of(of(four[0], four[2]), of(four[1], four[3]))
}

/// The sum of sixteen numbers.
#[inline(always)]
pub(crate) fn sum(lanes: [f32; LANES]) -> f32 {
    fold(lanes, |a, b| a + b)
}

/// The greatest of sixteen numbers.
#[inline(always)]
pub(crate) fn greatest(lanes: [f32; LANES]) -> f32 {
    fold(lanes, |a, b| if a > b { a } else { b })
}

/// The sum of what is made of each number, in sixteen lanes.
#[inline(always)]
pub(crate) fn lane_sum(numbers: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (steps, rest) = numbers.as_chunks::<LANES>();
    for step in steps {
        for (lane, &number) in lanes.iter_mut().zip(step) {
            *lane += of(number);
        }
    }
    for (lane, &number) in lanes.iter_mut().zip(rest) {
        *lane += of(number);
    }
    sum(lanes)
}

/// The sum of products, one after another.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        sum += a * b;
    }
    sum
}

/// What is above zero.
#[inline(always)]
pub(crate) fn relu(x: f32) -> f32 {
    if x > 0.0 { x } else { x * 0.0 }
}

/// `x / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    // Near zero the difference of exponentials would cancel.
    let square = x * x;
    let small = x * (1.0 + square * (-1.0 / 3.0 + square * (2.0 / 15.0 - square * (17.0 / 315.0))));
    let large = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if square < 0.01 { small } else { large.copysign(x) }
}

/// GELU by the hyperbolic tangent.
#[inline(always)]
pub(crate) fn gelu_tanh(x: f32) -> f32 {
    0.5 * x * (1.0 + tanh(0.797_884_56 * (x + 0.044_715 * x * x * x)))
}

/// GELU by the error function (Abramowitz and Stegun 7.1.26, 1.5e-7 absolute).
#[inline(always)]
pub(crate) fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let sum = t
        * (0.254_829_592
            + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let erf = (1.0 - sum * exp(-z * z)).copysign(x);
    0.5 * x * (1.0 + erf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> impl Iterator<Item = f32> {
        (-8000..=8000i16).map(|n| f32::from(n) / 500.0)
    }

    #[test]
    fn exponentials_agree_with_the_library_to_a_few_units() {
        for x in grid().chain([-100.0, -87.0, 80.0]) {
            let (got, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((got - exact).abs() <= 3e-7 * exact + 1e-37, "e^{x}: {got} is not {exact}");
        }
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0), 1.0);
    }

    #[test]
    fn bytes_are_rounded_to_the_nearest_and_ties_to_even() {
        for (x, byte) in [(0.4, 0), (0.6, 1), (2.5, 2), (3.5, 4), (-1.5, -2), (-126.7, -127), (127.0, 127)] {
            assert_eq!(rounded_byte(x), byte, "{x}");
        }
    }

    #[test]
    fn activations_agree_with_double_precision() {
        for x in grid() {
            let wide = f64::from(x);
            let cubic = 0.797_884_560_802_865_4 * (wide + 0.044_715 * wide.powi(3));
            assert!((f64::from(silu(x)) - wide / (1.0 + (-wide).exp())).abs() < 2e-6);
            assert!((f64::from(tanh(x)) - wide.tanh()).abs() < 3e-7, "tanh {x}");
            assert!((f64::from(gelu_tanh(x)) - 0.5 * wide * (1.0 + cubic.tanh())).abs() < 4e-6, "gelu {x}");
        }
        // Values of the error function from a table.
        for (x, erf) in [(0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)] {
            let at = f64::from(gelu((x * std::f64::consts::SQRT_2) as f32));
            let exact = 0.5 * x * std::f64::consts::SQRT_2 * (1.0 + erf);
            assert!((at - exact).abs() < 1e-6, "{at} is not {exact}");
        }
    }
}
