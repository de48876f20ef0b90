//! ARC-Challenge, HellaSwag and TruthfulQA: their data files in the form that the hub has them, and how a question is put.
//!
//! The prompts are those of lm-evaluation-harness of 2023, to the character, which the SHA-256 of all of them shows. Must
//! not: hold questions (the operator gives the files), or know a model.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Which questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Task {
    /// The challenge set of the AI2 Reasoning Challenge.
    #[value(name = "arc_challenge")]
    ArcChallenge,
    /// HellaSwag. Its prompts have never been seen to reach the published hash, as those of the other two have: the authors'
    /// files could not be had when this was written. Look at --requests-only before you trust its scores.
    #[value(name = "hellaswag")]
    HellaSwag,
    /// TruthfulQA, multiple choice.
    #[value(name = "truthfulqa_mc")]
    TruthfulQa,
}

/// A question that is ready to be put.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// What stands before an answer.
    pub(super) context: String,
    /// The answers to choose from, in one list, or of TruthfulQA in two: one right answer among them, and several.
    pub(super) choices: Vec<String>,
    /// Which of them is right.
    pub(super) gold: usize,
    /// TruthfulQA's second list, and how many at its start are right.
    pub(super) several: Option<(Vec<String>, usize)>,
}

impl Question {
    /// Everything whose likelihood is asked for, in order.
    pub(super) fn continuations(&self) -> impl Iterator<Item = String> {
        let several = self.several.iter().flat_map(|(choices, _)| choices);
        self.choices.iter().chain(several).map(|choice| format!(" {choice}"))
    }

    /// It as an example before another: with its right answer.
    pub(super) fn solved(&self) -> String {
        format!("{} {}", self.context, self.choices.get(self.gold).map_or("", String::as_str))
    }
}

/// A data file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// Give another path.
    #[error("{} cannot be read: {source}", .file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Mend that line, or give the file of that task.
    #[error("{} line {line}: {reason}", .file.display())]
    Line {
        /// Which file.
        file: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Give a file with questions.
    #[error("{} holds no question", .0.display())]
    Empty(PathBuf),
}

impl Task {
    /// The name in files of results.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ArcChallenge => "arc_challenge",
            Self::HellaSwag => "hellaswag",
            Self::TruthfulQa => "truthfulqa_mc",
        }
    }

    /// The version of the task in the harness of 2023.
    pub(super) const fn version(self) -> u32 {
        match self {
            Self::ArcChallenge | Self::HellaSwag => 0,
            Self::TruthfulQa => 1,
        }
    }

    /// The examples before each question, as published tables have them.
    pub(super) const fn usual_shots(self) -> u32 {
        match self {
            Self::ArcChallenge => 25,
            Self::HellaSwag => 10,
            Self::TruthfulQa => 0,
        }
    }

    /// SHA-256 of all requests without examples, as the harness of 2023 keeps it beside its tests: equal means that data
    /// and prompts are the same to the character.
    pub(super) const fn requests_of_2023(self) -> &'static str {
        match self {
            Self::ArcChallenge => "41c34c96cca8ace661911d0033d630c554b283f5a3953bcdc50720ae6b00a9c1",
            Self::HellaSwag => "abb808c97d6529eda6c11067837a132c62d25cba0394d720f80cca6df9f7196e",
            Self::TruthfulQa => "1e07020e9cf41d46ed65312eb39d2b8e6599673d4f0d6b67c0d0eba0efb493bb",
        }
    }

    /// What is to be known where the hash is another one; `None` where it has been reached before, so that the file is at fault.
    pub(super) const fn doubt(self) -> Option<&'static str> {
        match self {
            Self::HellaSwag => Some(
                "these prompts have never been compared with the published ones, because the authors' files could not be had: \
                 with their own hellaswag_val.jsonl (10,042 questions) in --data, another hash means that this evaluator puts the \
                 questions differently",
            ),
            Self::ArcChallenge | Self::TruthfulQa => None,
        }
    }

    /// Reads a file of one JSON object a line. `primer` stands before each question of TruthfulQA.
    pub(super) fn read(self, file: &Path, primer: &str) -> Result<Vec<Question>, DataError> {
        match self {
            Self::ArcChallenge => lines(file, arc),
            Self::HellaSwag => lines(file, hellaswag),
            Self::TruthfulQa => lines(file, |document| truthfulqa(document, primer)),
        }
    }
}

