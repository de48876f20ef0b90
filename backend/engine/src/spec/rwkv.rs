//! RWKV-4: recurrent, without attention over positions.
//!
//! Must not: know how any of it is computed.

use super::{ModelSpec, Network, RwkvSpec, plan};
use crate::error::Error;
use crate::hf::config::HfConfig;

pub(super) fn rwkv(config: &HfConfig) -> Result<ModelSpec, Error> {
    let hidden = config.count(&["hidden_size"])?;
    let rescale = config.find(&["rescale_every"]).and_then(serde_json::Value::as_u64).unwrap_or(6);
    Ok(ModelSpec {
        family: "rwkv".to_owned(),
        vocab: config.count(&["vocab_size"])?,
        hidden,
        layers: plan::layers(config, &["num_hidden_layers"])?,
        context_length: config.maybe_count(&["context_length"])?.unwrap_or(1024),
        renames: Vec::new(),
        network: Network::Rwkv(RwkvSpec {
            attention: config.maybe_count(&["attention_hidden_size"])?.unwrap_or(hidden),
            inner: config.maybe_count(&["intermediate_size"])?.unwrap_or(4 * hidden),
            eps: config.number(&["layer_norm_epsilon"], 1e-5)?,
            tied: config.flag("tie_word_embeddings", false)?,
            rescale_every: usize::try_from(rescale).unwrap_or(0),
        }),
    })
}
