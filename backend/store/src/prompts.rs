//! Prompts as their pages show them.
//!
//! Must not: list them; whoever knows an id may read it, nobody else.

use common::api::prompts::PromptView;
use common::ids::PromptId;
use common::prompt::Decoding;

use crate::columns::{count, read_word};
use crate::{Error, Store, runs};

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
        decoding: Decoding {
            max_output_tokens: count("decoding", row.max_output_tokens)?,
            temperature: row.temperature,
            top_p: row.top_p,
            seed: count("decoding", row.seed)?,
        },
        created_at: row.created_at,
        runs: runs::of_prompt(&mut connection, id).await?,
    })
}
