//! Who submits, as hashes that nobody can read back, and how much each has waiting.
//!
//! Must not: keep or see an address (the server hashes it), or remember anybody whose Runs are over.

use uuid::Uuid;

use crate::columns::count;
use crate::{Error, Store};

/// What one submitter has waiting or running.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Runs.
    pub runs: u64,
    /// Tokens that these may write together.
    pub output_tokens: u64,
}

/// What hashes of submitters are salted with; the same for all servers of this database.
///
/// # Errors
/// [`Error::Database`].
pub async fn salt(store: &Store) -> Result<Uuid, Error> {
    Ok(sqlx::query_scalar!("select salt from client_salt").fetch_one(&store.pool).await?)
}

/// What a submitter has waiting or running.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn waiting(store: &Store, submitter: &str) -> Result<Waiting, Error> {
    let row = sqlx::query!(
        r#"select count(*) as "runs!", coalesce(sum(max_output_tokens), 0) as "output_tokens!"
           from run join prompt on prompt.id = run.prompt_id
           where submitter = $1 and state in ('queued', 'leased')"#,
        submitter
    )
    .fetch_one(&store.pool)
    .await?;
    Ok(Waiting { runs: count("runs", row.runs)?, output_tokens: count("tokens", row.output_tokens)? })
}
