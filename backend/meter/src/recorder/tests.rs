//! Looks of every kind, told one by one, and what they come to.

use common::meter::{Domain, Label};

use super::*;
use crate::CounterSpec;

struct Fake(MeterCard, Option<CounterSpec>);

impl Meter for Fake {
    fn card(&self) -> &MeterCard {
        &self.0
    }
    fn counter(&self) -> Option<CounterSpec> {
        self.1
    }
    fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
        Err(Trouble::Unreadable)
    }
}

fn recorder(unit_j: Option<f64>, update_period_ms: u64) -> Recorder {
    let card = MeterCard {
        update_period: Some(ms(update_period_ms)),
        power_limit: Some(Power::from_watts(700.0)),
        ..MeterCard::new("fake", Domain::Gpu(0), Label::Simulated, Method::Counter, "")
    };
    let spec = unit_j.map(|unit| CounterSpec { unit: Energy::from_joules(unit), modulus: None, jitter: 0 });
    Recorder::new(&Fake(card, spec), 4096)
}

fn ms(at: u64) -> Duration {
    Duration::from_millis(at)
}

fn counter(value: u64) -> Result<Raw, Trouble> {
    Ok(Raw { counter: Some(value), power: None })
}

fn power(watts: f64) -> Result<Raw, Trouble> {
    Ok(Raw { counter: None, power: Some(Power::from_watts(watts)) })
}

#[test]
fn a_failed_look_between_two_good_ones_costs_no_energy_and_is_noted_once() {
    let mut recorder = recorder(Some(1e-6), 1);
    recorder.take(ms(0), counter(1_000_000));
    recorder.take(ms(10), Err(Trouble::Unreadable));
    recorder.take(ms(20), counter(3_000_000));
    let reading = recorder.finish(ms(0), ms(20), ms(10), false, None);
    assert!((reading.energy.unwrap().joules() - 2.0).abs() < 1e-9, "{reading:?}");
    assert_eq!(reading.faults, [Fault::ReadError]);
}

#[test]
fn an_instrument_that_was_never_read_has_a_reason_and_not_zero_joules() {
    let mut recorder = recorder(Some(1e-6), 1);
    recorder.take(ms(0), Err(Trouble::Unreadable));
    let reading = recorder.finish(ms(0), ms(20), ms(10), false, None);
    assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Unreadable)));
    assert!(reading.trace.0.is_empty());
}

#[test]
fn a_counter_that_cannot_be_read_at_the_closing_edge_gives_no_energy() {
    let mut recorder = recorder(Some(1e-6), 1);
    for at in 0..50 {
        recorder.take(ms(at * 10), counter(at * 1_000_000));
    }
    recorder.take(ms(1000), Err(Trouble::Unreadable));
    let reading = recorder.finish(ms(0), ms(1000), ms(10), false, None);
    assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Unreadable)));
}

#[test]
fn power_steps_from_100_to_500_watts_after_9_9_seconds_and_sums_to_1040_joules() {
    let mut recorder = recorder(None, 100);
    for tick in 0..=100_u64 {
        recorder.take(ms(tick * 100), power(if tick > 99 { 500.0 } else { 100.0 }));
    }
    let reading = recorder.finish(ms(0), ms(10_000), ms(100), false, None);
    assert_eq!(reading.method, Method::Trace);
    assert!((reading.energy.unwrap().joules() - 1040.0).abs() < 20.0, "{:?}", reading.energy);
}

#[test]
fn a_counter_that_stands_still_for_two_seconds_is_stale() {
    let mut recorder = recorder(Some(1e-3), 20);
    for tick in 0..=40_u64 {
        recorder.take(ms(tick * 50), counter(77));
    }
    let reading = recorder.finish(ms(0), ms(2000), ms(50), false, None);
    assert_eq!(reading.faults, [Fault::Stale]);
    assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Stale)));
}

