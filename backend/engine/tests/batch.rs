//! Several sequences at once, or one in pieces: never other numbers than each alone and whole, in any
//! family. The fixtures are those of the parity test.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixtures;

use std::path::Path;

use common::measurement::Finish;
use common::model::Dtype;
use common::prompt::Decoding;
use engine::{Engine, EnginePrompt, LoadOptions, tiny};
use fixtures::folders;

fn load(folder: &Path, dtype: Dtype) -> Engine {
    Engine::load_for_ids(
        folder,
        &LoadOptions { dtype: Some(dtype), threads: Some(2), ..LoadOptions::default() },
    )
    .unwrap()
}

fn text(length: u32, seed: u32) -> Vec<u32> {
    (0..length).map(|at| 3 + (at * 7 + seed * 13) % 60).collect()
}

#[test]
fn a_batch_of_texts_of_different_lengths_equals_single_runs_in_every_family() {
    for folder in folders() {
        for dtype in [Dtype::F32, Dtype::Int4] {
            let mut engine = load(&folder, dtype);
            let texts: Vec<Vec<u32>> = [1, 30, 7, 16, 2]
                .into_iter()
                .enumerate()
                .map(|(n, length)| text(length, u32::try_from(n).unwrap()))
                .collect();
            let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
            let together = engine.generate_ids(&texts, 10).unwrap();
            assert!(together.iter().all(|answer| answer.started == together[0].started));
            for (text, answer) in texts.iter().zip(&together) {
                let alone = engine.generate_ids(&[text], 10).unwrap().remove(0);
                let what = format!("{} in {dtype}, {} tokens", folder.display(), text.len());
                assert_eq!(answer.output_ids, alone.output_ids, "{what}");
                assert_eq!(usize::try_from(answer.prompt_tokens).unwrap(), text.len(), "{what}");
                assert_eq!((answer.output_tokens, answer.token_times.len()), (10, 10), "{what}");
                assert!(answer.token_times.is_sorted(), "{what}");
            }
        }
    }
}

#[test]
fn a_text_in_pieces_gives_the_logits_of_one_shot_bit_for_bit_in_every_family() {
    for folder in folders() {
        for dtype in [Dtype::F32, Dtype::Bf16, Dtype::Int8] {
            let engine = load(&folder, dtype);
            let text = text(40, 5);
            let whole = engine.logits(&text).unwrap();
            for piece in [1, 3, 13] {
                let pieces = engine.logits_in_pieces(&text, piece).unwrap();
                assert!(whole == pieces, "{} in {dtype}, pieces of {piece}", folder.display());
            }
        }
    }
}

#[test]
fn decoding_with_what_was_remembered_equals_computing_everything_again_in_every_family() {
    for folder in folders() {
        let mut engine = load(&folder, Dtype::F32);
        let mut text = text(12, 9);
        let answer = engine.generate_ids(&[&text], 12).unwrap().remove(0);
        for token in answer.output_ids {
            let logits = engine.logits(&text).unwrap().pop().unwrap();
            let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]).then(b.cmp(&a)));
            assert_eq!(u32::try_from(best.unwrap()).unwrap(), token, "{}", folder.display());
            text.push(token);
        }
    }
}

fn tiny_model() -> (tempfile::TempDir, Engine) {
    let dir = tempfile::tempdir().unwrap();
    tiny::write(dir.path(), 7).unwrap();
    let engine =
        Engine::load(dir.path(), &LoadOptions { dtype: None, threads: Some(2), ..LoadOptions::default() })
            .unwrap();
    (dir, engine)
}

fn prompt(text: &str, max_output_tokens: u32, seed: u32) -> EnginePrompt<'_> {
    let decoding = Decoding { max_output_tokens, temperature: 1.0, top_p: 0.95, seed, ..Decoding::default() };
    EnginePrompt { system: None, earlier: &[], text, is_raw: false, decoding }
}

#[test]
fn each_answer_of_a_batch_keeps_its_own_limit_seed_text_and_times() {
    let (_dir, mut engine) = tiny_model();
    let long = "A much longer question than the others. ".repeat(20);
    let prompts = [
        prompt("One", 3, 1),
        prompt("One", 30, 2),
        prompt(&long, 12, 1),
        prompt("Four", 1, 1),
        prompt("One", 30, 1),
    ];
    let mut told = vec![(String::new(), Vec::new()); prompts.len()];
    let mut on_token = |number: usize, token: &engine::TokenEvent<'_>| {
        told[number].0.push_str(token.text);
        told[number].1.push((token.index, token.id));
    };
    let answers = engine.generate_batch(&prompts, &mut on_token).unwrap();
    for (number, (prompt, answer)) in prompts.iter().zip(&answers).enumerate() {
        let alone = engine.generate(prompt, &mut |_| {}).unwrap();
        assert_eq!((&answer.text, &answer.output_ids), (&alone.text, &alone.output_ids), "{number}");
        assert_eq!((answer.finish, answer.prompt_tokens), (alone.finish, alone.prompt_tokens), "{number}");
        assert!(answer.text.starts_with(&told[number].0), "{number}");
        let ids: Vec<(u32, u32)> = (0..).zip(answer.output_ids.iter().copied()).collect();
        assert_eq!(told[number].1, ids, "{number}");
        if answer.finish == Finish::Length {
            assert_eq!(answer.output_tokens, prompt.decoding.max_output_tokens, "{number}");
        }
    }
    assert_ne!(answers[1].output_ids, answers[4].output_ids, "the seed is each prompt's own");
    assert_eq!(answers[0].output_ids, answers[4].output_ids[..3], "the limit only ends an answer");
}

#[test]
fn sixty_four_sequences_run_at_once_and_one_bad_prompt_refuses_all() {
    let (_dir, mut engine) = tiny_model();
    let texts: Vec<Vec<u32>> = (1..=64).map(|length| text(length, length)).collect();
    let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
    let together = engine.generate_ids(&texts, 6).unwrap();
    for number in [0, 31, 63] {
        let alone = engine.generate_ids(&texts[number..=number], 6).unwrap().remove(0);
        assert_eq!(together[number].output_ids, alone.output_ids);
    }
    let endless = "x".repeat(3000);
    let refused = engine.generate_batch(&[prompt("fine", 4, 1), prompt(&endless, 4, 1)], &mut |_, _| {});
    assert!(matches!(refused, Err(engine::Error::PromptTooLong { .. })));
    assert!(engine.generate_batch(&[], &mut |_, _| {}).is_err());
}
