//! Why a verb did not do its work, named by what the caller does next.
//!
//! Must not: name a secret in its message.

use common::measurement::Contradiction;
use common::run::RunState;

/// Why a verb did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Ask for something else: there is no such thing.
    #[error("there is no {what} {id}")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// By which id or name.
        id: String,
    },
    /// Drop the Run: the Lease is not current any more.
    #[error("the lease is not current any more; drop its run")]
    Stale,
    /// Leave it: its submitter had it forgotten.
    #[error("its submitter had it forgotten; its text is gone")]
    Forgotten,
    /// Leave it: the Run's state does not allow this move.
    #[error("the run is {} already", .0.name())]
    Ended(RunState),
    /// Leave it: this was answered before, and counts once.
    #[error("the {0} of this battle was answered before")]
    Answered(&'static str),
    /// Choose another name, or say that the one there shall be replaced.
    #[error("there is a machine {0} already")]
    Taken(String),
    /// Mend the report: its facts cannot all be true.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// Mend what was sent: it does not fit what is known.
    #[error("{0}")]
    Unfit(String),
    /// Try again later: the database had no time for it.
    #[error("the database has too much to do; try again later")]
    Busy,
    /// Tell the operator: a stored row does not read as what it should be.
    #[error("a stored {what} cannot be read: {reason}")]
    Corrupt {
        /// Which thing.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Tell the operator: the schema could not be brought up to date.
    #[error("the schema could not be brought up to date")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// Try again later: the database did not do its part.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

/// PostgreSQL's codes for a NUL character, which text and documents cannot hold.
const NUL_IN_TEXT: [&str; 2] = ["22021", "22P05"];

/// PostgreSQL's code for a query that took longer than it may.
const QUERY_CANCELLED: &str = "57014";

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.as_ref().is_some_and(|code| NUL_IN_TEXT.contains(&code.as_ref())) {
            return Self::Unfit("a text holds a NUL character; remove it".to_owned());
        }
        let is_over = code.is_some_and(|code| code == QUERY_CANCELLED);
        if is_over || matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy;
        }
        Self::Database(error)
    }
}

impl Error {
    pub(crate) fn missing(what: &'static str, id: impl ToString) -> Self {
        Self::Missing { what, id: id.to_string() }
    }

    pub(crate) fn corrupt(what: &'static str, reason: impl ToString) -> Self {
        Self::Corrupt { what, reason: reason.to_string() }
    }
}
