//! Parity with the reference implementation: every family's tiny checkpoint gives its logits and its
//! greedy tokens. The fixtures and the script that makes them lie in `tests/fixtures`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixtures;
#[path = "fixtures/reference.rs"]
mod reference;

use std::fs;
use std::path::{Path, PathBuf};

use common::model::Dtype;
use engine::{Engine, LoadOptions};
use half::{bf16, f16};
use reference::Reference;
use safetensors::tensor::{Dtype as Type, SafeTensors, TensorView};

fn fixture(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(family)
}

/// The reference's 24 greedy tokens.
fn greedy_of(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(json["greedy"].clone()).unwrap()
}

/// The gap between the two best logits, and which is best.
fn best(logits: &[f32]) -> (u32, f32) {
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    (u32::try_from(order[0]).unwrap(), logits[order[0]] - logits[order[1]])
}

/// Compares a family in f32; returns the largest difference.
fn check(family: &str) -> f32 {
    let dir = fixture(family);
    let (expected, greedy) = (reference::of(&dir), greedy_of(&dir));
    let options = LoadOptions { dtype: Some(Dtype::F32), threads: Some(1), ..LoadOptions::default() };
    let engine = Engine::load_for_ids(&dir, &options).unwrap();
    let logits = engine.logits(&expected.ids).unwrap();
    assert_eq!(logits.len(), expected.logits.len(), "{family}: positions");
    let mut worst = 0.0f32;
    for (position, (ours, theirs)) in logits.iter().zip(&expected.logits).enumerate() {
        assert_eq!(ours.len(), theirs.len(), "{family}: vocabulary");
        for (id, (a, b)) in ours.iter().zip(theirs).enumerate() {
            let difference = (a - b).abs();
            assert!(
                difference <= 1e-4 + 1e-3 * b.abs(),
                "{family}: position {position}, id {id}: {a} is not {b}"
            );
            worst = worst.max(difference);
        }
        let (id, gap) = best(theirs);
        let greatest = theirs.iter().copied().fold(f32::MIN, f32::max);
        if gap > 2.0 * (1e-4 + 1e-3 * greatest.abs()) {
            assert_eq!(best(ours).0, id, "{family}: best at position {position}");
        }
    }
    // Greedy tokens through the cache. Where the two best are too close to call, the rest may differ.
    let mut text = expected.ids.clone();
    let ours = engine.greedy(&expected.ids, greedy.len()).unwrap();
    for (index, (a, b)) in ours.iter().zip(&greedy).enumerate() {
        let (_, gap) = best(engine.logits(&text).unwrap().last().unwrap());
        if a != b {
            assert!(gap < 1e-3, "{family}: greedy token {index} is {a}, not {b}, with a gap of {gap}");
            break;
        }
        text.push(*b);
    }
    worst
}

/// The largest difference beyond the tolerance; nothing above zero is parity.
fn excess(ours: &[Vec<f32>], theirs: &[Vec<f32>]) -> f32 {
    let beyond = |(a, b): (&f32, &f32)| (a - b).abs() - (1e-4 + 1e-3 * b.abs());
    ours.iter().flatten().zip(theirs.iter().flatten()).map(beyond).fold(f32::NEG_INFINITY, f32::max)
}

/// A tensor's name, format and bytes.
type Changed = (String, Type, Vec<u8>);

