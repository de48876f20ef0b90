//! Kernels over slices: the products of a stored row with numbers, at the best level of vector
//! instructions that the processor has, chosen at run time.
//!
//! Must not: know tensors; need alignment; be used with a level that `Level::best` did not give.

pub(crate) mod math;
pub(crate) mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Numbers that share one scale in packed rows.
pub(crate) const BLOCK: usize = 32;

/// Which vector instructions the kernels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
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
                && is_x86_feature_detected!("avx512dq");
            if narrow {
                all.push(Self::Avx2);
            }
            if narrow && wide {
                all.push(Self::Avx512);
            }
        }
        all
    }

    /// The best level of this processor.
    pub(crate) fn best() -> Self {
        static BEST: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::all().pop().unwrap_or(Self::Plain))
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain kernels",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2 kernels",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512 kernels",
        }
    }
}

macro_rules! kernel {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)?) => {
        $(#[$doc])*
        #[inline]
        pub(crate) fn $name(level: Level, $($argument: $kind),*) $(-> $result)? {
            match level {
                Level::Plain => plain::$name($($argument),*),
                // SAFETY: a level comes from `Level::all`, which has asked the processor.
                #[cfg(target_arch = "x86_64")]
                #[expect(unsafe_code, reason = "the processor was asked for these instructions")]
                Level::Avx2 => unsafe { x86::avx2::$name($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                #[expect(unsafe_code, reason = "the processor was asked for these instructions")]
                Level::Avx512 => unsafe { x86::avx512::$name($($argument),*) },
            }
        }
    };
}

kernel! {
    /// A row in single precision times `x`.
    f32(w: &[f32], x: &[f32]) -> f32
}
kernel! {
    /// A row in half precision times `x`.
    f16(w: &[u16], x: &[f32]) -> f32
}
kernel! {
    /// A row in bfloat16 times `x`.
    bf16(w: &[u16], x: &[f32]) -> f32
}
kernel! {
    /// A row of bytes with a scale for every 32, times `x`.
    int8(w: &[i8], scales: &[u16], x: &[f32]) -> f32
}
kernel! {
    /// A row of half bytes with a scale for every 32, times `x`.
    int4(w: &[u8], scales: &[u16], x: &[f32]) -> f32
}
kernel! {
    /// `out + x · factor`.
    add_scaled(out: &mut [f32], x: &[f32], factor: f32)
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        let mut chance = SmallRng::seed_from_u64(seed);
        (0..count).map(|_| 2.0 * chance.random::<f32>() - 1.0).collect()
    }

    fn exact(w: &[f32], x: &[f32]) -> f64 {
        w.iter().zip(x).map(|(&w, &x)| f64::from(w) * f64::from(x)).sum()
    }

    fn close(what: &str, level: Level, got: f32, exact: f64, length: usize) {
        let length = f64::from(u32::try_from(length).unwrap());
        let bound = 1e-6 * length.sqrt() + 1e-6;
        assert!(
            (f64::from(got) - exact).abs() <= bound,
            "{what} at {level:?}, {length} numbers: {got} is not {exact}"
        );
    }

    #[test]
    fn every_level_multiplies_rows_of_every_length_and_format_alike() {
        for level in Level::all() {
            for length in [0, 1, 7, 16, 31, 33, 63, 64, 65, 127, 200, 576, 1000] {
                let (w, x) = (numbers(1, length), numbers(2, length));
                close("f32", level, f32(level, &w, &x), exact(&w, &x), length);
                let half: Vec<f16> = w.iter().map(|&w| f16::from_f32(w)).collect();
                let bits: Vec<u16> = half.iter().map(|w| w.to_bits()).collect();
                let wide: Vec<f32> = half.iter().map(|w| w.to_f32()).collect();
                close("f16", level, f16(level, &bits, &x), exact(&wide, &x), length);
                let half: Vec<bf16> = w.iter().map(|&w| bf16::from_f32(w)).collect();
                let bits: Vec<u16> = half.iter().map(|w| w.to_bits()).collect();
                let wide: Vec<f32> = half.iter().map(|w| w.to_f32()).collect();
                close("bf16", level, bf16(level, &bits, &x), exact(&wide, &x), length);
                let mut out = w.clone();
                add_scaled(level, &mut out, &x, 0.5);
                for ((out, w), x) in out.iter().zip(&w).zip(&x) {
                    assert!((out - (w + 0.5 * x)).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn every_level_multiplies_packed_rows_alike() {
        let mut chance = SmallRng::seed_from_u64(3);
        for level in Level::all() {
            for blocks in [1usize, 2, 3, 18] {
                let x = numbers(4, blocks * BLOCK);
                let scales: Vec<f16> = numbers(5, blocks).iter().map(|&s| f16::from_f32(s)).collect();
                let bits: Vec<u16> = scales.iter().map(|s| s.to_bits()).collect();
                let scale = |at: usize| scales[at / BLOCK].to_f32();
                let bytes: Vec<i8> = (0..blocks * BLOCK).map(|_| chance.random::<i8>()).collect();
                let wide: Vec<f32> =
                    bytes.iter().enumerate().map(|(at, &b)| f32::from(b) * scale(at)).collect();
                let got = int8(level, &bytes, &bits, &x);
                close("int8", level, got / 128.0, exact(&wide, &x) / 128.0, blocks * BLOCK);
                let packed: Vec<u8> = (0..blocks * 16).map(|_| chance.random::<u8>()).collect();
                let wide: Vec<f32> = (0..blocks * BLOCK)
                    .map(|at| {
                        let (first, second) = plain::wide_int4(packed[at / BLOCK * 16 + at % 16]);
                        (if at % BLOCK < 16 { first } else { second }) * scale(at)
                    })
                    .collect();
                let got = int4(level, &packed, &bits, &x);
                close("int4", level, got / 8.0, exact(&wide, &x) / 8.0, blocks * BLOCK);
            }
        }
    }

    #[test]
    fn halves_are_widened_exactly_down_to_the_smallest() {
        for bits in 0..=u16::MAX {
            let half = f16::from_bits(bits);
            if half.is_finite() {
                assert_eq!(plain::wide_f16(bits).to_bits(), half.to_f32().to_bits());
            }
        }
    }
}
