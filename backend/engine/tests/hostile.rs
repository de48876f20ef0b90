//! Damaged, incomplete and hostile folders: a clear error that names the file, and no panic.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use engine::{Engine, Error, LoadOptions, tiny};

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    tiny::write(dir.path(), 7).unwrap();
    dir
}

fn refusal(dir: &Path) -> Error {
    match Engine::load(dir, &LoadOptions { dtype: None, threads: Some(1), ..LoadOptions::default() }) {
        Ok(_) => panic!("a damaged folder was loaded"),
        Err(error) => error,
    }
}

/// The error names this file and says these words.
fn assert_names(error: &Error, file: &str, words: &str) {
    assert!(matches!(error, Error::Checkpoint { file: at, .. } if at.ends_with(file)), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
}

fn change_config(dir: &Path, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let file = dir.join("config.json");
    let mut config: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    change(config.as_object_mut().unwrap());
    fs::write(&file, config.to_string()).unwrap();
}

#[test]
fn each_missing_file_is_named() {
    for file in ["config.json", "tokenizer.json"] {
        let dir = folder();
        fs::remove_file(dir.path().join(file)).unwrap();
        assert_names(&refusal(dir.path()), file, "is missing");
    }
    let dir = folder();
    fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    assert_names(&refusal(dir.path()), "model.safetensors", "cannot be opened");
}

#[test]
fn weights_cut_short_anywhere_are_refused() {
    let whole = folder();
    let bytes = fs::read(whole.path().join("model.safetensors")).unwrap();
    for length in [0, 4, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        let dir = folder();
        fs::write(dir.path().join("model.safetensors"), &bytes[..length]).unwrap();
        assert_names(&refusal(dir.path()), "model.safetensors", "");
    }
}

#[test]
fn a_header_that_lies_is_refused() {
    let headers = [
        r#"{"a":{"dtype":"F32","shape":[18446744073709551615,2],"data_offsets":[0,8]}}"#,
        r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
        r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999]}}"#,
        "not json",
    ];
    for header in headers {
        let dir = folder();
        let mut bytes = u64::try_from(header.len()).unwrap().to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(&[0; 8]);
        fs::write(dir.path().join("model.safetensors"), bytes).unwrap();
        assert_names(&refusal(dir.path()), "model.safetensors", "");
    }
    let dir = folder();
    fs::write(dir.path().join("model.safetensors"), u64::MAX.to_le_bytes()).unwrap();
    assert_names(&refusal(dir.path()), "model.safetensors", "damaged");
}

#[test]
fn a_tensor_of_another_shape_and_a_missing_one_are_named() {
    let dir = folder();
    change_config(dir.path(), |config| {
        config.insert("intermediate_size".into(), 129.into());
    });
    assert_names(&refusal(dir.path()), "model.safetensors", "mlp.gate_proj.weight");
    let dir = folder();
    change_config(dir.path(), |config| {
        config.insert("tie_word_embeddings".into(), false.into());
    });
    assert_names(&refusal(dir.path()), "model.safetensors", "no tensor \"lm_head.weight\"");
}

#[test]
fn an_index_that_leads_out_of_the_folder_is_refused() {
    for name in ["../model.safetensors", "/etc/passwd", "..", ""] {
        let dir = folder();
        let index = serde_json::json!({ "weight_map": { "a": name } });
        fs::write(dir.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
        assert_names(&refusal(dir.path()), "model.safetensors.index.json", "names the file");
    }
}

#[test]
fn impossible_dimensions_are_refused_before_anything_is_allocated() {
    for (key, value) in [
        ("hidden_size", 0u64),
        ("hidden_size", 1 << 40),
        ("num_hidden_layers", 1 << 20),
        ("num_attention_heads", 6),
        ("num_key_value_heads", 3),
        ("vocab_size", u64::MAX),
    ] {
        let dir = folder();
        change_config(dir.path(), |config| {
            config.insert(key.into(), value.into());
            config.remove("head_dim");
        });
        assert_names(&refusal(dir.path()), "config.json", key);
    }
}

#[test]
fn an_unknown_architecture_or_activation_says_what_runs() {
    let dir = folder();
    change_config(dir.path(), |config| {
        config.insert("architectures".into(), serde_json::json!(["MambaForCausalLM"]));
    });
    let error = refusal(dir.path());
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert!(error.to_string().contains("MambaForCausalLM") && error.to_string().contains("LlamaForCausalLM"));
    let dir = folder();
    change_config(dir.path(), |config| {
        config.insert("hidden_act".into(), "mish".into());
    });
    assert!(matches!(refusal(dir.path()), Error::Unsupported { .. }));
}

#[test]
fn a_tokenizer_with_more_tokens_than_the_network_is_refused() {
    let dir = folder();
    let file = dir.path().join("tokenizer.json");
    let text = fs::read_to_string(&file).unwrap().replace("\"id\": 258", "\"id\": 259");
    fs::write(&file, &text).unwrap();
    // The library renumbers added tokens, so a bigger vocabulary is written instead.
    let mut tokenizer: serde_json::Value = serde_json::from_str(&text).unwrap();
    tokenizer["model"]["vocab"]["zz"] = 300.into();
    fs::write(&file, tokenizer.to_string()).unwrap();
    assert_names(&refusal(dir.path()), "tokenizer.json", "vocab_size");
}

#[test]
fn a_tokenizer_or_a_template_that_is_none_is_refused() {
    let dir = folder();
    fs::write(dir.path().join("tokenizer.json"), "{}").unwrap();
    assert_names(&refusal(dir.path()), "tokenizer.json", "cannot be read");
    let dir = folder();
    fs::write(dir.path().join("chat_template.jinja"), "{% for %}").unwrap();
    assert_names(&refusal(dir.path()), "chat_template.jinja", "template");
}

#[test]
fn deep_json_and_a_list_as_configuration_are_refused() {
    for text in ["[".repeat(100_000), "[]".to_owned(), "{\"architectures\": 3}".to_owned()] {
        let dir = folder();
        fs::write(dir.path().join("config.json"), text).unwrap();
        assert_names(&refusal(dir.path()), "config.json", "");
    }
}
