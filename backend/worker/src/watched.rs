//! What the Windows of one Run add up to beside their energies: the sampler's cost, and how long devices were held back.
//!
//! Must not: hold a reading.

use common::measurement::SamplerCost;
use meter::{HeldBack, Measured};

/// The sum over some Windows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Watched {
    /// What watching cost; `None` before the first Window.
    pub(crate) sampler: Option<SamplerCost>,
    /// How long each device was held back, in the order of the instruments.
    pub(crate) held_back: Vec<Option<HeldBack>>,
}

impl Watched {
    /// One Window more.
    pub(crate) fn add(&mut self, measured: &Measured) {
        self.sampler = Some(match self.sampler {
            Some(before) => before.merge(measured.sampler),
            None => measured.sampler,
        });
        if self.held_back.is_empty() {
            self.held_back.clone_from(&measured.held_back);
            return;
        }
        for (sum, more) in self.held_back.iter_mut().zip(&measured.held_back) {
            *sum = sum.zip(*more).map(|(sum, more)| sum.plus(more));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use meter::replay::{Replay, Script};
    use meter::{Meter, Options, Virtual, rehearse};

    use super::*;

    #[test]
    fn two_windows_add_up_and_what_one_did_not_say_the_sum_does_not_say() {
        let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(Replay::new(Script::constant(5.0)))];
        let options = Options::suited_to([]);
        let mut window = rehearse(&mut meters, &Virtual::default(), options, Duration::from_secs(1));
        let held = HeldBack { slowed: Some(Duration::from_millis(5)), power_capped: None };
        window.held_back = vec![Some(held)];
        let mut watched = Watched::default();
        watched.add(&window);
        watched.add(&window);
        assert_eq!(watched.sampler.unwrap().looks, window.sampler.looks * 2);
        let sum = HeldBack { slowed: Some(Duration::from_millis(10)), power_capped: None };
        assert_eq!(watched.held_back, [Some(sum)]);
        window.held_back = vec![None];
        watched.add(&window);
        assert_eq!(watched.held_back, [None]);
    }
}
