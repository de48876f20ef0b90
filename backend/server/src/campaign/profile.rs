//! A Campaign that asks for lengths instead of prompts.
//!
//! Must not: hold more than can be asked; a short file could stand for any number of prompts of any length.

use std::num::NonZeroU32;

use common::prompt::MAX_TEXT_CHARS;
use serde::Deserialize;

use super::file::Question;

/// Most prompts that a profile may stand for: its lengths are multiplied.
pub(crate) const MAX_PROFILE: usize = 1000;

/// A grid of lengths to which times and energies are fitted: each prompt is the passage, over and over, cut to so many
/// words, and each is answered with exactly so many tokens, whatever the model would say.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    passage: String,
    prompt_words: Vec<NonZeroU32>,
    output_tokens: Vec<NonZeroU32>,
}

impl Profile {
    /// Its prompts, unless they were too many or too long to be held.
    pub(super) fn questions(&self) -> Result<Vec<Question>, String> {
        let cells = self.prompt_words.len().saturating_mul(self.output_tokens.len());
        if cells > MAX_PROFILE {
            return Err(format!("has a [profile] of {cells} prompts: use {MAX_PROFILE} at most"));
        }
        let words: Vec<&str> = self.passage.split_whitespace().collect();
        let text = |count: &NonZeroU32| {
            let mut text = String::new();
            for word in words.iter().cycle().take(usize::try_from(count.get()).unwrap_or(usize::MAX)) {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(word);
                // No character takes more bytes.
                if text.len() > 4 * MAX_TEXT_CHARS {
                    return Err(format!(
                        "has a [profile] whose prompt of {count} words is longer than {MAX_TEXT_CHARS} characters"
                    ));
                }
            }
            Ok(text)
        };
        let texts = self.prompt_words.iter().map(text).collect::<Result<Vec<String>, String>>()?;
        let cells =
            texts.iter().flat_map(|text| self.output_tokens.iter().map(move |&forced| (text, forced)));
        Ok(cells
            .map(|(text, forced)| Question {
                text: text.clone(),
                kind: None,
                expected: None,
                max_output_tokens: Some(forced.get()),
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_stands_for_more_than_can_be_asked_is_refused_before_it_is_made() {
        let profile = |words: &str, tokens: &str| {
            let text = format!("passage = 'one two'\nprompt_words = {words}\noutput_tokens = {tokens}");
            toml::from_str::<Profile>(&text).unwrap().questions().map(|questions| questions.len())
        };
        assert_eq!(profile("[1, 3]", "[1, 2]"), Ok(4));
        assert!(profile("[4294967295]", "[1]").unwrap_err().contains("4294967295 words"));
        let many = format!("[{}]", ["1"; 40].join(","));
        assert!(profile(&many, &many).unwrap_err().contains("1600 prompts"));
    }
}