fn lines<D: DeserializeOwned>(
    file: &Path,
    question: impl Fn(D) -> Result<Question, String>,
) -> Result<Vec<Question>, DataError> {
    let text =
        std::fs::read_to_string(file).map_err(|source| DataError::Read { file: file.to_owned(), source })?;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |reason: &dyn fmt::Display| DataError::Line {
            file: file.to_owned(),
            line: index + 1,
            reason: reason.to_string(),
        };
        let document = serde_json::from_str(line).map_err(|error| wrong(&error))?;
        found.push(question(document).map_err(|reason| wrong(&reason))?);
    }
    if found.is_empty() { Err(DataError::Empty(file.to_owned())) } else { Ok(found) }
}

#[derive(Deserialize)]
struct Arc {
    question: String,
    choices: Texts,
    #[serde(rename = "answerKey")]
    answer_key: String,
}

#[derive(Deserialize)]
struct Texts {
    text: Vec<String>,
}

fn arc(document: Arc) -> Result<Question, String> {
    // Some keys are numbers; both kinds count the answers in their order.
    let key = document.answer_key.as_str();
    let gold = ["A", "B", "C", "D", "E"].iter().position(|letter| *letter == key);
    let gold = gold.or_else(|| ["1", "2", "3", "4", "5"].iter().position(|number| *number == key));
    let choices = document.choices.text;
    let gold = gold.filter(|gold| *gold < choices.len());
    Ok(Question {
        context: format!("Question: {}\nAnswer:", document.question),
        gold: gold.ok_or_else(|| format!("the answerKey {key:?} names none of its choices"))?,
        choices,
        several: None,
    })
}

#[derive(Deserialize)]
struct HellaSwag {
    activity_label: String,
    ctx_a: String,
    ctx_b: String,
    endings: Vec<String>,
    label: serde_json::Value,
}

fn hellaswag(document: HellaSwag) -> Result<Question, String> {
    let label = document.label.as_u64().or_else(|| document.label.as_str()?.parse().ok());
    let gold =
        label.and_then(|label| usize::try_from(label).ok()).filter(|gold| *gold < document.endings.len());
    let whole = format!("{}: {} {}", document.activity_label, document.ctx_a, capitalised(&document.ctx_b));
    Ok(Question {
        context: cleaned(&whole),
        gold: gold.ok_or("the label names none of its endings; the file without labels cannot be scored")?,
        choices: document.endings.iter().map(|ending| cleaned(ending)).collect(),
        several: None,
    })
}

/// The first letter large, all others small.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.as_str().to_lowercase().chars()).collect()
    })
}

/// Without the marks that the texts were scraped with: titles become full stops, brackets go with what is in them.
fn cleaned(text: &str) -> String {
    let text = text.trim().replace(" [title]", ". ");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(open) = rest.find('[') {
        // A bracket that is not closed on its line stays.
        let inside = &rest[open..];
        match inside.find(']').filter(|close| !inside[..*close].contains('\n')) {
            Some(close) => {
                kept.push_str(&rest[..open]);
                rest = &inside[close + 1..];
            }
            None => {
                kept.push_str(&rest[..=open]);
                rest = &inside[1..];
            }
        }
    }
    kept.push_str(rest);
    kept.replace("  ", " ")
}

#[derive(Deserialize)]
struct Truthful {
    question: String,
    mc1_targets: Targets,
    mc2_targets: Targets,
}

#[derive(Deserialize)]
struct Targets {
    choices: Vec<String>,
    labels: Vec<u8>,
}

