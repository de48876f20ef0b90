//! A target over its kept corpus and over mutations of it, always the same ones: quick enough for every test run. A find
//! of cargo-fuzz becomes a file of the corpus. Shared by the crates that have targets.
//!
//! Must not: replace cargo-fuzz, which looks where code has not been yet.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What numbers become: those at the edges of what types hold, and what is no number.
const EDGES: [&[u8]; 12] = [
    b"0",
    b"-1",
    b"-0.0",
    b"1e10",
    b"1e-320",
    b"1.7976931348623157e308",
    b"-1e308",
    b"4294967295",
    b"4294967296",
    b"18446744073709551615",
    b"null",
    b"[]",
];

/// Numbers that look like chance and are the same each time (an xorshift generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.0 % end).unwrap_or(0)
    }
}

/// Another byte, fewer bytes, some bytes twice, or, mostly, a number at an edge.
fn edit(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let size = bytes.len();
    if size == 0 {
        return;
    }
    let at = dice.below(size);
    match dice.below(7) {
        0 => bytes[at] = u8::try_from(dice.below(256)).unwrap_or(0),
        1 => {
            let end = (at + dice.below(40)).min(size);
            bytes.drain(at..end);
        }
        2 => {
            let from = dice.below(size);
            let piece = bytes[from..(from + dice.below(40)).min(size)].to_vec();
            bytes.splice(at..at, piece);
        }
        _ => {
            let is_part = |byte: &u8| byte.is_ascii_digit() || b".-+eE".contains(byte);
            let starts: Vec<usize> = (0..size)
                .filter(|&at| bytes[at].is_ascii_digit() && (at == 0 || !is_part(&bytes[at - 1])))
                .collect();
            let Some(&start) = starts.get(dice.below(starts.len())) else { return };
            let length = bytes[start..].iter().take_while(|byte| is_part(byte)).count();
            bytes.splice(start..start + length, EDGES[dice.below(EDGES.len())].iter().copied());
        }
    }
}

/// Runs a target over each file of the corpus as it is, then over so many mutations of them.
///
/// # Panics
/// Where the target does; the bytes are printed, to be kept as a file of the corpus.
pub(crate) fn torment(corpus: &Path, target: fn(&[u8]), cases: u32) {
    let mut files: Vec<_> = fs::read_dir(corpus)
        .unwrap_or_else(|error| panic!("{}: {error}", corpus.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let kept: Vec<Vec<u8>> = files.iter().filter_map(|file| fs::read(file).ok()).collect();
    assert!(!kept.is_empty(), "{} holds no file", corpus.display());
    for (bytes, file) in kept.iter().zip(&files) {
        try_one(target, bytes, &file.display().to_string());
    }
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for case in 0..cases {
        let mut bytes = kept[dice.below(kept.len())].clone();
        for _ in 0..=dice.below(5) {
            edit(&mut bytes, &mut dice);
        }
        try_one(target, &bytes, &format!("mutation {case}"));
    }
}

fn try_one(target: fn(&[u8]), bytes: &[u8], name: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(bytes))) {
        let said = panic.downcast_ref::<String>().map_or("no words", String::as_str);
        panic!("{name} ({said}): {}", bytes.escape_ascii());
    }
}
