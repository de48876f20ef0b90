//! Meters at sockets: who reads them, what is kept of what they said.

use common::measurement::Facts;
use common::meter::Domain;
use common::units::Power;
use common::wall::{
    ClockOffset, DEFAULT_NAME, Span, Timeline, WallCard, WallPace, WallReading, WallRole, WallTrouble,
};
use serde_json::json;
use sqlx::PgPool;
use store::machines::Caller;
use store::wall::NewMeter;
use store::{Store, machines, queue, runs, wall};

use crate::made_up::{MINUTE, bench, facts, second, submit};

const LASTS: std::time::Duration = std::time::Duration::from_secs(10);

fn card() -> WallCard {
    serde_json::from_value(json!({
        "name": "shelly", "domain": "machine", "label": "measured", "method": "trace", "boundary": "AC at the socket",
        "update_period_s": 1.0, "resolution_j": null, "power_resolution_w": 0.1, "gain_uncertainty": 0.01,
        "power_limit_w": null, "version": null,
    }))
    .unwrap()
}

pub(crate) async fn enrol(store: &Store, caller: &Caller) {
    enrol_as(store, caller, DEFAULT_NAME, WallRole::Whole, &card()).await.unwrap();
}

async fn enrol_as(
    store: &Store,
    caller: &Caller,
    name: &str,
    role: WallRole,
    card: &WallCard,
) -> Result<(), store::Error> {
    let settings = json!({"kind": "shelly"});
    let meter = NewMeter { name, role, settings: &settings, card };
    wall::enrol(store, &caller.name, meter, second(0)).await
}

pub(crate) async fn look(store: &Store, caller: &Caller, at: u64) {
    look_at(store, caller, DEFAULT_NAME, at).await;
}

