//! Gemma 1, 2 and 3 (its text part): norms stored as distance from one, scaled embeddings, norms
//! on both sides of a block from the second on.
//!
//! Must not: know how any of it is computed.

use serde_json::json;

use super::llama::{Common, gated_mlp, separate};
use super::rope::{self, RopeDefaults};
use super::{
    BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, LinearSpec, ModelSpec, NormKind, NormSpec, QkNorm, plan,
};
use crate::error::Error;
use crate::hf::config::HfConfig;
use crate::numeric::count_f64;

fn norm(name: &'static str, eps: f64) -> NormSpec {
    NormSpec { name, kind: NormKind::RmsFromOne, eps, bias: false }
}

/// Gemma 1; the later ones change it in places.
fn base(config: &HfConfig) -> Result<(ModelSpec, DecoderSpec), Error> {
    if config.find(&["use_bidirectional_attention"]).is_some_and(|value| value.as_bool() != Some(false)) {
        return Err(Error::unsupported(
            format!("{}: attention in both directions cannot run", config.file().display()),
            "only causal models generate text",
        ));
    }
    let common = Common::read(config, true)?;
    let eps = config.number(&["rms_norm_eps"], 1e-6)?;
    let rope = rope::read(config, common.head_dim, &RopeDefaults::default(), Some("full_attention"))?;
    let bias = config.flag("attention_bias", false)?;
    // Version 4 wrote `hidden_act: gelu` and computed with the hyperbolic tangent all the same.
    let mut mlp = gated_mlp(config, common.inner, false)?;
    mlp.activation = plan::activation(config, &["hidden_activation"], "gelu_pytorch_tanh")?;
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec {
            scale: Some(count_f64(common.hidden).sqrt()),
            ..EmbeddingSpec::new("model.embed_tokens")
        },
        final_norm: norm("model.norm", eps),
        head: HeadSpec::new("lm_head", common.tied),
        layer_prefix: "model.layers.{}.",
        block: BlockSpec::new(
            norm("input_layernorm", eps),
            norm("post_attention_layernorm", eps),
            common.attention(separate(bias), LinearSpec::new("self_attn.o_proj", bias)),
            mlp,
        ),
        plan: plan::uniform(common.layers, Some(0)),
        ropes: vec![rope],
    };
    let mut model = common.model(config, "gemma", decoder.clone())?;
    model.renames =
        vec![("model.", "language_model.model."), ("model.", "model.language_model."), ("model.", "")];
    Ok((model, decoder))
}

pub(super) fn gemma(config: &HfConfig) -> Result<ModelSpec, Error> {
    Ok(base(&config.or(json!({ "head_dim": 256, "max_position_embeddings": 8192 })))?.0)
}

/// Norms on both sides and a scale of its own, as the second and third have them.
fn sandwich(config: &HfConfig, decoder: &mut DecoderSpec) -> Result<(), Error> {
    let eps = config.number(&["rms_norm_eps"], 1e-6)?;
    let block = &mut decoder.block;
    block.attention_out = Some(norm("post_attention_layernorm", eps));
    block.mlp_in = Some(norm("pre_feedforward_layernorm", eps));
    block.mlp_out = Some(norm("post_feedforward_layernorm", eps));
    let scalar = config.number(&["query_pre_attn_scalar"], 256.0)?;
    if scalar <= 0.0 {
        return Err(config.wrong("query_pre_attn_scalar", "a number above 0"));
    }
    block.attention.scale = scalar.powf(-0.5);
    Ok(())
}

pub(super) fn gemma2(config: &HfConfig) -> Result<ModelSpec, Error> {
    let config = &config.or(json!({
        "head_dim": 256, "max_position_embeddings": 8192, "sliding_window": 4096, "attn_logit_softcapping": 50.0,
        "final_logit_softcapping": 30.0,
    }));
    let (model, mut decoder) = base(config)?;
    sandwich(config, &mut decoder)?;
    decoder.block.attention.softcap = config.maybe_number(&["attn_logit_softcapping"])?;
    decoder.head.softcap = config.maybe_number(&["final_logit_softcapping"])?;
    let window = config.maybe_count(&["sliding_window"])?;
    decoder.plan = plan::read(config, model.layers, window, |layer| layer % 2 == 0, Some(0), Some(0))?;
    Ok(model.with(decoder))
}

pub(super) fn gemma3(config: &HfConfig) -> Result<ModelSpec, Error> {
    // What transformers 4 nested, it wrote without all that has its usual value.
    let config = &config.or(json!({
        "vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
        "max_position_embeddings": 131_072, "sliding_window": 4096,
    }));
    let (model, mut decoder) = base(config)?;
    sandwich(config, &mut decoder)?;
    let eps = config.number(&["rms_norm_eps"], 1e-6)?;
    let attention = &mut decoder.block.attention;
    attention.qk_norm =
        QkNorm::PerHead { q: norm("self_attn.q_norm", eps), k: norm("self_attn.k_norm", eps) };
    attention.softcap = config.maybe_number(&["attn_logit_softcapping"])?;
    decoder.head.softcap = config.maybe_number(&["final_logit_softcapping"])?;
    let head_dim = attention.head_dim;
    let full = RopeDefaults { theta: 1_000_000.0, partial: 1.0 };
    let full = rope::read(config, head_dim, &full, Some("full_attention"))?;
    let local = if config.find(&["rope_parameters"]).is_some_and(|all| all.get("sliding_attention").is_some())
    {
        rope::read(config, head_dim, &RopeDefaults::default(), Some("sliding_attention"))?
    } else {
        // Version 4: the local rotation has its own base and is never stretched.
        let theta = config.number(&["rope_local_base_freq"], 10_000.0)?;
        let bare = config.part(&json!({ "rope_theta": theta }));
        rope::read(&bare, head_dim, &RopeDefaults::default(), None)?
    };
    decoder.ropes = vec![full, local];
    let pattern = config.maybe_count(&["sliding_window_pattern", "_sliding_window_pattern"])?.unwrap_or(6);
    let window = config.maybe_count(&["sliding_window"])?;
    let is_sliding = |layer: usize| !(layer + 1).is_multiple_of(pattern);
    decoder.plan = plan::read(config, model.layers, window, is_sliding, Some(1), Some(0))?;
    Ok(model.with(decoder))
}
