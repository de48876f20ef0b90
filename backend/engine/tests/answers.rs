//! Answers of the tiny model: the same whatever came before, however the files are laid out.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use common::measurement::Finish;
use common::model::{Dtype, Weights};
use common::prompt::Decoding;
use engine::{Engine, EnginePrompt, Error, LoadOptions, tiny};

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    tiny::write(dir.path(), 7).unwrap();
    dir
}

fn options() -> LoadOptions {
    LoadOptions { dtype: None, threads: Some(2), ..LoadOptions::default() }
}

fn load(dir: &Path) -> Engine {
    Engine::load(dir, &options()).unwrap()
}

fn prompt(text: &str, temperature: f64) -> EnginePrompt<'_> {
    EnginePrompt {
        system: None,
        earlier: &[],
        text,
        is_raw: false,
        decoding: Decoding {
            max_output_tokens: 24,
            temperature,
            top_p: 0.95,
            seed: 11,
            ..Decoding::default()
        },
    }
}

fn ids(engine: &mut Engine, text: &str, temperature: f64) -> Vec<u32> {
    let mut ids = Vec::new();
    let _ = engine.generate(&prompt(text, temperature), &mut |token| ids.push(token.id)).unwrap();
    ids
}

#[test]
fn an_answer_comes_with_text_times_and_a_marked_model() {
    let dir = folder();
    let mut engine = load(dir.path());
    let mut told = String::new();
    let mut times = Vec::new();
    let mut on_token = |token: &engine::TokenEvent<'_>| {
        told.push_str(token.text);
        times.push(token.at);
    };
    let answer = engine.generate(&prompt("Hello", 0.0), &mut on_token).unwrap();
    assert!(answer.text.starts_with(&told), "{told:?} against {:?}", answer.text);
    assert_eq!(usize::try_from(answer.output_tokens).unwrap(), answer.token_times.len());
    assert_eq!(answer.prompt_tokens, 1 + 1 + 5 + 1, "begin, user, five bytes, end");
    assert!(answer.token_times.is_sorted() && times.is_sorted());
    assert_eq!(times[0].duration_since(answer.started), answer.token_times[0]);
    if answer.finish == Finish::Length {
        assert_eq!(answer.output_tokens, 24);
    }
    let model = engine.model();
    assert_eq!(model.weights, Weights::Random);
    assert_eq!(model.dtype, Dtype::F32);
    assert!(model.id.as_str().ends_with(&format!("@{}:f32", &model.weights_sha256[..8])), "{}", model.id);
    assert_eq!(model.weight_bytes, 4 * model.parameters);
}

#[test]
fn the_same_prompt_gives_the_same_answer_with_another_between() {
    let dir = folder();
    let mut engine = load(dir.path());
    for temperature in [0.0, 1.0] {
        let first = ids(&mut engine, "What is it?", temperature);
        let other = ids(&mut engine, "Quite another question, and longer.", temperature);
        assert_eq!(ids(&mut engine, "What is it?", temperature), first);
        assert_ne!(other, first);
    }
}

#[test]
fn decoding_with_the_cache_equals_computing_everything_again() {
    let dir = folder();
    let engine = load(dir.path());
    let prompt: Vec<u32> = b"The cache must not matter".iter().map(|&byte| u32::from(byte)).collect();
    let cached = engine.greedy(&prompt, 16).unwrap();
    let mut text = prompt;
    for token in cached {
        let logits = engine.logits(&text).unwrap().pop().unwrap();
        let best =
            (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]).then(b.cmp(&a))).unwrap();
        assert_eq!(u32::try_from(best).unwrap(), token);
        text.push(token);
    }
}

#[test]
fn a_prompt_longer_than_one_piece_equals_the_reference_of_single_steps() {
    let dir = folder();
    let engine = load(dir.path());
    let long: Vec<u32> = (0..700u32).map(|n| n * 7 % 256).collect();
    let together = engine.greedy(&long, 4).unwrap();
    let rows = engine.logits(&long).unwrap();
    assert_eq!(rows.len(), 700);
    let last = rows.last().unwrap();
    let best = (0..last.len()).max_by(|&a, &b| last[a].total_cmp(&last[b]).then(b.cmp(&a))).unwrap();
    assert_eq!(u32::try_from(best).unwrap(), together[0]);
}

