//! Text to token ids and back, token by token.
//!
//! Must not: emit half a character; let an id past the vocabulary of the network through; trust the library with a file,
//! for it trusts what it reads.

use std::panic::{AssertUnwindSafe, catch_unwind};
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
    /// Ids that the network knows.
    vocab: usize,
}

impl Tokenizer {
    /// Reads a folder's tokenizer, which must fit a network of this vocabulary.
    pub(crate) fn load(dir: &Path, vocab: usize) -> Result<Self, Error> {
        let file = dir.join("tokenizer.json");
        let text = read_text(&file, MAX_BYTES)?.ok_or_else(|| {
            Error::checkpoint(&file, "is missing", "a tokenizer in the form of the tokenizers library")
        })?;
        let inner = Self::read(&file, &text)?;
        // Tokens added to a vocabulary may go beyond what the network learned; texts that need them are refused.
        let largest = inner.get_vocab(false).into_values().max();
        if largest.is_none_or(|largest| index(largest) >= vocab) {
            return Err(Error::checkpoint(
                &file,
                format!("has ids up to {}", largest.map_or_else(|| "none".to_owned(), |id| id.to_string())),
                format!("at least one id and none from {vocab} on, the vocab_size of config.json"),
            ));
        }
        let config = read_json(&dir.join("tokenizer_config.json"), MAX_BYTES)?.unwrap_or_default();
        let eos = inner.token_to_id(&special(&config, "eos_token"));
        Ok(Self { inner, template: ChatTemplate::load(dir)?, file, eos, vocab })
    }

    /// Reads a tokenizer that makes of a text what it says: no more tokens and no fewer.
    fn read(file: &Path, text: &str) -> Result<HfTokenizer, Error> {
        let read = || {
            let mut inner = HfTokenizer::from_bytes(text.as_bytes())?;
            // How somebody once cut and filled up their texts is saved along; the reference forgets it at every call.
            inner.with_padding(None).with_truncation(None)?;
            Ok(inner)
        };
        guarded(read).map_err(|error: tokenizers::Error| {
            Error::checkpoint_because(file, format!("cannot be read ({error})"), "a tokenizer", error)
        })
    }

    /// One token for each byte, for networks that come without a tokenizer; `None` where the vocabulary has no
    /// room for them.
    pub(crate) fn of_bytes(vocab: usize) -> Result<Option<Self>, Error> {
        if vocab < 256 {
            return Ok(None);
        }
        let file = PathBuf::from("a tokenizer of bytes");
        let inner = Self::read(&file, &crate::tiny::tokenizer(Vec::new()).to_string())?;
        Ok(Some(Self { inner, template: None, file, eos: None, vocab }))
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
        let refused = |what: &str| Error::Prompt { what: format!("{} {what}", self.file.display()) };
        let encoding = guarded(|| self.inner.encode_fast(text, add_special))
            .map_err(|error| refused(&format!("says: {error}")))?;
        let ids = encoding.get_ids();
        if ids.is_empty() {
            return Err(refused("makes no token of it"));
        }
        // Some ids stand in no vocabulary that could be looked through: those that it puts round a text.
        if let Some(id) = ids.iter().find(|&&id| index(id) >= self.vocab) {
            return Err(refused(&format!("makes token {id} of it, and the network knows {}", self.vocab)));
        }
        Ok(ids.to_vec())
    }

    fn decode(&self, ids: &[u32]) -> String {
        // Ids come from the network, which may have more than the tokenizer names; those are nothing.
        guarded(|| self.inner.decode(ids, true)).unwrap_or_default()
    }

    /// Starts turning an answer back into text.
    pub(crate) fn stream(&self) -> TextStream<'_> {
        TextStream { tokenizer: self, ids: Vec::new(), told: 0, text: String::new() }
    }
}

/// What the library answers, its panics included.
fn guarded<T>(run: impl FnOnce() -> tokenizers::Result<T>) -> tokenizers::Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("it breaks the tokenizers library".into()))
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
