//! Cumulative energy counters: what the difference of two readings means when the second is the smaller one.
//!
//! A counter that wrapped and one that was set back look the same; what tells them apart is how much power the
//! instrument can be over at most. Must not: guess. What could be either is said to be so and adds nothing.

use std::time::Duration;

use common::meter::{Fault, NullReason};
use common::units::{Energy, Power};

/// Power bound of an instrument that does not state its own.
const DEFAULT_POWER_LIMIT: Power = Power::from_watts(2000.0);

/// How a counter counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CounterSpec {
    /// Energy of one unit.
    pub unit: Energy,
    /// The counter counts modulo this many units; `None` for one that never wraps in practice.
    pub modulus: Option<u64>,
    /// It may go back by this many units without meaning anything.
    pub jitter: u64,
}

/// What one more reading meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The first reading: nothing to compare with.
    First,
    /// It went on, or stood still.
    Advanced,
    /// It went back by less than means anything.
    Jitter,
    /// It wrapped once.
    Wrapped,
    /// It was set back, or jumped further than the instrument's power allows. Nothing was added.
    Reset,
    /// It may have wrapped more than once since the last reading. Nothing was added.
    Ambiguous,
}

impl Step {
    /// The fault to note.
    pub const fn fault(self) -> Option<Fault> {
        match self {
            Self::First | Self::Advanced => None,
            Self::Jitter => Some(Fault::Jitter),
            Self::Wrapped => Some(Fault::Wrapped),
            Self::Reset | Self::Ambiguous => Some(Fault::CounterReset),
        }
    }

    /// Why there is no energy any more, where that follows.
    pub const fn null_reason(self) -> Option<NullReason> {
        match self {
            Self::Reset => Some(NullReason::CounterReset),
            Self::Ambiguous => Some(NullReason::CounterAmbiguous),
            Self::First | Self::Advanced | Self::Jitter | Self::Wrapped => None,
        }
    }
}

/// Follows one counter.
#[derive(Debug, Clone)]
pub struct Tracker {
    spec: CounterSpec,
    power_limit: Power,
    slack: Duration,
    last: Option<(Duration, u64)>,
    energy: Energy,
}

impl Tracker {
    /// Follows a counter of an instrument that cannot be over `power_limit` and updates once an `update_period`.
    pub fn new(spec: CounterSpec, power_limit: Option<Power>, update_period: Option<Duration>) -> Self {
        // A counter read just after its update holds what was used since the update before.
        let slack = update_period.unwrap_or_default() * 2 + Duration::from_millis(100);
        Self {
            spec,
            power_limit: power_limit.unwrap_or(DEFAULT_POWER_LIMIT),
            slack,
            last: None,
            energy: Energy::ZERO,
        }
    }

    /// Energy since the first reading.
    pub const fn energy(&self) -> Energy {
        self.energy
    }

    /// One more reading.
    pub fn push(&mut self, at: Duration, value: u64) -> Step {
        let Some((last_at, last)) = self.last.replace((at, value)) else { return Step::First };
        let elapsed = at.saturating_sub(last_at);
        let most = self.power_limit * (elapsed + self.slack);
        let (units, step) = match (value.checked_sub(last), self.spec.modulus) {
            (Some(units), modulus) => {
                if modulus.is_some_and(|m| (self.power_limit * elapsed).joules() >= self.joules(m)) {
                    return Step::Ambiguous;
                }
                (units, Step::Advanced)
            }
            (None, _) if last - value <= self.spec.jitter => {
                self.last = Some((at, last));
                return Step::Jitter;
            }
            (None, None) => return Step::Reset,
            (None, Some(modulus)) => {
                if (self.power_limit * elapsed).joules() >= self.joules(modulus) {
                    return Step::Ambiguous;
                }
                (modulus.saturating_sub(last).saturating_add(value), Step::Wrapped)
            }
        };
        let added = self.joules(units);
        if added > most.joules() {
            return Step::Reset;
        }
        self.energy += Energy::from_joules(added);
        step
    }

    fn joules(&self, units: u64) -> f64 {
        float(units) * self.spec.unit.joules()
    }
}

