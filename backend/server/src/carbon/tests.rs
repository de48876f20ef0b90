//! Live sources against a stub that answers as they do, late, wrongly, for another place or not at all.

use std::time::Duration;

use clap::Parser;
use common::carbon::{GridIntensity, GridQuality};
use common::ids::Zone;
use time::OffsetDateTime;
use time::macros::datetime;

use super::refresh::Sources;
use super::{Asked, CarbonError};
use crate::config::{Cli, Command, GridSettings};
use crate::stub::{Answer, Stub};

const NOW: OffsetDateTime = datetime!(2026-11-21 10:20 UTC);
const LATEST: &str = "/v3/carbon-intensity/latest";
const QUERY: &str =
    "zone=FR&emissionFactorType=lifecycle&temporalGranularity=hourly&shouldUseFallbackCallerLookup=false";

fn settings(more: &[&str]) -> Result<GridSettings, String> {
    let arguments = ["jouleboard-server", "serve", "--database-url", "unused"].iter().chain(more);
    let cli = Cli::try_parse_from(arguments).map_err(|error| error.to_string())?;
    let Command::Serve(config) = cli.command else { unreachable!() };
    config.grid.check().map_err(|error| error.to_string())?;
    Ok(config.grid)
}

/// Asks the source of FR, which is Electricity Maps, or of GB, which is its own.
fn ask_within(
    stub: &Stub,
    zone: &str,
    asked: Asked,
    limit: Duration,
) -> Result<Vec<GridIntensity>, CarbonError> {
    let at = stub.address.as_str();
    let grid = settings(&[
        "--grid=FR=electricity-maps,GB=carbon-intensity-uk",
        "--electricity-maps-token=secret",
        &format!("--electricity-maps-url={at}/"),
        &format!("--carbon-intensity-uk-url={at}"),
    ]);
    Sources::new(grid.unwrap(), limit).ask(&zone.parse::<Zone>().unwrap(), asked, NOW)
}

fn ask(stub: &Stub, zone: &str, asked: Asked) -> Result<Vec<GridIntensity>, CarbonError> {
    ask_within(stub, zone, asked, Duration::from_secs(5))
}

/// What comes of one answer to the question for the latest value.
fn latest(answer: Answer<'_>) -> Result<GridIntensity, CarbonError> {
    ask(&Stub::new(&[(LATEST, answer)]), "FR", Asked::Latest).map(|mut found| found.remove(0))
}

fn body(changes: &[(&str, &str)]) -> String {
    let body = r#"{"zone":"FR","carbonIntensity":43.5,"datetime":"2026-11-21T10:00:00.000Z","updatedAt":"x",
        "emissionFactorType":"lifecycle","isEstimated":false,"estimationMethod":null}"#;
    changes.iter().fold(body.to_owned(), |body, (from, to)| {
        assert!(body.contains(from), "{from}");
        body.replace(from, to)
    })
}

#[test]
fn electricity_maps_is_asked_with_its_token_and_without_guessing_the_place() {
    let stub = Stub::new(&[(&format!("{LATEST}?{QUERY}"), (200, "", &body(&[])))]);
    let found = ask(&stub, "FR", Asked::Latest).unwrap();
    assert_eq!(
        stub.heard("auth-token"),
        [(format!("GET {LATEST}?{QUERY} HTTP/1.1"), Some("secret".to_owned()))]
    );
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.intensity.grams_per_kwh(), found.quality), (43.5, GridQuality::Measured));
    assert_eq!((found.zone.as_str(), found.zone_name.as_str()), ("FR", "France"));
    assert_eq!((found.source.as_str(), found.factor_type.as_str()), ("Electricity Maps", "lifecycle"));
    assert_eq!(found.at, Some(datetime!(2026-11-21 10:00 UTC)));
    assert_eq!((found.span, found.year), (Some(Duration::from_secs(3600)), None));
}

#[test]
fn what_is_estimated_or_does_not_say_is_never_called_measured() {
    for changes in [
        [("\"isEstimated\":false", "\"isEstimated\":true")],
        [("\"isEstimated\":false,", "")],
        [("\"estimationMethod\":null", "\"estimationMethod\":\"TIME_SLICER_AVERAGE\"")],
    ] {
        assert_eq!(
            latest((200, "", &body(&changes))).unwrap().quality,
            GridQuality::Estimated,
            "{changes:?}"
        );
    }
}

