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
