//! The Mersenne Twister as CPython seeds and uses it (MT19937; Matsumoto and Nishimura 1998): its shuffle and its sample,
//! so that examples before a question are those that the harness of 2023 draws.
//!
//! Must not: be used for anything but reproducing that order.

use rand_mt::Mt;

/// The generator.
pub(super) struct Twister(Mt);

impl Twister {
    /// As `random.Random(seed)` for a seed of one word, which CPython takes for a key.
    pub(super) fn new(seed: u32) -> Self {
        Self(Mt::new_with_key([seed]))
    }

    fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number below `n`, without bias: bits are drawn until they fit.
    fn below(&mut self, n: usize) -> usize {
        let n = u32_of(n);
        let shift = n.leading_zeros();
        loop {
            let drawn = self.word() >> shift;
            if drawn < n {
                return usize::try_from(drawn).unwrap_or(usize::MAX);
            }
        }
    }

    /// As `random.shuffle`.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = self.below(at + 1);
            list.swap(at, other);
        }
    }

    /// Places of `random.sample(range(n), k)`: by a shrinking pool where it would be small, else by drawing again.
    pub(super) fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut pool_size = 21;
        if k > 5 {
            let mut power = 1;
            while power < 3 * k {
                power *= 4;
            }
            pool_size += power;
        }
        if n <= pool_size {
            let mut pool: Vec<usize> = (0..n).collect();
            return (0..k.min(n))
                .map(|taken| {
                    let drawn = self.below(n - taken);
                    let found = pool[drawn];
                    pool[drawn] = pool[n - taken - 1];
                    found
                })
                .collect();
        }
        let mut found: Vec<usize> = Vec::with_capacity(k);
        while found.len() < k {
            let drawn = self.below(n);
            if !found.contains(&drawn) {
                found.push(drawn);
            }
        }
        found
    }
}

fn u32_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_reference() {
        // random.seed(42); [random.getrandbits(32) for _ in range(3)]
        let mut twister = Twister::new(42);
        assert_eq!(
            [twister.word(), twister.word(), twister.word()],
            [2_746_317_213, 478_163_327, 107_420_369]
        );
    }

    #[test]
    fn the_first_question_of_arc_and_its_examples_are_those_of_the_harness() {
        let mut twister = Twister::new(42);
        let mut order: Vec<usize> = (0..1172).collect();
        twister.shuffle(&mut order);
        let shots = twister.sample(1119, 25);
        assert_eq!((order[0], &shots[..5]), (595, &[888, 201, 205, 908, 340][..]));
        assert_eq!(shots.len(), 25);
    }

    #[test]
    fn a_sample_of_a_short_list_comes_from_a_pool_and_holds_nothing_twice() {
        // random.seed(42); random.sample(range(10), 10)
        let mut all = Twister::new(42).sample(10, 10);
        assert_eq!(all, [1, 0, 4, 9, 6, 5, 8, 2, 3, 7]);
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
    }
}
