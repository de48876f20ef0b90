//! Whether the interval that is stated of an averaging window holds the truth: simulated sensors under waves of load.
//!
//! Chance decides the sensor's phase, how much each wave draws, how long it lasts, the noise of each reading and when
//! anybody looks. Must not: tell the method anything of the sensor but its update period, which is measured before.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use common::meter::{Domain, MeterCard};
use common::units::Power;

use super::{Chance, seconds};
use crate::averaging::{Averaging, Piece, RATIOS, Updates, watch};
use crate::replay::Script;
use crate::sensor::{Distortion, Sensor};
use crate::{Clock, CounterSpec, Meter, Raw, Trouble, Virtual};

/// Update period and averaging window of the sensors that are known, and of some between them, in milliseconds.
const KINDS: [(u64, u64); 7] = [(100, 100), (100, 50), (100, 25), (100, 20), (100, 10), (20, 20), (20, 10)];
/// Update periods that the waves of one ratio last, as `characterise` has it.
const WAVE_PERIODS: u32 = 40;
const IDLE_W: f64 = 60.0;
const BUSY_W: f64 = 300.0;
/// Between two looks, and how much later than asked for the machine wakes: now and then much.
const PAUSE: Duration = Duration::from_millis(1);
const LATE_S: f64 = 0.0006;
const VERY_LATE_S: f64 = 0.010;
const VERY_LATE_SHARE: f64 = 0.02;

/// What became of sensors of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AveragingRow {
    /// Update period.
    pub period_ms: u64,
    /// Averaging window, the truth.
    pub averaging_ms: u64,
    /// Sensors that were asked.
    pub cases: u32,
    /// Of how many a window was told.
    pub told: u32,
    /// In how many of those the interval held the truth.
    pub covered: u32,
    /// Mean error, a share of the window.
    pub error: f64,
    /// Mean half-width, a share of the window.
    pub half_width: f64,
}

/// So many sensors of each kind.
pub fn averaging_rows(seed: u64, each: u32) -> Vec<AveragingRow> {
    let mut chance = Chance::new(seed);
    let rows = KINDS.iter().map(|&(period_ms, averaging_ms)| {
        let truth = Duration::from_millis(averaging_ms).as_secs_f64();
        let found: Vec<(f64, f64)> = (0..each)
            .filter_map(|_| one(&mut chance, period_ms, averaging_ms))
            .map(|found| (found.window.as_secs_f64() - truth, found.half_width.as_secs_f64()))
            .collect();
        let told = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let mean =
            |of: fn(&(f64, f64)) -> f64| found.iter().map(of).sum::<f64>() / f64::from(told.max(1)) / truth;
        let covered = found.iter().filter(|(error, half_width)| error.abs() <= *half_width).count();
        AveragingRow {
            period_ms,
            averaging_ms,
            cases: each,
            told,
            covered: u32::try_from(covered).unwrap_or(u32::MAX),
            error: mean(|found| found.0),
            half_width: mean(|found| found.1),
        }
    });
    rows.collect()
}

/// Waves of every ratio, one after the other, each for so many update periods. No load goes on and off to the
/// microsecond: when it did is what is known, and that differs by up to half of `jitter`.
pub fn waves(period: Duration, each: u32, jitter: f64, chance: &mut Chance) -> Vec<Piece> {
    let mut work = Vec::new();
    let mut at = Duration::from_millis(300);
    for ratio in RATIOS {
        let end = at + period * each;
        let half = period.mul_f64(ratio / 2.0);
        while at < end {
            let on = half.mul_f64(1.0 + jitter * (chance.unit() - 0.5));
            work.push(Piece { from: at, to: at + on, amount: on.as_secs_f64() });
            at += half * 2;
        }
    }
    work
}

fn one(chance: &mut Chance, period_ms: u64, averaging_ms: u64) -> Option<Averaging> {
    let period = Duration::from_millis(period_ms);
    let mut distortion = Distortion::of_millis(period_ms, averaging_ms);
    distortion.phase = period.mul_f64(chance.unit());
    let (jitter, wave_w, reading_w) =
        (chance.between(0.02, 0.2), chance.between(0.0, 20.0), chance.between(0.0, 3.0));
    let work = waves(period, WAVE_PERIODS, jitter, chance);
    let idle = Power::from_watts(IDLE_W);
    let mut steps = vec![(Duration::ZERO, idle)];
    for piece in &work {
        steps.push((piece.from, Power::from_watts(BUSY_W + wave_w * chance.normal())));
        steps.push((piece.to, idle));
    }
    let sensor = Sensor::new(Script::steps(steps, Duration::from_secs(1000)), distortion, Domain::Gpu(0));
    let noisy = Noisy { sensor, distortion, chance: chance.split(), watts: reading_w, held: None };
    let clock = Restless { clock: Virtual::default(), chance: Mutex::new(chance.split()) };
    let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(noisy)];
    let mut updates = [Updates::default()];
    watch(&mut meters, &mut updates, &clock, work.last()?.to, PAUSE);
    updates.first()?.averaging(&work, period)
}

/// A sensor with noise of its own at each update.
struct Noisy {
    sensor: Sensor,
    distortion: Distortion,
    chance: Chance,
    watts: f64,
    /// Which update is shown, and what is said of it.
    held: Option<(u128, Power)>,
}

impl Meter for Noisy {
    fn card(&self) -> &MeterCard {
        self.sensor.card()
    }

    fn counter(&self) -> Option<CounterSpec> {
        None
    }

    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        let Distortion { phase, update_period, .. } = self.distortion;
        let since = now.checked_sub(phase).ok_or(Trouble::Unreadable)?;
        // A sensor is asked once an update: it adds up a long script each time.
        let update = since.as_nanos() / update_period.as_nanos().max(1);
        let said = match self.held {
            Some((shown, said)) if shown == update => said,
            _ => {
                let power = self.sensor.power(now).ok_or(Trouble::Unreadable)?;
                power + Power::from_watts(self.watts * self.chance.normal())
            }
        };
        self.held = Some((update, said));
        Ok(Raw { counter: None, power: Some(said) })
    }
}

/// A clock on which nobody wakes when they wanted to.
struct Restless {
    clock: Virtual,
    chance: Mutex<Chance>,
}

impl Clock for Restless {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn sleep(&self, span: Duration) {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        let mut late = chance.unit() * LATE_S;
        if chance.unit() < VERY_LATE_SHARE {
            late += chance.unit() * VERY_LATE_S;
        }
        self.clock.sleep(span + seconds(late));
    }
}
