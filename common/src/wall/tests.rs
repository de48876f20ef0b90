//! The meter at the socket against hand-worked energies.

use time::macros::datetime;

use super::*;
use crate::meter::{Domain, Label, Method, NullReason};

const START: OffsetDateTime = datetime!(2026-11-21 00:00:00 UTC);
const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: f64) -> OffsetDateTime {
    START + time::Duration::seconds_f64(seconds)
}

fn span(from: f64, to: f64) -> Span {
    Span { at: at(from), lasts: Duration::from_secs_f64(to - from) }
}

fn meter(step_j: Option<f64>, step_w: f64) -> WallCard {
    WallCard {
        card: MeterCard {
            update_period: Some(SECOND),
            resolution: step_j.map(Energy::from_joules),
            gain_uncertainty: 0.01,
            ..MeterCard::new("shelly", Domain::Machine, Label::Measured, Method::Counter, "")
        },
        power_resolution: Some(Power::from_watts(step_w)),
    }
}

fn look(seconds: f64, watts: Option<f64>, watt_hours: Option<f64>) -> WallReading {
    WallReading {
        at: at(seconds),
        took: Duration::from_millis(10),
        power: watts.map(Power::from_watts),
        energy: watt_hours.map(|wh| Energy::from_joules(wh * 3600.0)),
    }
}

/// A look a second at a machine that draws `watts(second)` during the second that ends with the look.
fn looks(seconds: u32, watts: impl Fn(u32) -> f64) -> Vec<WallReading> {
    let mut joules = 3.6e6;
    (0..=seconds)
        .map(|second| {
            if second > 0 {
                joules += watts(second);
            }
            look(f64::from(second), Some(watts(second)), Some(joules / 3600.0))
        })
        .collect()
}

#[test]
fn a_shelly_counter_that_moves_83_thousandths_of_a_watt_hour_is_298_8_joules_within_1_5() {
    let readings = [look(0.0, None, Some(1000.0)), look(10.0, None, Some(1000.083))];
    let found = energy_over(&meter(Some(3.6), 0.1), &readings, span(0.0, 10.0), Duration::ZERO).unwrap();
    assert!((found.energy.joules() - 298.8).abs() < 1e-6, "{found:?}");
    assert!((found.uncertainty.joules() - 1.47).abs() < 0.01, "{found:?}");
    assert_eq!(found.method, Method::Counter);
}

#[test]
fn a_counter_set_back_is_a_reset_and_a_step_back_of_its_last_digit_is_none() {
    let of = |last: f64| {
        let readings =
            [look(0.0, None, Some(1000.0)), look(9.0, None, Some(1000.083)), look(10.0, None, Some(last))];
        energy_over(&meter(Some(3.6), 0.1), &readings, span(0.0, 10.0), Duration::ZERO)
    };
    assert_eq!(of(0.001), Err(NullReason::CounterReset));
    assert!((of(1000.082).unwrap().energy.joules() - 298.8).abs() < 1e-6);
}

#[test]
fn a_counter_that_stands_still_while_power_flows_is_stale() {
    let readings: Vec<_> = (0..=20).map(|s| look(f64::from(s), Some(200.0), Some(1000.0))).collect();
    let found = energy_over(&meter(Some(3.6), 0.1), &readings, span(2.0, 18.0), Duration::ZERO);
    assert_eq!(found, Err(NullReason::Stale));
}

#[test]
fn a_window_on_steady_power_is_exact_wherever_its_edges_lie() {
    let readings = looks(30, |_| 250.0);
    for (from, to) in [(2.0, 12.0), (2.37, 21.81), (0.0, 30.0)] {
        let found = energy_over(&meter(Some(0.001), 0.1), &readings, span(from, to), SECOND / 20).unwrap();
        assert!((found.energy.joules() - 250.0 * (to - from)).abs() < 1e-6, "{found:?}");
        assert!(found.uncertainty.joules() < 1e-3, "{found:?}");
    }
}

#[test]
fn a_step_at_the_edges_leaves_the_guides_uncertainty_and_a_clock_that_is_off_adds_its_own() {
    // 100 W idle, 300 W from second 10 to second 40; looks fall on whole seconds.
    let readings = looks(50, |second| if (11..=40).contains(&second) { 300.0 } else { 100.0 });
    let of =
        |clock: Duration| energy_over(&meter(Some(0.001), 0.1), &readings, span(10.5, 39.5), clock).unwrap();
    let found = of(Duration::ZERO);
    assert!((found.energy.joules() - 29.0 * 300.0).abs() < 1e-6, "{found:?}");
    assert!((found.uncertainty.joules() - 200.0 / 6.0_f64.sqrt()).abs() < 0.1, "{found:?}");
    let off = of(Duration::from_millis(100)).uncertainty.joules();
    assert!((off - (200.0 / 6.0_f64.sqrt()).hypot(20.0)).abs() < 0.1, "{off}");
}

