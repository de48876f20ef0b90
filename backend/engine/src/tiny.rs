//! A tiny random model as real files: so that whoever drives the engine is tested without a download.
//!
//! Llama-shaped, 256 byte tokens and three special ones, seeded; marked random wherever it appears.
//!
//! Must not: pass for a model that knows anything.

use std::fs;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use crate::error::Error;
use crate::hf::random::RandomWeights;

/// Ids of the special tokens.
const BEGIN: u32 = 256;
const END: u32 = 257;
const VOCAB: usize = 259;
const HIDDEN: usize = 64;
const INNER: usize = 128;
const LAYERS: usize = 2;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD_DIM: usize = 16;
const CONTEXT: usize = 2048;

/// Writes the model into a folder, which is made where it is missing.
///
/// # Errors
/// [`Error::Checkpoint`] naming the file that could not be written.
pub fn write(dir: &Path, seed: u64) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(|error| unwritable(dir, error))?;
    write_json(dir, "config.json", &config())?;
    write_json(dir, "generation_config.json", &json!({ "bos_token_id": BEGIN, "eos_token_id": [END] }))?;
    let special = [(BEGIN, "<|begin|>"), (END, "<|end|>"), (END + 1, "<|user|>")];
    write_json(
        dir,
        "tokenizer.json",
        &tokenizer(special.map(|(id, text)| special_token(id, text)).to_vec()),
    )?;
    write_json(dir, "tokenizer_config.json", &tokenizer_config())?;
    write_json(dir, "jouleboard.json", &json!({ "weights": "random" }))?;
    let weights = weights(seed);
    let views: Vec<(String, TensorView<'_>)> = weights
        .iter()
        .map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.clone(), view))
        })
        .collect::<Result<_, _>>()
        .map_err(|error| unwritable(dir, error))?;
    let file = dir.join("model.safetensors");
    safetensors::serialize_to_file(views, None, &file).map_err(|error| unwritable(&file, error))
}

fn unwritable(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::checkpoint_because(path, "cannot be written", "a folder that may be written to", error)
}

fn write_json(dir: &Path, name: &str, value: &Value) -> Result<(), Error> {
    let file = dir.join(name);
    fs::write(&file, format!("{value:#}\n")).map_err(|error| unwritable(&file, error))
}

fn config() -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "dtype": "float32",
        "vocab_size": VOCAB, "hidden_size": HIDDEN, "intermediate_size": INNER,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD_DIM, "max_position_embeddings": CONTEXT, "rms_norm_eps": 1e-5,
        "rope_parameters": { "rope_type": "default", "rope_theta": 10000.0 },
        "hidden_act": "silu", "tie_word_embeddings": true, "bos_token_id": BEGIN, "eos_token_id": END,
    })
}

/// One token for each byte, in the letters that byte-level tokenizers use, and no merges.
pub(crate) fn tokenizer(special: Vec<Value>) -> Value {
    let vocab: serde_json::Map<String, Value> =
        (0..=255u8).map(|byte| (letter(byte).to_string(), json!(byte))).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
        "added_tokens": special,
        "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true },
        "post_processor": null,
        "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true },
        "model": { "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocab, "merges": [] },
    })
}

fn special_token(id: u32, content: &str) -> Value {
    json!({ "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": true })
}

fn tokenizer_config() -> Value {
    json!({
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|begin|>", "eos_token": "<|end|>",
        "chat_template": "{{ bos_token }}{% for message in messages %}<|user|>{{ message.content }}{% endfor %}{{ eos_token }}",
    })
}

/// The letter that stands for a byte: itself where it prints, else one from 256 on.
fn letter(byte: u8) -> char {
    let prints = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if prints(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|&other| !prints(other)).count();
    u32::try_from(256 + before).ok().and_then(char::from_u32).unwrap_or('?')
}

/// Every tensor with its name, shape and bytes.
fn weights(seed: u64) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let random = RandomWeights { seed };
    let matrix = |name: String, rows: usize, columns: usize| {
        let bytes = random.matrix(&name, rows, columns).bytes.into_owned();
        (name, vec![rows, columns], bytes)
    };
    let vector = |name: String| {
        let bytes = random.vector(&name, HIDDEN, 1.0).bytes.into_owned();
        (name, vec![HIDDEN], bytes)
    };
    let mut all = vec![
        matrix("model.embed_tokens.weight".to_owned(), VOCAB, HIDDEN),
        vector("model.norm.weight".to_owned()),
    ];
    for layer in 0..LAYERS {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        all.extend([
            vector(name("input_layernorm")),
            vector(name("post_attention_layernorm")),
            matrix(name("self_attn.q_proj"), HEADS * HEAD_DIM, HIDDEN),
            matrix(name("self_attn.k_proj"), KV_HEADS * HEAD_DIM, HIDDEN),
            matrix(name("self_attn.v_proj"), KV_HEADS * HEAD_DIM, HIDDEN),
            matrix(name("self_attn.o_proj"), HIDDEN, HEADS * HEAD_DIM),
            matrix(name("mlp.gate_proj"), INNER, HIDDEN),
            matrix(name("mlp.up_proj"), INNER, HIDDEN),
            matrix(name("mlp.down_proj"), HIDDEN, INNER),
        ]);
    }
    all
}
