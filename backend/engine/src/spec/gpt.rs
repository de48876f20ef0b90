//! GPT-NeoX (Pythia), GPT-2 and Falcon in its three layouts.
//!
//! Must not: know how any of it is computed.

use super::rope::{self, RopeDefaults};
use super::stablelm::layer_norm;
use super::{
    AlibiSpec, AttentionSpec, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, LinearSpec, MlpSpec,
    ModelSpec, Network, QkvSpec, UpSpec, plan,
};
use crate::error::Error;
use crate::hf::config::HfConfig;

/// Heads that divide the stream evenly, and the size of one.
pub(super) fn heads(config: &HfConfig, hidden: usize, keys: &[&str]) -> Result<(usize, usize), Error> {
    let heads = config.count(keys)?;
    if hidden.is_multiple_of(heads) {
        Ok((heads, hidden / heads))
    } else {
        Err(config.wrong(keys.first().copied().unwrap_or("heads"), format!("a divisor of {hidden}")))
    }
}

pub(super) fn neox(config: &HfConfig) -> Result<ModelSpec, Error> {
    let hidden = config.count(&["hidden_size"])?;
    let (heads, head_dim) = heads(config, hidden, &["num_attention_heads"])?;
    let layers = plan::layers(config, &["num_hidden_layers"])?;
    let eps = config.number(&["layer_norm_eps"], 1e-5)?;
    let rope = rope::read(config, head_dim, &RopeDefaults { theta: 10_000.0, partial: 0.25 }, None)?;
    let bias = config.flag("attention_bias", true)?;
    let tied = config.flag("tie_word_embeddings", false)?;
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec::new("gpt_neox.embed_in"),
        final_norm: layer_norm("gpt_neox.final_layer_norm", eps),
        head: HeadSpec::new("embed_out", tied),
        layer_prefix: "gpt_neox.layers.{}.",
        block: BlockSpec {
            parallel: config.flag("use_parallel_residual", true)?,
            ..BlockSpec::new(
                layer_norm("input_layernorm", eps),
                layer_norm("post_attention_layernorm", eps),
                AttentionSpec::new(
                    heads,
                    heads,
                    head_dim,
                    QkvSpec::Grouped(LinearSpec::new("attention.query_key_value", bias)),
                    LinearSpec::new("attention.dense", bias),
                ),
                MlpSpec::new(
                    config.count(&["intermediate_size"])?,
                    UpSpec::Plain(LinearSpec::new("mlp.dense_h_to_4h", true)),
                    LinearSpec::new("mlp.dense_4h_to_h", true),
                    plan::activation(config, &["hidden_act"], "gelu")?,
                ),
            )
        },
        plan: plan::uniform(layers, Some(0)),
        ropes: vec![rope],
    };
    Ok(ModelSpec {
        family: "gpt_neox".to_owned(),
        vocab: config.count(&["vocab_size"])?,
        hidden,
        layers,
        context_length: config.maybe_count(&["max_position_embeddings"])?.unwrap_or(2048),
        renames: vec![("gpt_neox.", "")],
        network: Network::Decoder(Box::new(decoder)),
    })
}

pub(super) fn gpt2(config: &HfConfig) -> Result<ModelSpec, Error> {
    let hidden = config.count(&["n_embd", "hidden_size"])?;
    let (heads, head_dim) = heads(config, hidden, &["n_head", "num_attention_heads"])?;
    let layers = plan::layers(config, &["n_layer", "num_hidden_layers"])?;
    let positions = config.maybe_count(&["n_positions", "n_ctx"])?.unwrap_or(1024);
    let eps = config.number(&["layer_norm_epsilon"], 1e-5)?;
    if config.flag("scale_attn_by_inverse_layer_idx", false)? {
        return Err(Error::unsupported(
            format!("{}: scale_attn_by_inverse_layer_idx cannot run", config.file().display()),
            "GPT-2 with one scale for all layers can",
        ));
    }
    let scaled = config.flag("scale_attn_weights", true)?;
    let stored = |name| LinearSpec { name, bias: true, transposed: true };
    let qkv = QkvSpec::Stacked(stored("attn.c_attn"));
    let attention = AttentionSpec::new(heads, heads, head_dim, qkv, stored("attn.c_proj"));
    let tied = config.flag("tie_word_embeddings", true)?;
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec {
            positions: Some(("transformer.wpe", positions)),
            ..EmbeddingSpec::new("transformer.wte")
        },
        final_norm: layer_norm("transformer.ln_f", eps),
        head: HeadSpec::new("lm_head", tied),
        layer_prefix: "transformer.h.{}.",
        block: BlockSpec::new(
            layer_norm("ln_1", eps),
            layer_norm("ln_2", eps),
            AttentionSpec { scale: if scaled { attention.scale } else { 1.0 }, ..attention },
            MlpSpec::new(
                config.maybe_count(&["n_inner"])?.unwrap_or(4 * hidden),
                UpSpec::Plain(stored("mlp.c_fc")),
                stored("mlp.c_proj"),
                plan::activation(config, &["activation_function"], "gelu_new")?,
            ),
        ),
        plan: plan::uniform(layers, None),
        ropes: Vec::new(),
    };
    Ok(ModelSpec {
        family: "gpt2".to_owned(),
        vocab: config.count(&["vocab_size"])?,
        hidden,
        layers,
        context_length: positions,
        renames: vec![("transformer.", "")],
        network: Network::Decoder(Box::new(decoder)),
    })
}

