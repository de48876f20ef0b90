//! The fuzzing targets over their kept corpus and over mutations of it.
//!
//! Must not: hold a target; `fuzz/targets.rs` does.

#[path = "../fuzz/targets.rs"]
mod targets;
#[path = "../fuzz/torment.rs"]
mod torment;

use std::path::Path;

fn torment(name: &str, target: fn(&[u8]), cases: u32) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    torment::torment(&corpus, target, cases);
}

#[test]
fn a_report_of_any_bytes_breaks_nothing() {
    torment("report", targets::report, 4_000);
}

#[test]
fn an_announcement_of_any_bytes_breaks_nothing() {
    torment("announcement", targets::announcement, 4_000);
}

#[test]
fn a_formula_of_any_bytes_breaks_nothing() {
    torment("formula", targets::formula, 20_000);
}
