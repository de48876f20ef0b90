//! StableLM 2: norms with bias, a quarter of each head rotated, the large one in parallel.
//!
//! Must not: know how any of it is computed.

use super::llama::{Common, gated_mlp, separate};
use super::rope::{self, RopeDefaults};
use super::{
    AttentionSpec, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, LinearSpec, ModelSpec, NormKind,
    NormSpec, QkNorm, plan,
};
use crate::error::Error;
use crate::hf::config::HfConfig;

pub(super) fn layer_norm(name: &'static str, eps: f64) -> NormSpec {
    NormSpec { name, kind: NormKind::Layer, eps, bias: true }
}

pub(super) fn stablelm(config: &HfConfig) -> Result<ModelSpec, Error> {
    let common = Common::read(config, false)?;
    let eps = config.number(&["layer_norm_eps"], 1e-5)?;
    let defaults = RopeDefaults { theta: 10_000.0, partial: 0.25 };
    let rope = rope::read(config, common.head_dim, &defaults, None)?;
    let parallel = config.flag("use_parallel_residual", false)?;
    let head_norm = |name| NormSpec { name, kind: NormKind::Layer, eps, bias: false };
    let qk_norm = if config.flag("qk_layernorm", false)? {
        QkNorm::EachHead {
            q: head_norm("self_attn.q_layernorm.norms.{}"),
            k: head_norm("self_attn.k_layernorm.norms.{}"),
        }
    } else {
        QkNorm::None
    };
    let attention = common
        .attention(separate(config.flag("use_qkv_bias", false)?), LinearSpec::new("self_attn.o_proj", false));
    let block = BlockSpec::new(
        layer_norm("input_layernorm", eps),
        layer_norm("post_attention_layernorm", eps),
        AttentionSpec { qk_norm, ..attention },
        gated_mlp(config, common.inner, false)?,
    );
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec::new("model.embed_tokens"),
        final_norm: layer_norm("model.norm", eps),
        head: HeadSpec::new("lm_head", common.tied),
        layer_prefix: "model.layers.{}.",
        block: if parallel { BlockSpec { parallel, mlp_in: None, ..block } } else { block },
        plan: plan::uniform(common.layers, Some(0)),
        ropes: vec![rope],
    };
    common.model(config, "stablelm", decoder)
}