#[test]
fn an_answer_for_another_zone_is_refused() {
    let foreign = latest((200, "", &body(&[("\"zone\":\"FR\"", "\"zone\":\"DE\"")]))).unwrap_err();
    assert_eq!(foreign, CarbonError::Foreign { asked: "FR".parse().unwrap(), answered: "DE".to_owned() });
    assert!(foreign.to_string().contains("asked for FR"), "{foreign}");
    let day = format!(r#"{{"zone":"FR","history":[{}]}}"#, body(&[("\"zone\":\"FR\"", "\"zone\":\"DE\"")]));
    let stub = Stub::new(&[("/v3/carbon-intensity/history", (200, "", &day))]);
    assert!(matches!(ask(&stub, "FR", Asked::Day), Err(CarbonError::Foreign { .. })));
}

#[test]
fn refusals_are_told_apart_by_what_is_to_be_done() {
    for (answer, expected) in [
        ((401, "", "{}"), CarbonError::Forbidden { status: 401 }),
        ((403, "", ""), CarbonError::Forbidden { status: 403 }),
        ((404, "", "{}"), CarbonError::Unknown { zone: "FR".parse().unwrap() }),
        ((429, "Retry-After: 90\r\n", ""), CarbonError::SlowDown { wait: Some(Duration::from_secs(90)) }),
        (
            (429, "Retry-After: Sat, 21 Nov 2026 10:30:00 GMT\r\n", ""),
            CarbonError::SlowDown { wait: Some(Duration::from_secs(600)) },
        ),
        ((429, "Retry-After: soon\r\n", ""), CarbonError::SlowDown { wait: None }),
        ((503, "", ""), CarbonError::Away("status 503".to_owned())),
    ] {
        let refused = latest(answer).unwrap_err();
        assert_eq!(refused, expected);
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }
}

#[test]
fn silence_and_an_empty_place_are_away_and_a_redirect_is_not_followed() {
    let silent = Stub::new(&[(LATEST, (0, "", ""))]);
    let late = ask_within(&silent, "FR", Asked::Latest, Duration::from_millis(100)).unwrap_err();
    assert!(matches!(late, CarbonError::Away(_)), "{late}");
    let moved = latest((302, "Location: http://127.0.0.1:1/\r\n", "")).unwrap_err();
    assert_eq!(moved, CarbonError::Nonsense("status 302".to_owned()));
}

#[test]
fn nonsense_is_refused_and_says_what_is_wrong() {
    let changed = |from, to| body(&[(from, to)]);
    for (text, named) in [
        ("<html>".to_owned(), "not JSON"),
        ("[]".to_owned(), "zone"),
        ("{}".to_owned(), "zone"),
        (changed("43.5", "-1"), "carbonIntensity"),
        (changed("43.5", "1e9"), "carbonIntensity"),
        (changed("43.5", "\"43\""), "carbonIntensity"),
        (changed("43.5", "null"), "carbonIntensity"),
        (changed("2026-11-21T10:00:00.000Z", "yesterday"), "datetime"),
        (changed("2026-11-21T10", "2026-11-22T10"), "future"),
        (changed("lifecycle", "direct"), "factors"),
    ] {
        let refused = latest((200, "", &text)).unwrap_err();
        assert!(matches!(refused, CarbonError::Nonsense(_)), "{text}: {refused}");
        assert!(refused.to_string().contains(named), "{text}: {refused}");
    }
    let none = Stub::new(&[("/v3/carbon-intensity/history", (200, "", r#"{"zone":"FR","data":[]}"#))]);
    assert!(ask(&none, "FR", Asked::Day).unwrap_err().to_string().contains("no list"));
}

#[test]
fn the_last_day_and_the_past_come_as_lists_and_an_hour_without_a_figure_is_a_gap() {
    let hour = |at: &str| body(&[("2026-11-21T10", at)]);
    let empty = body(&[("43.5", "null")]);
    let day = format!(
        r#"{{"zone":"FR","temporalGranularity":"15_minutes","history":[{},{},{empty}]}}"#,
        hour("2026-11-20T11"),
        hour("2026-11-21T09"),
    );
    let past = format!(r#"{{"zone":"FR","data":[{}]}}"#, hour("2026-11-18T02"));
    let stub = Stub::new(&[
        ("/v3/carbon-intensity/history", (200, "", &day)),
        ("/v3/carbon-intensity/past-range", (200, "", &past)),
    ]);
    let found = ask(&stub, "FR", Asked::Day).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].span, Some(Duration::from_secs(900)));
    let asked = Asked::Range(datetime!(2026-11-18 01:30 UTC), datetime!(2026-11-18 03:30 UTC));
    let found = ask(&stub, "FR", asked).unwrap();
    assert_eq!(found[0].at, Some(datetime!(2026-11-18 02:00 UTC)));
    assert!(found[0].is_back_filled());
    let (question, _) = stub.heard("auth-token").remove(1);
    assert!(question.contains("&start=2026-11-18T01:30:00Z&end=2026-11-18T03:30:00Z"), "{question}");
}

#[test]
fn the_source_of_great_britain_tells_measured_half_hours_from_forecast_ones() {
    let half_hour = |from: &str, figures: &str| {
        format!(r#"{{"from":"2026-11-21T{from}Z","to":"x","intensity":{figures}}}"#)
    };
    let day = format!(
        r#"{{"data":[{},{},{},{}]}}"#,
        half_hour("09:30", r#"{"forecast":150,"actual":144,"index":"low"}"#),
        half_hour("10:00", r#"{"forecast":151,"actual":null,"index":"low"}"#),
        half_hour("10:30", r#"{"forecast":152,"actual":null,"index":"low"}"#),
        half_hour("09:00", r#"{"forecast":null,"actual":null}"#),
    );
    let stub = Stub::new(&[("/intensity/2026-11-20T10:20Z/2026-11-21T10:20Z", (200, "", &day))]);
    let found = ask(&stub, "GB", Asked::Day).unwrap();
    let told: Vec<_> = found.iter().map(|each| (each.intensity.grams_per_kwh(), each.quality)).collect();
    assert_eq!(told, [(144.0, GridQuality::Measured), (151.0, GridQuality::Estimated)]);
    assert_eq!(found[0].factor_type, "operational");
    assert_eq!(found[0].span, Some(Duration::from_secs(1800)));
    for (answer, what) in [
        ((200, "", r#"{"data":[{"from":"now"}]}"#), "`from`"),
        ((200, "", r#"{"data":[{"from":"2026-11-21T10:00Z","intensity":{"actual":-4}}]}"#), "cannot be"),
        ((200, "", r#"{"error":{"code":"400"}}"#), "no list"),
    ] {
        let refused = ask(&Stub::new(&[("/intensity", answer)]), "GB", Asked::Latest).unwrap_err();
        assert!(refused.to_string().contains(what), "{refused}");
    }
}

#[test]
fn a_source_that_fails_is_left_alone_longer_and_longer_and_as_long_as_it_asks() {
    let seconds = |error: &CarbonError, failures| error.pause(failures).as_secs();
    let away = CarbonError::Away(String::new());
    assert_eq!(
        [0, 1, 2, 5, 6, 40].map(|failures| seconds(&away, failures)),
        [60, 120, 240, 1920, 3600, 3600]
    );
    let asked = |wait| CarbonError::SlowDown { wait: Some(Duration::from_secs(wait)) };
    assert_eq!(seconds(&asked(900), 0), 900);
    assert_eq!(seconds(&asked(1), 3), 480, "less than our own patience is not taken");
    assert_eq!(seconds(&asked(u64::MAX), 0), 86_400);
    assert_eq!(seconds(&CarbonError::Forbidden { status: 401 }, 0), 21_600);
}

#[test]
fn settings_that_could_never_work_are_refused() {
    for (arguments, named) in [
        (vec!["--grid=FR=electricity-maps"], "JOULEBOARD_ELECTRICITY_MAPS_TOKEN"),
        (vec!["--grid=FR=carbon-intensity-uk"], "only for the zone GB"),
        (vec!["--grid=FR=watttime"], "unknown source"),
        (vec!["--grid=electricity-maps"], "ZONE=SOURCE"),
        (vec!["--grid=fr=electricity-maps"], "capital letters"),
        (
            vec!["--electricity-maps-token=t", "--grid=GB=electricity-maps", "--grid=GB=carbon-intensity-uk"],
            "two sources for the zone GB",
        ),
    ] {
        let refused = settings(&arguments).unwrap_err();
        assert!(refused.contains(named), "{refused}");
    }
    let shown = format!("{:?}", settings(&["--electricity-maps-token=hush"]).unwrap());
    assert!(!shown.contains("hush"), "{shown}");
}
