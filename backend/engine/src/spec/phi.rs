//! Phi 1, 1.5 and 2 (one norm, both branches in parallel, biases everywhere) and Phi 3 (a Llama
//! whose matrices are stored stacked).
//!
//! Must not: know how any of it is computed.

use serde_json::json;

use super::llama::{Common, rms};
use super::rope::{self, RopeDefaults};
use super::stablelm::layer_norm;
use super::{
    AttentionSpec, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, LinearSpec, MlpSpec, ModelSpec, QkNorm,
    QkvSpec, UpSpec, plan,
};
use crate::error::Error;
use crate::hf::config::HfConfig;

pub(super) fn phi(config: &HfConfig) -> Result<ModelSpec, Error> {
    let common = Common::read(config, false)?;
    let eps = config.number(&["layer_norm_eps"], 1e-5)?;
    let defaults = RopeDefaults { theta: 10_000.0, partial: 0.5 };
    let rope = rope::read(config, common.head_dim, &defaults, None)?;
    let qk_norm = if config.flag("qk_layernorm", false)? {
        QkNorm::PerHead {
            q: layer_norm("self_attn.q_layernorm", eps),
            k: layer_norm("self_attn.k_layernorm", eps),
        }
    } else {
        QkNorm::None
    };
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec::new("model.embed_tokens"),
        final_norm: layer_norm("model.final_layernorm", eps),
        head: HeadSpec { bias: true, ..HeadSpec::new("lm_head", common.tied) },
        layer_prefix: "model.layers.{}.",
        block: BlockSpec {
            attention_in: Some(layer_norm("input_layernorm", eps)),
            attention_out: None,
            mlp_in: None,
            mlp_out: None,
            parallel: true,
            attention: AttentionSpec {
                qk_norm,
                ..common.attention(super::llama::separate(true), LinearSpec::new("self_attn.dense", true))
            },
            mlp: MlpSpec::new(
                common.inner,
                UpSpec::Plain(LinearSpec::new("mlp.fc1", true)),
                LinearSpec::new("mlp.fc2", true),
                plan::activation(config, &["hidden_act"], "gelu_new")?,
            ),
        },
        plan: plan::uniform(common.layers, Some(0)),
        ropes: vec![rope],
    };
    common.model(config, "phi", decoder)
}

pub(super) fn phi3(config: &HfConfig) -> Result<ModelSpec, Error> {
    let usual = json!({ "max_position_embeddings": 4096, "original_max_position_embeddings": 4096 });
    let config = &config.or(usual);
    let common = Common::read(config, false)?;
    let eps = config.number(&["rms_norm_eps"], 1e-5)?;
    let rope = rope::read(config, common.head_dim, &RopeDefaults::default(), None)?;
    let window = config.maybe_count(&["sliding_window"])?;
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec::new("model.embed_tokens"),
        final_norm: rms("model.norm", eps),
        head: HeadSpec::new("lm_head", common.tied),
        layer_prefix: "model.layers.{}.",
        block: BlockSpec::new(
            rms("input_layernorm", eps),
            rms("post_attention_layernorm", eps),
            common.attention(
                QkvSpec::Stacked(LinearSpec::new("self_attn.qkv_proj", false)),
                LinearSpec::new("self_attn.o_proj", false),
            ),
            MlpSpec::new(
                common.inner,
                UpSpec::GatedStacked(LinearSpec::new("mlp.gate_up_proj", false)),
                LinearSpec::new("mlp.down_proj", false),
                plan::activation(config, &["hidden_act"], "silu")?,
            ),
        ),
        plan: plan::read(config, common.layers, window, |_| true, Some(0), Some(0))?,
        ropes: vec![rope],
    };
    common.model(config, "phi", decoder)
}
