//! Which layers look through a window: the several spellings of one list.
//!
//! Must not: decide by family; the caller passes its default.

use serde_json::Value;

use super::{Activation, LayerPlan};
use crate::error::Error;
use crate::hf::config::HfConfig;

/// Most layers; a file that asks for more is taken for hostile.
const MAX_LAYERS: usize = 1024;

/// The number of layers.
pub(super) fn layers(config: &HfConfig, keys: &[&str]) -> Result<usize, Error> {
    let layers = config.count(keys)?;
    if layers > MAX_LAYERS {
        return Err(
            config.wrong(keys.first().copied().unwrap_or("layers"), format!("at most {MAX_LAYERS} layers"))
        );
    }
    Ok(layers)
}

/// Every layer alike, without a window.
pub(super) fn uniform(layers: usize, rope: Option<usize>) -> Vec<LayerPlan> {
    vec![LayerPlan { window: None, rope }; layers]
}

/// One plan a layer. `is_sliding` is the family's rule where `layer_types` is not written; sliding
/// layers use rotation `sliding_rope`, the others `full_rope`.
pub(super) fn read(
    config: &HfConfig,
    layers: usize,
    window: Option<usize>,
    is_sliding: impl Fn(usize) -> bool,
    sliding_rope: Option<usize>,
    full_rope: Option<usize>,
) -> Result<Vec<LayerPlan>, Error> {
    let types = config.find(&["layer_types"]).and_then(Value::as_array);
    if types.is_some_and(|types| types.len() != layers) {
        return Err(config.wrong("layer_types", format!("one entry for each of {layers} layers")));
    }
    (0..layers)
        .map(|layer| {
            let sliding = match types.and_then(|types| types.get(layer)).map(Value::as_str) {
                None => window.is_some() && is_sliding(layer),
                Some(Some("sliding_attention")) => true,
                Some(Some("full_attention")) => false,
                Some(_) => {
                    return Err(config.wrong("layer_types", "sliding_attention and full_attention only"));
                }
            };
            if sliding && window.is_none() {
                return Err(
                    config.wrong("sliding_window", "a window, because layer_types names sliding layers")
                );
            }
            Ok(LayerPlan {
                window: if sliding { window } else { None },
                rope: if sliding { sliding_rope } else { full_rope },
            })
        })
        .collect()
}

/// An activation by its name in a configuration.
pub(super) fn activation(config: &HfConfig, keys: &[&str], default: &str) -> Result<Activation, Error> {
    match config.maybe_word(keys)?.unwrap_or(default) {
        "silu" | "swish" => Ok(Activation::Silu),
        "gelu" => Ok(Activation::Gelu),
        "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        other => Err(Error::unsupported(
            format!("{}: activation {other:?} cannot run", config.file().display()),
            "those that can are silu, gelu, gelu_new, gelu_pytorch_tanh, relu",
        )),
    }
}
