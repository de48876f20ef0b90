//! Every kind against a stub that answers as such a meter does, late, wrongly or not at all.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use clap::Parser;

use super::*;
use crate::stub::{Answer, Stub};

const LIMIT: Duration = Duration::from_secs(2);

/// A meter over HTTP; a reply is a status and a body.
fn stub(replies: &[(&str, u16, &str)]) -> Stub {
    let challenge =
        "WWW-Authenticate: Digest qop=\"auth\", realm=\"shelly\", nonce=\"1\", algorithm=SHA-256\r\n";
    let answers: Vec<(&str, Answer<'_>)> = replies
        .iter()
        .map(|&(path, status, body)| (path, (status, if status == 401 { challenge } else { "" }, body)))
        .collect();
    Stub::new(&answers)
}

/// The `Authorization` of each question, empty where there was none.
fn entries(meter: &Stub) -> Vec<String> {
    meter.heard("authorization").into_iter().map(|(_, entry)| entry.unwrap_or_default()).collect()
}

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    kind: Kind,
}

/// A kind as the operator types it.
fn kind(line: &str) -> Kind {
    Line::try_parse_from(std::iter::once("x").chain(line.split(' '))).unwrap().kind
}

fn look(kind: &str, limit: Duration) -> Result<(Option<f64>, Option<f64>), WallError> {
    self::kind(kind).look(limit).map(|look| {
        (
            look.power.map(|power| (power.watts() * 1e3).round() / 1e3),
            look.energy.map(|energy| energy.joules().round()),
        )
    })
}

const SWITCH: &str = r#"{"id":0,"output":true,"apower":83.2,"voltage":231.1,"aenergy":{"total":1000.083,"by_minute":[1.2,1.3,1.1],"minute_ts":1}}"#;
const TASMOTA: &str = r#"{"StatusSNS":{"Time":"x","ENERGY":{"Total":12.345,"Power":84,"Voltage":230}}}"#;

