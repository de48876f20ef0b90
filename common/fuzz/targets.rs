//! What comes from outside and is computed on, as targets for fuzzing: each takes any bytes and must neither panic nor
//! take long. The same functions run under cargo-fuzz (`fuzz_targets`) and, over the kept corpus and mutations of it, in
//! `cargo test` (`tests/fuzz.rs`).
//!
//! Must not: expect anything of its input.

use common::api::leases::SendReport;
use common::formula::Formula;
use common::leaderboard::RunFigures;
use common::lease::{LeasedPrompt, Report};
use common::machine::Announcement;
use common::needs::Needs;
use common::parts::PartEnergy;
use common::prompt::{Decoding, Kind, Task};
use common::summary::Summary;

/// A worker's report: read, checked, and all figures made of what passes, power traces among them.
pub(crate) fn report(bytes: &[u8]) {
    let Ok(sent) = serde_json::from_slice::<SendReport>(bytes) else { return };
    let Report::Measured { facts } = &sent.report else { return };
    if facts.check().is_err() {
        return;
    }
    let prompt = LeasedPrompt {
        text: "2+2?".to_owned(),
        task: Task::Plain,
        conversation: Default::default(),
        decoding: Decoding::default(),
        kind: Some(Kind::Math),
        expected: Some("4".to_owned()),
    };
    let summary = Summary::of(facts, &prompt);
    let figures = RunFigures::of(facts, prompt.kind, prompt.expected.as_deref());
    assert_eq!(summary.label, figures.label);
    let _ = PartEnergy::of(facts, |_| true);
    for repetition in &facts.repetitions {
        for reading in &repetition.readings {
            let _ = reading.body_energy(repetition.window, facts.baseline(reading.domain));
        }
    }
}

/// What a worker says of its machine.
pub(crate) fn announcement(bytes: &[u8]) {
    let Ok(said) = serde_json::from_slice::<Announcement>(bytes) else { return };
    let needs = Needs { accelerator: true, measured: true, memory_bytes: u64::MAX };
    let _ = (said.hardware.compute(), needs.are_met_by(&said));
    let text = serde_json::to_string(&said).unwrap_or_default();
    assert!(serde_json::from_str::<Announcement>(&text).is_ok(), "{text}");
}

/// A column that a visitor wrote.
pub(crate) fn formula(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(formula) = Formula::parse(text, &|name| name.len() < 40) else { return };
    for value in [None, Some(0.0), Some(-1.5), Some(f64::MAX)] {
        let found = formula.value(&|_| value);
        assert!(found.is_none_or(f64::is_finite), "{text}: {found:?}");
    }
}
