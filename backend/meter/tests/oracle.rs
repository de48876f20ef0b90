//! The method against a truth with an exact integral: accuracy, the interval's coverage, and injected faults.
//!
//! Everything runs on a virtual clock with simulated sensors; nothing here needs hardware.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the failure")]

use std::time::Duration;

use common::measurement::{Baseline, Conditions};
use common::meter::{Domain, Label, MeterCard};
use common::stats::Moments;
use common::uncertainty::of_domain;
use common::units::{Energy, Power};
use common::verdict::{Evidence, Grade, Verdict};
use meter::replay::Script;
use meter::sensor::{Distortion, Integrates, Sensor};
use meter::{Clock, CounterSpec, Measured, Meter, Options, Raw, Trouble, Virtual, rehearse};

const FAR: Duration = Duration::from_secs(100_000);

/// A small seeded generator, so that a failure can be seen again.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let top = u32::try_from(self.0 >> 32).unwrap();
        (f64::from(top) + 0.5) / 4_294_967_296.0
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

fn seconds(value: f64) -> Duration {
    Duration::from_secs_f64(value)
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

struct Case {
    idle_w: f64,
    steps: Vec<(f64, f64)>,
    distortion: Distortion,
    /// When watching begins, on the sensor's clock.
    from: Duration,
    nth: u32,
}

impl Case {
    fn body(&self) -> Duration {
        seconds(self.steps.iter().map(|step| step.0).sum())
    }

    fn true_energy(&self) -> f64 {
        self.steps.iter().map(|(length, watts)| length * watts).sum()
    }

    fn rehearse(&self, script: Script, wrap: &dyn Fn(Sensor) -> Box<dyn Meter>) -> Measured {
        let sensor = Sensor::new(script, self.distortion, Domain::Gpu(0)).with_gain_uncertainty(0.029);
        let mut meters = vec![wrap(sensor)];
        let options = Options::suited_to(meters.iter().map(|meter| meter.card()))
            .spread(self.distortion.update_period, self.nth);
        let clock = Virtual::default();
        clock.sleep(self.from);
        rehearse(&mut meters, &clock, options, self.body())
    }

    /// Measures the body where it really is: a first rehearsal with idle alone tells when the body will start.
    fn measured(&self, wrap: &dyn Fn(Sensor) -> Box<dyn Meter>) -> Measured {
        let idle = self.rehearse(truth(self.idle_w, Duration::ZERO, &[]), wrap);
        let start = idle.opened + idle.window.body_start;
        self.rehearse(truth(self.idle_w, start, &self.steps), wrap)
    }

    fn baseline(&self) -> Baseline {
        let power = Some(Power::from_watts(self.idle_w * self.distortion.gain));
        Baseline { domain: Domain::Gpu(0), before: power, after: power }
    }

    fn body_energy(&self, measured: &Measured) -> f64 {
        measured.readings[0].body_energy(measured.window, Some(&self.baseline())).unwrap().joules()
    }
}

fn plain(sensor: Sensor) -> Box<dyn Meter> {
    Box::new(sensor)
}

fn random_case(chance: &mut Chance, least_s: f64) -> Case {
    let count = 1.0 + (chance.unit() * 8.0).floor();
    let mut steps = Vec::new();
    let mut left = count;
    while left > 0.0 {
        steps.push((least_s / count + chance.between(0.0, 1.0), chance.between(90.0, 700.0)));
        left -= 1.0;
    }
    let (period, averaging) = [(100, 100), (100, 25), (20, 10)]
        [usize::from(chance.unit() < 0.5) + usize::from(chance.unit() < 0.3)];
    let mut distortion = Distortion::of_millis(period, averaging);
    distortion.phase = seconds(chance.between(0.0, 0.1));
    Case {
        idle_w: chance.between(30.0, 90.0),
        steps,
        distortion,
        from: seconds(chance.between(1.0, 2.0)),
        nth: 0,
    }
}

#[test]
fn windows_of_five_seconds_and_more_are_right_to_half_a_percent() {
    let mut chance = Chance(1);
    let mut worst = 0.0_f64;
    for _ in 0..300 {
        let case = random_case(&mut chance, 5.0);
        let error = case.body_energy(&case.measured(&plain)) / case.true_energy() - 1.0;
        worst = worst.max(error.abs());
    }
    println!("worst error of 300 windows of at least 5 s: {:.3} %", worst * 100.0);
    assert!(worst <= 0.005, "{worst}");
}

fn forty_milliseconds(integrates: Integrates, repetitions: u32, from: f64) -> f64 {
    let of = |nth| {
        let distortion = Distortion { integrates, ..Distortion::of_millis(100, 25) };
        let case = Case { idle_w: 60.0, steps: vec![(0.040, 300.0)], distortion, from: seconds(from), nth };
        case.body_energy(&case.measured(&plain))
    };
    Moments::of((0..repetitions).map(of)).mean / 12.0 - 1.0
}

#[test]
fn a_prompt_of_40_milliseconds_is_right_to_one_and_a_half_percent_on_a_sensor_that_sees_25_of_100() {
    for from in [1.0, 1.013, 1.027, 1.041, 1.066, 1.089] {
        let honest = forty_milliseconds(Integrates::Everything, 16, from);
        let duty_cycled = forty_milliseconds(Integrates::WindowsOnly, 125, from);
        println!("40 ms: whole counter {:+.2} %, duty-cycled {:+.2} %", honest * 100.0, duty_cycled * 100.0);
        assert!(honest.abs() <= 0.015, "{honest}");
        assert!(duty_cycled.abs() <= 0.015, "{duty_cycled}");
    }
}

#[test]
fn without_spreading_a_duty_cycled_sensor_is_far_off_however_often_one_repeats() {
    let distortion = Distortion { integrates: Integrates::WindowsOnly, ..Distortion::of_millis(100, 25) };
    let case = Case { idle_w: 60.0, steps: vec![(0.040, 300.0)], distortion, from: seconds(1.0), nth: 0 };
    let error = case.body_energy(&case.measured(&plain)) / 12.0 - 1.0;
    assert!(error.abs() > 0.2, "{error}");
}

#[test]
fn the_stated_interval_covers_the_truth_in_94_to_99_of_100_cases() {
    let mut chance = Chance(7);
    let mut covered = 0_u32;
    for _ in 0..1000 {
        let mut case = random_case(&mut chance, 1.0);
        case.distortion.gain = 1.0 + 0.029 * chance.normal();
        let measured = case.measured(&plain);
        let found = case.body_energy(&measured);
        let card =
            Sensor::new(Script::constant(1.0), case.distortion, Domain::Gpu(0)).with_gain_uncertainty(0.029);
        let pads = measured.window.pads();
        let u =
            of_domain(card.card(), Some(&case.baseline()), &[(Energy::from_joules(found), pads)]).unwrap();
        covered += u32::from((found - case.true_energy()).abs() <= u.absolute.joules());
    }
    println!("the interval covers the truth in {covered} of 1000");
    assert!((940..=990).contains(&covered), "{covered}");
}

/// What goes wrong, and when.
#[derive(Debug, Clone, Copy)]
enum Injected {
    Reset,
    Backward,
    Leap,
    Frozen,
    Unreadable,
    Lost,
    Jump,
}

struct Faulty {
    sensor: Sensor,
    card: MeterCard,
    fault: Injected,
    at: Duration,
    frozen: Option<Raw>,
}

impl Meter for Faulty {
    fn card(&self) -> &MeterCard {
        &self.card
    }
    fn counter(&self) -> Option<CounterSpec> {
        self.sensor.counter()
    }
    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        let mut raw = self.sensor.read(now)?;
        if now < self.at {
            return Ok(raw);
        }
        match self.fault {
            Injected::Reset => raw.counter = raw.counter.map(|value| value / 1000),
            Injected::Backward => raw.counter = raw.counter.map(|value| value.saturating_sub(100_000)),
            Injected::Leap => raw.counter = raw.counter.map(|value| value + 50_000_000),
            Injected::Frozen => return Ok(*self.frozen.get_or_insert(raw)),
            Injected::Unreadable => return Err(Trouble::Unreadable),
            Injected::Lost => return Err(Trouble::Lost),
            Injected::Jump => return self.sensor.read(now),
        }
        Ok(raw)
    }
}

