//! Damaged, incomplete and hostile folders: a clear error that names the file, and no panic.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use common::prompt::Decoding;
use engine::{Engine, EnginePrompt, Error, LoadOptions, tiny};
use safetensors::tensor::{SafeTensors, TensorView};

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

/// A folder with this tokenizer.
fn with_tokenizer(change: impl FnOnce(&mut serde_json::Value)) -> tempfile::TempDir {
    let dir = folder();
    let file = dir.path().join("tokenizer.json");
    let mut tokenizer: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    change(&mut tokenizer);
    fs::write(&file, tokenizer.to_string()).unwrap();
    dir
}

/// What the folder's model says to a prompt that it cannot read; it is asked without a template.
fn refused_prompt(dir: &Path, text: &str) -> Error {
    let _ = fs::remove_file(dir.join("tokenizer_config.json"));
    let mut engine = Engine::load(dir, &LoadOptions { threads: Some(1), ..LoadOptions::default() }).unwrap();
    let decoding = Decoding { max_output_tokens: 2, ..Decoding::default() };
    let prompt = EnginePrompt { system: None, earlier: &[], text, is_raw: false, decoding };
    engine.generate(&prompt, &mut |_| {}).unwrap_err()
}

#[test]
fn ids_that_a_tokenizer_puts_round_a_text_must_be_the_networks() {
    let dir = with_tokenizer(|tokenizer| {
        tokenizer["post_processor"] = serde_json::json!({ "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [99999], "tokens": ["<s>"] } } });
    });
    let error = refused_prompt(dir.path(), "Hi");
    assert!(matches!(error, Error::Prompt { .. }), "{error:?}");
    assert!(error.to_string().contains("tokenizer.json makes token 99999"), "{error}");
}

#[test]
fn a_token_added_beyond_the_vocabulary_refuses_the_texts_that_hold_it_and_no_others() {
    // As gemma-3-1b has it: a token for pictures, which the network for text never learned.
    let dir = folder();
    change_config(dir.path(), |config| {
        config.insert("vocab_size".into(), 258.into());
    });
    let weights = fs::read(dir.path().join("model.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&weights).unwrap();
    let fewer = tensors.iter().map(|(name, tensor)| {
        let shape = tensor.shape().to_vec();
        let (rows, each) = (if shape[0] == 259 { 258 } else { shape[0] }, tensor.data().len() / shape[0]);
        let shape = [&[rows], &shape[1..]].concat();
        (name, TensorView::new(tensor.dtype(), shape, &tensor.data()[..rows * each]).unwrap())
    });
    let cut = safetensors::serialize(fewer, None).unwrap();
    fs::write(dir.path().join("model.safetensors"), cut).unwrap();
    let error = refused_prompt(dir.path(), "Look: <|user|>");
    assert!(error.to_string().contains("makes token 258"), "{error}");
    let engine =
        Engine::load(dir.path(), &LoadOptions { threads: Some(1), ..LoadOptions::default() }).unwrap();
    assert_eq!(engine.prompt_ids(None, "Look").unwrap(), [76, 111, 111, 107]);
}

#[test]
fn how_texts_were_once_cut_and_filled_up_changes_no_prompt() {
    let dir = with_tokenizer(|tokenizer| {
        tokenizer["truncation"] = serde_json::json!(
            { "direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0 });
        tokenizer["padding"] = serde_json::json!({ "strategy": { "Fixed": 1_000_000_000 }, "direction": "Right",
            "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "!" });
    });
    let engine =
        Engine::load(dir.path(), &LoadOptions { threads: Some(1), ..LoadOptions::default() }).unwrap();
    assert_eq!(engine.bare_ids("Hello").unwrap(), [72, 101, 108, 108, 111]);
}

#[test]
fn a_table_of_characters_that_leads_astray_is_an_error_and_no_panic() {
    // A search tree of one node, which says that its children lie beyond the end.
    let dir = with_tokenizer(|tokenizer| {
        tokenizer["normalizer"] =
            serde_json::json!({ "type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAA=" });
    });
    let error = refused_prompt(dir.path(), "Hi");
    assert!(error.to_string().contains("tokenizer.json says: it breaks"), "{error}");
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
