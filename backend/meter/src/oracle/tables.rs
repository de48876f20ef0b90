//! What the rig comes to in numbers: accuracy by sensor, the interval's coverage, what became of each fault.
//!
//! Must not: choose its cases by their outcome; seeds are fixed and told.

use std::time::Duration;

use common::stats::Moments;
use common::verdict::Grade;

use super::faults::{FAULTS, verdict_with};
use super::{Case, Chance, plain, seconds};
use crate::sensor::{Distortion, Integrates};
use crate::{UNCALIBRATED_GAIN, spread};

/// Errors of some Windows, as shares of the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// How many Windows.
    pub windows: u64,
    /// Mean error: what repetition does not remove.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// The worst.
    pub worst: f64,
}

/// Windows of at least `least_s` seconds on random sensors without gain error.
pub fn accuracy(seed: u64, windows: u32, least_s: f64) -> Accuracy {
    let mut chance = Chance::new(seed);
    let errors: Vec<f64> = (0..windows)
        .filter_map(|_| {
            let case = Case::random(&mut chance, least_s);
            Some(case.body_energy(&case.measured(&plain))? / case.true_energy() - 1.0)
        })
        .collect();
    let moments = Moments::of(errors.iter().copied());
    Accuracy {
        windows: moments.n,
        mean: moments.mean,
        deviation: moments.deviation().unwrap_or_default(),
        worst: errors.iter().map(|error| error.abs()).fold(0.0, f64::max),
    }
}

/// The short prompt: seconds and watts, on an idle board of so many watts.
const SHORT: (f64, f64) = (0.040, 300.0);
const SHORT_IDLE_W: f64 = 60.0;

/// A load on the short prompt's board and sensor.
fn short_case(integrates: Integrates, steps: Vec<(f64, f64)>, from_s: f64) -> Case {
    Case {
        idle_w: SHORT_IDLE_W,
        steps,
        distortion: Distortion { integrates, ..Distortion::of_millis(100, 25) },
        from: seconds(from_s),
        nth: 0,
        baseline_errors: (0.0, 0.0),
    }
}

/// Error of the mean over `repetitions` of a load of 40 ms at 300 W on a sensor that averages 25 of every 100 ms, whose
/// counter integrates as said. Watching begins `from_s` seconds into the sensor's life.
pub fn short_prompt(integrates: Integrates, repetitions: u32, is_spread: bool, from_s: f64) -> Option<f64> {
    let of = |nth: u32| {
        let nth = if is_spread { nth } else { 0 };
        let case = Case { nth, ..short_case(integrates, vec![SHORT], from_s) };
        case.body_energy(&case.measured(&plain)).map(|found| found / case.true_energy() - 1.0)
    };
    let errors: Option<Vec<f64>> = (0..repetitions).map(of).collect();
    errors.map(|errors| Moments::of(errors).mean)
}

/// The same error of so many Rounds in one Window, each beginning at another phase of the sensor.
pub fn short_prompt_in_a_row(integrates: Integrates, rounds: u32, from_s: f64) -> Option<f64> {
    let period = Duration::from_millis(100);
    let (mut steps, mut at, mut gaps) = (vec![SHORT], SHORT.0, 0.0);
    for nth in 1..rounds {
        let gap = (spread(period, nth).as_secs_f64() - at).rem_euclid(period.as_secs_f64());
        steps.extend([(gap, SHORT_IDLE_W), SHORT]);
        at += gap + SHORT.0;
        gaps += gap;
    }
    let case = short_case(integrates, steps, from_s);
    let mut measured = case.measured(&plain);
    measured.window.gaps = seconds(gaps);
    let truth = f64::from(rounds) * SHORT.0 * SHORT.1;
    case.body_energy(&measured).map(|found| found / truth - 1.0)
}

/// How often the stated interval holds the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// How many Windows.
    pub windows: u32,
    /// In how many the truth lay inside.
    pub covered: u32,
}

/// Random loads, phases and noises, on boards whose gain is off by what a board that was never calibrated is off.
pub fn coverage(seed: u64, windows: u32) -> Coverage {
    let mut chance = Chance::new(seed);
    let covered = (0..windows)
        .filter(|_| {
            let mut case = Case::random(&mut chance, 1.0);
            case.distortion.gain = 1.0 + UNCALIBRATED_GAIN * chance.normal();
            case.baseline_errors = (0.005 * chance.normal(), 0.005 * chance.normal());
            let measured = case.measured(&plain);
            let Some(found) = case.body_energy(&measured) else { return false };
            let stated = case.uncertainty(&measured, found);
            stated.is_some_and(|u| (found - case.true_energy()).abs() <= u.absolute.joules())
        })
        .count();
    Coverage { windows, covered: u32::try_from(covered).unwrap_or(u32::MAX) }
}

/// What became of one kind of fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRow {
    /// Which.
    pub name: &'static str,
    /// How often it was injected.
    pub injected: u32,
    /// How many ended as valid: none may.
    pub valid: u32,
    /// As flagged.
    pub flagged: u32,
    /// As to be repeated.
    pub redo: u32,
    /// As rejected.
    pub rejected: u32,
    /// The same loads without the fault that did not end as valid: none may either.
    pub false_alarms: u32,
}

/// Injects each kind so many times into random loads of five seconds and more.
pub fn fault_rows(seed: u64, each: u32) -> Vec<FaultRow> {
    let mut chance = Chance::new(seed);
    let rows = FAULTS.iter().map(|&fault| {
        let mut row = FaultRow {
            name: fault.name(),
            injected: each,
            valid: 0,
            flagged: 0,
            redo: 0,
            rejected: 0,
            false_alarms: 0,
        };
        for _ in 0..each {
            let case = Case::random(&mut chance, 5.0);
            // Well inside the body, so that a frozen reading has time to show.
            let after = Duration::from_millis(1500) + seconds(chance.between(0.0, 2.0));
            match verdict_with(&case, Some(fault), after).grade {
                Grade::Valid => row.valid += 1,
                Grade::Flagged => row.flagged += 1,
                Grade::Redo => row.redo += 1,
                Grade::Rejected => row.rejected += 1,
            }
            row.false_alarms += u32::from(verdict_with(&case, None, after).grade != Grade::Valid);
        }
        row
    });
    rows.collect()
}
