//! Chance that can be had again: the same seed kills the same.
//!
//! Must not: be used for a secret.

/// A generator after Marsaglia (xorshift64).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// From a seed; zero would stay zero for ever.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        if end == 0 { 0 } else { self.0 % end }
    }

    /// One of so many.
    pub(crate) fn pick(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(1);
        usize::try_from(self.below(count)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_and_all_faces_come() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            (0..60).map(|_| dice.below(6)).collect::<Vec<u64>>()
        };
        assert_eq!(throw(3), throw(3));
        assert_ne!(throw(3), throw(4));
        assert!((0..6).all(|face| throw(3).contains(&face)));
    }
}
