//! Energy of everything beside the Windows: waiting, warming up. Counters only, read now and then.
//!
//! What has no counter is not tallied: power read now and then is no energy. Must not: be taken for a figure of a Prompt.

use std::time::Duration;

use common::meter::Domain;
use common::units::Energy;

use crate::Meter;
use crate::clock::Clock;
use crate::counter::Tracker;

/// Follows the counters of all instruments from its start on.
#[derive(Debug)]
pub struct Tally {
    counts: Vec<(Domain, Option<Tracker>)>,
}

impl Tally {
    /// Starts with a first look.
    pub fn start(meters: &mut [Box<dyn Meter>], clock: &dyn Clock) -> Self {
        let counts = meters
            .iter()
            .map(|meter| {
                let card = meter.card();
                let tracker =
                    meter.counter().map(|spec| Tracker::new(spec, card.power_limit, card.update_period));
                (card.domain, tracker)
            })
            .collect();
        let mut tally = Self { counts };
        tally.look(meters, clock);
        tally
    }

    /// One more look; often enough that no counter wraps twice between two.
    pub fn look(&mut self, meters: &mut [Box<dyn Meter>], clock: &dyn Clock) {
        for (meter, (_, tracker)) in meters.iter_mut().zip(&mut self.counts) {
            let Some(counting) = tracker else { continue };
            let now: Duration = clock.now();
            // A failed look costs nothing: the next difference holds what this one would have told.
            let Some(value) = meter.read(now).ok().and_then(|raw| raw.counter) else { continue };
            if counting.push(now, value).null_reason().is_some() {
                *tracker = None;
            }
        }
    }

    /// What each Domain took from the start to the last look; `None` where nobody counted, or a counter was set back.
    pub fn energies(&self) -> Vec<(Domain, Option<Energy>)> {
        self.counts.iter().map(|(domain, tracker)| (*domain, tracker.as_ref().map(Tracker::energy))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Virtual;
    use crate::replay::{Replay, Script};

    #[test]
    fn a_minute_at_50_watts_is_3000_joules() {
        let mut meters: Vec<Box<dyn Meter>> =
            vec![Box::new(Replay::new(Script::constant(50.0)).reading(Domain::CpuPackage(0)))];
        let clock = Virtual::default();
        let mut tally = Tally::start(&mut meters, &clock);
        for _ in 0..60 {
            clock.sleep(Duration::from_secs(1));
            tally.look(&mut meters, &clock);
        }
        let found = tally.energies();
        assert_eq!(found[0].0, Domain::CpuPackage(0));
        assert!((found[0].1.unwrap().joules() - 3000.0).abs() < 1e-6, "{found:?}");
    }
}
