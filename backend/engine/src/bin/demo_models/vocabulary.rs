//! The tokenizer: byte-level BPE with every digit on its own, trained on the corpus and stored so that other
//! readers of Hugging Face folders load it unchanged.
//!
//! Must not: be trained on anything but the corpus.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::json;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, Tokenizer};

use crate::chat::{self, MARKS};
use crate::corpus;
use crate::dice::Dice;
use crate::sizes::{CONTEXT, VOCABULARY};

/// Examples that the merges are learnt from.
const EXAMPLES: usize = 60_000;

/// The tokenizer of this project's corpus; the same for every size.
pub(crate) fn train(seed: u64) -> Result<Tokenizer> {
    let mut tokenizer = Tokenizer::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![
        PreTokenizerWrapper::Digits(Digits::new(true)),
        PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, true, true)),
    ])));
    tokenizer.with_decoder(Some(ByteLevel::default()));
    let mut trainer = TrainerWrapper::from(
        BpeTrainer::builder()
            .vocab_size(VOCABULARY)
            .show_progress(false)
            .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
            .special_tokens(MARKS.iter().map(|mark| AddedToken::from(*mark, true)).collect())
            .build(),
    );
    let mut dice = Dice::new(seed);
    let texts = (0..EXAMPLES).flat_map(move |_| {
        let example = corpus::draw(&mut dice);
        let system = example.task.system_prompt().unwrap_or_default().to_owned();
        [system, example.text, example.answer]
    });
    tokenizer
        .train(&mut trainer, texts)
        .map_err(|error| anyhow!("the tokenizer could not be trained: {error}"))?;
    Ok(tokenizer)
}

/// The ids of a text with its marks.
pub(crate) fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>> {
    let encoding =
        tokenizer.encode(text, false).map_err(|error| anyhow!("{text:?} has no tokens: {error}"))?;
    Ok(encoding.get_ids().to_vec())
}

/// The id of a mark.
pub(crate) fn mark(tokenizer: &Tokenizer, mark: &str) -> Result<u32> {
    tokenizer.token_to_id(mark).ok_or_else(|| anyhow!("the tokenizer lacks its mark {mark}"))
}

/// Writes `tokenizer.json` and `tokenizer_config.json`.
pub(crate) fn store(tokenizer: &Tokenizer, folder: &Path) -> Result<()> {
    let path = folder.join("tokenizer.json");
    tokenizer
        .save(&path, true)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("{} could not be written", path.display()))?;
    crate::folder::write_json(
        &folder.join("tokenizer_config.json"),
        &json!({
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": CONTEXT,
            "eos_token": chat::END,
            "pad_token": chat::PAD,
            "additional_special_tokens": [chat::SYSTEM, chat::USER, chat::ASSISTANT],
            "clean_up_tokenization_spaces": false,
            "chat_template": chat::TEMPLATE,
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_alone_marks_are_one_token_and_text_survives() {
        let tokenizer = train(1).unwrap();
        assert_eq!(tokenizer.get_vocab_size(true), VOCABULARY);
        for (id, mark) in (0..).zip(MARKS) {
            assert_eq!(encode(&tokenizer, mark).unwrap(), [id]);
        }
        let ids = encode(&tokenizer, "What is 4711 + 3? Straße\n").unwrap();
        assert_eq!(tokenizer.decode(&ids, true).unwrap(), "What is 4711 + 3? Straße\n");
        assert_eq!(encode(&tokenizer, "4711").unwrap().len(), 4);
    }
}
