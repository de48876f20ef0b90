//! Prompts as their pages show them.
//!
//! Must not: list them; whoever knows an id may read it, nobody else.

use common::api::prompts::PromptView;
use common::ids::PromptId;

use crate::columns::read_word;
use crate::{Error, Store, runs};

/// The Decoding in any row that has a prompt's columns (each query has a row type of its own).
macro_rules! decoding {
    ($row:ident) => {
        ::common::prompt::Decoding {
            max_output_tokens: $crate::columns::count("decoding", $row.max_output_tokens)?,
            temperature: $row.temperature,
            top_p: $row.top_p,
            seed: $crate::columns::count("decoding", $row.seed)?,
        }
    };
}
pub(crate) use decoding;

/// What a Machine needs of a prompt, in any row that has its columns; takes the texts out of the row.
macro_rules! leased_prompt {
    ($row:ident) => {
        ::common::lease::LeasedPrompt {
            text: $row.text,
            task: $crate::columns::read_word("task", &$row.task)?,
            decoding: $crate::prompts::decoding!($row),
            kind: $row.kind.map(|kind| $crate::columns::read_word("kind", &kind)).transpose()?,
            expected: $row.expected,
        }
    };
}
pub(crate) use leased_prompt;

/// A Prompt and how its Runs stand.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub async fn get(store: &Store, id: PromptId) -> Result<PromptView, Error> {
    let mut connection = store.pool.acquire().await?;
    let row = sqlx::query!(
        "select text, task, max_output_tokens, temperature, top_p, seed, created_at from prompt where id = $1",
        id.0
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| Error::missing("prompt", id))?;
    Ok(PromptView {
        id,
        text: row.text,
        task: read_word("task", &row.task)?,
        decoding: decoding!(row),
        created_at: row.created_at,
        runs: runs::of_prompt(&mut connection, id).await?,
    })
}
