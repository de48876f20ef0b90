//! Text to token ids and back, token by token.
//!
//! Must not: emit half a character; let an id past the vocabulary of the network through.

use std::path::{Path, PathBuf};

use common::conversation::Turn;
use tokenizers::Tokenizer as HfTokenizer;

use super::chat_template::{ChatTemplate, special};
use super::{read_json, read_text};
use crate::error::Error;
use crate::numeric::index;

/// Largest `tokenizer.json` that is read.
const MAX_BYTES: u64 = 256 << 20;
/// What an incomplete character decodes to.
const INCOMPLETE: char = '\u{fffd}';

/// The tokenizer of a checkpoint with its chat template.
pub(crate) struct Tokenizer {
    inner: HfTokenizer,
    template: Option<ChatTemplate>,
    file: PathBuf,
    eos: Option<u32>,
}

impl Tokenizer {
    /// Reads a folder's tokenizer, which must fit a network of this vocabulary.
    pub(crate) fn load(dir: &Path, vocab: usize) -> Result<Self, Error> {
        let file = dir.join("tokenizer.json");
        let text = read_text(&file, MAX_BYTES)?.ok_or_else(|| {
            Error::checkpoint(&file, "is missing", "a tokenizer in the form of the tokenizers library")
        })?;
        let inner = HfTokenizer::from_bytes(text.as_bytes()).map_err(|error| {
            Error::checkpoint_because(&file, format!("cannot be read ({error})"), "a tokenizer", error)
        })?;
        let largest = inner.get_vocab(true).into_values().max();
        if largest.is_none_or(|largest| index(largest) >= vocab) {
            return Err(Error::checkpoint(
                &file,
                format!("has ids up to {}", largest.map_or_else(|| "none".to_owned(), |id| id.to_string())),
                format!("at least one id and none from {vocab} on, the vocab_size of config.json"),
            ));
        }
        let config = read_json(&dir.join("tokenizer_config.json"), MAX_BYTES)?.unwrap_or_default();
        let eos = inner.token_to_id(&special(&config, "eos_token"));
        Ok(Self { inner, template: ChatTemplate::load(dir)?, file, eos })
    }

    /// One token for each byte, for networks that come without a tokenizer; `None` where the vocabulary has no
    /// room for them.
    pub(crate) fn of_bytes(vocab: usize) -> Result<Option<Self>, Error> {
        if vocab < 256 {
            return Ok(None);
        }
        let file = PathBuf::from("a tokenizer of bytes");
        let text = crate::tiny::tokenizer(Vec::new()).to_string();
        let inner = HfTokenizer::from_bytes(text.as_bytes()).map_err(|error| {
            Error::checkpoint_because(&file, format!("cannot be made ({error})"), "a tokenizer", error)
        })?;
        Ok(Some(Self { inner, template: None, file, eos: None }))
    }

    /// The token that its configuration says ends a text.
    pub(crate) fn eos(&self) -> Option<u32> {
        self.eos
    }

    /// A prompt as token ids: through the chat template where there is one.
    pub(crate) fn prompt(
        &self,
        system: Option<&str>,
        earlier: &[Turn],
        text: &str,
    ) -> Result<Vec<u32>, Error> {
        match &self.template {
            // Templates write the special tokens themselves.
            Some(template) => self.encode(&template.render(system, earlier, text)?, false),
            None if !earlier.is_empty() => Err(Error::Prompt {
                what: "the model has no chat template, so it cannot tell one turn from another".to_owned(),
            }),
            None => {
                let whole = system.map(|system| format!("{system}\n\n{text}"));
                self.encode(whole.as_deref().unwrap_or(text), true)
            }
        }
    }

    /// A text as token ids, to be continued as it stands.
    pub(crate) fn raw(&self, text: &str) -> Result<Vec<u32>, Error> {
        self.encode(text, true)
    }

    /// A text as token ids and nothing else: no token that starts or ends a text.
    pub(crate) fn bare(&self, text: &str) -> Result<Vec<u32>, Error> {
        self.encode(text, false)
    }

    fn encode(&self, text: &str, add_special: bool) -> Result<Vec<u32>, Error> {
        let encoding = self
            .inner
            .encode_fast(text, add_special)
            .map_err(|error| Error::Prompt { what: format!("{}: {error}", self.file.display()) })?;
        if encoding.get_ids().is_empty() {
            return Err(Error::Prompt { what: format!("{} makes no token of it", self.file.display()) });
        }
        Ok(encoding.get_ids().to_vec())
    }

    fn decode(&self, ids: &[u32]) -> String {
        // Ids come from the network, which may have more than the tokenizer names; those are nothing.
        self.inner.decode(ids, true).unwrap_or_default()
    }

    /// Starts turning an answer back into text.
    pub(crate) fn stream(&self) -> TextStream<'_> {
        TextStream { tokenizer: self, ids: Vec::new(), told: 0, text: String::new() }
    }
}

/// An answer on its way into text.
pub(crate) struct TextStream<'a> {
    tokenizer: &'a Tokenizer,
    ids: Vec<u32>,
    /// Ids whose text has been told.
    told: usize,
    text: String,
}

/// How many told ids are decoded again, so that spaces between tokens come out right.
const CONTEXT: usize = 8;

impl TextStream<'_> {
    /// Takes the next id and returns the text it completes; empty inside a character.
    pub(crate) fn push(&mut self, id: u32) -> &str {
        self.ids.push(id);
        self.advance(false)
    }

    /// Returns what is left, complete or not.
    pub(crate) fn finish(&mut self) -> &str {
        self.advance(true)
    }

    /// Everything so far.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn advance(&mut self, last: bool) -> &str {
        let start = self.told.saturating_sub(CONTEXT);
        let before = self.tokenizer.decode(&self.ids[start..self.told]);
        let now = self.tokenizer.decode(&self.ids[start..]);
        let from = self.text.len();
        if (last || !now.ends_with(INCOMPLETE))
            && let Some(new) = now.strip_prefix(before.as_str())
        {
            self.text.push_str(new);
            self.told = self.ids.len();
        }
        &self.text[from..]
    }
}
