//! Prompts as their pages show them.
//!
//! Must not: list them; whoever knows an id may read it, nobody else.

use common::api::prompts::PromptView;
use common::conversation::Conversation;
use common::ids::{PromptId, RunId};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::columns::read;
use crate::{Error, Store, runs};

/// The Decoding in any row that has a prompt's columns (each query has a row type of its own).
macro_rules! decoding {
    ($row:ident) => {
        ::common::prompt::Decoding {
            max_output_tokens: $crate::columns::count("decoding", $row.max_output_tokens)?,
            temperature: $row.temperature,
            top_p: $row.top_p,
            seed: $crate::columns::count("decoding", $row.seed)?,
            forced_length: $row.forced_length,
        }
    };
}
pub(crate) use decoding;

/// What a Machine needs of a prompt, in any row that has its columns; takes the texts out of the row.
macro_rules! leased_prompt {
    ($row:ident) => {
        ::common::lease::LeasedPrompt {
            text: $row.text,
            task: $crate::columns::read("task", &$row.task)?,
            conversation: $row.conversation.map(|document| document.0).unwrap_or_default(),
            decoding: $crate::prompts::decoding!($row),
            kind: $row.kind.map(|kind| $crate::columns::read("kind", &kind)).transpose()?,
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
        r#"select text, task, max_output_tokens, temperature, top_p, seed, forced_length,
                  conversation as "conversation: Json<Conversation>", created_at
           from prompt where id = $1 and forgotten_at is null"#,
        id.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Err(gone_or_missing(&mut connection, id).await?) };
    Ok(PromptView {
        id,
        text: row.text,
        task: read("task", &row.task)?,
        decoding: decoding!(row),
        conversation: row.conversation.map(|document| document.0).unwrap_or_default(),
        created_at: row.created_at,
        runs: runs::of_prompt(&mut connection, id).await?,
    })
}

/// Why a Prompt cannot be read.
async fn gone_or_missing(connection: &mut PgConnection, id: PromptId) -> Result<Error, Error> {
    let exists =
        sqlx::query_scalar!(r#"select exists (select from prompt where id = $1) as "exists!""#, id.0)
            .fetch_one(connection)
            .await?;
    Ok(if exists { Error::Forgotten } else { Error::missing("prompt", id) })
}

/// Removes what was asked and answered for good, if the secret is the one that was told; returns the Runs that were
/// not over and are to be taken back. Figures stay.
///
/// # Errors
/// [`Error::Missing`] if there is none with this secret, [`Error::Forgotten`] if that was done before.
pub async fn forget(
    store: &Store,
    id: PromptId,
    secret: &str,
    now: OffsetDateTime,
) -> Result<Vec<RunId>, Error> {
    let secret_sha256 = Sha256::digest(secret);
    let mut transaction = store.pool.begin().await?;
    let row = sqlx::query!(
        "select forgotten_at from prompt where id = $1 and secret_sha256 = $2 for update",
        id.0,
        secret_sha256.as_slice()
    )
    .fetch_optional(&mut *transaction)
    .await?
    .ok_or_else(|| Error::missing("prompt", "with this id and secret"))?;
    if row.forgotten_at.is_some() {
        return Err(Error::Forgotten);
    }
    sqlx::query!(
        "update prompt set text = '', conversation = null, expected = null, is_public = false, forgotten_at = $2
         where id = $1",
        id.0,
        now
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("update run set is_public = false where prompt_id = $1", id.0)
        .execute(&mut *transaction)
        .await?;
    sqlx::query!(
        r#"update repetition
           set output_text = '',
               others = (select jsonb_agg(answer || '{"output_text": ""}' order by place)
                         from jsonb_array_elements(others) with ordinality as each (answer, place))
           from run where run.id = repetition.run_id and run.prompt_id = $1"#,
        id.0
    )
    .execute(&mut *transaction)
    .await?;
    let open = sqlx::query_scalar!(
        "select id from run where prompt_id = $1 and state in ('queued', 'leased')",
        id.0
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(open.into_iter().map(RunId).collect())
}
