//! A Campaign as it is written: TOML that anyone can add.
//!
//! Must not: accept a key it does not know (a slip of the pen would be silently left out), or a prompt that the page
//! would refuse.

use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use common::cost::Price;
use common::needs::Needs;
use common::prompt::{Decoding, Kind, MAX_OUTPUT_TOKENS, MAX_TEXT_CHARS, Origin, Task};
use serde::Deserialize;

use super::profile::Profile;

/// Most Repetitions of one Run.
const MAX_REPETITIONS: u32 = 100;
/// Most sequences at once that a file may ask for.
const MAX_BATCH: u32 = 1024;

/// What a Campaign asks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Campaign {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) models: Choice,
    pub(super) tasks: Vec<Task>,
    pub(super) repetitions: u32,
    pub(super) batch_sizes: Vec<NonZeroU32>,
    pub(super) order_seed: u32,
    pub(crate) decoding: Decoding,
    pub(super) needs: Needs,
    pub(crate) prompts: Vec<Question>,
    pub(super) stop: Option<Stop>,
    pub(super) price: Option<Price>,
}

/// When the rest of a Model, Task and Kind need not be asked any more.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stop {
    /// Half-width of the 95 % interval of the mean energy per response, as a share of the mean.
    pub(super) relative_half_width: f64,
    /// But not before so many Runs.
    pub(super) min_runs: u64,
}

/// Which Models are asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Choice {
    /// All on offer.
    All,
    /// Those with these names or ids.
    Named(Vec<String>),
}

/// What is asked once.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(super) kind: Option<Kind>,
    pub(super) expected: Option<String>,
    /// Another limit than the Campaign's: the same question at several lengths tells prefill from decode. Such a Campaign
    /// stands in no ranking of answers.
    pub(super) max_output_tokens: Option<u32>,
}

impl Question {
    /// How its answer is decoded.
    pub(crate) fn decoding(&self, decoding: Decoding) -> Decoding {
        let max_output_tokens = self.max_output_tokens.unwrap_or(decoding.max_output_tokens);
        Decoding { max_output_tokens, ..decoding }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default)]
    about: String,
    models: WrittenModels,
    #[serde(default = "plain")]
    tasks: Vec<Task>,
    #[serde(default = "one")]
    repetitions: u32,
    /// How many sequences are computed at once; each prompt is asked in each.
    #[serde(default = "single")]
    batch_sizes: Vec<NonZeroU32>,
    #[serde(default)]
    order_seed: u32,
    #[serde(default)]
    decoding: WrittenDecoding,
    /// On which kind of machine.
    #[serde(default)]
    needs: Needs,
    #[serde(default)]
    prompts: Vec<Question>,
    /// More prompts, in files beside this one.
    #[serde(default)]
    prompt_files: Vec<PathBuf>,
    stop: Option<Stop>,
    price: Option<Price>,
    /// Lengths instead of prompts.
    profile: Option<Profile>,
}

/// A file of prompts alone, such as an operator's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PromptFile {
    prompts: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenModels {
    One(String),
    Some(Vec<String>),
}

/// Every key may be left out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDecoding {
    max_output_tokens: Option<u32>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    seed: Option<u32>,
}

fn plain() -> Vec<Task> {
    vec![Task::Plain]
}

const fn one() -> u32 {
    1
}

fn single() -> Vec<NonZeroU32> {
    vec![NonZeroU32::MIN]
}

impl Campaign {
    /// Parses a file; `read` gives the text of the prompt files that it names. The error continues the sentence "the
    /// campaign FILE …".
    pub(crate) fn parse(text: &str, read: impl Fn(&Path) -> io::Result<String>) -> Result<Self, String> {
        let mut written: Written =
            toml::from_str(text).map_err(|error| format!("cannot be read: {error}"))?;
        for path in &written.prompt_files {
            let named = |error: &dyn fmt::Display| format!("names {}, which {error}", path.display());
            let text = read(path).map_err(|error| named(&format!("cannot be opened: {error}")))?;
            let file: PromptFile =
                toml::from_str(&text).map_err(|error| named(&format!("cannot be read: {error}")))?;
            written.prompts.extend(file.prompts);
        }
        if let Some(profile) = &written.profile {
            if !written.prompts.is_empty() || written.decoding.max_output_tokens.is_some() {
                return Err(
                    "has a [profile], which gives all prompts and lengths: leave out [[prompts]] and \
                            max_output_tokens"
                        .to_owned(),
                );
            }
            written.prompts = profile.questions()?;
        }
        let fallback = Decoding::default();
        let decoding = Decoding {
            max_output_tokens: written.decoding.max_output_tokens.unwrap_or(fallback.max_output_tokens),
            temperature: written.decoding.temperature.unwrap_or(fallback.temperature),
            top_p: written.decoding.top_p.unwrap_or(fallback.top_p),
            seed: written.decoding.seed.unwrap_or(fallback.seed),
            forced_length: written.profile.is_some(),
        };
        let campaign = Self {
            name: written.name,
            about: written.about,
            models: match written.models {
                WrittenModels::One(word) if word == "all" => Choice::All,
                WrittenModels::One(name) => Choice::Named(vec![name]),
                WrittenModels::Some(names) => Choice::Named(names),
            },
            tasks: written.tasks,
            repetitions: written.repetitions,
            batch_sizes: written.batch_sizes,
            order_seed: written.order_seed,
            decoding,
            needs: written.needs,
            prompts: written.prompts,
            stop: written.stop,
            price: written.price,
        };
        campaign.check()?;
        Ok(campaign)
    }

