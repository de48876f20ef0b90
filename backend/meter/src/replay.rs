//! A recorded or scripted trace played back: the instrument of tests and demonstrations.
//!
//! Its figures carry the Label Simulated unless a test says otherwise. A Script is a power over time that
//! repeats; the meter integrates it exactly and offers a counter, so it is also the truth that others are
//! compared with. Must not: be opened where a real instrument was asked for.

use std::path::Path;
use std::time::Duration;

use common::meter::{Domain, Label, MeterCard, Method};
use common::units::{Energy, Power};

use crate::{CounterSpec, Error, Meter, Raw, Trouble};

/// Power over time, piecewise constant: each point holds from its instant to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    points: Vec<(Duration, Power)>,
    length: Duration,
    lost_after: Option<Duration>,
}

impl Script {
    /// The same power for ever.
    pub fn constant(watts: f64) -> Self {
        Self::steps(vec![(Duration::ZERO, Power::from_watts(watts))], Duration::from_secs(1))
    }

    /// Steps that repeat after `length`. The first must be at 0 and they must be in order.
    pub fn steps(points: Vec<(Duration, Power)>, length: Duration) -> Self {
        Self { points, length, lost_after: None }
    }

    /// A device that goes away.
    pub fn lost_after(after: Duration) -> Self {
        Self { lost_after: Some(after), ..Self::constant(1.0) }
    }

    /// Reads lines of `at_s,power_w`; lines that start with `#` are comments. It repeats one mean step after its
    /// last line.
    ///
    /// # Errors
    /// [`Error::BadRecord`] says which line is wrong.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadRecord { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        let mut points: Vec<(Duration, Power)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parsed = line.split_once(',').and_then(|(at, power)| {
                let at = Duration::try_from_secs_f64(at.trim().parse().ok()?).ok()?;
                let power: f64 = power.trim().parse().ok()?;
                power.is_finite().then_some((at, Power::from_watts(power)))
            });
            let Some(point) = parsed else {
                return Err(bad(format!("line {} is not `seconds,watts`: {line:?}", index + 1)));
            };
            if points.last().map_or(!point.0.is_zero(), |last| point.0 <= last.0) {
                return Err(bad(format!(
                    "line {} is not later than the one before (the first is at 0)",
                    index + 1
                )));
            }
            points.push(point);
        }
        let (Some(last), count) = (points.last(), u32::try_from(points.len()).unwrap_or(u32::MAX)) else {
            return Err(bad("it holds no line of `seconds,watts`".to_owned()));
        };
        let step = last.0.checked_div(count.saturating_sub(1)).unwrap_or(Duration::from_secs(1));
        let length = last.0 + step;
        Ok(Self::steps(points, length))
    }

    /// Power at an instant.
    pub fn power_at(&self, at: Duration) -> Power {
        let (_, within) = self.split(at);
        self.points.iter().take_while(|point| point.0 <= within).last().map_or(Power::ZERO, |point| point.1)
    }

    /// Energy from 0 to an instant, exactly.
    pub fn energy_until(&self, at: Duration) -> Energy {
        let (rounds, within) = self.split(at);
        self.energy_within(self.length) * rounds + self.energy_within(within)
    }

    fn energy_within(&self, until: Duration) -> Energy {
        let ends = self.points.iter().skip(1).map(|point| point.0).chain([self.length]);
        self.points
            .iter()
            .zip(ends)
            .map(|(&(start, power), end)| power * end.min(until).saturating_sub(start))
            .sum()
    }

    fn split(&self, at: Duration) -> (f64, Duration) {
        let (at, length) = (at.as_secs_f64(), self.length.as_secs_f64());
        let rounds = (at / length).floor();
        (rounds, Duration::try_from_secs_f64(at - rounds * length).unwrap_or_default())
    }
}

/// An instrument that plays a Script.
#[derive(Debug, Clone)]
pub struct Replay {
    script: Script,
    card: MeterCard,
}

impl Replay {
    /// Plays a Script as the whole machine, Simulated.
    pub fn new(script: Script) -> Self {
        let card = MeterCard {
            resolution: Some(Energy::from_microjoules(1.0)),
            ..MeterCard::new(
                "replay",
                Domain::Machine,
                Label::Simulated,
                Method::Counter,
                "A trace played back; no instrument was read.",
            )
        };
        Self { script, card }
    }

    /// The same for another Domain.
    #[must_use]
    pub fn reading(mut self, domain: Domain) -> Self {
        self.card.domain = domain;
        self
    }

    /// The same under another Label; for tests of what depends on it.
    #[must_use]
    pub fn labelled(mut self, label: Label) -> Self {
        self.card.label = label;
        self
    }
}

impl Meter for Replay {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn counter(&self) -> Option<CounterSpec> {
        Some(CounterSpec { unit: Energy::from_microjoules(1.0), modulus: None, jitter: 0 })
    }

    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        if self.script.lost_after.is_some_and(|after| now >= after) {
            return Err(Trouble::Lost);
        }
        let micros = self.script.energy_until(now).joules() * 1e6;
        #[expect(clippy::as_conversions, reason = "rounding down to whole microjoules is what counters do")]
        let counter = micros.max(0.0) as u64;
        Ok(Raw { counter: Some(counter), power: Some(self.script.power_at(now)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Script {
        let at = Duration::from_secs;
        Script::steps(vec![(at(0), Power::from_watts(10.0)), (at(1), Power::from_watts(30.0))], at(2))
    }

    #[test]
    fn a_script_repeats_and_its_energy_is_exact() {
        let script = steps();
        assert_eq!(script.power_at(Duration::from_millis(2500)).watts(), 10.0);
        assert_eq!(script.power_at(Duration::from_millis(3500)).watts(), 30.0);
        assert_eq!(script.energy_until(Duration::from_millis(3500)).joules(), 40.0 + 10.0 + 15.0);
    }

    #[test]
    fn its_counter_is_the_energy_in_microjoules() {
        let raw = Replay::new(steps()).read(Duration::from_secs(2)).unwrap();
        assert_eq!(raw.counter, Some(40_000_000));
    }

    #[test]
    fn a_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.csv");
        std::fs::write(&path, "# at_s,power_w\n0,5\n0.5,nonsense\n").unwrap();
        let error = Script::from_file(&path).unwrap_err().to_string();
        std::fs::write(&path, "0,5\n1,15\n").unwrap();
        let script = Script::from_file(&path);
        assert!(error.contains("line 3"), "{error}");
        assert_eq!(script.unwrap().energy_until(Duration::from_secs(2)).joules(), 20.0);
    }
}
