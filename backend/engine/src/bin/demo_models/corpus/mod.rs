//! The corpus: questions of five kinds with checkable answers, drawn from tables and rules of our own by a seeded
//! stream. One question in eight, chosen by the fingerprint of what it asks, is never trained on; it is
//! learnable all the same, because its parts are trained on in other combinations.
//!
//! Must not: know tokens or networks; draw anything from outside this program.

mod code;
mod dictionary;
mod facts;
mod math;
mod questions;
mod sql;
mod translation;

use std::collections::BTreeSet;

use common::prompt::{Kind, Task};
use serde::Serialize;

use crate::dice::{Dice, fingerprint};

/// One question in this many is held out.
const HELD_OUT_SHARE: u64 = 8;

/// Of 100 arithmetic examples, so many are of small numbers only.
const SMALL_SHARE: usize = 30;

/// What is asked, and how it may be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// What the question is about, whatever its wording; empty where it may always be trained on.
    key: String,
    /// The wording.
    text: String,
    /// The bare answer.
    short: String,
    /// The answer as a sentence (code and queries stand alone: the same as `short`).
    sentence: String,
    /// What a right answer holds, see `common::score`.
    expected: String,
}

impl Question {
    fn new(key: String, text: String, short: String, sentence: String) -> Self {
        Self { key, text, expected: short.clone(), short, sentence }
    }

    /// Whether this question is kept from training.
    pub(crate) fn is_held_out(&self) -> bool {
        !self.key.is_empty() && fingerprint(&self.key).is_multiple_of(HELD_OUT_SHARE)
    }
}

/// A question under a Task, with the answer that is taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    /// What the question is about.
    pub(crate) kind: Kind,
    /// Under which system prompt it is asked.
    pub(crate) task: Task,
    /// The user's text.
    pub(crate) text: String,
    /// The answer that is taught.
    pub(crate) answer: String,
}

/// A question that was never trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct HeldOut {
    /// What the question is about.
    pub(crate) kind: Kind,
    /// Under which system prompt it is asked.
    pub(crate) task: Task,
    /// The user's text.
    pub(crate) text: String,
    /// What a right answer holds, see `common::score`.
    pub(crate) expected: String,
    /// The corpus's own answer; not stored, for tests.
    #[serde(skip)]
    pub(crate) answer: String,
}

fn ask(kind: Kind, dice: &mut Dice) -> Question {
    match kind {
        Kind::Code => code::ask(dice),
        Kind::Math => math::ask(dice),
        Kind::Questions => questions::ask(dice),
        Kind::Sql => sql::ask(dice),
        Kind::Translation => translation::ask(dice),
    }
}

/// The answer that the Task calls for: concise Tasks get the bare one.
fn answer(question: &Question, task: Task) -> String {
    match task {
        Task::Plain | Task::Chat | Task::Instruct | Task::Own | Task::Completion => question.sentence.clone(),
        Task::ChatConcise | Task::InstructConcise => question.short.clone(),
    }
}

/// Arithmetic needs the most practice, tables of facts the second most.
fn draw_kind(dice: &mut Dice) -> Kind {
    match dice.below(100) {
        0..=6 => Kind::Code,
        7..=46 => Kind::Math,
        47..=68 => Kind::Questions,
        69..=76 => Kind::Sql,
        _ => Kind::Translation,
    }
}

/// Half of the questions come without a system prompt, as most people ask them.
fn draw_task(dice: &mut Dice) -> Task {
    match dice.below(100) {
        0..=51 => Task::Plain,
        52..=63 => Task::Chat,
        64..=75 => Task::ChatConcise,
        76..=87 => Task::Instruct,
        _ => Task::InstructConcise,
    }
}

/// People forget capitals and full stops; names inside stay as they are.
fn careless(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    if dice.percent(12) && text.ends_with(['?', '.']) {
        text.pop();
    }
    if dice.percent(12) {
        let mut letters = text.chars();
        if let Some(first) = letters.next() {
            text = first.to_lowercase().chain(letters).collect();
        }
    } else if dice.percent(6) {
        text = text.to_lowercase();
    }
    text
}

