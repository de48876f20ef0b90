//! The exam: held-out questions answered greedily from what is stored, judged by `common::score`. During training
//! the network answers many at a time; what counts in the end is the engine's answer.
//!
//! Must not: see the training.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use burn::tensor::{Device, Int, Tensor, TensorData};
use common::model::Dtype;
use common::prompt::{Decoding, Kind};
use common::score::is_correct;
use engine::{Engine, EnginePrompt, LoadOptions};
use tokenizers::Tokenizer;

use crate::chat::{self, END, PAD};
use crate::corpus::HeldOut;
use crate::network::{Network, Positions};
use crate::sizes::Size;
use crate::vocabulary::{encode, mark};

/// No right answer is nearly as long.
const LONGEST_ANSWER: usize = 56;
/// Questions answered side by side.
const SIDE_BY_SIDE: usize = 64;

/// How many answers were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Judged right.
    pub(crate) right: u32,
    /// Asked.
    pub(crate) asked: u32,
}

impl Mark {
    /// Share of right answers; nothing asked, nothing right.
    pub(crate) fn share(self) -> f64 {
        if self.asked == 0 { 0.0 } else { f64::from(self.right) / f64::from(self.asked) }
    }

    fn add(&mut self, right: bool) {
        self.asked += 1;
        self.right += u32::from(right);
    }
}

/// The marks, all together and kind by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Over all kinds.
    pub(crate) overall: Mark,
    /// By kind.
    pub(crate) kinds: BTreeMap<Kind, Mark>,
}

/// Judges the answers to `questions`.
pub(crate) fn judge(questions: &[HeldOut], answers: &[String]) -> Marks {
    let mut marks = Marks::default();
    for (question, answer) in questions.iter().zip(answers) {
        let right = is_correct(question.kind, &question.expected, answer);
        marks.overall.add(right);
        marks.kinds.entry(question.kind).or_default().add(right);
    }
    marks
}

/// The answers of the product's own engine in one dtype, loaded from the folder as anybody would: what users get.
pub(crate) fn engine_answers(folder: &Path, dtype: Dtype, questions: &[HeldOut]) -> Result<Vec<String>> {
    let options = LoadOptions { dtype: Some(dtype), ..LoadOptions::default() };
    let mut engine = Engine::load(folder, &options)
        .with_context(|| format!("the engine cannot load {} in {dtype}", folder.display()))?;
    questions
        .iter()
        .map(|question| {
            let decoding = Decoding { max_output_tokens: 96, ..Decoding::default() };
            let prompt = EnginePrompt {
                system: question.task.system_prompt(),
                earlier: &[],
                text: &question.text,
                is_raw: false,
                decoding,
            };
            let generation = engine
                .generate(&prompt, &mut |_| {})
                .with_context(|| format!("the engine cannot answer {:?}", question.text))?;
            Ok(generation.text)
        })
        .collect()
}

/// Greedy answers to prompts that are already in the chat's form, in their order.
pub(crate) fn answers(
    network: &Network,
    size: Size,
    tokenizer: &Tokenizer,
    prompts: &[String],
    device: &Device,
) -> Result<Vec<String>> {
    let (end, pad) = (mark(tokenizer, END)?, mark(tokenizer, PAD)?);
    let mut talks = prompts.iter().map(|prompt| encode(tokenizer, prompt)).collect::<Result<Vec<_>>>()?;
    let begins: Vec<usize> = talks.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..talks.len()).collect();
    order.sort_by_key(|&at| begins[at]);
    for chunk in order.chunks(SIDE_BY_SIDE) {
        let mut open: Vec<usize> = chunk.to_vec();
        for _ in 0..LONGEST_ANSWER {
            if open.is_empty() {
                break;
            }
            let next = next_tokens(
                network,
                size,
                &open.iter().map(|&at| talks[at].as_slice()).collect::<Vec<_>>(),
                pad,
                device,
            )?;
            for (&at, &token) in open.iter().zip(&next) {
                talks[at].push(token);
            }
            open.retain(|&at| talks[at].last() != Some(&end));
        }
    }
    talks
        .iter()
        .zip(begins)
        .map(|(talk, begin)| {
            tokenizer.decode(&talk[begin..], true).map_err(|error| anyhow!("an answer has no text: {error}"))
        })
        .collect()
}

/// The likeliest next token of each sequence; the whole sequence is computed anew, which small models can afford.
fn next_tokens(
    network: &Network,
    size: Size,
    talks: &[&[u32]],
    pad: u32,
    device: &Device,
) -> Result<Vec<u32>> {
    let length = talks.iter().map(|talk| talk.len()).max().unwrap_or_default().next_multiple_of(8);
    let mut tokens: Vec<i64> = Vec::with_capacity(talks.len() * length);
    let mut rows: Vec<i64> = Vec::with_capacity(talks.len());
    for talk in talks {
        rows.push(i64::try_from(tokens.len() + talk.len() - 1)?);
        tokens.extend(talk.iter().copied().map(i64::from));
        tokens.resize(tokens.len().next_multiple_of(length), i64::from(pad));
    }
    let rows: Tensor<1, Int> = Tensor::from_data(TensorData::new(rows, [talks.len()]), device);
    let tokens: Tensor<2, Int> = Tensor::from_data(TensorData::new(tokens, [talks.len(), length]), device);
    let logits = network.logits(size, tokens, &rows, &Positions::new(size, length, device));
    let likeliest = logits.argmax(1).into_data().convert::<i64>();
    let likeliest: Vec<i64> = likeliest
        .try_to_vec()
        .map_err(|error| anyhow!("the likeliest tokens could not be read: {error:?}"))?;
    Ok(likeliest.into_iter().map(u32::try_from).collect::<Result<_, _>>()?)
}

/// The prompts of `questions` in the chat's form.
pub(crate) fn prompts(questions: &[HeldOut]) -> Vec<String> {
    questions.iter().map(|question| chat::prompt(question.task.system_prompt(), &question.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_by_kind() {
        let questions = crate::corpus::held_out(4, 1);
        let mut answers: Vec<String> = questions.iter().map(|question| question.answer.clone()).collect();
        answers[0] = "I do not know".to_owned();
        let marks = judge(&questions, &answers);
        assert_eq!(marks.overall, Mark { right: 19, asked: 20 });
        assert_eq!(marks.kinds[&questions[0].kind], Mark { right: 3, asked: 4 });
        assert!((marks.overall.share() - 0.95).abs() < 1e-12);
    }

    #[test]
    fn the_stored_exam_is_the_one_that_is_set_and_the_opening_campaign_asks_from_it() {
        let exam = crate::corpus::held_out(50, crate::EXAM_SEED);
        let stored: serde_json::Value =
            serde_json::from_str(include_str!("../../../demo-models/heldout.json")).unwrap();
        assert_eq!(serde_json::to_value(&exam).unwrap(), stored, "run cargo xtask demo-models again");
        // Strings without control characters are written alike in TOML and JSON.
        let asked = |name: &str| -> Vec<String> {
            include_str!("../../../../server/campaigns/opening.toml")
                .lines()
                .filter_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
                .map(|value| serde_json::from_str(value).unwrap())
                .collect()
        };
        let (texts, expected) = (asked("text"), asked("expected"));
        assert_eq!((texts.len(), expected.len()), (20, 20));
        for (text, expected) in texts.iter().zip(&expected) {
            assert!(
                exam.iter().any(|question| &question.text == text && &question.expected == expected),
                "{text}"
            );
        }
    }
}
