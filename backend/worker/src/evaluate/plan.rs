//! In which order questions are put, which examples stand before each, and the hash that shows it.
//!
//! Must not: know a model.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::task::Question;
use super::twister::Twister;

/// What the harness of 2023 shuffles and draws with.
const SEED: u32 = 42;

/// One question with everything that stands before it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Put<'a> {
    pub(super) question: &'a Question,
    pub(super) context: String,
}

/// All questions in shuffled order, each after `shots` examples, which are drawn anew for each.
pub(super) fn put<'a>(questions: &'a [Question], examples: &[Question], shots: usize) -> Vec<Put<'a>> {
    let mut chance = Twister::new(SEED);
    let mut order: Vec<usize> = (0..questions.len()).collect();
    chance.shuffle(&mut order);
    order
        .into_iter()
        .filter_map(|place| questions.get(place))
        .map(|question| {
            let drawn = if shots == 0 { Vec::new() } else { chance.sample(examples.len(), shots) };
            let mut context = String::new();
            for example in drawn.into_iter().filter_map(|place| examples.get(place)) {
                context.push_str(&example.solved());
                context.push_str("\n\n");
            }
            context.push_str(&question.context);
            Put { question, context }
        })
        .collect()
}

/// SHA-256 of all requests, as a list of pairs in JSON in the form that Python writes.
pub(super) fn hash(all: &[Put<'_>]) -> String {
    let mut hash = Sha256::new();
    let mut between = "[";
    for put in all {
        for continuation in put.question.continuations() {
            let pair = format!("{between}[{}, {}]", python_json(&put.context), python_json(&continuation));
            hash.update(pair.as_bytes());
            between = ", ";
        }
    }
    hash.update(b"]");
    HEXLOWER.encode(&hash.finalize())
}

/// A text in JSON of ASCII alone: letters beyond it as their halves in UTF-16.
fn python_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(letter),
            other => {
                let mut halves = [0_u16; 2];
                for half in other.encode_utf16(&mut halves) {
                    out.push_str(&format!("\\u{half:04x}"));
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(context: &str) -> Question {
        Question {
            context: context.to_owned(),
            choices: vec!["a".to_owned(), "\u{e4}\u{1f600}".to_owned()],
            gold: 1,
            several: None,
        }
    }

    #[test]
    fn the_hash_is_that_of_pythons_json_in_the_shuffled_order() {
        // order = list(range(5)); random.Random(42).shuffle(order)
        // sha256(json.dumps([[f"q{i}\n", c] for i in order for c in (" a", " ä😀")]).encode()).hexdigest()
        let questions: Vec<Question> = (0..5).map(|index| question(&format!("q{index}\n"))).collect();
        let all = put(&questions, &[], 0);
        let order: Vec<&str> = all.iter().map(|each| each.context.trim_end()).collect();
        assert_eq!(order, ["q3", "q1", "q2", "q4", "q0"]);
        assert_eq!(hash(&all), "a8c1626c4c3b7d69160bb2a210d39f2e4f12ceb4574a3d30d89746f9a46fcfd6");
    }

    #[test]
    fn examples_stand_solved_before_a_question_and_are_drawn_for_each() {
        let questions: Vec<Question> = (0..3).map(|index| question(&format!("q{index}"))).collect();
        let examples: Vec<Question> = (0..40).map(|index| question(&format!("e{index}"))).collect();
        let all = put(&questions, &examples, 2);
        let parts: Vec<Vec<&str>> = all.iter().map(|each| each.context.split("\n\n").collect()).collect();
        assert!(parts.iter().all(|parts| parts.len() == 3 && parts[0].ends_with(" \u{e4}\u{1f600}")));
        assert_ne!(parts[0][..2], parts[1][..2]);
        assert!(parts[0][2].starts_with('q'));
    }
}