/// A fixture's tensors, each under another name or in another format, in a folder of their own.
fn changed(family: &str, change: impl Fn(&str, &TensorView<'_>) -> Changed) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let bytes = fs::read(fixture(family).join("model.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let changed: Vec<(Vec<usize>, Changed)> =
        tensors.iter().map(|(name, tensor)| (tensor.shape().to_vec(), change(name, &tensor))).collect();
    let views = changed
        .iter()
        .map(|(shape, (name, kind, bytes))| (name, TensorView::new(*kind, shape.clone(), bytes).unwrap()));
    safetensors::serialize_to_file(views, None, &dir.path().join("model.safetensors")).unwrap();
    dir
}

#[test]
fn the_text_part_of_a_model_for_pictures_is_read_as_the_reference_does() {
    let dir = changed("gemma3", |name, tensor| {
        let rest = name.strip_prefix("model.").unwrap();
        (format!("language_model.model.{rest}"), tensor.dtype(), tensor.data().to_vec())
    });
    let file = fixture("gemma3").join("config.json");
    let whole: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    // Nested, and without what transformers 4 left out: all that has its usual value, and what it spelled otherwise.
    let keys = [
        "head_dim",
        "hidden_size",
        "intermediate_size",
        "layer_types",
        "max_position_embeddings",
        "model_type",
        "num_attention_heads",
        "num_hidden_layers",
        "num_key_value_heads",
        "query_pre_attn_scalar",
        "sliding_window",
        "vocab_size",
    ];
    let part: serde_json::Map<_, _> =
        keys.iter().map(|key| ((*key).to_owned(), whole[*key].clone())).collect();
    let config = serde_json::json!({ "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
        "eos_token_id": [1, 106], "torch_dtype": "bfloat16", "text_config": part, "vision_config": {} });
    fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    let options = LoadOptions { dtype: Some(Dtype::F32), threads: Some(1), ..LoadOptions::default() };
    let engine = Engine::load_for_ids(dir.path(), &options).unwrap();
    let Reference { ids, logits } = reference::of(&fixture("gemma3"));
    assert!(excess(&engine.logits(&ids).unwrap(), &logits) <= 0.0);
}

#[test]
fn an_output_head_that_shares_the_table_keeps_a_bias_of_its_own() {
    let bytes = fs::read(fixture("phi").join("model.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let table = tensors.tensor("model.embed_tokens.weight").unwrap();
    let dir = changed("phi", |name, tensor| {
        let of = if name == "lm_head.weight" { &table } else { tensor };
        (name.to_owned(), of.dtype(), of.data().to_vec())
    });
    let text = fs::read_to_string(fixture("phi").join("config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&text).unwrap();
    let [apart, shared] = [false, true].map(|is_tied| {
        config["tie_word_embeddings"] = is_tied.into();
        fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
        let options = LoadOptions { dtype: Some(Dtype::F32), threads: Some(1), ..LoadOptions::default() };
        Engine::load_for_ids(dir.path(), &options).unwrap().logits(&[5, 9, 2]).unwrap()
    });
    assert_eq!(apart, shared);
}

#[test]
fn a_checkpoint_in_half_precision_is_read_as_it_is() {
    let from = fixture("llama2");
    let dir = changed("llama2", |name, tensor| {
        assert_eq!(tensor.dtype(), Type::BF16, "the fixture is made in bf16");
        let numbers = tensor.data().as_chunks::<2>().0.iter();
        let half = numbers.flat_map(|n| f16::from_f32(bf16::from_le_bytes(*n).to_f32()).to_le_bytes());
        (name.to_owned(), Type::F16, half.collect())
    });
    let _ = fs::copy(from.join("config.json"), dir.path().join("config.json")).unwrap();
    let load = |dtype| {
        let options = LoadOptions { dtype, threads: Some(1), ..LoadOptions::default() };
        Engine::load_for_ids(dir.path(), &options).unwrap()
    };
    assert_eq!(load(None).model().dtype, Dtype::F16, "its own format unless another is asked for");
    let Reference { ids, logits } = reference::of(&from);
    assert!(excess(&load(Some(Dtype::F32)).logits(&ids).unwrap(), &logits) <= 0.0, "in f32");
    let near = |(ours, theirs): (&f32, &f32)| (ours - theirs).abs() <= 0.02 * (1.0 + theirs.abs());
    let own = load(None).logits(&ids).unwrap();
    assert!(own.iter().flatten().zip(logits.iter().flatten()).all(near), "in f16");
}

#[test]
fn a_reference_that_was_cast_in_memory_is_met_where_its_rotations_are_rounded_too() {
    let dir = fixture("llama3");
    let theirs = reference::logits_in(&dir.join("cast.safetensors"));
    let of = |rotary_in_bf16| {
        let options = LoadOptions {
            dtype: Some(Dtype::F32),
            threads: Some(1),
            rotary_in_bf16,
            ..LoadOptions::default()
        };
        let ids = reference::of(&dir).ids;
        excess(&Engine::load_for_ids(&dir, &options).unwrap().logits(&ids).unwrap(), &theirs)
    };
    assert!(of(true) <= 0.0, "rounded: {} too far", of(true));
    assert!(of(false) > 0.0, "the fixture tells the two apart");
}

macro_rules! families {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                let worst = check(stringify!($name));
                eprintln!("{}: largest difference {worst:e}", stringify!($name));
            }
        )*

        /// Answers to one question: all begin alike, some for longer, and lengths lie on both sides of where rotations
        /// change.
        #[test]
        fn what_texts_begin_with_is_computed_once_and_changes_no_likelihood() {
            for family in [$(stringify!($name)),*] {
                let dir = fixture(family);
                let options =
                    LoadOptions { dtype: Some(Dtype::F32), threads: Some(1), ..LoadOptions::default() };
                let engine = Engine::load_for_ids(&dir, &options).unwrap();
                let text = |shared: u32, own: u32| -> Vec<u32> {
                    let ids = (0..shared).map(|id| (7 * id + 3) % 90);
                    ids.chain((0..own).map(|id| (own + 5 * id) % 90)).collect()
                };
                let texts = [text(11, 3), text(11, 6), text(9, 2), text(11, 1), text(11, 24), text(11, 3)];
                let asked: Vec<(&[u32], usize)> =
                    [11, 10, 9, 11, 12, 1].into_iter().zip(&texts).map(|(from, ids)| (&ids[..], from)).collect();
                let alone: Vec<f64> =
                    asked.iter().map(|(ids, from)| engine.log_likelihood(ids, *from).unwrap()).collect();
                for (together, alone) in engine.log_likelihoods(&asked[..5]).unwrap().iter().zip(&alone) {
                    assert!((together - alone).abs() <= 1e-6 * alone.abs(), "{family}: {together} is not {alone}");
                }
                let all = engine.log_likelihoods(&asked).unwrap();
                assert!((all[5] - alone[5]).abs() <= 1e-6 * alone[5].abs(), "{family}: nothing is shared");
            }
        }

        #[test]
        fn every_fixture_has_a_test() {
            let folders: Vec<String> = fixtures::folders()
                .iter()
                .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            let mut tested = vec![$(stringify!($name)),*];
            tested.sort_unstable();
            assert_eq!(folders, tested);
        }
    };
}

families!(
    bloom,
    bloom_six_heads,
    codellama,
    falcon,
    falcon_alibi,
    falcon_new,
    gemma,
    gemma2,
    gemma3,
    gpt2,
    gpt_neox,
    gpt_neox_serial,
    llama2,
    llama3,
    llama_tied,
    llama_yarn,
    mistral,
    mixtral,
    olmo2,
    phi,
    phi3,
    phi3_long,
    phi3_outgrown,
    phi_qk_norm,
    qwen2,
    qwen2_window,
    qwen3,
    rwkv,
    stablelm2,
    stablelm2_parallel,
);
