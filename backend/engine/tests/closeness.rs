//! How far fewer bits lead away from single precision: by the angle between logits, by the nats that the distribution of the
//! next token loses (Kullback and Leibler), and by right answers of the trained demo models.
//!
//! Held out is what no training saw: the exam's questions, and of each answer the positions at which the model decides.
//! Random weights say something of rounding only, so their bounds are those of 16 bits.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixtures;

use std::path::Path;

use common::model::Dtype;
use common::prompt::{Decoding, Kind, Task};
use common::score::is_correct;
use engine::{Engine, EnginePrompt, LoadOptions, tiny};
use serde::Deserialize;

fn open(folder: &Path, dtype: Dtype, text: bool) -> Engine {
    let options = LoadOptions { dtype: Some(dtype), threads: Some(2), ..LoadOptions::default() };
    if text {
        Engine::load(folder, &options).unwrap()
    } else {
        Engine::load_for_ids(folder, &options).unwrap()
    }
}

/// What the other distribution loses of this one, in nats.
fn lost(exact: &[f32], other: &[f32]) -> f64 {
    let shares = |logits: &[f32]| {
        let top = logits.iter().copied().fold(f32::MIN, f32::max);
        let all: f64 = logits.iter().map(|logit| f64::from(logit - top).exp()).sum();
        logits.iter().map(|logit| f64::from(logit - top) - all.ln()).collect::<Vec<f64>>()
    };
    shares(exact).iter().zip(shares(other)).map(|(exact, other)| exact.exp() * (exact - other)).sum()
}

fn cosine(exact: &[f32], other: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(exact, other) / (dot(exact, exact) * dot(other, other)).sqrt()
}

/// Over all positions from the given one of each text: the mean cosine and the mean loss. Means, because rounding may send a
/// token to another expert, and that one position then lies far off.
fn apart(exact: &Engine, other: &Engine, texts: &[(Vec<u32>, usize)]) -> (f64, f64) {
    let (mut angle, mut sum, mut count) = (0.0, 0.0, 0.0);
    for (ids, from) in texts {
        let (exact, other) = (exact.logits(ids).unwrap(), other.logits(ids).unwrap());
        for (exact, other) in exact.iter().zip(&other).skip(*from) {
            angle += cosine(exact, other);
            sum += lost(exact, other);
            count += 1.0;
        }
    }
    (angle / count, sum / count)
}

#[derive(Deserialize)]
struct Question {
    kind: Kind,
    task: Task,
    text: String,
    expected: String,
}

/// Ten questions of each kind.
fn questions() -> Vec<Question> {
    let exam: Vec<Question> = serde_json::from_str(include_str!("../demo-models/heldout.json")).unwrap();
    exam.into_iter().step_by(5).collect()
}

fn prompts(questions: &[Question]) -> Vec<EnginePrompt<'_>> {
    let decoding = Decoding { max_output_tokens: 64, ..Decoding::default() };
    let prompt = |question| -> EnginePrompt<'_> {
        let Question { task, text, .. }: &Question = question;
        EnginePrompt { system: task.system_prompt(), earlier: &[], text, is_raw: false, decoding }
    };
    questions.iter().map(prompt).collect()
}

/// How many of the exam's answers are right.
fn right(engine: &mut Engine, questions: &[Question]) -> i32 {
    let answers = engine.generate_batch(&prompts(questions), &mut |_, _| {}).unwrap();
    let is_right = |(question, answer): &(&Question, engine::Generation)| {
        is_correct(question.kind, &question.expected, &answer.text)
    };
    i32::try_from(questions.iter().zip(answers).filter(is_right).count()).unwrap()
}

#[test]
fn the_trained_models_decide_nearly_the_same_with_fewer_bits_and_answer_nearly_as_well() {
    let questions = questions();
    for name in ["demo-0.3m", "demo-1m", "demo-3m"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-models").join(name);
        let mut exact = open(&folder, Dtype::F32, true);
        // The text that single precision writes: the question, and where the answer's tokens are decided.
        let answers = exact.generate_batch(&prompts(&questions), &mut |_, _| {}).unwrap();
        let texts: Vec<(Vec<u32>, usize)> = questions
            .iter()
            .zip(answers)
            .map(|(question, answer)| {
                let mut ids = exact.prompt_ids(question.task.system_prompt(), &question.text).unwrap();
                let from = ids.len() - 1;
                ids.extend(answer.output_ids);
                (ids, from)
            })
            .collect();
        let best = right(&mut exact, &questions);
        assert!(best >= 30, "{name} was trained: {best} of {} answers are right", questions.len());
        for (dtype, least_cosine, most_lost, fewer) in LIMITS {
            let mut other = open(&folder, dtype, true);
            let (cosine, lost) = apart(&exact, &other, &texts);
            let found = right(&mut other, &questions);
            println!("{name} {dtype}: cosine {cosine:.6}, {lost:.2e} nats, {found} of {best} right");
            assert!(cosine >= least_cosine, "{name} in {dtype}: cosine {cosine}");
            assert!(lost <= most_lost, "{name} in {dtype} loses {lost} nats");
            assert!(
                (best - found).abs() <= fewer,
                "{name} in {dtype}: {found} right answers instead of {best}"
            );
        }
    }
}