fn verdict(measured: &Measured, card: &MeterCard, baseline: Baseline) -> Verdict {
    let conditions = Conditions { was_calm: true, ..Conditions::default() };
    Verdict::on_evidence(&Evidence {
        conditions: &conditions,
        meters: std::slice::from_ref(card),
        baselines: &[baseline],
        windows: vec![(measured.window, &measured.readings)],
    })
}

#[test]
fn none_of_two_hundred_injected_faults_ends_as_valid_and_without_a_fault_all_do() {
    let faults = [
        Injected::Reset,
        Injected::Backward,
        Injected::Leap,
        Injected::Frozen,
        Injected::Unreadable,
        Injected::Lost,
    ];
    let mut chance = Chance(3);
    for number in 0..200_usize {
        let case = random_case(&mut chance, 5.0);
        let fault = faults[number % faults.len()];
        let card = {
            let mut card = Sensor::new(Script::constant(1.0), case.distortion, Domain::Gpu(0)).card().clone();
            card.label = Label::Measured;
            card
        };
        // Well inside the body, so that a frozen reading has time to show.
        let at = case.from + seconds(1.5 + chance.between(0.0, 2.0));
        let wrap = |at: Duration, fault: Injected| {
            let card = card.clone();
            move |sensor: Sensor| -> Box<dyn Meter> {
                Box::new(Faulty { sensor, card: card.clone(), fault, at, frozen: None })
            }
        };
        let broken = verdict(&case.measured(&wrap(at, fault)), &card, case.baseline());
        assert_ne!(broken.grade, Grade::Valid, "{fault:?} at {at:?} was not noticed");
        let sound = verdict(&case.measured(&wrap(FAR, Injected::Jump)), &card, case.baseline());
        assert_eq!(sound.grade, Grade::Valid, "{:?}", sound.reasons);
    }
}

#[test]
fn two_boards_of_200_watts_for_10_seconds_are_2000_joules_each() {
    let truth = Script::constant(200.0);
    let mut meters: Vec<Box<dyn Meter>> = (0..2)
        .map(|index| -> Box<dyn Meter> {
            Box::new(Sensor::new(truth.clone(), Distortion::of_millis(100, 100), Domain::Gpu(index)))
        })
        .collect();
    let options = Options::suited_to(meters.iter().map(|meter| meter.card())).unpadded();
    let clock = Virtual::default();
    clock.sleep(seconds(1.0));
    let measured = rehearse(&mut meters, &clock, options, seconds(10.0));
    for reading in &measured.readings {
        let watts = reading.energy.unwrap() / measured.window.length;
        let joules = (watts * seconds(10.0)).joules();
        assert!((joules - 2000.0).abs() < 2000.0 * 0.005, "{} {joules}", reading.domain);
    }
}
