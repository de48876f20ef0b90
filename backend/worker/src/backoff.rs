//! How long to wait before asking again while the server is away: twice as long each time, up to a quarter of a minute.
//!
//! Must not: decide whether to ask again.

use std::time::Duration;

use meter::Clock;

/// First and longest pause.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));

/// Pauses between attempts of one kind.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    /// Nothing failed yet.
    pub(crate) const fn new() -> Self {
        Self(PAUSES.0)
    }

    /// Waits; the next time longer.
    pub(crate) fn wait(&mut self, clock: &dyn Clock) {
        clock.sleep(self.0);
        self.0 = (self.0 * 2).min(PAUSES.1);
    }
}

#[cfg(test)]
mod tests {
    use meter::Virtual;

    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let clock = Virtual::default();
        let mut backoff = Backoff::new();
        let pauses: Vec<u128> = (0..8)
            .map(|_| {
                let before = clock.now();
                backoff.wait(&clock);
                (clock.now() - before).as_millis()
            })
            .collect();
        assert_eq!(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    }
}
