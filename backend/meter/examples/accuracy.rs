//! Prints as JSON how right the method is against the waveform oracle, and what the sampler costs on this machine.
//!
//! `cargo xtask bench meter` shows it. Everything but the sampler's cost is simulated on a virtual clock, with the sensor
//! model that the tables name; nothing here reads an instrument. Must not: judge; the tests do.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::time::Duration;

use common::meter::Domain;
use meter::replay::Script;
use meter::sensor::{Distortion, Integrates, Sensor};
use meter::{Clock, Meter, Monotonic, Options, measure, oracle};
use serde_json::{Value, json};

const SEED: u64 = 1;
/// Starts of the short prompt against the sensor, in seconds.
const STARTS: [f64; 6] = [1.0, 1.013, 1.027, 1.041, 1.066, 1.089];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sampler: Vec<Value> =
        [100_000_u64, 10_000, 1_000].into_iter().map(sampler_at).collect::<Result<_, _>>()?;
    let tables = json!({
        "accuracy": accuracy(),
        "short_prompt": short_prompts(),
        "coverage": coverage(),
        "averaging": averaging(),
        "faults": faults(),
        "sampler": sampler,
    });
    println!("{}", serde_json::to_string_pretty(&tables)?);
    Ok(())
}

fn accuracy() -> Vec<Value> {
    let of = |least_s: f64| {
        let found = oracle::accuracy(SEED, 300, least_s);
        json!({
            "window_s": least_s, "windows": found.windows, "mean_error": found.mean,
            "deviation": found.deviation, "worst_error": found.worst,
        })
    };
    [0.5, 1.0, 5.0, 20.0].into_iter().map(of).collect()
}

/// Each row is the worst over the starts.
fn short_prompts() -> Vec<Value> {
    let row = |counter: &str, integrates, (windows, rounds): (u32, u32), is_spread| {
        let errors = STARTS.iter().filter_map(|&from| match rounds {
            1 => oracle::short_prompt(integrates, windows, is_spread, from),
            _ => oracle::short_prompt_in_a_row(integrates, rounds, from),
        });
        json!({
            "body_s": 0.04, "update_period_s": 0.1, "averaging_s": 0.025, "counter": counter,
            "windows": windows, "rounds": rounds, "spread_starts": is_spread,
            "worst_error": errors.map(f64::abs).fold(0.0, f64::max),
        })
    };
    vec![
        row("everything", Integrates::Everything, (1, 1), false),
        row("everything", Integrates::Everything, (16, 1), true),
        row("everything", Integrates::Everything, (1, 125), true),
        row("windows only", Integrates::WindowsOnly, (125, 1), false),
        row("windows only", Integrates::WindowsOnly, (16, 1), true),
        row("windows only", Integrates::WindowsOnly, (125, 1), true),
        row("windows only", Integrates::WindowsOnly, (1, 125), true),
    ]
}

fn coverage() -> Value {
    let found = oracle::coverage(7, 1000);
    json!({
        "windows": found.windows, "covered": found.covered,
        "share": f64::from(found.covered) / f64::from(found.windows),
    })
}

/// The averaging window that `characterise` finds, by kind of sensor.
fn averaging() -> Vec<Value> {
    let rows = oracle::averaging_rows(11, 150).into_iter().map(|row| {
        json!({
            "update_period_ms": row.period_ms, "averaging_ms": row.averaging_ms, "sensors": row.cases,
            "told": row.told, "covered": row.covered,
            "share": f64::from(row.covered) / f64::from(row.told.max(1)),
            "mean_error": row.error, "mean_half_width": row.half_width,
        })
    });
    rows.collect()
}

fn faults() -> Vec<Value> {
    let rows = oracle::fault_rows(3, 15).into_iter().map(|row| {
        json!({
            "fault": row.name, "injected": row.injected, "valid": row.valid, "flagged": row.flagged,
            "redo": row.redo, "rejected": row.rejected, "false_alarms": row.false_alarms,
        })
    });
    rows.collect()
}

/// What looking at three simulated boards costs for real, for three seconds.
fn sampler_at(period_us: u64) -> Result<Value, meter::Error> {
    let period = Duration::from_micros(period_us);
    let mut meters: Vec<Box<dyn Meter>> = (0..3)
        .map(|index| -> Box<dyn Meter> {
            // As fast as they are looked at, so that every look reads all three.
            let distortion =
                Distortion { update_period: period, averaging: period, ..Distortion::of_millis(1, 1) };
            Box::new(Sensor::new(Script::constant(100.0), distortion, Domain::Gpu(index)))
        })
        .collect();
    let options = Options { period, pad_before: Duration::ZERO, pad_after: Duration::ZERO };
    let clock = Monotonic::start();
    let ((), found) = measure(&mut meters, clock, options, None, |_| clock.sleep(Duration::from_secs(3)))?;
    let cost = found.sampler;
    Ok(json!({
        "period_s": period.as_secs_f64(), "meters": 3, "looks": cost.looks,
        "core_share": cost.cpu.map(|cpu| cpu.as_secs_f64() / found.window.length.as_secs_f64()),
        "lateness_p95_s": cost.lateness_p95.as_secs_f64(), "max_lateness_s": cost.max_lateness.as_secs_f64(),
        "max_read_s": cost.max_read.as_secs_f64(), "is_realtime": cost.is_realtime, "core": cost.core,
    }))
}
