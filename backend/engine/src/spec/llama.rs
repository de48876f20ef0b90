//! Llama and the families that are written with its tensor names: Mistral, Mixtral, Qwen 2 and 3,
//! OLMo 2 (and Yi, TinyLlama, CodeLlama, SqlCoder, WizardLM, which call themselves one of these).
//!
//! Must not: know how any of it is computed.

use super::rope::{self, RopeDefaults};
use super::{
    AttentionSpec, BlockSpec, DecoderSpec, EmbeddingSpec, ExpertsSpec, HeadSpec, LinearSpec, MlpSpec,
    ModelSpec, Network, NormKind, NormSpec, QkNorm, QkvSpec, UpSpec, plan,
};
use crate::error::Error;
use crate::hf::config::HfConfig;

/// What this group of families shares, read once.
pub(super) struct Common {
    pub(super) vocab: usize,
    pub(super) hidden: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    pub(super) inner: usize,
    pub(super) context_length: usize,
    pub(super) tied: bool,
}

impl Common {
    pub(super) fn read(config: &HfConfig, tied: bool) -> Result<Self, Error> {
        let hidden = config.count(&["hidden_size"])?;
        let heads = config.count(&["num_attention_heads"])?;
        let kv_heads = config.maybe_count(&["num_key_value_heads"])?.unwrap_or(heads);
        if heads % kv_heads != 0 {
            return Err(config.wrong("num_key_value_heads", format!("a divisor of {heads} attention heads")));
        }
        let head_dim = match config.maybe_count(&["head_dim"])? {
            Some(head_dim) => head_dim,
            None if hidden % heads == 0 => hidden / heads,
            None => return Err(config.wrong("num_attention_heads", "a divisor of hidden_size, or head_dim")),
        };
        Ok(Self {
            vocab: config.count(&["vocab_size"])?,
            hidden,
            layers: plan::layers(config, &["num_hidden_layers"])?,
            heads,
            kv_heads,
            head_dim,
            inner: config.count(&["intermediate_size"])?,
            context_length: config.maybe_count(&["max_position_embeddings"])?.unwrap_or(2048),
            tied: config.flag("tie_word_embeddings", tied)?,
        })
    }

    /// Attention of these heads and nothing special: scores are divided by the root of a head's length.
    pub(super) fn attention(&self, qkv: QkvSpec, out: LinearSpec) -> AttentionSpec {
        AttentionSpec::new(self.heads, self.kv_heads, self.head_dim, qkv, out)
    }

    /// The model of this decoder, which calls itself `family` where its configuration has no name for it.
    pub(super) fn model(
        &self,
        config: &HfConfig,
        family: &str,
        decoder: DecoderSpec,
    ) -> Result<ModelSpec, Error> {
        Ok(ModelSpec {
            family: config.maybe_word(&["model_type"])?.unwrap_or(family).to_owned(),
            vocab: self.vocab,
            hidden: self.hidden,
            layers: self.layers,
            context_length: self.context_length,
            renames: vec![("model.", "")],
            network: Network::Decoder(Box::new(decoder)),
        })
    }
}

pub(super) fn rms(name: &'static str, eps: f64) -> NormSpec {
    NormSpec { name, kind: NormKind::Rms, eps, bias: false }
}

pub(super) fn separate(bias: bool) -> QkvSpec {
    QkvSpec::Separate {
        q: LinearSpec::new("self_attn.q_proj", bias),
        k: LinearSpec::new("self_attn.k_proj", bias),
        v: LinearSpec::new("self_attn.v_proj", bias),
    }
}

pub(super) fn gated_mlp(config: &HfConfig, inner: usize, bias: bool) -> Result<MlpSpec, Error> {
    let gate = LinearSpec::new("mlp.gate_proj", bias);
    let up = UpSpec::Gated { gate, up: LinearSpec::new("mlp.up_proj", bias) };
    let activation = plan::activation(config, &["hidden_act", "hidden_activation"], "silu")?;
    Ok(MlpSpec::new(inner, up, LinearSpec::new("mlp.down_proj", bias), activation))
}

