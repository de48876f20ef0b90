//! Seeded random weights in any shape: speed and energy of a full-size model without a download.
//!
//! Each tensor's numbers depend on the seed and its name only, not on the order of loading.
//!
//! Must not: pass for trained ones; whoever loads them marks the model.

use std::borrow::Cow;
use std::hash::Hasher;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::raw::{RawTensor, Stored};
use crate::numeric::count_f32;

/// A source of weights that were never learned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RandomWeights {
    pub(crate) seed: u64,
}

impl RandomWeights {
    /// A matrix whose products keep the size of their input.
    pub(crate) fn matrix(self, name: &str, rows: usize, columns: usize) -> RawTensor<'static> {
        let spread = (3.0 / count_f32(columns.max(1))).sqrt();
        self.tensor(name, rows, columns, 0.0, spread)
    }

    /// A vector around `centre`: one for the weights of norms, zero for biases.
    pub(crate) fn vector(self, name: &str, length: usize, centre: f32) -> RawTensor<'static> {
        self.tensor(name, 1, length, centre, 0.1)
    }

    fn tensor(self, name: &str, rows: usize, columns: usize, centre: f32, spread: f32) -> RawTensor<'static> {
        // FNV-1a, because the standard hasher may change between releases.
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325 ^ self.seed);
        hash.write(name.as_bytes());
        let mut chance = SmallRng::seed_from_u64(hash.finish());
        let mut bytes = Vec::with_capacity(rows * columns * 4);
        for _ in 0..rows * columns {
            let number: f32 = centre + spread * (2.0 * chance.random::<f32>() - 1.0);
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        RawTensor { stored: Stored::F32, rows, columns, bytes: Cow::Owned(bytes) }
    }
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_depends_on_seed_and_name_only() {
        let weights = RandomWeights { seed: 7 };
        let once = weights.matrix("a", 3, 4).to_vec();
        assert_eq!(weights.matrix("a", 3, 4).to_vec(), once);
        assert_ne!(weights.matrix("b", 3, 4).to_vec(), once);
        assert_ne!(RandomWeights { seed: 8 }.matrix("a", 3, 4).to_vec(), once);
        assert!(weights.vector("n", 50, 1.0).to_vec().iter().all(|n| (0.9..=1.1).contains(n)));
    }
}
