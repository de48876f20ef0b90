//! BLOOM: distance penalties instead of positions, a norm on the embedding.
//!
//! Must not: know how any of it is computed.

use super::gpt::heads;
use super::stablelm::layer_norm;
use super::{
    Activation, AlibiSpec, AttentionSpec, BlockSpec, DecoderSpec, EmbeddingSpec, HeadSpec, LinearSpec,
    MlpSpec, ModelSpec, Network, QkvSpec, UpSpec, plan,
};
use crate::error::Error;
use crate::hf::config::HfConfig;

pub(super) fn bloom(config: &HfConfig) -> Result<ModelSpec, Error> {
    let hidden = config.count(&["hidden_size", "n_embed"])?;
    let (heads, head_dim) = heads(config, hidden, &["n_head", "num_attention_heads"])?;
    let layers = plan::layers(config, &["n_layer", "num_hidden_layers"])?;
    let eps = config.number(&["layer_norm_epsilon"], 1e-5)?;
    if config.flag("apply_residual_connection_post_layernorm", false)? {
        return Err(Error::unsupported(
            format!("{}: apply_residual_connection_post_layernorm cannot run", config.file().display()),
            "BLOOM with the residual before the norm can",
        ));
    }
    let decoder = DecoderSpec {
        embedding: EmbeddingSpec {
            norm: Some(layer_norm("transformer.word_embeddings_layernorm", eps)),
            ..EmbeddingSpec::new("transformer.word_embeddings")
        },
        final_norm: layer_norm("transformer.ln_f", eps),
        head: HeadSpec::new("lm_head", config.flag("tie_word_embeddings", true)?),
        layer_prefix: "transformer.h.{}.",
        block: BlockSpec::new(
            layer_norm("input_layernorm", eps),
            layer_norm("post_attention_layernorm", eps),
            AttentionSpec {
                alibi: Some(AlibiSpec { scale: 1.0, in_bf16: false }),
                ..AttentionSpec::new(
                    heads,
                    heads,
                    head_dim,
                    QkvSpec::Grouped(LinearSpec::new("self_attention.query_key_value", true)),
                    LinearSpec::new("self_attention.dense", true),
                )
            },
            MlpSpec::new(
                4 * hidden,
                UpSpec::Plain(LinearSpec::new("mlp.dense_h_to_4h", true)),
                LinearSpec::new("mlp.dense_4h_to_h", true),
                Activation::GeluTanh,
            ),
        ),
        plan: plan::uniform(layers, None),
        ropes: Vec::new(),
    };
    Ok(ModelSpec {
        family: "bloom".to_owned(),
        vocab: config.count(&["vocab_size"])?,
        hidden,
        layers,
        // Penalties have no end; BLOOM was trained with this length.
        context_length: config.maybe_count(&["seq_length"])?.unwrap_or(2048),
        renames: vec![("transformer.", "")],
        network: Network::Decoder(Box::new(decoder)),
    })
}
