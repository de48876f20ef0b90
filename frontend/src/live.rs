//! A run while it is made: pieces of the answer and power readings as they arrive. Only the final record counts.
//!
//! Must not: draw, or keep anything once the record is there.

use std::collections::BTreeMap;
use std::time::Duration;

use common::api::battles::Word;
use common::lease::{LiveSample, LiveToken, Step};
use common::meter::Domain;
use common::units::Power;

/// What is known of a run that is being made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// What the machine is doing with it.
    pub step: Option<Step>,
    /// The longest that the present cool-down was expected to take.
    cooling: Option<Duration>,
    /// Each with when it came, where that is told.
    tokens: BTreeMap<u32, (String, Option<Duration>)>,
    powers: BTreeMap<Domain, Vec<(Duration, Power)>>,
}

impl Live {
    /// The machine goes on. A new repetition starts with an empty page.
    pub fn go_on(&mut self, step: Step) {
        let is_new_window = matches!(step, Step::Measuring { .. }) && self.step != Some(step);
        if is_new_window || matches!(step, Step::WarmingUp) {
            self.tokens.clear();
            self.powers.clear();
        }
        self.cooling = match step {
            Step::Cooling { expected, .. } => self.cooling.max(expected),
            _ => None,
        };
        self.step = Some(step);
    }

    /// How much of what the machine is doing is over, where that is known.
    pub fn progress(&self) -> Option<f64> {
        let share = |done: f64, whole: f64| (whole > 0.0).then(|| (done / whole).clamp(0.0, 1.0));
        match self.step? {
            Step::Cooling { expected: Some(left), .. } => {
                let longest = self.cooling?.as_secs_f64();
                share(longest - left.as_secs_f64(), longest)
            }
            Step::Measuring { repetition, of } if of > 1 => {
                share(f64::from(repetition.saturating_sub(1)), f64::from(of))
            }
            _ => None,
        }
    }

    /// Pieces of the answer and readings since the last ones. Pieces may come twice; a first token begins anew.
    pub fn add(&mut self, tokens: Vec<LiveToken>, samples: Vec<LiveSample>) {
        self.say(tokens.into_iter().map(|token| (token.index, (token.text, Some(token.at)))));
        for LiveSample { domain, sample } in samples {
            let powers = self.powers.entry(domain).or_default();
            if powers.last().is_some_and(|last| sample.at < last.0) {
                powers.clear();
            }
            powers.push((sample.at, sample.power));
        }
    }

    /// The same of a hidden answer, of which is not told when its pieces came.
    pub fn add_words(&mut self, words: Vec<Word>) {
        self.say(words.into_iter().map(|word| (word.index, (word.text, None))));
    }

    fn say(&mut self, pieces: impl Iterator<Item = (u32, (String, Option<Duration>))>) {
        for (index, piece) in pieces {
            if index == 0 && self.token_count() > 1 {
                self.tokens.clear();
            }
            self.tokens.insert(index, piece);
        }
    }

    /// The answer so far; it starts with an ellipsis where its beginning was missed.
    pub fn text(&self) -> String {
        let is_whole = self.tokens.first_key_value().is_none_or(|(index, _)| *index == 0);
        let mut text = String::from(if is_whole { "" } else { "…" });
        text.extend(self.tokens.values().map(|token| token.0.as_str()));
        text
    }

    /// Tokens so far.
    pub fn token_count(&self) -> u32 {
        self.tokens.last_key_value().map_or(0, |(index, _)| index.saturating_add(1))
    }

    /// Tokens per second so far, prefill included.
    pub fn throughput(&self) -> Option<f64> {
        let seconds = self.tokens.last_key_value()?.1.1?.as_secs_f64();
        (seconds > 0.0).then(|| f64::from(self.token_count()) / seconds)
    }

    /// The power readings so far, a series a domain.
    pub fn powers(&self) -> impl Iterator<Item = (Domain, &[(Duration, Power)])> {
        self.powers.iter().map(|(domain, powers)| (*domain, powers.as_slice()))
    }