    /// Who asks its prompts. Where they have lengths of their own, forced or capped, it is for times and energies by length:
    /// answers of one token and of hundreds have no mean that a ranking could show.
    pub(super) fn origin(&self) -> Origin {
        let has_lengths = self.prompts.iter().any(|prompt| prompt.max_output_tokens.is_some());
        if has_lengths { Origin::Profile } else { Origin::Campaign }
    }

    fn check(&self) -> Result<(), String> {
        let decoding = &self.decoding;
        if self.name.trim().is_empty() {
            return Err("has no name".to_owned());
        }
        if self.tasks.is_empty() || self.prompts.is_empty() {
            return Err("asks nothing: it needs at least one task and one [[prompts]]".to_owned());
        }
        if self.stop.is_some_and(|stop| !(stop.relative_half_width > 0.0 && stop.min_runs >= 2)) {
            return Err(
                "has a [stop] out of range: relative_half_width above 0, min_runs at least 2".to_owned()
            );
        }
        if self.price.as_ref().is_some_and(|price| !(price.per_kwh >= 0.0 && price.per_kwh.is_finite())) {
            return Err("has a [price] out of range: per_kwh must be 0 or more".to_owned());
        }
        if !(1..=MAX_REPETITIONS).contains(&self.repetitions) {
            return Err(format!("has {} repetitions: use 1 to {MAX_REPETITIONS}", self.repetitions));
        }
        let mut batches: Vec<u32> = self.batch_sizes.iter().map(|batch| batch.get()).collect();
        batches.sort_unstable();
        batches.dedup();
        if batches.len() != self.batch_sizes.len() || batches.last().is_none_or(|&most| most > MAX_BATCH) {
            return Err(format!("has batch_sizes out of range: use each of 1 to {MAX_BATCH} once at most"));
        }
        let is_in_range = (1..=MAX_OUTPUT_TOKENS).contains(&decoding.max_output_tokens)
            && (0.0..=2.0).contains(&decoding.temperature)
            && decoding.top_p > 0.0
            && decoding.top_p <= 1.0;
        if !is_in_range {
            return Err(format!(
                "has a [decoding] out of range: max_output_tokens 1 to {MAX_OUTPUT_TOKENS}, temperature 0 to 2, \
                 top_p above 0 and at most 1"
            ));
        }
        for (index, prompt) in self.prompts.iter().enumerate() {
            let chars = prompt.text.chars().count();
            if prompt.text.trim().is_empty() || prompt.text.contains('\0') || chars > MAX_TEXT_CHARS {
                return Err(format!(
                    "has a prompt (number {}) that is empty, holds a NUL or is longer than {MAX_TEXT_CHARS} characters",
                    index + 1
                ));
            }
            if prompt.max_output_tokens.is_some_and(|limit| !(1..=MAX_OUTPUT_TOKENS).contains(&limit)) {
                return Err(format!(
                    "limits the answer to prompt number {} to what is not 1 to {MAX_OUTPUT_TOKENS} tokens",
                    index + 1
                ));
            }
            if prompt.expected.is_some() && prompt.kind.is_none() {
                return Err(format!(
                    "expects an answer to prompt number {} but does not say its kind, by whose rule it is judged",
                    index + 1
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "opening"
        about = "So that no view is empty."
        models = "all"
        tasks = ["plain", "chat-concise"]
        repetitions = 3
        [decoding]
        max_output_tokens = 48
        [[prompts]]
        kind = "math"
        text = "What is 12 plus 30?"
        expected = "42"
    "#;

    fn parse(text: &str) -> Result<Campaign, String> {
        Campaign::parse(text, |path| Err(io::Error::other(format!("{} is not there", path.display()))))
    }

    #[test]
    fn a_file_is_read_and_what_it_leaves_out_has_its_default() {
        let campaign = parse(GOOD).unwrap();
        assert_eq!(campaign.models, Choice::All);
        assert_eq!(campaign.tasks, [Task::Plain, Task::ChatConcise]);
        assert_eq!(campaign.decoding, Decoding { max_output_tokens: 48, ..Decoding::default() });
        assert_eq!(campaign.prompts[0].expected.as_deref(), Some("42"));
        assert_eq!((campaign.stop, campaign.price), (None, None));
        assert_eq!(campaign.batch_sizes, [NonZeroU32::MIN]);
    }

    #[test]
    fn a_slip_of_the_pen_is_refused_rather_than_left_out() {
        for (good, bad) in [
            ("repetitions = 3", "repetition = 3"),
            ("repetitions = 3", "repetitions = 0"),
            ("repetitions = 3", "batch_sizes = []"),
            ("repetitions = 3", "batch_sizes = [0]"),
            ("repetitions = 3", "batch_sizes = [4, 4]"),
            ("repetitions = 3", "batch_sizes = [2000]"),
            ("repetitions = 3", "prompt_files = [\"missing.toml\"]"),
            ("repetitions = 3", "stop = { relative_half_width = 0.0, min_runs = 9 }"),
            ("repetitions = 3", "price = { per_kwh = -1.0, currency = \"EUR\" }"),
            ("max_output_tokens = 48", "max_tokens = 48"),
            ("max_output_tokens = 48", "max_output_tokens = 9999"),
            ("kind = \"math\"", "kind = \"maths\""),
            ("kind = \"math\"", ""),
            ("expected = \"42\"", "expected = \"42\"\nmax_output_tokens = 0"),
            ("What is 12 plus 30?", " "),
            ("What is 12 plus 30?", "What is \\u0000?"),
            ("repetitions = 3", "profile = { passage = \"a\", prompt_words = [1], output_tokens = [1] }"),
        ] {
            assert!(parse(&GOOD.replace(good, bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_campaigns_of_the_house_can_be_read_and_ask_fifty_questions_of_each_kind() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns");
        let read = |path: &Path| std::fs::read_to_string(folder.join(path));
        let campaign = Campaign::parse(&read(Path::new("chat-tasks.toml")).unwrap(), read).unwrap();
        assert_eq!(campaign.tasks, Task::WORDED[1..]);
        for kind in Kind::ALL {
            let texts: std::collections::BTreeSet<&str> =
                campaign.prompts.iter().filter(|p| p.kind == Some(kind)).map(|p| p.text.as_str()).collect();
            assert_eq!(texts.len(), 50, "{kind}");
        }
        assert_eq!(campaign.origin(), Origin::Campaign);
        let opening = Campaign::parse(&read(Path::new("opening.toml")).unwrap(), read).unwrap();
        assert_eq!(opening.origin(), Origin::Campaign);
        let phases = Campaign::parse(&read(Path::new("phases.toml")).unwrap(), read).unwrap();
        let limit = |question: &Question| question.decoding(phases.decoding).max_output_tokens;
        let of = |text: &str| phases.prompts.iter().filter(|p| p.text == text).map(limit).collect::<Vec<_>>();
        assert_eq!(of(&phases.prompts[0].text), [1, 16, 64, 128, 256], "one question at every length");
        assert_eq!(phases.origin(), Origin::Profile, "no ranking means over these lengths");
        let profile = Campaign::parse(&read(Path::new("profile.toml")).unwrap(), read).unwrap();
        assert!(profile.decoding.forced_length && profile.tasks == [Task::Completion]);
        assert_eq!(profile.origin(), Origin::Profile);
        assert_eq!(profile.prompts.len(), 56, "seven prompt lengths by eight output lengths");
        let lengths: std::collections::BTreeSet<(usize, u32)> = profile
            .prompts
            .iter()
            .map(|p| (p.text.split_whitespace().count(), p.max_output_tokens.unwrap()))
            .collect();
        assert_eq!(lengths.len(), 56);
        assert_eq!(lengths.first(), Some(&(1, 1)));
    }

    #[test]
    fn a_prompt_may_have_a_limit_of_its_own_and_else_has_the_campaigns() {
        let two = format!("{GOOD}\n[[prompts]]\ntext = \"Why?\"\nmax_output_tokens = 7\n");
        let campaign = parse(&two).unwrap();
        let limits: Vec<u32> =
            campaign.prompts.iter().map(|p| p.decoding(campaign.decoding).max_output_tokens).collect();
        assert_eq!(limits, [48, 7]);
        assert_eq!((parse(GOOD).unwrap().origin(), campaign.origin()), (Origin::Campaign, Origin::Profile));
    }
}
