//! Boards and plugs that feel the same load, the plugs through what a server shows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::meter::{Label, MeterCard, Method};
use meter::{CounterSpec, Meter, Raw, Trouble};
use serde_json::{Value, json};

use super::*;
use crate::client::{Client, Token};
use crate::tests::stub::Stub;

#[test]
fn the_slope_of_a_supply_that_loses_a_tenth_is_found_with_its_interval() {
    let points: Vec<(f64, f64)> =
        (0..6).map(|step| f64::from(step) * 40.0 + 30.0).map(|parts| (parts, 25.0 + parts / 0.9)).collect();
    let (slope, half_width, offset) = line(&points).unwrap();
    assert!((slope - 1.0 / 0.9).abs() < 1e-9 && (offset - 25.0).abs() < 1e-6, "{slope} {offset}");
    assert!(half_width.unwrap() < 1e-6);
    assert_eq!(line(&points[..2]).unwrap().1, None);
    assert!(matches!(line(&[(30.0, 60.0), (30.4, 61.0)]), Err(WallError::NoChange(_))));
}

/// When a load worked last, in milliseconds of a clock: what a board and a plug feel alike.
#[derive(Clone)]
struct Felt(Arc<AtomicU64>, Monotonic);

impl Felt {
    fn millis(&self) -> u64 {
        u64::try_from(self.1.now().as_millis()).unwrap()
    }
    fn board_w(&self) -> f64 {
        let last = self.0.load(Ordering::Relaxed);
        if last > 0 && self.millis() < last + 60 { 50.0 } else { 20.0 }
    }
}

struct Board(MeterCard, Felt);

impl Meter for Board {
    fn card(&self) -> &MeterCard {
        &self.0
    }
    fn counter(&self) -> Option<CounterSpec> {
        None
    }
    fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
        Ok(Raw { counter: None, power: Some(Power::from_watts(self.1.board_w())) })
    }
}

/// A machine as the server shows it. All its meters together, checks aside, say 25 W more than 1.5 times what the board
/// draws; a check says twice that.
fn machine(felt: &Felt, meters: &[(&str, &str)]) -> Value {
    let whole = meters.iter().filter(|(_, role)| *role != "check").count();
    let share =
        |role: &str| if role == "check" { 2.0 } else { 1.0 / f64::from(u32::try_from(whole).unwrap()) };
    let meter = |&(meter, role): &(&str, &str)| {
        json!({
            "meter": meter, "role": role,
            "name": "shelly", "domain": "machine", "label": "simulated", "method": "trace", "boundary": "the socket",
            "update_period_s": 0.2, "resolution_j": null, "gain_uncertainty": 0.01, "power_limit_w": null,
            "version": null, "power_resolution_w": 0.1, "trouble": null,
            "last": {
                "at": crate::clock::date().format(&time::format_description::well_known::Rfc3339).unwrap(),
                "took_s": 0.001, "power_w": share(role) * (25.0 + 1.5 * felt.board_w()), "energy_j": null,
            },
        })
    };
    json!({
        "id": "00000000-0000-0000-0000-000000000001", "name": "lab-1", "zone": "FR", "pue": 1.0,
        "embodied": { "total_g": 1.0, "lifetime_s": 1.0, "source": "a test" }, "state": { "state": "idle" },
        "announcement": null, "queue_length": 0, "measured_runs": 0,
        "wall_meters": meters.iter().map(meter).collect::<Vec<Value>>(),
    })
}

fn stub(felt: &Felt, meters: &'static [(&str, &str)]) -> (Stub, Client) {
    let felt = felt.clone();
    let stub = Stub::start(move |call| match call.path.rsplit('/').next() {
        Some("lab-1") => (200, machine(&felt, meters)),
        _ => (404, json!({ "code": "missing", "message": "there is no such machine" })),
    });
    let client = Client::new(&stub.address, Token::new(""), Duration::from_secs(5));
    (stub, client)
}

/// What is found of a machine with these meters, with a board as its only part.
fn found(meters: &'static [(&str, &str)], against: Option<&str>) -> AgainstWall {
    let clock = Monotonic::start();
    let felt = Felt(Arc::default(), clock);
    let (_stub, client) = stub(&felt, meters);
    let card = MeterCard::new("board", Domain::Gpu(0), Label::Simulated, Method::Trace, "a board");
    let mut instruments = Instruments::alone(vec![Box::new(Board(card, felt.clone()))]);
    let plan = Plan {
        pulses: 3,
        pulse: Duration::from_millis(900),
        steps: 2,
        step: Duration::from_millis(1500),
        options: instruments.options(),
    };
    let work = || -> Vec<Work<'_>> {
        vec![Box::new(|| {
            felt.0.store(felt.millis(), Ordering::Relaxed);
            clock.sleep(Duration::from_millis(1));
        })]
    };
    let mut socket = Socket::open(&client, "lab-1".parse().unwrap(), against, clock).unwrap();
    compare(&mut instruments, clock, plan, &mut socket, work).unwrap()
}

#[test]
fn watts_at_the_socket_for_each_watt_of_the_parts_are_found_through_what_the_server_shows() {
    let found = found(&[("socket", "whole")], None);
    assert_eq!((found.name.as_str(), found.steps, found.slope_half_width), ("shelly", 2, None));
    // However busy the machine: both feel the same load, and each is looked at a few times a second.
    assert!((found.slope - 1.5).abs() < 0.5, "{found:?}");
    assert!(found.delay_s.is_none_or(|delay| delay.abs() < 0.6), "{found:?}");
}

#[test]
fn supplies_are_compared_by_their_sum_and_a_check_where_it_is_named() {
    const METERS: &[(&str, &str)] = &[("left", "supply"), ("right", "supply"), ("second", "check")];
    let sum = found(METERS, None);
    assert_eq!(sum.name, "sum of 2 supplies");
    assert!((sum.slope - 1.5).abs() < 0.5, "{sum:?}");
    let check = found(METERS, Some("second"));
    assert_eq!(check.name, "shelly");
    assert!((check.slope - 3.0).abs() < 1.0, "{check:?}");
}

#[test]
fn a_machine_that_nothing_reads_whole_and_one_that_is_not_known_are_told_with_what_to_do() {
    let clock = Monotonic::start();
    let felt = Felt(Arc::default(), clock);
    const METERS: [&[(&str, &str)]; 2] = [&[], &[("left", "supply")]];
    for meters in METERS {
        let (_stub, client) = stub(&felt, meters);
        for name in ["lab-1", "lab-2"] {
            let found = Socket::open(&client, name.parse().unwrap(), None, clock).map(|_| ());
            assert!(found.unwrap_err().to_string().contains("machine meter add"), "{name}");
        }
        let named = Socket::open(&client, "lab-1".parse().unwrap(), Some("left"), clock).map(|_| ());
        let said = named.unwrap_err().to_string();
        assert!(said.contains("no meter \"left\" that reads all of it"), "{said}");
        assert!(said.ends_with(if meters.is_empty() { "none" } else { "left (supply)" }), "{said}");
    }
}
