//! The fuzzing targets over their kept corpus and over mutations of it: quick enough for every test run. A find of
//! cargo-fuzz becomes a file of the corpus.
//!
//! Must not: replace cargo-fuzz, which looks where code has not been yet.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Numbers at the edges of what types hold.
const EDGES: [&str; 12] = [
    "0",
    "-1",
    "-0.0",
    "1e10",
    "1e-320",
    "1.7976931348623157e308",
    "-1e308",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "null",
    "[]",
];

/// One change of a text.
#[derive(Debug, Clone)]
enum Edit {
    /// Another byte there.
    Byte(usize, u8),
    /// So many bytes fewer there.
    Cut(usize, usize),
    /// These bytes more there.
    Copy(usize, usize, usize),
    /// The n-th number becomes one at an edge.
    Number(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        1 => (any::<usize>(), 0..40_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        1 => (any::<usize>(), any::<usize>(), 0..40_usize).prop_map(|(to, from, length)| Edit::Copy(to, from, length)),
        4 => (any::<usize>(), 0..EDGES.len()).prop_map(|(nth, edge)| Edit::Number(nth, edge)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    if bytes.is_empty() {
        return;
    }
    let size = bytes.len();
    match *edit {
        Edit::Byte(at, byte) => bytes[at % size] = byte,
        Edit::Cut(at, length) => {
            let at = at % size;
            bytes.drain(at..(at + length).min(size));
        }
        Edit::Copy(to, from, length) => {
            let from = from % size;
            let piece = bytes[from..(from + length).min(size)].to_vec();
            let to = to % size;
            bytes.splice(to..to, piece);
        }
        Edit::Number(nth, edge) => {
            let is_part = |byte: &u8| byte.is_ascii_digit() || b".-+eE".contains(byte);
            let starts: Vec<usize> = (0..size)
                .filter(|&at| bytes[at].is_ascii_digit() && (at == 0 || !is_part(&bytes[at - 1])))
                .collect();
            let Some(&start) = starts.get(nth % starts.len().max(1)) else { return };
            let length = bytes[start..].iter().take_while(|byte| is_part(byte)).count();
            bytes.splice(start..start + length, EDGES[edge].bytes());
        }
    }
}

/// Runs a target over its corpus as it is, and over so many mutations of it, always the same.
fn torment(name: &str, target: fn(&[u8]), cases: u32) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let corpus: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(!corpus.is_empty(), "{} holds no file", folder.display());
    corpus.iter().for_each(|bytes| target(bytes));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mutated = (0..corpus.len(), prop::collection::vec(edit(), 1..6));
    let outcome = runner.run(&mutated, |(index, edits)| {
        let mut bytes = corpus[index].clone();
        edits.iter().for_each(|edit| apply(&mut bytes, edit));
        target(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|found| panic!("{name}: {found}"));
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