#[test]
fn where_the_counters_steps_are_coarse_the_power_readings_are_taken() {
    // A plug that counts whole watt-hours: 20 s at 200 W are 4000 J, its step is 3600 J.
    let readings: Vec<_> =
        (0..=40).map(|s| look(f64::from(s), Some(200.0), Some(f64::from(s / 18)))).collect();
    let found = energy_over(&meter(Some(3600.0), 1.0), &readings, span(10.0, 30.0), Duration::ZERO).unwrap();
    assert_eq!(found.method, Method::Trace);
    assert!((found.energy.joules() - 4000.0).abs() < 1e-6);
    // Rounding to whole watts: 1/√12 W over 20 s.
    assert!((found.uncertainty.joules() - 20.0 / 12.0_f64.sqrt()).abs() < 1e-6, "{found:?}");
}

#[test]
fn a_window_shorter_than_the_meter_resolves_has_no_figure() {
    let steady = looks(30, |_| 250.0);
    let short = energy_over(&meter(Some(3.6), 0.1), &steady, span(5.0, 7.9), Duration::ZERO);
    assert_eq!(short, Err(NullReason::NotResolved));
    let stepping = looks(30, |second| if (11..=15).contains(&second) { 600.0 } else { 50.0 });
    let uncertain = energy_over(&meter(Some(0.001), 0.1), &stepping, span(10.5, 14.5), Duration::ZERO);
    assert_eq!(uncertain, Err(NullReason::NotResolved));
}

#[test]
fn readings_that_do_not_cover_the_window_or_leave_a_gap_give_no_figure() {
    let readings: Vec<_> =
        looks(30, |_| 250.0).into_iter().map(|look| WallReading { energy: None, ..look }).collect();
    let of = |readings: &[WallReading], from, to| {
        energy_over(&meter(None, 0.1), readings, span(from, to), Duration::ZERO).map(|found| found.energy)
    };
    assert!(of(&readings, 5.0, 25.0).is_ok());
    assert_eq!(of(&readings, 25.0, 31.0), Err(NullReason::Unreadable));
    assert_eq!(of(&[], 5.0, 25.0), Err(NullReason::Unreadable));
    let gap: Vec<_> =
        readings.iter().copied().filter(|look| look.at < at(10.0) || look.at > at(14.0)).collect();
    assert_eq!(of(&gap, 5.0, 25.0), Err(NullReason::Unreadable));
}

#[test]
fn mean_power_is_known_only_where_readings_cover_the_span() {
    let readings = looks(30, |second| if second <= 10 { 50.0 } else { 150.0 });
    let of = |from, to| power_over(&meter(Some(0.001), 0.1), &readings, span(from, to)).map(Power::watts);
    assert!((of(5.0, 15.0).unwrap() - 100.0).abs() < 1e-6);
    assert_eq!(of(25.0, 35.0), None);
}

#[test]
fn two_clocks_are_compared_by_the_middle_of_a_call_and_the_quickest_call_wins() {
    let slow = ClockOffset::of_call(at(0.0), SECOND, at(2.9));
    assert!((slow.offset_s - 2.4).abs() < 1e-9 && slow.within == SECOND / 2);
    let quick = ClockOffset::of_call(at(10.0), SECOND / 100, at(12.505));
    assert!((quick.offset_s - 2.5).abs() < 1e-9);
    assert_eq!(quick.better(Some(slow)), quick);
    assert_eq!(slow.better(Some(quick)), quick);
    let span = span(1.0, 2.0).shifted(quick.offset_s);
    assert!((span.at - at(3.5)).as_seconds_f64().abs() < 1e-9);
}

#[test]
fn a_window_is_padded_for_edges_and_for_the_counters_steps_but_not_for_a_meter_that_is_too_slow() {
    let pace = WallPace::of(&meter(Some(3.6), 0.1)).unwrap();
    assert_eq!(
        pace.pad(None),
        SECOND * 2,
        "neither the interval at an edge nor its neighbour holds any of the body"
    );
    // 3.6 J are 2 % of 180 J: at 30 W that takes six seconds, at 60 W less than the edges do.
    assert_eq!(pace.pad(Some(Power::from_watts(30.0))), SECOND * 3);
    assert_eq!(pace.pad(Some(Power::from_watts(60.0))), SECOND * 2);
    let coarse = WallPace::of(&meter(Some(3600.0), 0.1)).unwrap();
    assert_eq!(coarse.pad(Some(Power::from_watts(60.0))), SECOND * 2, "nobody waits an hour for a watt-hour");
    let mut slow = meter(Some(3.6), 0.1);
    slow.card.update_period = Some(WAITED_FOR * 2);
    assert_eq!(WallPace::of(&slow), None);
}
