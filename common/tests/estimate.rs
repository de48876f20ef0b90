//! The formula of EcoLogits here says what its own package says, for models, lengths and batches of every size. The
//! fixture and the script that makes it lie in `tests/fixtures`.

use common::estimate;
use serde::Deserialize;

const JOULES_PER_KWH: f64 = 3.6e6;

#[derive(Deserialize)]
struct Fixture {
    package: String,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    parameters: f64,
    active_parameters: f64,
    output_tokens: f64,
    batch: f64,
    boards: u32,
    gpus_kwh: f64,
    server_kwh: f64,
    request_kwh: f64,
}

#[test]
fn the_formula_says_what_the_package_says_to_nine_digits() {
    let fixture: Fixture = serde_json::from_str(include_str!("fixtures/ecologits.json")).unwrap();
    assert_eq!(fixture.package, format!("ecologits {}", estimate::ECOLOGITS));
    assert!(fixture.answers.len() > 80);
    for answer in fixture.answers {
        let of = format!("{} parameters, batch {}", answer.parameters, answer.batch);
        assert_eq!(estimate::boards(answer.parameters), answer.boards, "{of}");
        let said = estimate::per_output_token(answer.parameters, answer.active_parameters, answer.batch);
        let whole = said.accelerators + said.server;
        for (ours, kwh) in [
            (said.accelerators, answer.gpus_kwh),
            (said.server, answer.server_kwh),
            (whole, answer.request_kwh),
        ] {
            let (ours, theirs) = (ours.joules() * answer.output_tokens, kwh * JOULES_PER_KWH);
            assert!((ours / theirs - 1.0).abs() < 1e-9, "{of}: {ours} is not {theirs}");
        }
    }
}
