//! The fuzzing targets over their kept corpus and over mutations of it.
//!
//! Must not: hold a target; `fuzz/targets.rs` does.

#[expect(
    unreachable_pub,
    reason = "the same file is a room of cargo-fuzz's crate, and is called from outside there"
)]
#[path = "../fuzz/targets.rs"]
mod targets;
#[path = "../../../common/fuzz/torment.rs"]
mod torment;

use std::path::Path;

fn torment(name: &str, target: fn(&[u8]), cases: u32) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    torment::torment(&corpus, target, cases);
}

#[test]
fn a_configuration_of_any_bytes_breaks_nothing() {
    torment("config", targets::config, 6_000);
}

#[test]
fn weights_of_any_bytes_break_nothing() {
    torment("weights", targets::weights, 4_000);
}

#[test]
fn an_index_of_any_bytes_breaks_nothing() {
    torment("index", targets::index, 4_000);
}

#[test]
fn a_tokenizer_of_any_bytes_breaks_nothing() {
    torment("tokenizer", targets::tokenizer, 3_000);
}

#[test]
fn a_chat_template_of_any_bytes_breaks_nothing() {
    torment("template", targets::template, 2_000);
}
