//! The table of architectures.
//!
//! Must not: hold anything but which function reads which name.

use super::{ModelSpec, bloom, gemma, gpt, llama, phi, rwkv, stablelm};
use crate::error::Error;
use crate::hf::config::HfConfig;

type Reader = fn(&HfConfig) -> Result<ModelSpec, Error>;

/// Every architecture that runs, as `config.json` names it.
const SUPPORTED: [(&str, Reader); 20] = [
    ("LlamaForCausalLM", llama::llama),
    ("MistralForCausalLM", llama::mistral),
    ("MixtralForCausalLM", llama::mixtral),
    ("Qwen2ForCausalLM", llama::qwen2),
    ("Qwen3ForCausalLM", llama::qwen3),
    ("Olmo2ForCausalLM", llama::olmo2),
    ("GemmaForCausalLM", gemma::gemma),
    ("Gemma2ForCausalLM", gemma::gemma2),
    ("Gemma3ForCausalLM", gemma::gemma3),
    ("Gemma3ForConditionalGeneration", gemma::gemma3),
    ("StableLmForCausalLM", stablelm::stablelm),
    ("PhiForCausalLM", phi::phi),
    ("Phi3ForCausalLM", phi::phi3),
    ("GPTNeoXForCausalLM", gpt::neox),
    ("GPT2LMHeadModel", gpt::gpt2),
    ("FalconForCausalLM", gpt::falcon),
    ("RWForCausalLM", gpt::falcon),
    ("BloomForCausalLM", bloom::bloom),
    ("BloomModel", bloom::bloom),
    ("RwkvForCausalLM", rwkv::rwkv),
];

/// Reads a configuration.
///
/// # Errors
/// [`Error::Unsupported`] listing what runs, or [`Error::Checkpoint`] naming the key at fault.
pub(crate) fn read(config: &HfConfig) -> Result<ModelSpec, Error> {
    let name = config.architecture()?;
    let Some((_, reader)) = SUPPORTED.iter().find(|(known, _)| *known == name) else {
        let shown: String = name.chars().take(80).collect();
        let known: Vec<&str> = SUPPORTED.iter().map(|(known, _)| *known).collect();
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

    use super::*;

    #[test]
    fn the_shapes_have_the_size_that_their_names_say() {
        let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes");
        let published: [(&str, u64); 6] = [
            ("smollm2-135m", 134_515_008),
            ("tinyllama-1.1b", 1_100_048_384),
            ("llama-3-8b", 8_030_261_248),
            ("mistral-7b", 7_241_732_096),
            ("gemma-2-9b", 9_241_705_984),
            ("qwen3-8b", 8_190_735_360),
        ];
        for (name, parameters) in published {
            let config = HfConfig::load_file(&shapes.join(format!("{name}.json"))).unwrap();
            let counted = read(&config).unwrap().matrix_numbers();
            // Norms are no matrices.
            assert!(counted <= parameters && counted * 1001 > parameters * 1000, "{name}: {counted}");
        }
    }
}