async fn look_at(store: &Store, caller: &Caller, meter: &str, at: u64) {
    let reading = WallReading {
        at: second(at),
        took: std::time::Duration::from_millis(8),
        power: Some(Power::from_watts(75.0)),
        energy: None,
    };
    wall::keep(store, caller.id, meter, &reading).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_two_servers_one_reads_a_meter_and_the_other_takes_over_when_it_falls_silent(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    enrol(&store, &caller).await;
    let mine = wall::duties(&store, "a", LASTS, second(0)).await.unwrap();
    assert_eq!((mine.len(), &mine[0].machine, &mine[0].card), (1, &caller.name, &card()));
    assert_eq!(wall::duties(&store, "b", LASTS, second(9)).await.unwrap(), []);
    assert_eq!(wall::duties(&store, "a", LASTS, second(9)).await.unwrap().len(), 1, "it is renewed");
    assert_eq!(wall::duties(&store, "b", LASTS, second(15)).await.unwrap(), []);
    assert_eq!(wall::duties(&store, "b", LASTS, second(20)).await.unwrap().len(), 1);
    assert_eq!(wall::duties(&store, "a", LASTS, second(21)).await.unwrap(), []);
    wall::remove(&store, &caller.name, None).await.unwrap();
    assert_eq!(wall::duties(&store, "b", LASTS, second(22)).await.unwrap(), []);
    assert!(wall::remove(&store, &caller.name, None).await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn trouble_is_shown_until_the_meter_answers_again(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    enrol(&store, &caller).await;
    let trouble = WallTrouble { at: second(3), message: "It is switched off.".to_owned() };
    wall::fail(&store, caller.id, DEFAULT_NAME, &trouble).await.unwrap();
    let shown =
        async || machines::list(&store, second(5), MINUTE).await.unwrap().remove(0).wall_meters.remove(0);
    assert_eq!((shown().await.trouble, shown().await.last), (Some(trouble), None));
    assert_eq!(wall::newest(&store, caller.id).await.unwrap(), None, "nobody waits for a meter in trouble");
    look(&store, &caller, 4).await;
    assert_eq!((shown().await.trouble, shown().await.last.unwrap().at), (None, second(4)));
    assert_eq!(wall::newest(&store, caller.id).await.unwrap(), Some(Some(second(4))));
}

#[sqlx::test(migrations = "../../migrations")]
async fn readings_of_a_lease_stay_and_those_of_idle_hours_go(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    enrol(&store, &caller).await;
    for at in (0..1200).step_by(10) {
        look(&store, &caller, at).await;
    }
    submit(&store, "2+2?").await;
    queue::lease(&store, &caller, MINUTE, second(600)).await.unwrap().unwrap();
    // The lease lasts to 660: kept are 480 to 780 around it, and what is newer than two minutes.
    let gone = wall::sweep(&store, caller.id, second(1200)).await.unwrap();
    assert_eq!(gone, 49 + 30, "those of 0 to 480 and of 780 to 1070");
    assert_eq!(wall::sweep(&store, caller.id, second(1200)).await.unwrap(), 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_report_is_stored_with_the_machines_own_domain_and_read_back_whole(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    enrol(&store, &caller).await;
    for at in 0..60 {
        look(&store, &caller, at).await;
    }
    let run_id = submit(&store, "2+2?").await.run_ids[0];
    let lease = queue::lease(&store, &caller, MINUTE, second(15)).await.unwrap().unwrap();
    let window = |at| Span { at: second(at), lasts: std::time::Duration::from_secs(4) };
    let timeline = Timeline {
        windows: vec![window(20), window(30)],
        idle_before: Some(Span { at: second(16), lasts: std::time::Duration::from_secs(3) }),
        idle_after: None,
        server: Some(ClockOffset { offset_s: 0.5, within: std::time::Duration::from_millis(5) }),
    };
    let mut reported = Facts { timeline: Some(timeline.clone()), ..facts(5.0) };
    for repetition in &mut reported.repetitions {
        repetition.window.length = std::time::Duration::from_secs(4);
    }
    let report = common::lease::Report::Measured { facts: Box::new(reported) };
    queue::report(&store, &caller, lease.id, &report, second(60)).await.unwrap();
    let stored = runs::get(&store, run_id).await.unwrap().measurement.unwrap().facts;
    assert_eq!(stored.timeline, Some(timeline));
    for repetition in &stored.repetitions {
        let reading = repetition.readings.last().unwrap();
        assert_eq!((reading.domain, reading.energy.unwrap().joules().round()), (Domain::Machine, 300.0));
        assert!(reading.uncertainty.is_some());
    }
    assert_eq!(stored.baseline(Domain::Machine).unwrap().before.unwrap().watts(), 75.0);
    assert_eq!(stored.meters.last().unwrap().name, "shelly");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_lease_tells_how_the_meter_at_the_socket_is_served_unless_it_is_too_slow(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let leased = async |at: u64| {
        submit(&store, &format!("{at} + 2?")).await;
        queue::lease(&store, &caller, MINUTE, second(at)).await.unwrap().unwrap().wall
    };
    assert_eq!(leased(1).await, None, "no meter");
    enrol(&store, &caller).await;
    let second_long = WallPace { update_period: std::time::Duration::from_secs(1), resolution: None };
    assert_eq!(leased(2).await, Some(second_long));
    let mut slow = card();
    slow.card.update_period = Some(std::time::Duration::from_secs(5));
    enrol_as(&store, &caller, DEFAULT_NAME, WallRole::Whole, &slow).await.unwrap();
    assert_eq!(leased(4).await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_supplies_make_the_machine_and_beside_a_whole_no_supply_is_enrolled(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let enrolled = async |name: &str, role| enrol_as(&store, &caller, name, role, &card()).await;
    enrolled("psu-1", WallRole::Supply).await.unwrap();
    enrolled("psu-2", WallRole::Supply).await.unwrap();
    enrolled("bmc", WallRole::Check).await.unwrap();
    let refused = enrolled("plug", WallRole::Whole).await.unwrap_err().to_string();
    assert!(refused.contains("psu-1") && refused.contains("check"), "{refused}");
    let refused = wall::remove(&store, &caller.name, None).await.unwrap_err().to_string();
    assert!(refused.contains("bmc, psu-1, psu-2"), "{refused}");
    let duties = wall::duties(&store, "a", LASTS, second(0)).await.unwrap();
    assert_eq!(duties.len(), 3, "each is read");

    for at in 0..60 {
        look_at(&store, &caller, "psu-1", at).await;
        look_at(&store, &caller, "bmc", at).await;
    }
    assert_eq!(
        wall::newest(&store, caller.id).await.unwrap(),
        Some(None),
        "the second supply was never read"
    );
    for at in 0..60 {
        look_at(&store, &caller, "psu-2", at).await;
    }
    look_at(&store, &caller, "bmc", 70).await;
    assert_eq!(
        wall::newest(&store, caller.id).await.unwrap(),
        Some(Some(second(59))),
        "the check does not count"
    );

    let run_id = submit(&store, "2+2?").await.run_ids[0];
    let lease = queue::lease(&store, &caller, MINUTE, second(15)).await.unwrap().unwrap();
    let lasts = std::time::Duration::from_secs(4);
    let timeline = Timeline {
        windows: vec![Span { at: second(20), lasts }, Span { at: second(30), lasts }],
        server: Some(ClockOffset { offset_s: 0.0, within: std::time::Duration::from_millis(5) }),
        ..Timeline::default()
    };
    let mut reported = Facts { timeline: Some(timeline), ..facts(5.0) };
    reported.repetitions.iter_mut().for_each(|repetition| repetition.window.length = lasts);
    let report = common::lease::Report::Measured { facts: Box::new(reported) };
    queue::report(&store, &caller, lease.id, &report, second(60)).await.unwrap();
    let stored = runs::get(&store, run_id).await.unwrap().measurement.unwrap().facts;
    let found: Vec<(Domain, f64)> = stored.repetitions[0]
        .readings
        .iter()
        .filter(|reading| reading.domain.is_at_socket())
        .map(|reading| (reading.domain, reading.energy.unwrap().joules().round()))
        .collect();
    let (one, other, check) = (Domain::Supply(0), Domain::Supply(1), Domain::Check(0));
    assert_eq!(found, [(Domain::Machine, 600.0), (check, 300.0), (one, 300.0), (other, 300.0)]);

    for name in ["psu-1", "psu-2"] {
        wall::remove(&store, &caller.name, Some(name)).await.unwrap();
    }
    enrolled("plug", WallRole::Whole).await.unwrap();
    let names = machines::list(&store, second(60), MINUTE).await.unwrap().remove(0).wall_meters;
    let names: Vec<(String, WallRole)> = names.into_iter().map(|meter| (meter.meter, meter.role)).collect();
    assert_eq!(names, [("bmc".to_owned(), WallRole::Check), ("plug".to_owned(), WallRole::Whole)]);
    assert!(enrolled("psu-1", WallRole::Supply).await.is_err());
    assert!(enrolled("plug-2", WallRole::Whole).await.is_err());
}