#[test]
fn the_number_of_threads_does_not_change_the_answer() {
    let dir = folder();
    let one =
        Engine::load(dir.path(), &LoadOptions { dtype: None, threads: Some(1), ..LoadOptions::default() })
            .unwrap();
    let four =
        Engine::load(dir.path(), &LoadOptions { dtype: None, threads: Some(4), ..LoadOptions::default() })
            .unwrap();
    assert_eq!(four.threads(), 4);
    let ids = [72, 101, 108, 108, 111];
    assert_eq!(one.logits(&ids).unwrap(), four.logits(&ids).unwrap());
}

#[test]
fn several_files_with_an_index_equal_one_file() {
    let dir = folder();
    let mut single = load(dir.path());
    let bytes = fs::read(dir.path().join("model.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let sharded = folder();
    fs::remove_file(sharded.path().join("model.safetensors")).unwrap();
    let mut map = serde_json::Map::new();
    for (shard, name) in
        ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"].iter().enumerate()
    {
        let views: Vec<_> = tensors
            .tensors()
            .into_iter()
            .enumerate()
            .filter(|(n, _)| n % 2 == shard)
            .map(|(_, t)| t)
            .collect();
        for (tensor, _) in &views {
            map.insert(tensor.clone(), serde_json::json!(name));
        }
        safetensors::serialize_to_file(views, None, &sharded.path().join(name)).unwrap();
    }
    let index = serde_json::json!({ "metadata": {}, "weight_map": map });
    fs::write(sharded.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
    let mut several = load(sharded.path());
    assert_eq!(ids(&mut several, "Shards", 0.0), ids(&mut single, "Shards", 0.0));
    assert_eq!(several.model().parameters, single.model().parameters);
}

#[test]
fn a_configuration_of_version_4_equals_one_of_version_5() {
    let dir = folder();
    let mut five = load(dir.path());
    let four = folder();
    let file = four.path().join("config.json");
    let mut config: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let object = config.as_object_mut().unwrap();
    object.remove("rope_parameters");
    object.remove("dtype");
    object.insert("rope_theta".into(), 10000.0.into());
    object.insert("rope_scaling".into(), serde_json::Value::Null);
    object.insert("torch_dtype".into(), "float32".into());
    fs::write(&file, config.to_string()).unwrap();
    assert_eq!(ids(&mut load(four.path()), "Versions", 0.0), ids(&mut five, "Versions", 0.0));
}

#[test]
fn fewer_bits_stay_close_to_single_precision_and_say_what_they_take() {
    let dir = folder();
    let full = load(dir.path()).logits(&[72, 101, 108]).unwrap();
    let cases = [
        (Dtype::F16, 16.0, 0.9999),
        (Dtype::Bf16, 16.0, 0.9999),
        (Dtype::Int8, 8.6, 0.999),
        (Dtype::Int4, 6.0, 0.97),
    ];
    for (dtype, bits, closeness) in cases {
        let small = Engine::load(
            dir.path(),
            &LoadOptions { dtype: Some(dtype), threads: Some(1), ..LoadOptions::default() },
        )
        .unwrap();
        let model = small.model();
        assert_eq!(model.dtype, dtype);
        assert!(model.id.as_str().ends_with(&format!(":{dtype}")), "{}", model.id);
        assert!(model.bits_per_weight >= 4.5 && model.bits_per_weight <= bits, "{}", model.bits_per_weight);
        assert!(model.weight_bytes < model.parameters * 2 + 4096);
        for (a, b) in small.logits(&[72, 101, 108]).unwrap().iter().zip(&full) {
            let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum::<f64>();
            let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
            assert!(cosine > closeness, "{dtype}: cosine {cosine}");
        }
    }
}

#[test]
fn a_shape_with_random_weights_runs_without_a_download_and_is_marked() {
    let dir = folder();
    let options = LoadOptions { dtype: Some(Dtype::Int8), threads: Some(1), ..LoadOptions::default() };
    let mut engine = Engine::random(&dir.path().join("config.json"), 5, &options).unwrap();
    assert_eq!(engine.model().weights, Weights::Random);
    let run = engine.generate_ids(&[&[1, 2, 3]], 4).unwrap().remove(0);
    assert_eq!((run.prompt_tokens, run.output_tokens, run.finish), (3, 4, Finish::Length));
    let answer = engine.generate(&prompt("text", 0.0), &mut |_| {}).unwrap();
    assert!(answer.prompt_tokens > 0, "the tokenizer beside the shape reads the text");
    assert!(matches!(engine.generate_ids(&[&[9999]], 4), Err(Error::Prompt { .. })));
}

#[test]
fn a_shape_too_large_for_memory_is_refused_before_it_is_made() {
    let dir = folder();
    let file = dir.path().join("config.json");
    let mut config: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    config["hidden_size"] = (1 << 20).into();
    config["vocab_size"] = (1 << 24).into();
    fs::write(&file, config.to_string()).unwrap();
    let error = Engine::random(&file, 5, &options()).err().unwrap();
    assert!(matches!(error, Error::Memory { .. }), "{error:?}");
}

#[test]
fn a_prompt_that_leaves_no_room_for_an_answer_is_refused_with_both_numbers() {
    let dir = folder();
    let text = "x".repeat(2048);
    let error = load(dir.path()).generate(&prompt(&text, 0.0), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::PromptTooLong { prompt_tokens: 2051, context_length: 2048 }), "{error}");
}

#[test]
fn an_answer_ends_where_the_context_ends() {
    let dir = folder();
    let text = "x".repeat(2048 - 3 - 5);
    let answer = load(dir.path()).generate(&prompt(&text, 0.0), &mut |_| {}).unwrap();
    assert!(answer.output_tokens <= 5 && (answer.finish == Finish::Stop || answer.output_tokens == 5));
}

#[test]
fn text_of_several_bytes_a_character_arrives_whole() {
    let dir = folder();
    let mut engine = load(dir.path());
    let mut pieces = Vec::new();
    let answer =
        engine.generate(&prompt("äöü", 1.5), &mut |token| pieces.push(token.text.to_owned())).unwrap();
    assert!(answer.text.starts_with(&pieces.concat()));
    assert_eq!(answer.prompt_tokens, 3 + 6);
}

#[test]
fn a_forced_answer_goes_on_past_what_would_end_it() {
    let dir = folder();
    let mut engine = load(dir.path());
    let asked = |seed: u32, forced_length: bool| {
        let natural = prompt("abc", 1.8);
        let decoding = Decoding { seed, max_output_tokens: 120, forced_length, ..natural.decoding };
        EnginePrompt { decoding, ..natural }
    };
    let mut answer = |seed, forced| engine.generate(&asked(seed, forced), &mut |_| {}).unwrap();
    let seed = (0..60).find(|&seed| answer(seed, false).finish == Finish::Stop).unwrap();
    let (natural, forced) = (answer(seed, false), answer(seed, true));
    assert_eq!((forced.output_tokens, forced.finish), (120, Finish::Length));
    assert_eq!(forced.output_ids[..natural.output_ids.len()], natural.output_ids);
}

#[test]
fn the_likelihood_of_a_continuation_is_the_sum_over_its_tokens_by_their_logits() {
    let dir = folder();
    let engine = load(dir.path());
    let ids = engine.bare_ids("hello world").unwrap();
    let rows = engine.logits(&ids).unwrap();
    let from = 4;
    let expected: f64 = (from..ids.len())
        .map(|place| {
            let row = &rows[place - 1];
            let all: f64 = row.iter().map(|logit| f64::from(*logit).exp()).sum();
            f64::from(row[usize::try_from(ids[place]).unwrap()]) - all.ln()
        })
        .sum();
    let found = engine.log_likelihood(&ids, from).unwrap();
    assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    assert!(matches!(engine.log_likelihood(&ids, 0), Err(Error::Prompt { .. })));
    assert!(matches!(engine.log_likelihood(&ids, ids.len()), Err(Error::Prompt { .. })));
}

#[test]
fn a_chat_template_in_its_own_file_is_used_in_place_of_the_one_beside_the_tokenizer() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-models/demo-0.3m");
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&demo).unwrap().map(Result::unwrap) {
        let _ = fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let inline = load(dir.path()).prompt_ids(None, "Hello").unwrap();
    let file = dir.path().join("tokenizer_config.json");
    let mut config: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let template = config["chat_template"].as_str().unwrap().to_owned();
    fs::write(dir.path().join("chat_template.jinja"), &template).unwrap();
    config["chat_template"] = "something else".into();
    fs::write(&file, config.to_string()).unwrap();
    assert_eq!(load(dir.path()).prompt_ids(None, "Hello").unwrap(), inline);
    fs::write(dir.path().join("chat_template.jinja"), format!("Hello. {template}")).unwrap();
    assert_ne!(load(dir.path()).prompt_ids(None, "Hello").unwrap(), inline);
}
