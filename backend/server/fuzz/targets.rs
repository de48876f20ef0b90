//! What an operator's files say, as targets for fuzzing: each takes any bytes and must neither panic nor take long, nor
//! hold much more than the file is long. The same functions run under cargo-fuzz (`fuzz_targets`) and, over the kept
//! corpus and mutations of it, in `cargo test` (`src/fuzz.rs`).
//!
//! Must not: expect anything of its input.

use common::prompt::MAX_TEXT_CHARS;
use time::OffsetDateTime;

use crate::campaign::file::Campaign;
use crate::campaign::profile::MAX_PROFILE;
use crate::quality::file::{Allow, read};

/// A campaign; every file that it names holds one prompt.
pub fn campaign(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(campaign) = Campaign::parse(text, |_| Ok("[[prompts]]\ntext = \"2+2?\"".to_owned())) else {
        return;
    };
    assert!(campaign.prompts.len() <= MAX_PROFILE.max(bytes.len()), "{}", campaign.prompts.len());
    for prompt in &campaign.prompts {
        assert!(prompt.text.chars().count() <= MAX_TEXT_CHARS);
        assert!(prompt.decoding(campaign.decoding).max_output_tokens > 0);
    }
}

/// A file of results of an evaluation, of whichever generation.
pub fn scores(bytes: &[u8]) {
    for any in [false, true] {
        let allow = Allow { any_shots: any, any_requests: any };
        let Ok(results) = read("results.json", bytes, allow, OffsetDateTime::UNIX_EPOCH) else {
            continue;
        };
        assert!(!results.scores.is_empty());
        for score in &results.scores {
            assert!(score.score.is_finite() && score.standard_error.is_none_or(f64::is_finite), "{score:?}");
        }
    }
}
