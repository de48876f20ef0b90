//! Transformers 4 wrote configurations otherwise than 5, in which the fixtures are made: each fixture rewritten to the older
//! spelling is the same network.
//!
//! Must not: spell what no published checkpoint does.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::*;
use crate::fixtures::folders;
use crate::hf::config::HfConfig;

type Config = Map<String, Value>;

/// Gives a value another name.
fn rename(config: &mut Config, from: &str, to: &str) {
    if let Some(value) = config.remove(from) {
        config.insert(to.to_owned(), value);
    }
}

/// Leaves out what follows from another value.
fn drop_usual(config: &mut Config, key: &str, usual: &Value) {
    if config.get(key).is_some_and(|value| value.is_null() || value == usual) {
        config.remove(key);
    }
}

/// Rotations stood in the open, and only their stretching in an object of its own.
fn rotations_of_version_4(config: &mut Config, kind: &str) {
    let Some(Value::Object(mut rope)) = config.remove("rope_parameters") else { return };
    if let Some(Value::Object(local)) = rope.remove("sliding_attention") {
        config.insert("rope_local_base_freq".to_owned(), local["rope_theta"].clone());
        let Some(Value::Object(full)) = rope.remove("full_attention") else { panic!("no other rotation") };
        rope = full;
    }
    for (key, neox) in [("rope_theta", "rotary_emb_base"), ("partial_rotary_factor", "rotary_pct")] {
        if let Some(value) = rope.remove(key) {
            let key = if config["model_type"] == "gpt_neox" { neox } else { key };
            config.insert(key.to_owned(), value);
        }
    }
    rename(&mut rope, "rope_type", kind);
    if rope[kind] == "longrope" {
        // Phi 3 says beside it for which context it was first made.
        rope.remove("original_max_position_embeddings");
    }
    let stretched = if rope[kind] == "default" { Value::Null } else { Value::Object(rope) };
    config.insert("rope_scaling".to_owned(), stretched);
}

/// The same network as transformers 4 wrote it; `kind` is how it called the way of stretching.
fn version_4(mut config: Config, kind: &str) -> Config {
    rename(&mut config, "dtype", "torch_dtype");
    rotations_of_version_4(&mut config, kind);
    config.remove("layer_types");
    let family = config["model_type"].as_str().unwrap().to_owned();
    if let (Some(hidden), Some(heads)) = (config.get("hidden_size"), config.get("num_attention_heads")) {
        let each = hidden.as_u64().unwrap() / heads.as_u64().unwrap();
        drop_usual(&mut config, "head_dim", &each.into());
    }
    match family.as_str() {
        "gemma3_text" => {
            config.remove("_sliding_window_pattern");
            config.insert("sliding_window_pattern".to_owned(), 2.into());
        }
        // Written, and not in force.
        "qwen2" | "qwen3" if config["use_sliding_window"] == false => {
            config.insert("sliding_window".to_owned(), 32_768.into());
        }
        "llama" | "phi" => {
            let heads = config["num_attention_heads"].clone();
            drop_usual(&mut config, "num_key_value_heads", &heads);
        }
        "falcon" => {
            config.insert("architectures".to_owned(), json!(["RWForCausalLM"]));
            let is_newer = config.remove("new_decoder_architecture") == Some(true.into());
            rename(&mut config, "num_hidden_layers", "n_layer");
            rename(&mut config, "num_attention_heads", "n_head");
            if is_newer {
                rename(&mut config, "num_kv_heads", "n_head_kv");
            }
            for key in [
                "num_kv_heads",
                "ffn_hidden_size",
                "activation",
                "num_ln_in_parallel_attn",
                "max_position_embeddings",
            ] {
                config.remove(key);
            }
        }
        "bloom" => {
            config.insert("architectures".to_owned(), json!(["BloomModel"]));
            rename(&mut config, "hidden_size", "n_embed");
            rename(&mut config, "n_head", "num_attention_heads");
            config.insert("seq_length".to_owned(), 2048.into());
        }
        "gpt2" => rename(&mut config, "n_positions", "n_ctx"),
        _ => {}
    }
    config
}

#[test]
fn every_fixture_in_the_spelling_of_transformers_4_is_the_same_network() {
    for folder in folders() {
        let newer = HfConfig::load(&folder).unwrap();
        let text = std::fs::read_to_string(newer.file()).unwrap();
        let written: Config = serde_json::from_str(&text).unwrap();
        let name = folder.file_name().unwrap().display();
        for kind in ["type", "rope_type"] {
            let older = newer.part(&Value::Object(version_4(written.clone(), kind)));
            assert_eq!(read(&older).unwrap(), read(&newer).unwrap(), "{name}");
        }
    }
}

#[test]
fn the_first_name_of_the_stretching_for_long_texts_is_known() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/phi3_long");
    let newer = HfConfig::load(&folder).unwrap();
    let written: Config = serde_json::from_str(&std::fs::read_to_string(newer.file()).unwrap()).unwrap();
    let mut older = version_4(written, "type");
    older["rope_scaling"]["type"] = "su".into();
    assert_eq!(read(&newer.part(&Value::Object(older))).unwrap(), read(&newer).unwrap());
}

#[test]
fn a_configuration_without_architectures_is_known_by_its_type() {
    for folder in folders() {
        let named = HfConfig::load(&folder).unwrap();
        let mut bare: Config = serde_json::from_str(&std::fs::read_to_string(named.file()).unwrap()).unwrap();
        for none in [None, Some(Value::Null), Some(json!([]))] {
            bare.remove("architectures");
            bare.extend(none.map(|none| ("architectures".to_owned(), none)));
            let unnamed = named.part(&Value::Object(bare.clone()));
            assert_eq!(read(&unnamed).unwrap(), read(&named).unwrap(), "{}", folder.display());
        }
    }
}
