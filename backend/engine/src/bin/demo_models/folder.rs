//! A model's folder in Hugging Face form: weights under their usual names, config, and small JSON files.
//!
//! Must not: train or judge.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use half::bf16;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde::Serialize;
use serde_json::json;

use crate::network::{Layer, Network};
use crate::sizes::{CONTEXT, NORM_EPSILON, ROPE_THETA, Size, VOCABULARY};

/// One tensor as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<bf16>,
}

fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<bf16>> {
    let data = tensor.into_data();
    let values: Vec<f32> =
        data.try_to_vec().map_err(|error| anyhow!("a trained tensor could not be read: {error:?}"))?;
    Ok(values.into_iter().map(bf16::from_f32).collect())
}

/// The matrices of a layer with their usual names.
fn matrices(layer: &Layer) -> [(&'static str, &Param<Tensor<2>>); 7] {
    [
        ("self_attn.q_proj", &layer.query),
        ("self_attn.k_proj", &layer.key),
        ("self_attn.v_proj", &layer.value),
        ("self_attn.o_proj", &layer.output),
        ("mlp.gate_proj", &layer.gate),
        ("mlp.up_proj", &layer.up),
        ("mlp.down_proj", &layer.down),
    ]
}

/// Every tensor of the network as it is stored: `[out, in]`, 16 bits.
pub(crate) fn tensors(network: &Network, size: Size) -> Result<Vec<Stored>> {
    let mut all = Vec::new();
    let mut keep = |name: String, shape: &[usize], values: Vec<bf16>| {
        all.push(Stored { name, shape: shape.to_vec(), values });
    };
    let hidden = size.hidden;
    keep("model.embed_tokens.weight".to_owned(), &[VOCABULARY, hidden], values(network.embedding.val())?);
    for (at, layer) in network.layers.iter().enumerate() {
        for (name, matrix) in matrices(layer) {
            let matrix = matrix.val().transpose();
            let shape = matrix.dims();
            keep(format!("model.layers.{at}.{name}.weight"), &shape, values(matrix)?);
        }
        for name in ["input_layernorm", "post_attention_layernorm"] {
            keep(format!("model.layers.{at}.{name}.weight"), &[hidden], vec![bf16::ONE; hidden]);
        }
    }
    keep("model.norm.weight".to_owned(), &[hidden], values(network.norm.val())?);
    Ok(all)
}

/// Reads what [`store`] wrote.
pub(crate) fn load(folder: &Path) -> Result<Vec<Stored>> {
    let path = folder.join("model.safetensors");
    let bytes = std::fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
    let file = safetensors::SafeTensors::deserialize(&bytes)
        .with_context(|| format!("{} is no safetensors file", path.display()))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            anyhow::ensure!(view.dtype() == Dtype::BF16, "{name} in {} is not bf16", path.display());
            let values =
                view.data().chunks_exact(2).map(|two| bf16::from_le_bytes([two[0], two[1]])).collect();
            Ok(Stored { name, shape: view.shape().to_vec(), values })
        })
        .collect()
}

/// The network that the stored tensors stand for: what users get, rounding included.
pub(crate) fn network(stored: &[Stored], layers: usize, device: &Device) -> Result<Network> {
    let find = |name: &str| {
        stored
            .iter()
            .find(|tensor| tensor.name == name)
            .ok_or_else(|| anyhow!("the tensor {name} is missing"))
    };
    let wide = |tensor: &Stored| -> Vec<f32> { tensor.values.iter().map(|value| value.to_f32()).collect() };
    let plain = |name: &str| -> Result<Tensor<2>> {
        let tensor = find(name)?;
        Ok(Tensor::from_data(TensorData::new(wide(tensor), tensor.shape.clone()), device))
    };
    let turned = |at: usize, name: &str| -> Result<Param<Tensor<2>>> {
        Ok(Param::from_tensor(plain(&format!("model.layers.{at}.{name}.weight"))?.transpose()))
    };
    let norm = find("model.norm.weight")?;
    Ok(Network {
        embedding: Param::from_tensor(plain("model.embed_tokens.weight")?),
        layers: (0..layers)
            .map(|at| {
                Ok(Layer {
                    query: turned(at, "self_attn.q_proj")?,
                    key: turned(at, "self_attn.k_proj")?,
                    value: turned(at, "self_attn.v_proj")?,
                    output: turned(at, "self_attn.o_proj")?,
                    gate: turned(at, "mlp.gate_proj")?,
                    up: turned(at, "mlp.up_proj")?,
                    down: turned(at, "mlp.down_proj")?,
                })
            })
            .collect::<Result<_>>()?,
        norm: Param::from_tensor(Tensor::from_data(TensorData::new(wide(norm), [norm.values.len()]), device)),
    })
}