#[test]
fn a_shelly_says_watts_and_watt_hours_with_and_without_digest() {
    let meter = stub(&[
        ("/rpc/Switch.GetStatus?id=0", 200, SWITCH),
        ("/rpc/PM1.GetStatus?id=1", 401, SWITCH),
        ("/rpc/EM.GetStatus?id=0", 200, r#"{"id":0,"a_act_power":30,"total_act_power":90.5}"#),
    ]);
    let at = &meter.address;
    assert_eq!(look(&format!("shelly {at}"), LIMIT), Ok((Some(83.2), Some(3_600_299.0))));
    assert_eq!(look(&format!("shelly {at} --component em"), LIMIT), Ok((Some(90.5), None)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "secret\n").unwrap();
    let entered =
        format!("shelly {at} --component pm1 --id 1 --user admin --password-file {}", file.display());
    assert_eq!(look(&entered, LIMIT).unwrap().0, Some(83.2));
    let entries = entries(&meter);
    assert!(entries[3].starts_with("Digest username=\"admin\""), "{entries:?}");
    let refused = look(&format!("shelly {at} --component pm1 --id 1"), LIMIT).unwrap_err();
    assert!(matches!(refused, WallError::Forbidden { .. }), "{refused}");
    std::fs::remove_file(file).unwrap();
    let lost = look(&entered, LIMIT).unwrap_err();
    assert!(lost.to_string().contains("password file"), "{lost}");
}

#[test]
fn a_tasmota_plug_says_watts_and_kilowatt_hours_of_the_socket_that_is_meant() {
    let path = "/cm?cmnd=Status%2010";
    let one = stub(&[(path, 200, TASMOTA)]).address;
    assert_eq!(look(&format!("tasmota {one}"), LIMIT), Ok((Some(84.0), Some(44_442_000.0))));
    let two = stub(&[(path, 200, &TASMOTA.replace("84", "[10,84]").replace("12.345", "[1,2]"))]).address;
    assert_eq!(look(&format!("tasmota {two} --channel 1"), LIMIT), Ok((Some(84.0), Some(7_200_000.0))));
    assert!(look(&format!("tasmota {two}"), LIMIT).unwrap_err().to_string().contains("--channel"));
    let none = stub(&[(path, 200, r#"{"StatusSNS":{"Time":"x"}}"#)]).address;
    assert!(look(&format!("tasmota {none}"), LIMIT).unwrap_err().to_string().contains("measures no power"));
    let closed = stub(&[(path, 200, r#"{"WARNING":"Need user=<username>&password=<password>"}"#)]).address;
    assert!(matches!(look(&format!("tasmota {closed}"), LIMIT), Err(WallError::Forbidden { .. })));
}

#[test]
fn redfish_sums_the_ac_input_of_all_supplies_and_never_their_output() {
    let supplies = "/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies";
    let list = format!(r#"{{"Members":[{{"@odata.id":"{supplies}/a"}},{{"@odata.id":"{supplies}/b"}}]}}"#);
    let metrics =
        |watts: &str| format!(r#"{{"InputPowerWatts":{watts},"OutputPowerWatts":{{"Reading":90}}}}"#);
    let (a, b) = (format!("{supplies}/a/Metrics"), format!("{supplies}/b/Metrics"));
    let (some, none, nothing) =
        (metrics(r#"{"Reading":120.5}"#), metrics(r#"{"Reading":0}"#), metrics("null"));
    let both =
        [(supplies, 200, list.as_str()), (a.as_str(), 200, some.as_str()), (b.as_str(), 200, none.as_str())];
    let bmc = stub(&both);
    assert_eq!(look(&format!("redfish {}", bmc.address), LIMIT), Ok((Some(120.5), None)));
    let silent = [both[0], both[1], (b.as_str(), 200, nothing.as_str())];
    let failed = look(&format!("redfish {}", stub(&silent).address), LIMIT).unwrap_err();
    assert!(failed.to_string().contains("InputPowerWatts"), "{failed}");
}

#[test]
fn redfish_reads_the_chassis_and_the_older_interface_where_told_and_shows_its_password_there_only() {
    let bmc = stub(&[
        (
            "/redfish/v1/Chassis/c0/EnvironmentMetrics",
            200,
            r#"{"PowerWatts":{"Reading":241},"EnergykWh":{"Reading":2.5}}"#,
        ),
        ("/redfish/v1/Chassis/1/Power", 200, r#"{"PowerControl":[{"PowerConsumedWatts":233}]}"#),
    ]);
    let at = &bmc.address;
    let environment = format!("redfish {at} --chassis c0 --source environment");
    assert_eq!(look(&environment, LIMIT), Ok((Some(241.0), Some(9_000_000.0))));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "foobar").unwrap();
    let older = format!("redfish {at} --source power --user root --password-file {}", file.display());
    assert_eq!(look(&older, LIMIT), Ok((Some(233.0), None)));
    assert_eq!(entries(&bmc).last().unwrap(), "Basic cm9vdDpmb29iYXI=");
    let stored = serde_json::to_string(&kind(&older)).unwrap();
    assert!(!stored.contains("foobar") && stored.contains("password_file"), "{stored}");
    assert_eq!(serde_json::from_str::<Kind>(&stored).unwrap(), kind(&older));
}

#[test]
fn any_json_is_read_by_place_and_unit_and_a_wrong_place_is_named() {
    let meter = stub(&[("/m.json", 200, r#"{"meters":[{"p":"83200","e":2.5}]}"#)]);
    let at = format!("json {}/m.json", meter.address);
    assert_eq!(look(&format!("{at} --power /meters/0/p --power-unit mW"), LIMIT), Ok((Some(83.2), None)));
    assert_eq!(
        look(&format!("{at} --energy /meters/0/e --energy-unit kWh"), LIMIT),
        Ok((None, Some(9_000_000.0)))
    );
    let lost = look(&format!("{at} --power /meters/1/p"), LIMIT).unwrap_err();
    assert!(lost.to_string().contains("/meters/1/p"), "{lost}");
    assert!(Line::try_parse_from(["x", "json", "http://x"]).is_err(), "one of both places is needed");
}

#[test]
fn a_wrong_address_silence_and_nonsense_are_told_apart_by_every_kind_over_http() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let paths = [
        ("shelly", "/rpc/Switch.GetStatus?id=0", ""),
        ("tasmota", "/cm?cmnd=Status%2010", ""),
        ("redfish", "/redfish/v1/Chassis/1/Power", " --source power"),
        ("json", "/", " --power /p"),
    ];
    for (name, path, more) in paths {
        let of = |address: &str, limit| look(&format!("{name} {address}{more}"), limit).unwrap_err();
        let away = of(&format!("http://{free}"), LIMIT);
        assert!(matches!(away, WallError::Unreachable { .. }), "{name}: {away}");
        let nowhere = of("http://no-such-host.invalid", LIMIT);
        assert!(
            matches!(nowhere, WallError::Unreachable { .. } | WallError::Late { .. }),
            "{name}: {nowhere}"
        );
        let silent = of(&stub(&[(path, 0, "")]).address, Duration::from_millis(100));
        assert!(matches!(silent, WallError::Late { .. }), "{name}: {silent}");
        for (status, body) in [(200, "<html>"), (200, "{}"), (200, "[1]"), (500, "{}"), (404, "")] {
            let wrong = of(&stub(&[(path, status, body)]).address, LIMIT);
            assert!(matches!(wrong, WallError::Nonsense { .. }), "{name} {status} {body}: {wrong}");
        }
    }
    let negative = stub(&[("/rpc/Switch.GetStatus?id=0", 200, &SWITCH.replace("83.2", "-83.2"))]);
    assert!(
        look(&format!("shelly {}", negative.address), LIMIT).unwrap_err().to_string().contains("below zero")
    );
}

#[test]
fn ipmitool_is_run_with_a_password_file_and_its_complaints_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("ipmitool");
    let fake = |script: &str| {
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let line = format!("ipmi bmc-1 --user root --password-file /etc/pw --program {}", program.display());
        look(&line, Duration::from_millis(800))
    };
    let said = ipmi::tests::SAID;
    let asked = r#"[ "$*" = "-I lanplus -H bmc-1 -U root -f /etc/pw dcmi power reading" ] || exit 9"#;
    assert_eq!(fake(&format!("{asked}\ncat <<'END'\n{said}END")), Ok((Some(237.0), None)));
    let refused = fake("echo 'Error: RAKP 2 HMAC is invalid: Invalid user name' >&2; exit 1").unwrap_err();
    assert!(matches!(refused, WallError::Forbidden { .. }), "{refused}");
    let away = fake("echo 'Error: Unable to establish IPMI v2 / RMCP+ session' >&2; exit 1").unwrap_err();
    assert!(matches!(away, WallError::Unreachable { .. }), "{away}");
    let without = fake("echo 'DCMI request failed because: Invalid command (c1)' >&2; exit 1").unwrap_err();
    assert!(matches!(without, WallError::Nonsense { .. }), "{without}");
    assert!(matches!(fake("exec sleep 5"), Err(WallError::Late { .. })));
    assert!(matches!(fake("echo hello"), Err(WallError::Nonsense { .. })));
    let missing = look("ipmi bmc-1 --program /nonexistent/ipmitool", LIMIT).unwrap_err();
    assert!(missing.to_string().contains("install ipmitool"), "{missing}");
}

#[test]
fn what_is_known_of_a_meter_is_said_and_the_operator_knows_better() {
    let shelly = kind("shelly 192.0.2.7");
    let found = Look { power: Some(Power::from_watts(1.0)), energy: Some(Energy::ZERO) };
    let card = shelly.card(found, &Known::default());
    assert_eq!(card.card.resolution.unwrap().joules(), 3.6);
    assert_eq!((card.card.method, card.card.label), (Method::Counter, Label::Measured));
    assert!((card.card.gain_uncertainty - 0.03 / 3.0_f64.sqrt()).abs() < 1e-12);
    let known = Known { period: Some(Duration::from_millis(500)), class: Some(0.01), is_simulated: true };
    let card = shelly.card(Look { energy: None, ..found }, &known);
    assert_eq!(
        (card.card.method, card.card.label, card.card.resolution),
        (Method::Trace, Label::Simulated, None)
    );
    assert_eq!(card.period(), Duration::from_millis(500));
}