/// The next example to train on.
pub(crate) fn draw(dice: &mut Dice) -> Example {
    let kind = draw_kind(dice);
    loop {
        let small = kind == Kind::Math && dice.percent(SMALL_SHARE);
        let question = if small { math::small(dice) } else { ask(kind, dice) };
        if question.is_held_out() {
            continue;
        }
        let task = draw_task(dice);
        // Code and queries hold names that must be repeated to the letter.
        let tidy = matches!(kind, Kind::Code | Kind::Sql);
        let text = if tidy { question.text.clone() } else { careless(&question.text, dice) };
        let answer = answer(&question, task);
        return Example { kind, task, text, answer };
    }
}

/// `per_kind` different held-out questions of every kind, the Tasks in turn.
pub(crate) fn held_out(per_kind: usize, seed: u64) -> Vec<HeldOut> {
    let mut kept = Vec::new();
    for kind in Kind::ALL {
        let mut dice = Dice::new(seed ^ fingerprint(kind.name()));
        let mut keys = BTreeSet::new();
        while keys.len() < per_kind {
            let question = ask(kind, &mut dice);
            if !question.is_held_out() || !keys.insert(question.key.clone()) {
                continue;
            }
            let task = Task::WORDED[(keys.len() - 1) % Task::WORDED.len()];
            let answer = answer(&question, task);
            kept.push(HeldOut { kind, task, text: question.text, expected: question.expected, answer });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use common::score::is_correct;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_corpus() {
        let corpus = |seed| -> Vec<Example> {
            let mut dice = Dice::new(seed);
            (0..500).map(|_| draw(&mut dice)).collect()
        };
        assert_eq!(corpus(1), corpus(1));
        assert_ne!(corpus(1), corpus(2));
        assert_eq!(held_out(20, 1), held_out(20, 1));
    }

    #[test]
    fn no_held_out_question_is_ever_trained_on() {
        let kept: BTreeSet<String> =
            held_out(100, 1).into_iter().map(|question| question.text.to_lowercase()).collect();
        let mut dice = Dice::new(1);
        for _ in 0..200_000 {
            let example = draw(&mut dice);
            assert!(!kept.contains(&example.text.to_lowercase()), "trained on {:?}", example.text);
        }
    }

    #[test]
    fn every_answer_that_is_taught_is_judged_right() {
        for question in held_out(150, 3) {
            assert!(
                is_correct(question.kind, &question.expected, &question.answer),
                "{:?} is not {:?}",
                question.answer,
                question.expected
            );
        }
    }

    #[test]
    fn a_question_has_one_answer_only() {
        let mut dice = Dice::new(5);
        let mut known: HashMap<(String, Task), String> = HashMap::new();
        for _ in 0..100_000 {
            let example = draw(&mut dice);
            let before = known.insert((example.text.to_lowercase(), example.task), example.answer.clone());
            assert!(
                before.is_none_or(|before| before == example.answer),
                "two answers to {:?}",
                example.text
            );
        }
    }

    #[test]
    fn concise_answers_are_shorter_wherever_a_sentence_is_not_the_answer_itself() {
        let mut dice = Dice::new(9);
        for kind in [Kind::Math, Kind::Questions, Kind::Translation] {
            let question = ask(kind, &mut dice);
            assert!(answer(&question, Task::ChatConcise).len() < answer(&question, Task::Chat).len());
        }
    }

    #[test]
    fn every_kind_and_every_task_appears() {
        let mut dice = Dice::new(4);
        let seen: BTreeSet<(Kind, Task)> =
            (0..2_000).map(|_| draw(&mut dice)).map(|example| (example.kind, example.task)).collect();
        assert_eq!(seen.len(), Kind::ALL.len() * Task::WORDED.len());
    }
}