/// Of each format: the least mean cosine, the most nats lost on average, and by how many of fifty answers a mark may differ.
///
/// The demo models are stored in bf16, so 16 bits hold them exactly and only rounding in between is left. Eight bits round
/// a weight to 1/254 of the largest of its block, four to 1/14: about 0.4 % and 7 % of it, and the loss grows with the
/// square. The bounds are about five times what the worst of the three models showed (int8 0.9998 and 1.0e-4 nats, int4
/// 0.982 and 1.1e-2).
const LIMITS: [(Dtype, f64, f64, i32); 4] = [
    (Dtype::Bf16, 0.999_999, 1e-6, 0),
    (Dtype::F16, 0.999_999, 1e-6, 0),
    (Dtype::Int8, 0.999, 5e-4, 1),
    (Dtype::Int4, 0.95, 5e-2, 4),
];

#[test]
fn every_family_loses_next_to_nothing_in_16_bits_and_stays_near_in_fewer() {
    let text: Vec<u32> = (0..24).map(|at| 3 + at * 7 % 60).collect();
    for folder in fixtures::folders() {
        let exact = open(&folder, Dtype::F32, false);
        for (dtype, least_cosine, most_lost) in RANDOM {
            let other = open(&folder, dtype, false);
            let (cosine, lost) = apart(&exact, &other, &[(text.clone(), 0)]);
            let what = format!("{} in {dtype}", folder.file_name().unwrap().display());
            let (least_cosine, most_lost) = match (folder.ends_with("mixtral"), dtype) {
                (true, Dtype::Int8) => OTHER_EXPERTS,
                _ => (least_cosine, most_lost),
            };
            println!("{what}: cosine {cosine:.6}, {lost:.2e} nats");
            assert!(cosine >= least_cosine, "{what}: cosine {cosine}");
            assert!(lost <= most_lost, "{what} loses {lost} nats");
        }
    }
}

/// The same for random weights: about three times what the worst family shows (int8 0.99946 and 3.9e-4 nats, int4 0.941 and
/// 4.5e-2).
const RANDOM: [(Dtype, f64, f64); 4] = [
    (Dtype::Bf16, 0.999_99, 1e-4),
    (Dtype::F16, 0.999_99, 1e-4),
    (Dtype::Int8, 0.998, 1.2e-3),
    (Dtype::Int4, 0.9, 0.14),
];

/// Experts made by chance are nearly alike to a router made by chance, so eight bits elsewhere send some tokens to others,
/// though the router itself is not rounded (0.9911 and 5.6e-3 nats).
const OTHER_EXPERTS: (f64, f64) = (0.98, 1.7e-2);

#[test]
fn weights_of_single_precision_lose_little_when_rounded_to_16_bits() {
    let dir = tempfile::tempdir().unwrap();
    tiny::write(dir.path(), 7).unwrap();
    let exact = open(dir.path(), Dtype::F32, false);
    let text: Vec<u32> = b"What is lost is lost".iter().map(|&byte| u32::from(byte)).collect();
    let mut losses = Vec::new();
    for dtype in [Dtype::F16, Dtype::Bf16, Dtype::Int8, Dtype::Int4] {
        let (cosine, lost) = apart(&exact, &open(dir.path(), dtype, false), &[(text.clone(), 0)]);
        println!("tiny in {dtype}: cosine {cosine:.7}, {lost:.2e} nats");
        losses.push(lost);
    }
    // Eleven bits, eight bits of 16, eight of a block's largest, four: each loses more than the one before.
    assert!(losses.is_sorted(), "{losses:?}");
    assert!(losses[0] > 0.0 && losses[1] <= 1e-3, "{losses:?}");
}