    /// Whether anything has arrived that can be drawn.
    pub fn has_power(&self) -> bool {
        self.powers.values().any(|powers| powers.len() > 1)
    }
}

#[cfg(test)]
mod tests {
    use common::trace::Sample;

    use super::*;

    fn token(index: u32, text: &str) -> LiveToken {
        LiveToken { index, text: text.to_owned(), at: Duration::from_millis(u64::from(index + 1) * 100) }
    }

    fn sample(millis: u64, watts: f64) -> LiveSample {
        let sample = Sample { at: Duration::from_millis(millis), power: Power::from_watts(watts) };
        LiveSample { domain: Domain::CpuPackage(0), sample }
    }

    #[test]
    fn pieces_that_come_twice_or_out_of_order_stand_once_and_in_order() {
        let mut live = Live::default();
        live.add(vec![token(0, "Par"), token(2, ".")], vec![]);
        live.add(vec![token(1, "is"), token(2, ".")], vec![]);
        assert_eq!(live.text(), "Paris.");
        assert_eq!(live.token_count(), 3);
        assert_eq!(live.throughput(), Some(10.0));
    }

    #[test]
    fn a_hidden_answer_has_words_and_no_speed() {
        let word = |index, text: &str| Word { index, text: text.to_owned() };
        let mut live = Live::default();
        live.add_words(vec![word(0, "Par"), word(1, "is")]);
        live.add_words(vec![word(2, ".")]);
        assert_eq!((live.text().as_str(), live.token_count()), ("Paris.", 3));
        assert_eq!(live.throughput(), None);
        live.add_words(vec![word(0, "Ro"), word(1, "me")]);
        assert_eq!(live.text(), "Rome");
    }

    #[test]
    fn who_comes_late_sees_that_the_beginning_is_missing() {
        let mut live = Live::default();
        live.add(vec![token(5, "end")], vec![]);
        assert_eq!(live.text(), "…end");
    }

    #[test]
    fn a_new_repetition_starts_with_an_empty_page() {
        let mut live = Live::default();
        live.go_on(Step::Measuring { repetition: 1, of: 2 });
        live.add(vec![token(0, "a"), token(1, "b")], vec![sample(10, 5.0), sample(20, 6.0)]);
        live.go_on(Step::Measuring { repetition: 1, of: 2 });
        assert_eq!(live.text(), "ab");
        assert!(live.has_power());
        live.go_on(Step::Measuring { repetition: 2, of: 2 });
        assert_eq!(live.text(), "");
        assert!(!live.has_power());
    }

    #[test]
    fn a_cool_down_goes_from_nothing_to_all_of_what_was_expected() {
        let mut live = Live::default();
        let cooling = |seconds: Option<u64>| Step::Cooling {
            expected: seconds.map(Duration::from_secs),
            temperature: None,
        };
        live.go_on(cooling(Some(8)));
        assert_eq!(live.progress(), Some(0.0));
        live.go_on(cooling(Some(2)));
        assert_eq!(live.progress(), Some(0.75));
        live.go_on(cooling(None));
        assert_eq!(live.progress(), None);
        live.go_on(Step::Baseline);
        live.go_on(cooling(Some(2)));
        assert_eq!(live.progress(), Some(0.0), "another cool-down is measured by its own length");
        live.go_on(Step::Measuring { repetition: 2, of: 4 });
        assert_eq!(live.progress(), Some(0.25));
    }

    #[test]
    fn readings_of_a_new_window_replace_those_of_the_last() {
        let mut live = Live::default();
        live.add(vec![], vec![sample(10, 5.0), sample(20, 6.0)]);
        live.add(vec![], vec![sample(5, 9.0)]);
        assert_eq!(live.powers().map(|(_, powers)| powers.len()).collect::<Vec<_>>(), [1]);
    }
}
