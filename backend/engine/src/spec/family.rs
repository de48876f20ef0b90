//! The table of architectures.
//!
//! Must not: hold anything but which function reads which name.

use super::{ModelSpec, bloom, gemma, gpt, llama, phi, rwkv, stablelm};
use crate::error::Error;
use crate::hf::config::HfConfig;

type Reader = fn(&HfConfig) -> Result<ModelSpec, Error>;

/// Every architecture that runs, as `config.json` names it, and the `model_type` by which it is known without that.
const SUPPORTED: [(&str, &str, Reader); 20] = [
    ("LlamaForCausalLM", "llama", llama::llama),
    ("MistralForCausalLM", "mistral", llama::mistral),
    ("MixtralForCausalLM", "mixtral", llama::mixtral),
    ("Qwen2ForCausalLM", "qwen2", llama::qwen2),
    ("Qwen3ForCausalLM", "qwen3", llama::qwen3),
    ("Olmo2ForCausalLM", "olmo2", llama::olmo2),
    ("GemmaForCausalLM", "gemma", gemma::gemma),
    ("Gemma2ForCausalLM", "gemma2", gemma::gemma2),
    ("Gemma3ForCausalLM", "gemma3_text", gemma::gemma3),
    ("Gemma3ForConditionalGeneration", "gemma3", gemma::gemma3),
    ("StableLmForCausalLM", "stablelm", stablelm::stablelm),
    ("PhiForCausalLM", "phi", phi::phi),
    ("Phi3ForCausalLM", "phi3", phi::phi3),
    ("GPTNeoXForCausalLM", "gpt_neox", gpt::neox),
    ("GPT2LMHeadModel", "gpt2", gpt::gpt2),
    ("FalconForCausalLM", "falcon", gpt::falcon),
    ("RWForCausalLM", "RefinedWebModel", gpt::falcon),
    ("BloomForCausalLM", "bloom", bloom::bloom),
    ("BloomModel", "bloom", bloom::bloom),
    ("RwkvForCausalLM", "rwkv", rwkv::rwkv),
];

/// Reads a configuration.
///
/// # Errors
/// [`Error::Unsupported`] listing what runs, or [`Error::Checkpoint`] naming the key at fault.
pub(crate) fn read(config: &HfConfig) -> Result<ModelSpec, Error> {
    let (name, found) = match (config.architecture()?, config.maybe_word(&["model_type"])?) {
        (Some(name), _) => (name, SUPPORTED.iter().find(|(known, _, _)| *known == name)),
        (None, Some(kind)) => (kind, SUPPORTED.iter().find(|(_, known, _)| *known == kind)),
        (None, None) => return Err(config.wrong("architectures", "a list with the name of the network")),
    };
    let Some((_, _, reader)) = found else {
        let shown: String = name.chars().take(80).collect();
        let known: Vec<&str> = SUPPORTED.iter().map(|(known, _, _)| *known).collect();
        return Err(Error::unsupported(
            format!("{}: architecture {shown:?} cannot run", config.file().display()),
            format!("those that can are {}", known.join(", ")),
        ));
    };
    reader(&config.text_part())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::spec::Network;

    fn shape(name: &str) -> HfConfig {
        let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes");
        HfConfig::load_file(&shapes.join(format!("{name}.json"))).unwrap()
    }

    #[test]
    fn the_shapes_have_the_size_that_their_names_say() {
        let published: [(&str, u64); 6] = [
            ("smollm2-135m", 134_515_008),
            ("tinyllama-1.1b", 1_100_048_384),
            ("llama-3-8b", 8_030_261_248),
            ("mistral-7b", 7_241_732_096),
            ("gemma-2-9b", 9_241_705_984),
            ("qwen3-8b", 8_190_735_360),
        ];
        for (name, parameters) in published {
            let counted = read(&shape(name)).unwrap().matrix_numbers();
            // Norms are no matrices.
            assert!(counted <= parameters && counted * 1001 > parameters * 1000, "{name}: {counted}");
        }
    }

    #[test]
    fn a_published_part_for_text_is_read_with_what_it_leaves_out() {
        // As the checkpoints of 4 and 12 billion write it, and millions of numbers outside of tables, norms included, as
        // the family's report counts them.
        let linear = json!({ "factor": 8.0, "rope_type": "linear" });
        let published = [
            (json!({ "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34 }), 8, 3209),
            (
                json!({ "hidden_size": 3840, "intermediate_size": 15360, "num_hidden_layers": 48,
                    "num_attention_heads": 16, "num_key_value_heads": 8 }),
                16,
                10_759,
            ),
        ];
        for (mut part, heads, millions) in published {
            part["model_type"] = "gemma3_text".into();
            part["rope_scaling"] = linear.clone();
            part["sliding_window"] = 1024.into();
            let whole = json!({ "architectures": ["Gemma3ForConditionalGeneration"], "text_config": part });
            let spec = read(&shape("gemma-2-9b").part(&whole)).unwrap();
            assert_eq!((spec.vocab, spec.context_length), (262_208, 131_072));
            let counted = spec.layer_numbers();
            assert!(
                counted <= millions * 1_000_000 && counted * 1001 > millions * 1_000_000_000,
                "{counted}"
            );
            let Network::Decoder(decoder) = &spec.network else { panic!("not a decoder") };
            let attention = &decoder.block.attention;
            assert_eq!((attention.heads, attention.kv_heads, attention.head_dim), (heads, heads / 2, 256));
            let windows: Vec<Option<usize>> = decoder.plan[..6].iter().map(|layer| layer.window).collect();
            assert_eq!(windows, [Some(1024), Some(1024), Some(1024), Some(1024), Some(1024), None]);
            assert_eq!((decoder.ropes[0].frequencies[0], decoder.ropes[1].frequencies[0]), (0.125, 1.0));
        }
    }
}