/// A count as a float.
#[expect(
    clippy::as_conversions,
    reason = "exact below 2^53 units, which is 285 years at 1 kW in microjoules"
)]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTEL: CounterSpec =
        CounterSpec { unit: Energy::from_joules(1e-6), modulus: Some(262_143_328_851), jitter: 0 };
    const NVML: CounterSpec = CounterSpec { unit: Energy::from_joules(1e-3), modulus: None, jitter: 0 };
    const SHELLY: CounterSpec = CounterSpec { unit: Energy::from_joules(3.6), modulus: None, jitter: 1 };

    fn after(spec: CounterSpec, limit_w: f64, readings: &[(f64, u64)]) -> (Vec<Step>, f64) {
        let mut tracker = Tracker::new(spec, Some(Power::from_watts(limit_w)), None);
        let steps =
            readings.iter().map(|&(at, value)| tracker.push(Duration::from_secs_f64(at), value)).collect();
        (steps, tracker.energy().joules())
    }

    #[test]
    fn an_intel_counter_that_wraps_adds_828851_microjoules() {
        let (steps, joules) = after(INTEL, 500.0, &[(0.0, 262_143_000_000), (1.0, 500_000)]);
        assert_eq!(steps, [Step::First, Step::Wrapped]);
        assert!((joules * 1e6 - 828_851.0).abs() < 0.5, "{joules}");
    }

    #[test]
    fn a_counter_that_would_need_62_kilowatts_to_wrap_was_reset() {
        let (steps, joules) = after(INTEL, 500.0, &[(0.0, 200_000_000_000), (1.0, 1_000_000)]);
        assert_eq!(steps, [Step::First, Step::Reset]);
        assert_eq!(joules, 0.0);
        assert_eq!(steps[1].null_reason(), Some(NullReason::CounterReset));
    }

    #[test]
    fn an_nvml_counter_that_goes_back_was_reset_and_never_adds_1_8e19_millijoules() {
        let (steps, joules) = after(NVML, 700.0, &[(0.0, 123_456_789), (1.0, 5_000)]);
        assert_eq!(steps[1], Step::Reset);
        assert_eq!(joules, 0.0);
    }

    #[test]
    fn a_shelly_adds_298_8_joules_jitters_by_one_unit_and_is_reset_by_more() {
        let (steps, joules) = after(SHELLY, 2400.0, &[(0.0, 1_000_000), (1.0, 1_000_083), (2.0, 1_000_082)]);
        assert_eq!(steps, [Step::First, Step::Advanced, Step::Jitter]);
        assert!((joules - 298.8).abs() < 1e-9);
        let (steps, _) = after(SHELLY, 2400.0, &[(0.0, 1_000_083), (1.0, 1)]);
        assert_eq!(steps[1], Step::Reset);
    }

    #[test]
    fn jitter_does_not_lower_the_mark_from_which_the_next_difference_counts() {
        let (_, joules) = after(SHELLY, 2400.0, &[(0.0, 1_000), (1.0, 999), (2.0, 1_001)]);
        assert!((joules - 3.6).abs() < 1e-9, "{joules}");
    }

    #[test]
    fn a_reset_does_not_spoil_what_is_counted_after_it() {
        let (steps, joules) = after(NVML, 700.0, &[(0.0, 900_000), (1.0, 100), (2.0, 200_100)]);
        assert_eq!(steps, [Step::First, Step::Reset, Step::Advanced]);
        assert!((joules - 200.0).abs() < 1e-9);
    }

    #[test]
    fn two_readings_so_far_apart_that_two_wraps_fit_are_ambiguous() {
        // 262 kJ at 500 W take 524 s.
        let (steps, joules) = after(INTEL, 500.0, &[(0.0, 10), (600.0, 5)]);
        assert_eq!(steps[1], Step::Ambiguous);
        assert_eq!(after(INTEL, 500.0, &[(0.0, 10), (600.0, 500)]).0[1], Step::Ambiguous);
        assert_eq!(joules, 0.0);
    }

    #[test]
    fn a_leap_forward_beyond_the_power_limit_is_not_believed() {
        let (steps, joules) = after(NVML, 700.0, &[(0.0, 0), (1.0, 5_000_000)]);
        assert_eq!(steps[1], Step::Reset);
        assert_eq!(joules, 0.0);
    }

    #[test]
    fn a_counter_may_deliver_a_whole_update_at_once() {
        let mut tracker =
            Tracker::new(NVML, Some(Power::from_watts(700.0)), Some(Duration::from_millis(100)));
        tracker.push(Duration::ZERO, 0);
        assert_eq!(tracker.push(Duration::from_millis(1), 70_000), Step::Advanced);
    }
}
