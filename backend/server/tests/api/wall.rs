//! A meter at the socket, from enrolling to the figure on the page.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::api::machines::ListMachines;
use common::api::runs::GetRun;
use common::leaderboard::{Boundary, RunFigures};
use common::meter::{Domain, Label, NullReason};
use common::prompt::NewPrompt;
use common::wall::{ClockOffset, DEFAULT_NAME, Span, Timeline, WallCard, WallMeter, WallRole};
use serde_json::{Value, json};
use store::wall::NewMeter;
use time::OffsetDateTime;

use crate::app::TestApp;
use crate::worker::{announcement, ask, facts, report};

const MODEL: &str = "demo-1m@a:f32";

/// A meter of 60 W that can be switched off.
fn plug() -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let is_on = Arc::new(AtomicBool::new(true));
    let is_on_here = Arc::clone(&is_on);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let body = if is_on_here.load(Ordering::Relaxed) { r#"{"w":60.0}"# } else { "off" };
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (address, is_on)
}

async fn enrol(app: &TestApp, settings: &Value, card: &WallCard) {
    let meter = NewMeter { name: DEFAULT_NAME, role: WallRole::Whole, settings, card };
    let now = OffsetDateTime::now_utc();
    store::wall::enrol(app.store(), &"m1".parse().unwrap(), meter, now).await.unwrap();
}

async fn meter_when(app: &TestApp, is_wanted: impl Fn(&WallMeter) -> bool) -> WallMeter {
    for _ in 0..200 {
        let machines = app.call(None, &ListMachines::default()).await.unwrap().machines;
        if let Some(meter) = machines[0].wall_meters.first().cloned().filter(|meter| is_wanted(meter)) {
            return meter;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the meter never was as wanted")
}

#[actix_web::test]
async fn the_socket_of_a_machine_is_read_here_and_becomes_the_figure_of_its_run() {
    let mut app = TestApp::start(&[]).await;
    let second = app.add_server(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let (address, is_on) = plug();
    let settings = json!({"kind": "json", "address": address, "power": "/w", "power_unit": "Watts", "energy_unit": "WattHours"});
    let card = serde_json::from_value(json!({
        "name": "json", "domain": "machine", "label": "measured", "method": "trace", "boundary": "AC at the socket",
        "update_period_s": 0.05, "resolution_j": null, "power_resolution_w": 0.1, "gain_uncertainty": 0.01,
        "power_limit_w": null, "version": null,
    }));
    enrol(&app, &settings, &card.unwrap()).await;
    let meter = meter_when(&app, |meter| meter.last.is_some()).await;
    assert_eq!(meter.last.unwrap().power.unwrap().watts(), 60.0);

    let prompt: NewPrompt = serde_json::from_value(json!({"text": "2+2?", "models": [MODEL]})).unwrap();
    let run_id = app.call(None, &prompt).await.unwrap().run_ids[0];
    let lease = app.call_at(&second, Some(&token), &ask(0.0)).await.unwrap().unwrap();
    // The worker's clock is an hour ahead, and it knows. Its report comes just when its Window closes.
    let opened = OffsetDateTime::now_utc() + time::Duration::HOUR;
    tokio::time::sleep(Duration::from_millis(800)).await;
    let mut measured = facts(MODEL, 5.25);
    let server = Some(ClockOffset { offset_s: -3600.0, within: Duration::from_millis(2) });
    let window = Span { at: opened, lasts: Duration::from_millis(800) };
    measured.repetitions[0].window.length = window.lasts;
    measured.repetitions[0].window.body_end = window.lasts;
    measured.timeline = Some(Timeline { windows: vec![window], idle_before: None, idle_after: None, server });
    app.call_at(&second, Some(&token), &report(&lease, measured)).await.unwrap();

    let run = app.call(None, &GetRun { id: run_id }).await.unwrap();
    let facts_of_run = run.measurement.unwrap().facts;
    let reading =
        facts_of_run.repetitions[0].readings.iter().find(|reading| reading.domain == Domain::Machine);
    let reading = reading.unwrap();
    assert!((reading.energy.unwrap().joules() - 48.0).abs() < 1e-3, "{reading:?}");
    assert!(reading.trace.0.len() > 5 && reading.uncertainty.is_some(), "{reading:?}");
    // The test's parts are simulated, so the whole cannot be measured.
    let figures = RunFigures::of(&facts_of_run, None, None);
    assert_eq!((figures.boundary, figures.label), (Some(Boundary::Machine), Label::Simulated));
    assert!(facts_of_run.meters.iter().any(|card| card.name == "json"));

    is_on.store(false, Ordering::Relaxed);
    let meter = meter_when(&app, |meter| meter.trouble.is_some()).await;
    assert!(meter.trouble.unwrap().message.contains("not JSON"));
    app.stop().await;
}

#[actix_web::test]
async fn a_meter_that_was_never_read_gives_a_reason_and_the_parts_keep_their_figure() {
    let app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let settings = json!({"kind": "shelly", "address": "http://127.0.0.1:9", "component": "switch", "id": 0});
    let card = serde_json::from_value(json!({
        "name": "shelly", "domain": "machine", "label": "measured", "method": "counter", "boundary": "AC at the socket",
        "update_period_s": 1.0, "resolution_j": 3.6, "power_resolution_w": 0.1, "gain_uncertainty": 0.01,
        "power_limit_w": null, "version": null,
    }));
    enrol(&app, &settings, &card.unwrap()).await;
    let prompt: NewPrompt = serde_json::from_value(json!({"text": "2+2?", "models": [MODEL]})).unwrap();
    let run_id = app.call(None, &prompt).await.unwrap().run_ids[0];
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    app.call(Some(&token), &report(&lease, facts(MODEL, 5.25))).await.unwrap();
    let run = app.call(None, &GetRun { id: run_id }).await.unwrap();
    let facts = run.measurement.unwrap().facts;
    let reading = facts.repetitions[0].readings.last().unwrap();
    assert_eq!((reading.domain, reading.null_reason), (Domain::Machine, Some(NullReason::ClockUnknown)));
    assert_eq!(RunFigures::of(&facts, None, None).boundary, Some(Boundary::Cpu));
    store::wall::remove(app.store(), &"m1".parse().unwrap(), None).await.unwrap();
    assert_eq!(app.call(None, &ListMachines::default()).await.unwrap().machines[0].wall_meters, []);
    app.stop().await;
}