/// Writes `model.safetensors`, `config.json` and `generation_config.json`.
pub(crate) fn store(stored: &[Stored], size: Size, end: u32, pad: u32, folder: &Path) -> Result<()> {
    let bytes: Vec<(&Stored, Vec<u8>)> = stored
        .iter()
        .map(|tensor| (tensor, tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = bytes
        .iter()
        .map(|(tensor, bytes)| {
            let view = TensorView::new(Dtype::BF16, tensor.shape.clone(), bytes)
                .with_context(|| format!("the tensor {} does not fit its shape", tensor.name))?;
            Ok((tensor.name.as_str(), view))
        })
        .collect::<Result<Vec<_>>>()?;
    let metadata = [("format".to_owned(), "pt".to_owned())].into_iter().collect();
    let file = safetensors::serialize(views, Some(metadata)).context("the weights could not be laid out")?;
    let path = folder.join("model.safetensors");
    // A reader never sees half a file: written beside it, then renamed.
    let beside = folder.join("model.safetensors.part");
    std::fs::write(&beside, file).with_context(|| format!("{} could not be written", beside.display()))?;
    std::fs::rename(&beside, &path).with_context(|| format!("{} could not be written", path.display()))?;
    write_json(&folder.join("config.json"), &config(size, end, pad))?;
    write_json(
        &folder.join("generation_config.json"),
        &json!({ "eos_token_id": end, "pad_token_id": pad, "do_sample": false, "max_new_tokens": 128 }),
    )
}

fn config(size: Size, end: u32, pad: u32) -> serde_json::Value {
    // Decimal numbers are given as such: the nearest f64 of an f32 reads badly.
    let decimal = |value: f32| value.to_string().parse::<f64>().unwrap_or_else(|_| f64::from(value));
    json!({
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": VOCABULARY,
        "hidden_size": size.hidden,
        "intermediate_size": size.ffn,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.kv_heads,
        "head_dim": size.head_width(),
        "max_position_embeddings": CONTEXT,
        "hidden_act": "silu",
        "rms_norm_eps": decimal(NORM_EPSILON),
        "rope_theta": decimal(ROPE_THETA),
        "rope_parameters": { "rope_type": "default", "rope_theta": decimal(ROPE_THETA) },
        "attention_bias": false,
        "mlp_bias": false,
        "attention_dropout": 0.0,
        "tie_word_embeddings": true,
        "torch_dtype": "bfloat16",
        "dtype": "bfloat16",
        "bos_token_id": null,
        "eos_token_id": end,
        "pad_token_id": pad,
        "use_cache": true,
    })
}

/// Reads a small JSON file.
pub(crate) fn read_json(path: &Path) -> Result<serde_json::Value> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("{} could not be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// Writes a small JSON file, indented, with a line end.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).context("a result could not be written as JSON")?;
    text.push('\n');
    std::fs::write(path, text).with_context(|| format!("{} could not be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;
    use crate::sizes::SIZES;

    #[test]
    fn stored_tensors_have_the_usual_names_and_shapes_and_give_the_network_back() {
        let size = SIZES[0];
        let device = Device::flex();
        let network = Network::new(size, &mut Dice::new(1), &device);
        let stored = tensors(&network, size).unwrap();
        assert_eq!(stored.len(), 2 + 9 * size.layers);
        let shape = |name: &str| stored.iter().find(|tensor| tensor.name == name).unwrap().shape.clone();
        assert_eq!(shape("model.embed_tokens.weight"), [1024, 64]);
        assert_eq!(shape("model.layers.0.self_attn.q_proj.weight"), [64, 64]);
        assert_eq!(shape("model.layers.3.self_attn.k_proj.weight"), [32, 64]);
        assert_eq!(shape("model.layers.1.mlp.gate_proj.weight"), [172, 64]);
        assert_eq!(shape("model.layers.1.mlp.down_proj.weight"), [64, 172]);
        assert_eq!(shape("model.layers.2.input_layernorm.weight"), [64]);
        assert_eq!(shape("model.norm.weight"), [64]);
        let parameters: usize = stored.iter().map(|tensor| tensor.values.len()).sum();
        assert_eq!(parameters, size.parameters());
        let again = self::network(&stored, size.layers, &device).unwrap();
        assert_eq!(tensors(&again, size).unwrap(), stored);
    }
}