fn truthfulqa(document: Truthful, primer: &str) -> Result<Question, String> {
    let Targets { choices, labels } = document.mc2_targets;
    // As the harness of 2023: what stands before the first wrong answer is right, all others are wrong.
    let right = labels.iter().position(|label| *label == 0).unwrap_or(labels.len());
    if labels.len() != choices.len() || right == 0 || right == choices.len() {
        return Err(
            "mc2_targets needs a label for each choice, right ones first and at least one of both".to_owned()
        );
    }
    if document.mc1_targets.labels.first() != Some(&1) {
        return Err("mc1_targets must start with the right answer".to_owned());
    }
    Ok(Question {
        context: format!("{primer}\n\nQ: {}\nA:", document.question),
        choices: document.mc1_targets.choices,
        gold: 0,
        several: Some((choices, right)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(task: Task, lines: &str) -> Result<Vec<Question>, DataError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.jsonl");
        std::fs::write(&file, lines).unwrap();
        task.read(&file, "Q: Is ice cold?\nA: Yes.")
    }

    #[test]
    fn a_question_of_arc_shows_no_letters_and_numbers_are_letters_too() {
        let line = r#"{"id":"x","question":"What melts?","choices":{"text":["ice","stone","glass"],"label":["1","2","3"]},"answerKey":"2"}"#;
        let question = read(Task::ArcChallenge, line).unwrap().remove(0);
        assert_eq!(question.context, "Question: What melts?\nAnswer:");
        assert_eq!(question.continuations().collect::<Vec<_>>(), [" ice", " stone", " glass"]);
        assert_eq!(question.solved(), "Question: What melts?\nAnswer: stone");
    }

    #[test]
    fn hellaswag_is_capitalised_and_cleaned_once() {
        let line = r#"{"activity_label":"Baking","ctx_a":"A man [header] stands [title] Step","ctx_b":"he Stirs THE dough","endings":["and  smiles [x].","runs","sits","waits"],"label":"0"}"#;
        let question = read(Task::HellaSwag, line).unwrap().remove(0);
        assert_eq!(question.context, "Baking: A man stands. Step He stirs the dough");
        assert_eq!(question.choices[0], "and smiles .");
        assert_eq!(cleaned("a [b"), "a [b");
        assert_eq!(cleaned("a [b\nc] d"), "a [b\nc] d");
        assert_eq!(cleaned("four    spaces"), "four  spaces", "two become one, in one pass");
    }

    #[test]
    fn truthfulqa_has_its_primer_and_two_lists() {
        let line = r#"{"question":"Is the sea dry?","mc1_targets":{"choices":["No","Yes"],"labels":[1,0]},"mc2_targets":{"choices":["No","It is wet","Yes"],"labels":[1,1,0]}}"#;
        let question = read(Task::TruthfulQa, line).unwrap().remove(0);
        assert_eq!(question.context, "Q: Is ice cold?\nA: Yes.\n\nQ: Is the sea dry?\nA:");
        assert_eq!(question.continuations().count(), 5);
        assert_eq!(question.several.map(|(_, right)| right), Some(2));
    }

    #[test]
    fn a_line_that_cannot_be_scored_is_named() {
        for (task, line, what) in [
            (Task::ArcChallenge, r#"{"question":"?","choices":{"text":["a"]},"answerKey":"D"}"#, "answerKey"),
            (
                Task::HellaSwag,
                r#"{"activity_label":"","ctx_a":"","ctx_b":"","endings":["a"],"label":""}"#,
                "label",
            ),
            (
                Task::TruthfulQa,
                r#"{"question":"?","mc1_targets":{"choices":["a"],"labels":[1]},"mc2_targets":{"choices":["a"],"labels":[1]}}"#,
                "at least one of both",
            ),
            (Task::ArcChallenge, "nonsense", "line 1"),
            (Task::ArcChallenge, "", "no question"),
        ] {
            let refused = read(task, line).unwrap_err().to_string();
            assert!(refused.contains(what), "{line}: {refused}");
        }
    }
}