pub(super) fn falcon(config: &HfConfig) -> Result<ModelSpec, Error> {
    let hidden = config.count(&["hidden_size"])?;
    let (heads, head_dim) = heads(config, hidden, &["num_attention_heads", "n_head"])?;
    let layers = plan::layers(config, &["num_hidden_layers", "n_layer"])?;
    let eps = config.number(&["layer_norm_epsilon"], 1e-5)?;
    // Its first spelling says so only by counting key heads.
    let newer = config.flag("new_decoder_architecture", config.find(&["n_head_kv"]).is_some())?;
    let bias = config.flag("bias", false)?;
    let qkv = LinearSpec::new("self_attention.query_key_value", bias);
    let (kv_heads, qkv) = if newer {
        let kv_heads = config.maybe_count(&["num_kv_heads", "n_head_kv"])?.unwrap_or(heads);
        (kv_heads, QkvSpec::Grouped(qkv))
    } else if config.flag("multi_query", true)? {
        (1, QkvSpec::Stacked(qkv))
    } else {
        (heads, QkvSpec::Grouped(qkv))
    };
    if heads % kv_heads != 0 {
        return Err(config.wrong("num_kv_heads", format!("a divisor of {heads} attention heads")));
    }
    let two_norms = newer && config.maybe_count(&["num_ln_in_parallel_attn"])?.unwrap_or(2) == 2;
    let parallel = newer || config.flag("parallel_attn", true)?;
    let (attention_in, mlp_in) = match (two_norms, parallel) {
        (true, _) => ("ln_attn", Some(layer_norm("ln_mlp", eps))),
        (false, true) => ("input_layernorm", None),
        (false, false) => ("input_layernorm", Some(layer_norm("post_attention_layernorm", eps))),
    };
    let out = LinearSpec::new("self_attention.dense", bias);
    let attention = AttentionSpec::new(heads, kv_heads, head_dim, qkv, out);
    let penalties = AlibiSpec { scale: attention.scale, in_bf16: true };
    let alibi = config.flag("alibi", false)?.then_some(penalties);
    let rope = rope::read(config, head_dim, &RopeDefaults::default(), None)?;
    let rotation = if alibi.is_some() { None } else { Some(0) };
    let tied = config.flag("tie_word_embeddings", true)?;
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec::new("transformer.word_embeddings"),
        final_norm: layer_norm("transformer.ln_f", eps),
        head: HeadSpec::new("lm_head", tied),
        layer_prefix: "transformer.h.{}.",
        block: BlockSpec {
            attention_in: Some(layer_norm(attention_in, eps)),
            attention_out: None,
            mlp_in,
            mlp_out: None,
            parallel,
            attention: AttentionSpec { alibi, ..attention },
            mlp: MlpSpec::new(
                config.maybe_count(&["ffn_hidden_size"])?.unwrap_or(4 * hidden),
                UpSpec::Plain(LinearSpec::new("mlp.dense_h_to_4h", bias)),
                LinearSpec::new("mlp.dense_4h_to_h", bias),
                plan::activation(config, &["activation"], "gelu")?,
            ),
        },
        plan: plan::uniform(layers, rotation),
        ropes: vec![rope],
    };
    Ok(ModelSpec {
        family: "falcon".to_owned(),
        vocab: config.count(&["vocab_size"])?,
        hidden,
        layers,
        context_length: config.maybe_count(&["max_position_embeddings"])?.unwrap_or(2048),
        renames: vec![("transformer.", "")],
        network: Network::Decoder(Box::new(decoder)),
    })
}
