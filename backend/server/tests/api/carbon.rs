//! A live source of intensities from the first question to the grams of a record, and what is said when it fails.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::api::carbon::{Hours, ListHours};
use common::api::leaderboard::GetLeaderboard;
use common::api::runs::GetRun;
use common::carbon::{GridIntensity, GridQuality};
use common::prompt::NewPrompt;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::app::TestApp;
use crate::worker::{announcement, ask, facts, report};

const MODEL: &str = "demo-1m@a:f32";

/// What the source answers now: a status, its latest value, and the values of the past.
type Says = Arc<Mutex<(u16, String, String)>>;

/// A source that answers as it is told at the time; returns its address.
fn source(says: Says) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let question = BufReader::new(stream.try_clone().unwrap()).lines().next().unwrap().unwrap();
            let (status, latest, past) = says.lock().unwrap().clone();
            let body = if question.contains("/latest?") {
                latest
            } else if question.contains("/past-range?") {
                format!(r#"{{"zone":"DE","data":[{past}]}}"#)
            } else {
                r#"{"zone":"DE","history":[]}"#.to_owned()
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    address
}

fn hour(at: OffsetDateTime, intensity: f64, is_estimated: bool) -> String {
    let at = at.format(&Rfc3339).unwrap();
    json!({"zone": "DE", "carbonIntensity": intensity, "datetime": at, "isEstimated": is_estimated,
           "emissionFactorType": "lifecycle"})
    .to_string()
}

async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..400 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not come")
}

#[actix_web::test]
async fn what_a_source_says_later_changes_the_carbon_of_a_record_and_its_failure_is_shown() {
    let mut app = TestApp::start(&[]).await;
    let token = app.enrol("m1").await;
    app.call(Some(&token), &announcement(&[MODEL])).await.unwrap();
    let new: NewPrompt = serde_json::from_value(json!({"text": "2+2?", "models": [MODEL]})).unwrap();
    let run = GetRun { id: app.call(None, &new).await.unwrap().run_ids[0] };
    let lease = app.call(Some(&token), &ask(0.0)).await.unwrap().unwrap();
    let now = OffsetDateTime::now_utc();
    let three_days_ago = now - Duration::from_secs(3 * 86_400);
    let mut facts = facts(MODEL, 3.6);
    facts.started_at = three_days_ago;
    app.call(Some(&token), &report(&lease, facts)).await.unwrap();
    let grid = async |app: &TestApp| -> GridIntensity {
        app.call(None, &run).await.unwrap().measurement.unwrap().grid
    };
    let before = grid(&app).await;
    assert_eq!((before.quality, before.year), (GridQuality::StaticCountryYear, Some(2023)));
    assert_eq!(app.call(None, &ListHours).await.unwrap(), Hours::default());

    let says: Says = Arc::new(Mutex::new((
        200,
        hour(now - Duration::from_secs(600), 301.0, true),
        hour(three_days_ago - Duration::from_secs(60), 250.0, false),
    )));
    let address = source(Arc::clone(&says));
    let arguments = [
        "--grid=DE=electricity-maps",
        "--electricity-maps-token=hush",
        "--grid-seconds=0.05",
        &format!("--electricity-maps-url={address}"),
    ];
    app.add_server(&arguments).await;

    let back_filled = until(async || Some(grid(&app).await).filter(|grid| grid.year.is_none())).await;
    assert_eq!(back_filled.intensity.grams_per_kwh(), 250.0);
    assert_eq!(
        (back_filled.quality, back_filled.source.as_str()),
        (GridQuality::Measured, "Electricity Maps")
    );
    assert!(back_filled.is_back_filled());

    let shown = async |app: &TestApp| {
        let board = app.call(None, &GetLeaderboard).await.unwrap();
        board.zones.into_iter().find(|zone| zone.zone.as_str() == "DE").unwrap()
    };
    let estimated = until(async || Some(shown(&app).await).filter(|zone| zone.year.is_none())).await;
    assert_eq!((estimated.intensity.grams_per_kwh(), estimated.quality), (301.0, GridQuality::Estimated));
    says.lock().unwrap().1 = hour(now - Duration::from_secs(600), 299.0, false);
    let measured =
        until(async || Some(shown(&app).await).filter(|zone| zone.quality == GridQuality::Measured)).await;
    assert_eq!(measured.intensity.grams_per_kwh(), 299.0);
    let hours = app.call(None, &ListHours).await.unwrap();
    assert_eq!((hours.hours.len(), hours.sources[0].trouble.as_deref()), (1, None));

    says.lock().unwrap().0 = 401;
    let stands = until(async || {
        let stands = app.call(None, &ListHours).await.unwrap().sources.remove(0);
        stands.trouble.is_some().then_some(stands)
    })
    .await;
    let trouble = stands.trouble.unwrap();
    assert!(trouble.contains("token is refused") && !trouble.contains("hush"), "{trouble}");
    assert!(stands.next_at > OffsetDateTime::now_utc() + Duration::from_secs(3600), "it is left alone");
    assert!(stands.answered_at.is_some());
    assert_eq!(shown(&app).await.intensity.grams_per_kwh(), 299.0, "what is known stays");

    // A restart gives a source another chance, and an answer for another place is not used.
    *says.lock().unwrap() = (200, hour(now, 12.0, false).replace("\"DE\"", "\"FR\""), String::new());
    app.add_server(&arguments).await;
    until(async || {
        let trouble = app.call(None, &ListHours).await.unwrap().sources.remove(0).trouble?;
        trouble.contains("asked for DE and answered for \"FR\"").then_some(())
    })
    .await;
    assert_eq!(shown(&app).await.intensity.grams_per_kwh(), 299.0);
    app.stop().await;
}

#[actix_web::test]
async fn a_source_that_nobody_named_any_more_is_asked_no_more() {
    let mut app =
        TestApp::start(&["--grid=GB=carbon-intensity-uk", "--carbon-intensity-uk-url=http://127.0.0.1:1"])
            .await;
    let stands = until(async || {
        let hours = app.call(None, &ListHours).await.unwrap();
        hours.sources.into_iter().find(|source| source.trouble.is_some())
    })
    .await;
    assert!(stands.trouble.unwrap().contains("away"));
    assert_eq!(stands.source, "NESO Carbon Intensity API (CC BY 4.0)");
    app.add_server(&[]).await;
    until(async || app.call(None, &ListHours).await.unwrap().sources.is_empty().then_some(())).await;
    app.stop().await;
}
