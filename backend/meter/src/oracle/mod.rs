//! The method against a truth with an exact integral: random loads seen through simulated sensors, on a virtual clock.
//!
//! One rig for the tests, which assert, and for `--example accuracy`, which prints what `cargo xtask bench meter` shows.
//! Must not: be taken for a measurement; every figure of it is simulated and its sensor model is stated.

mod averaging;
mod faults;
mod tables;

use std::sync::Arc;
use std::time::Duration;

use common::measurement::Baseline;
use common::meter::{Domain, MeterCard};
use common::uncertainty::{Uncertainty, of_domain};
use common::units::{Energy, Power};

pub use self::averaging::{AveragingRow, averaging_rows, waves};
pub use self::faults::{FAULTS, Injected, verdict_with};
pub use self::tables::{
    Accuracy, Coverage, FaultRow, accuracy, coverage, fault_rows, short_prompt, short_prompt_in_a_row,
};
use crate::replay::Script;
use crate::sensor::{Distortion, Sensor};
use crate::{Clock, Measured, Meter, Options, UNCALIBRATED_GAIN, Virtual, rehearse};

/// A script of steps ends here: later than any test looks.
const FAR: Duration = Duration::from_secs(100_000);

/// A small seeded generator, so that a failure can be seen again.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another one, for whoever draws at times of its own.
    pub fn split(&mut self) -> Self {
        self.unit();
        Self(self.0.rotate_left(32) ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let top = u32::try_from(self.0 >> 32).unwrap_or(0);
        (f64::from(top) + 0.5) / 4_294_967_296.0
    }

    /// Between two bounds.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Of mean 0 and standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Seconds as a span.
pub(crate) fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or_default()
}

/// Idle, then steps of (seconds, watts), then idle.
fn truth(idle_w: f64, start: Duration, steps: &[(f64, f64)]) -> Script {
    let mut points = vec![(Duration::ZERO, Power::from_watts(idle_w))];
    let mut at = start;
    for &(length, watts) in steps {
        points.push((at, Power::from_watts(watts)));
        at += seconds(length);
    }
    points.push((at, Power::from_watts(idle_w)));
    Script::steps(points, FAR)
}

/// One load, one sensor, one Window.
#[derive(Debug, Clone)]
pub struct Case {
    /// Power of the idle board.
    pub idle_w: f64,
    /// The load: seconds and watts.
    pub steps: Vec<(f64, f64)>,
    /// What the sensor does to it.
    pub distortion: Distortion,
    /// When watching begins, on the sensor's clock.
    pub from: Duration,
    /// Which Repetition it is, from 0.
    pub nth: u32,
    /// How far the Baseline before and after is off, as a share.
    pub baseline_errors: (f64, f64),
}

impl Case {
    /// A random load of at least `least_s` with noise in steps of 50 ms, on a sensor of random kind and phase.
    pub fn random(chance: &mut Chance, least_s: f64) -> Self {
        let count = 1.0 + (chance.unit() * 8.0).floor();
        let mut steps = Vec::new();
        let mut left = count;
        while left > 0.0 {
            let (mut length, watts) =
                (least_s / count + chance.between(0.0, 1.0), chance.between(90.0, 700.0));
            let noise = chance.between(0.0, 0.1);
            while length > 0.0 {
                let piece = length.min(chance.between(0.04, 0.4));
                steps.push((piece, watts * (1.0 + noise * chance.normal()).max(0.1)));
                length -= piece;
            }
            left -= 1.0;
        }
        let (period, averaging) = [(100, 100), (100, 25), (20, 10)]
            [usize::from(chance.unit() < 0.5) + usize::from(chance.unit() < 0.3)];
        let mut distortion = Distortion::of_millis(period, averaging);
        distortion.phase = seconds(chance.between(0.0, 0.1));
        Self {
            idle_w: chance.between(30.0, 90.0),
            steps,
            distortion,
            from: seconds(chance.between(1.0, 2.0)),
            nth: 0,
            baseline_errors: (0.0, 0.0),
        }
    }

    /// How long the load takes.
    pub fn body(&self) -> Duration {
        seconds(self.steps.iter().map(|step| step.0).sum())
    }

    /// Its energy, exactly.
    pub fn true_energy(&self) -> f64 {
        self.steps.iter().map(|(length, watts)| length * watts).sum()
    }

    fn rehearse(
        &self,
        script: &Script,
        make: &dyn Fn(Sensor, Arc<Virtual>) -> Vec<Box<dyn Meter>>,
    ) -> Measured {
        let sensor = Sensor::new(script.clone(), self.distortion, Domain::Gpu(0))
            .with_gain_uncertainty(UNCALIBRATED_GAIN);
        let clock = Arc::new(Virtual::default());
        clock.sleep(self.from);
        let mut meters = make(sensor, Arc::clone(&clock));
        let options = Options::suited_to(meters.iter().map(|meter| meter.card()))
            .spread(self.distortion.update_period, self.nth);
        rehearse(&mut meters, &clock, options, self.body())
    }

    /// Measures the load where it really is: a first rehearsal with idle alone tells when it will start. `make` gives the
    /// instruments for a sensor.
    pub fn measured(&self, make: &dyn Fn(Sensor, Arc<Virtual>) -> Vec<Box<dyn Meter>>) -> Measured {
        let idle = self.rehearse(&truth(self.idle_w, Duration::ZERO, &[]), &plain);
        let start = idle.opened + idle.window.body_start;
        self.rehearse(&truth(self.idle_w, start, &self.steps), make)
    }

    /// Idle power as it was found before and after.
    pub fn baseline(&self) -> Baseline {
        let power = |error: f64| Some(Power::from_watts(self.idle_w * self.distortion.gain * (1.0 + error)));
        Baseline::new(Domain::Gpu(0), power(self.baseline_errors.0), power(self.baseline_errors.1))
    }

    /// What the method says of the load; `None` where it says nothing.
    pub fn body_energy(&self, measured: &Measured) -> Option<f64> {
        let reading = measured.readings.first()?;
        reading.body_energy(measured.window, Some(&self.baseline())).map(Energy::joules)
    }

    /// How far off the method says that it may be.
    pub fn uncertainty(&self, measured: &Measured, joules: f64) -> Option<Uncertainty> {
        let found = [(Energy::from_joules(joules), measured.window.pads())];
        of_domain(&self.card(), Some(&self.baseline()), &found)
    }

    /// The sensor's card.
    pub fn card(&self) -> MeterCard {
        let sensor = Sensor::new(Script::constant(1.0), self.distortion, Domain::Gpu(0));
        sensor.with_gain_uncertainty(UNCALIBRATED_GAIN).card().clone()
    }
}

/// The sensor as it is, and nothing else.
pub fn plain(sensor: Sensor, _: Arc<Virtual>) -> Vec<Box<dyn Meter>> {
    vec![Box::new(sensor)]
}