#[test]
fn constant_power_with_a_counter_that_grows_is_not_stale() {
    let mut recorder = recorder(Some(1e-3), 100);
    for tick in 0..=40_u64 {
        let look = Raw { counter: Some(tick / 2 * 30_000), power: Some(Power::from_watts(300.0)) };
        recorder.take(ms(tick * 50), Ok(look));
    }
    let reading = recorder.finish(ms(0), ms(2000), ms(50), false, None);
    assert!(reading.faults.is_empty());
    assert!((reading.energy.unwrap().joules() - 600.0).abs() < 1e-6, "{:?}", reading.energy);
}

#[test]
fn a_window_shorter_than_the_update_period_is_not_resolved() {
    let mut recorder = recorder(Some(1e-3), 100);
    recorder.take(ms(0), counter(0));
    recorder.take(ms(40), counter(5));
    let reading = recorder.finish(ms(0), ms(40), ms(20), false, None);
    assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::NotResolved)));
}

#[test]
fn a_gap_matters_to_an_integral_and_not_to_a_counter() {
    let mut integral = recorder(None, 10);
    let mut counted = recorder(Some(1e-3), 1);
    for at in [0, 10, 20, 500, 510] {
        integral.take(ms(at), power(100.0));
        counted.take(ms(at), counter(at * 100));
    }
    assert_eq!(integral.finish(ms(0), ms(510), ms(10), false, None).faults, [Fault::Gap]);
    assert!(counted.finish(ms(0), ms(510), ms(10), false, None).faults.is_empty());
}

#[test]
fn a_device_that_goes_away_leaves_a_reason() {
    let mut recorder = recorder(Some(1e-3), 1);
    recorder.take(ms(0), counter(0));
    recorder.take(ms(10), Err(Trouble::Lost));
    assert!(recorder.is_lost());
    let reading = recorder.finish(ms(0), ms(20), ms(10), false, None);
    assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Lost)));
}

#[test]
fn being_held_back_for_more_than_a_hundredth_of_the_window_is_a_fault_and_costs_no_energy() {
    let held = |slowed_ms, capped_ms| {
        let mut recorder = recorder(Some(1e-3), 1);
        recorder.take(ms(0), counter(0));
        recorder.take(ms(1000), counter(100_000));
        let held = HeldBack { slowed: Some(ms(slowed_ms)), power_capped: Some(ms(capped_ms)) };
        let reading = recorder.finish(ms(0), ms(1000), ms(10), false, Some(held));
        assert!((reading.energy.unwrap().joules() - 100.0).abs() < 1e-9);
        reading.faults
    };
    assert_eq!(held(10, 10), []);
    assert_eq!(held(11, 0), [Fault::Throttled]);
    assert_eq!(held(0, 500), [Fault::PowerCapped]);
}

#[test]
fn a_slow_instrument_is_looked_at_twice_a_period_however_fast_the_others_are() {
    let mut slow = recorder(Some(1e-3), 100);
    slow.pace(ms(10), 2);
    slow.take(ms(0), counter(0));
    assert!(!slow.is_due(ms(40)) && slow.is_due(ms(50)));
    let mut fast = recorder(Some(1e-6), 1);
    fast.pace(ms(10), 2);
    fast.take(ms(0), counter(0));
    assert!(fast.is_due(ms(10)));
}

#[test]
fn the_next_update_of_a_counter_that_was_seen_to_be_early_is_looked_for_earlier() {
    let mut recorder = recorder(Some(1e-3), 100);
    recorder.take(ms(0), counter(1));
    recorder.mark_edge(ms(5));
    recorder.take(ms(10), counter(2));
    let near = |found: Option<Duration>, expected: Duration| found.unwrap().abs_diff(expected) < ms(1);
    assert!(near(recorder.is_quiet_until(), ms(97)), "{:?}", recorder.is_quiet_until());
    // It came before anybody looked again, so that this edge is not known.
    recorder.take(ms(97), counter(3));
    assert!(!recorder.is_edge_known());
    assert!(near(recorder.is_quiet_until(), ms(10 + 90)), "{:?}", recorder.is_quiet_until());
}
