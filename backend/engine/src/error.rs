//! What can go wrong, named by what the caller does next.
//!
//! Must not: repeat a prompt's text in a message.

use std::path::{Path, PathBuf};

use crate::numeric::wide;

/// Why a model could not be loaded or a prompt not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Mend or replace the checkpoint: a file is missing, damaged or does not fit the others.
    #[error("{}: {what}; expected {expected}", file.display())]
    Checkpoint {
        /// The file at fault.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What would have been right.
        expected: String,
        /// The cause below, where there is one.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Choose another model, dtype or option: this one cannot run here.
    #[error("{what}; {supported}")]
    Unsupported {
        /// What cannot run.
        what: String,
        /// What can.
        supported: String,
    },
    /// Shorten the prompt: there is no room for one token of answer.
    #[error(
        "the prompt has {prompt_tokens} tokens, the model's context holds {context_length} with the answer"
    )]
    PromptTooLong {
        /// Tokens of the prompt, template included.
        prompt_tokens: u32,
        /// Most tokens of prompt and answer together.
        context_length: u32,
    },
    /// Reword the prompt: this model's template or tokenizer refuses it.
    #[error("the prompt cannot be turned into tokens: {what}")]
    Prompt {
        /// What the template or the tokenizer said.
        what: String,
    },
    /// Choose a smaller model or free memory.
    #[error(
        "{what} needs {}, and {} are free; choose a smaller model, fewer bits a weight, shorter or fewer texts at once",
        gibibytes(*needed_bytes),
        gibibytes(*available_bytes)
    )]
    Memory {
        /// What would be allocated.
        what: String,
        /// How much it takes.
        needed_bytes: u64,
        /// How much there is.
        available_bytes: u64,
    },
    /// Do not trust this model: its weights lead to logits that are not numbers.
    #[error(
        "the model's logits are not finite numbers at output token {index}; its weights are damaged or too large for {dtype}"
    )]
    NotFinite {
        /// Which output token was to be chosen.
        index: u32,
        /// The dtype it ran in.
        dtype: common::model::Dtype,
    },
    /// Look at the machine: the device or its threads failed.
    #[error("device: {what}")]
    Device {
        /// What failed.
        what: String,
        /// The cause below, where there is one.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// Memory as an operator thinks of it.
fn gibibytes(bytes: u64) -> String {
    format!("{:.2} GiB", wide(bytes) / f64::from(1 << 30))
}

impl Error {
    pub(crate) fn checkpoint(file: &Path, what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Checkpoint { file: file.to_owned(), what: what.into(), expected: expected.into(), source: None }
    }

    pub(crate) fn checkpoint_because(
        file: &Path,
        what: impl Into<String>,
        expected: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Checkpoint {
            file: file.to_owned(),
            what: what.into(),
            expected: expected.into(),
            source: Some(source.into()),
        }
    }

    pub(crate) fn unsupported(what: impl Into<String>, supported: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into(), supported: supported.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told_in_gibibytes_with_what_to_do() {
        let error = Error::Memory {
            what: "a cache for 4096 tokens".to_owned(),
            needed_bytes: 3 << 30,
            available_bytes: 1 << 29,
        };
        let told = error.to_string();
        assert!(told.starts_with("a cache for 4096 tokens needs 3.00 GiB, and 0.50 GiB are free;"), "{told}");
        assert!(told.contains("a smaller model"), "{told}");
    }
}
