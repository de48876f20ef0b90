//! Windows beside a meter at the socket that is slower than the machine's own instruments.

use common::meter::{Domain, MeterCard, Method, NullReason};
use common::units::{Energy, Power};
use common::wall::{LEAST_PERIODS, Span, WallCard, WallPace, WallReading, energy_over};
use meter::Options;
use time::OffsetDateTime;

use super::*;

const IDLE_W: f64 = 60.0;
const BODY_W: f64 = 200.0;
const STEP_J: f64 = 3.6;

fn card(name: &str, domain: Domain, period: Duration) -> MeterCard {
    MeterCard {
        update_period: Some(period),
        ..MeterCard::new(name, domain, Label::Simulated, Method::Counter, "")
    }
}

/// A plug of one value a second and steps of a thousandth of a watt-hour.
fn plug() -> WallCard {
    let card = MeterCard {
        resolution: Some(Energy::from_joules(STEP_J)),
        ..card("shelly", Domain::Machine, Duration::from_secs(1))
    };
    WallCard { card, power_resolution: None }
}

#[test]
fn boards_of_20_ms_beside_a_plug_of_a_second_get_a_window_that_the_plug_resolves_wherever_its_values_fall() {
    let plug = plug();
    let alone = Options::suited_to([&card("nvml", Domain::Gpu(0), Duration::from_millis(20))]);
    let held = alone.padded(WallPace::of(&plug).unwrap().pad(Some(Power::from_watts(IDLE_W))));
    let body = Duration::from_millis(300);
    let origin = OffsetDateTime::UNIX_EPOCH;
    for phase in 0..50_u32 {
        let over = |options: Options| {
            let opened = 20.0 + f64::from(phase) / 50.0;
            let start = opened + options.pad_before.as_secs_f64();
            let counted = |at: f64| {
                let joules = IDLE_W * at + (BODY_W - IDLE_W) * (at - start).clamp(0.0, body.as_secs_f64());
                Energy::from_joules((joules / STEP_J).floor() * STEP_J)
            };
            let readings: Vec<WallReading> = (0..60)
                .map(|second| WallReading {
                    at: origin + time::Duration::seconds(second),
                    took: Duration::from_millis(4),
                    power: None,
                    energy: Some(counted(f64::from(i32::try_from(second).unwrap()))),
                })
                .collect();
            let lasts = options.pad_before + body + options.pad_after;
            let span = Span { at: origin + time::Duration::seconds_f64(opened), lasts };
            (lasts, energy_over(&plug, &readings, span, Duration::from_millis(5)))
        };
        assert_eq!(over(alone).1, Err(NullReason::NotResolved), "the boards alone ask for too little");
        let (lasts, found) = over(held);
        let truth = IDLE_W * lasts.as_secs_f64() + (BODY_W - IDLE_W) * body.as_secs_f64();
        let off = (found.unwrap().energy.joules() - truth).abs();
        assert!(off <= STEP_J * 1.01, "{off} J off at phase {phase}");
    }
}

#[test]
fn a_lease_that_tells_of_a_plug_gets_longer_pads_and_a_longer_baseline() {
    let wall = json!({ "update_period_s": 0.3, "resolution_j": null });
    let (stub, outcome) = one_lease(
        |lease| {
            lease["wall"] = wall;
            lease["streamed"] = json!(true);
        },
        content,
    );
    outcome.unwrap();
    let facts = facts(&stub);
    let period = Duration::from_millis(300);
    for repetition in &facts.repetitions {
        let window = repetition.window;
        assert!(
            window.body_start >= period * 2 && window.length - window.body_end >= period * 2,
            "{window:?}"
        );
    }
    let timeline = facts.timeline.unwrap();
    assert!(timeline.windows.iter().all(|window| window.lasts >= period * LEAST_PERIODS));
    // The replay's idle power is read and not configured.
    assert!(timeline.idle_before.unwrap().lasts >= period * LEAST_PERIODS, "{timeline:?}");
}
