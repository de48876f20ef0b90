//! A simulated power sensor: what the boards' sensors do to the truth, so that the method can be tried against it.
//!
//! The truth is a [`Script`] with an exact integral, or anything else that is one. The sensor shows it as boards do:
//! once an update period, as the mean over an averaging window that may be shorter than the period, with a phase
//! and a gain of its own; its counter integrates all of the truth or only those windows. Must not: be taken
//! for an instrument; its Label is Simulated.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use common::meter::{Domain, Label, MeterCard, Method};
use common::units::{Energy, Power};

use crate::replay::Script;
use crate::{CounterSpec, Meter, Raw, Trouble};

/// Power over time that a sensor is asked about.
pub trait Truth: fmt::Debug + Send + Sync {
    /// Power at an instant.
    fn power_at(&self, at: Duration) -> Power;
    /// Energy from 0 to an instant.
    fn energy_until(&self, at: Duration) -> Energy;
}

impl Truth for Script {
    fn power_at(&self, at: Duration) -> Power {
        Self::power_at(self, at)
    }

    fn energy_until(&self, at: Duration) -> Energy {
        Self::energy_until(self, at)
    }
}

/// What a counter adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrates {
    /// All power.
    Everything,
    /// Only what the averaging windows see, taken for the whole update period.
    WindowsOnly,
}

/// How the sensor distorts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distortion {
    /// Time between two updates.
    pub update_period: Duration,
    /// Time over which a reading is the mean.
    pub averaging: Duration,
    /// When its first update is.
    pub phase: Duration,
    /// What the truth is multiplied with.
    pub gain: f64,
    /// What the counter adds up.
    pub integrates: Integrates,
}

impl Distortion {
    /// A sensor that averages `averaging_ms` of every `period_ms`, else perfect.
    pub const fn of_millis(period_ms: u64, averaging_ms: u64) -> Self {
        Self {
            update_period: Duration::from_millis(period_ms),
            averaging: Duration::from_millis(averaging_ms),
            phase: Duration::ZERO,
            gain: 1.0,
            integrates: Integrates::Everything,
        }
    }
}

/// A sensor of one board.
#[derive(Debug, Clone)]
pub struct Sensor {
    truth: Arc<dyn Truth>,
    distortion: Distortion,
    card: MeterCard,
    /// Updates already added up, and their sum.
    added: (u64, Energy),
}

impl Sensor {
    /// A sensor of a script.
    pub fn new(truth: Script, distortion: Distortion, domain: Domain) -> Self {
        Self::of(Arc::new(truth), distortion, domain)
    }

    /// A sensor of any truth.
    pub fn of(truth: Arc<dyn Truth>, distortion: Distortion, domain: Domain) -> Self {
        let card = MeterCard {
            update_period: Some(distortion.update_period),
            averaging: Some(distortion.averaging),
            resolution: Some(Energy::from_millijoules(1.0)),
            power_limit: Some(Power::from_watts(1500.0)),
            ..MeterCard::new(
                "sensor",
                domain,
                Label::Simulated,
                Method::Counter,
                "A simulated board; no instrument was read.",
            )
        };
        Self { truth, distortion, card, added: (0, Energy::ZERO) }
    }

    /// The same with another card entry; for tests of what depends on it.
    #[must_use]
    pub fn with_gain_uncertainty(mut self, share: f64) -> Self {
        self.card.gain_uncertainty = share;
        self
    }

    /// How many updates there were, and when the last was.
    fn last_update(&self, now: Duration) -> Option<(u64, Duration)> {
        let since = now.checked_sub(self.distortion.phase)?;
        let updates =
            u64::try_from(since.as_nanos() / self.distortion.update_period.as_nanos().max(1)).ok()?;
        Some((updates, self.update_at(updates)))
    }

    fn update_at(&self, update: u64) -> Duration {
        let period = u64::try_from(self.distortion.update_period.as_nanos()).unwrap_or(u64::MAX);
        self.distortion.phase + Duration::from_nanos(period.saturating_mul(update))
    }

    fn mean_until(&self, until: Duration) -> Power {
        let span = self.distortion.averaging.min(until);
        if span.is_zero() {
            return self.truth.power_at(until) * self.distortion.gain;
        }
        let energy = self.truth.energy_until(until) - self.truth.energy_until(until - span);
        energy / span * self.distortion.gain
    }

    /// Power as it is shown now; nothing before the first update.
    pub fn power(&self, now: Duration) -> Option<Power> {
        self.last_update(now).map(|(_, at)| self.mean_until(at))
    }

    /// The counter as it is shown now, in millijoules.
    pub fn millijoules(&mut self, now: Duration) -> u64 {
        let energy = match (self.last_update(now), self.distortion.integrates) {
            (None, _) => Energy::ZERO,
            (Some((_, at)), Integrates::Everything) => self.truth.energy_until(at) * self.distortion.gain,
            (Some((updates, _)), Integrates::WindowsOnly) => {
                while self.added.0 < updates {
                    self.added.0 += 1;
                    let mean = self.mean_until(self.update_at(self.added.0));
                    self.added.1 += mean * self.distortion.update_period;
                }
                self.added.1
            }
        };
        #[expect(clippy::as_conversions, reason = "rounding down to whole millijoules is what counters do")]
        let millijoules = (energy.joules() * 1e3).max(0.0) as u64;
        millijoules
    }
}

impl Meter for Sensor {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn counter(&self) -> Option<CounterSpec> {
        Some(CounterSpec { unit: Energy::from_joules(1e-3), modulus: None, jitter: 0 })
    }

    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        Ok(Raw { counter: Some(self.millijoules(now)), power: self.power(now) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(at: u64) -> Duration {
        Duration::from_millis(at)
    }

    fn pulse() -> Script {
        let watts = Power::from_watts;
        Script::steps(
            vec![(ms(0), watts(100.0)), (ms(180), watts(500.0)), (ms(220), watts(100.0))],
            ms(10_000),
        )
    }

    #[test]
    fn a_reading_is_the_mean_over_the_averaging_window_before_the_last_update() {
        let full = Sensor::new(pulse(), Distortion::of_millis(100, 100), Domain::Gpu(0));
        assert_eq!(full.power(ms(250)).unwrap().watts(), 100.0 * 0.8 + 500.0 * 0.2);
        let quarter = Sensor::new(pulse(), Distortion::of_millis(100, 25), Domain::Gpu(0));
        assert_eq!(quarter.power(ms(199)).unwrap().watts(), 100.0);
        assert!((quarter.power(ms(299)).unwrap().watts() - (5.0 * 100.0 + 20.0 * 500.0) / 25.0).abs() < 1e-6);
    }

    #[test]
    fn a_counter_of_windows_only_takes_a_quarter_for_the_whole() {
        let distortion = Distortion { integrates: Integrates::WindowsOnly, ..Distortion::of_millis(100, 25) };
        let mut sensor = Sensor::new(pulse(), distortion, Domain::Gpu(0));
        assert_eq!(sensor.millijoules(ms(250)), 10_000 + 42_000);
        let mut honest = Sensor::new(pulse(), Distortion::of_millis(100, 25), Domain::Gpu(0));
        assert_eq!(honest.millijoules(ms(250)), 18_000 + 10_000);
    }
}