/// A plain Llama, which the other families change in places.
fn base(config: &HfConfig, eps_default: f64) -> Result<(ModelSpec, DecoderSpec), Error> {
    let common = Common::read(config, false)?;
    let eps = config.number(&["rms_norm_eps"], eps_default)?;
    let rope = rope::read(config, common.head_dim, &RopeDefaults::default(), None)?;
    let bias = config.flag("attention_bias", false)?;
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec::new("model.embed_tokens"),
        final_norm: rms("model.norm", eps),
        head: HeadSpec::new("lm_head", common.tied),
        layer_prefix: "model.layers.{}.",
        block: BlockSpec::new(
            rms("input_layernorm", eps),
            rms("post_attention_layernorm", eps),
            common.attention(separate(bias), LinearSpec::new("self_attn.o_proj", bias)),
            gated_mlp(config, common.inner, config.flag("mlp_bias", false)?)?,
        ),
        plan: plan::uniform(common.layers, Some(0)),
        ropes: vec![rope],
    };
    let model = common.model(config, "llama", decoder.clone())?;
    Ok((model, decoder))
}

pub(super) fn llama(config: &HfConfig) -> Result<ModelSpec, Error> {
    Ok(base(config, 1e-6)?.0)
}

pub(super) fn mistral(config: &HfConfig) -> Result<ModelSpec, Error> {
    let (model, mut decoder) = base(config, 1e-6)?;
    decoder.block.attention.qkv = separate(false);
    decoder.block.attention.out.bias = false;
    let window = config.maybe_count(&["sliding_window"])?;
    decoder.plan = plan::read(config, model.layers, window, |_| true, Some(0), Some(0))?;
    Ok(model.with(decoder))
}

pub(super) fn mixtral(config: &HfConfig) -> Result<ModelSpec, Error> {
    let count = config.count(&["num_local_experts"])?;
    let active = config.count(&["num_experts_per_tok"])?;
    if active > count || count > 4096 {
        return Err(config.wrong("num_experts_per_tok", format!("at most {count} experts")));
    }
    let (model, mut decoder) = base(config, 1e-5)?;
    let window = config.maybe_count(&["sliding_window"])?;
    decoder.plan = plan::read(config, model.layers, window, |_| true, Some(0), Some(0))?;
    decoder.block.mlp.up =
        UpSpec::Gated { gate: LinearSpec::new("w1", false), up: LinearSpec::new("w3", false) };
    decoder.block.mlp.down = LinearSpec::new("w2", false);
    decoder.block.mlp.experts = Some(ExpertsSpec {
        count,
        active,
        router: "block_sparse_moe.gate",
        prefix: "block_sparse_moe.experts.{}.",
    });
    Ok(model.with(decoder))
}

/// Qwen's window: only where it is switched on, and only from one layer on.
fn qwen_plan(config: &HfConfig, model: &ModelSpec, decoder: &mut DecoderSpec) -> Result<(), Error> {
    let window = if config.flag("use_sliding_window", false)? {
        config.maybe_count(&["sliding_window"])?
    } else {
        None
    };
    let from = config.find(&["max_window_layers"]).and_then(serde_json::Value::as_u64).unwrap_or(28);
    let is_sliding = |layer| u64::try_from(layer).is_ok_and(|layer| layer >= from);
    decoder.plan = plan::read(config, model.layers, window, is_sliding, Some(0), Some(0))?;
    Ok(())
}

pub(super) fn qwen2(config: &HfConfig) -> Result<ModelSpec, Error> {
    let (model, mut decoder) = base(config, 1e-6)?;
    decoder.block.attention.qkv = separate(true);
    decoder.block.attention.out.bias = false;
    qwen_plan(config, &model, &mut decoder)?;
    Ok(model.with(decoder))
}

pub(super) fn qwen3(config: &HfConfig) -> Result<ModelSpec, Error> {
    let eps = config.number(&["rms_norm_eps"], 1e-6)?;
    let (model, mut decoder) = base(config, 1e-6)?;
    decoder.block.attention.qk_norm =
        QkNorm::PerHead { q: rms("self_attn.q_norm", eps), k: rms("self_attn.k_norm", eps) };
    qwen_plan(config, &model, &mut decoder)?;
    Ok(model.with(decoder))
}

pub(super) fn olmo2(config: &HfConfig) -> Result<ModelSpec, Error> {
    let eps = config.number(&["rms_norm_eps"], 1e-5)?;
    let (model, mut decoder) = base(config, 1e-5)?;
    let block = &mut decoder.block;
    block.attention.qk_norm =
        QkNorm::Full { q: rms("self_attn.q_norm", eps), k: rms("self_attn.k_norm", eps) };
    block.attention_in = None;
    block.mlp_in = None;
    block.attention_out = Some(rms("post_attention_layernorm", eps));
    block.mlp_out = Some(rms("post_feedforward_layernorm", eps));
    Ok(model.with(decoder))
}
