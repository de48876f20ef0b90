//! The window into the engine, through the built program: what it prints, and what it says when it cannot.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn fixture(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests/fixtures").join(family)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The program with nothing of this machine, and no hub to ask.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jouleboard-worker"));
    command.args(args).env_clear().env("HF_HUB_OFFLINE", "1");
    command
}

/// Runs it with an empty cache.
fn worker(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    command(args).env("HOME", home.path()).output().unwrap()
}

/// What a run prints that succeeds.
fn printed(args: &[&str]) -> String {
    let output = worker(args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a run complains of that fails, having printed nothing.
fn complaint(args: &[&str]) -> String {
    let output = worker(args);
    assert!(!output.status.success() && output.stdout.is_empty(), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// The bytes of a tensor: eight bytes of length, a header in JSON, the numbers.
fn tensor(file: &Path, name: &str) -> Vec<u8> {
    let bytes = std::fs::read(file).unwrap();
    let start = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: Value = serde_json::from_slice(&bytes[8..start]).unwrap();
    let at = |end: usize| usize::try_from(header[name]["data_offsets"][end].as_u64().unwrap()).unwrap();
    bytes[start + at(0)..start + at(1)].to_vec()
}

#[test]
fn logits_are_one_json_object_and_agree_with_the_reference() {
    let dir = fixture("llama2");
    let file = dir.join("expected.safetensors");
    let ids = tensor(&file, "input_ids");
    let ids: Vec<String> = ids.as_chunks().0.iter().map(|id| i64::from_le_bytes(*id).to_string()).collect();
    let logits = tensor(&file, "logits");
    let expected: Vec<f32> = logits.as_chunks().0.iter().map(|logit| f32::from_le_bytes(*logit)).collect();

    let json = printed(&["logits", "--model", text(&dir), "--ids", &ids.join(","), "--dtype", "f32"]);
    let found: Value = serde_json::from_str(&json).unwrap();
    let keys: std::collections::BTreeSet<&String> = found.as_object().unwrap().keys().collect();
    assert!(keys.into_iter().eq(["device", "dtype", "greedy", "logits"]), "{json}");
    assert_eq!((&found["dtype"], &found["device"]), (&Value::from("f32"), &Value::from("cpu")));
    let rows: Vec<Vec<f32>> = serde_json::from_value(found["logits"].clone()).unwrap();
    assert_eq!(rows.len(), ids.len());
    for (ours, theirs) in rows.concat().iter().zip(&expected) {
        assert!((ours - theirs).abs() <= 1e-4 + 1e-3 * theirs.abs(), "{ours} is not {theirs}");
    }
    let reference = std::fs::read(dir.join("expected.json")).unwrap();
    let reference: Value = serde_json::from_slice(&reference).unwrap();
    assert_eq!(found["greedy"], reference["greedy"], "24 tokens of the likeliest continuation");
}

#[test]
fn an_answer_is_printed_and_the_same_seed_prints_it_again() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/demo-models/demo-1m");
    let ask = |seed: &str| {
        printed(&[
            "generate",
            "--model",
            text(&dir),
            "--max-output-tokens",
            "20",
            "--temperature",
            "1.5",
            "--seed",
            seed,
            "Tell me a story.",
        ])
    };
    let answer = ask("3");
    assert!(!answer.trim().is_empty(), "{answer:?}");
    assert_eq!(ask("3"), answer);
    let greedy = printed(&["generate", "--model", text(&dir), "What is 2 plus 2?"]);
    assert!(greedy.contains('4'), "{greedy:?}");
}

#[test]
fn random_weights_of_a_shape_have_logits_that_their_seed_decides() {
    let config = fixture("llama3").join("config.json");
    let ask =
        |seed: &str| printed(&["logits", "--random", text(&config), "--random-seed", seed, "--ids", "1,2"]);
    let once = ask("1");
    assert_eq!(ask("1"), once);
    assert_ne!(ask("2"), once);
}

#[test]
fn a_continuation_ends_with_the_context_and_a_prompt_may_fill_it() {
    let dir = fixture("llama2");
    for (tokens, left) in [(120, 8), (128, 0)] {
        let json = printed(&["logits", "--model", text(&dir), "--ids", &vec!["1"; tokens].join(",")]);
        let found: Value = serde_json::from_str(&json).unwrap();
        let count = |key: &str| found[key].as_array().unwrap().len();
        assert_eq!((count("logits"), count("greedy")), (tokens, left));
    }
}

#[test]
fn a_model_of_the_hub_is_found_in_the_cache_folder_that_the_user_named() {
    let cache = tempfile::tempdir().unwrap();
    let (commit, model) = ("c".repeat(40), cache.path().join("huggingface/hub/models--org--tiny"));
    let snapshot = model.join("snapshots").join(&commit);
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir_all(model.join("refs")).unwrap();
    std::fs::write(model.join("refs/main"), &commit).unwrap();
    for file in ["config.json", "model.safetensors"] {
        let _ = std::fs::copy(fixture("llama2").join(file), snapshot.join(file)).unwrap();
    }
    let ask = |worker: &mut Command| worker.env("XDG_CACHE_HOME", cache.path()).output().unwrap();
    let output = ask(&mut command(&["logits", "--model", "org/tiny", "--ids", "1"]));
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_cannot_be_asked_is_said_with_its_reason() {
    let dir = fixture("llama2");
    let of = |more: &[&str]| complaint(&[&["logits", "--model", text(&dir)], more].concat());
    assert!(of(&["--ids", "1,4000"]).contains("the id 4000 is outside the vocabulary of 101"));
    assert!(of(&["--ids", "1,x"]).contains("invalid digit"));
    assert!(of(&["--ids", "1", "--dtype", "f8"]).contains("use one of f32"));
    assert!(of(&["--ids", "1", "--device", "tpu"]).contains("use cpu, cuda"));
    let missing = complaint(&["logits", "--model", "/nonexistent/model", "--ids", "1"]);
    assert!(missing.contains("/nonexistent/model") && missing.contains("config.json"), "{missing}");
    let unknown = complaint(&["generate", "--model", "org/not-here", "hello"]);
    assert!(unknown.contains("org/not-here: there is no folder of this name"), "{unknown}");
    assert!(unknown.contains("HF_HUB_OFFLINE"), "{unknown}");
    assert!(complaint(&["generate", "--model", text(&dir), "hello"]).contains("tokenizer.json"));
    let long = vec!["1"; 129].join(",");
    assert!(of(&["--ids", &long]).contains("context holds 128"));
}
