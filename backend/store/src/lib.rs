//! The records and the queue, in PostgreSQL: the only SQL of the house.
//!
//! Each verb is one function and one statement or one short transaction; domain types go in and come
//! out. Units live in column names and are read in this crate alone. Time is an argument. Must not:
//! know HTTP, read a clock, or decide what `common` decides (legal moves, verdicts, figures).
//!
//! Queries are checked against the schema when the crate is built, from the data in `.sqlx`; after a change of SQL
//! `cargo xtask sqlx` writes it anew.

mod columns;
mod counts;
mod error;
mod idle;

pub mod battles;
pub mod campaigns;
pub mod clients;
pub mod grid;
pub mod grid_watch;
pub mod leaderboard;
pub mod machines;
pub mod measurements;
pub mod models;
pub mod prompts;
pub mod public_runs;
pub mod quality;
pub mod queue;
pub mod runs;
pub mod scratch;
pub mod summaries;
pub mod wake;
pub mod wall;

use std::time::Duration;

pub use error::Error;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The handle on the database; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
}

impl Store {
    /// Connects to the database that `url` names, with at most `connections` at once.
    ///
    /// # Errors
    /// [`Error::Database`] if it cannot be reached.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, Error> {
        let pool = PgPoolOptions::new().max_connections(connections).connect(url).await?;
        Ok(Self { pool })
    }

    /// The same for those who answer requests: no query may take longer than this, nor may waiting for a connection.
    ///
    /// # Errors
    /// [`Error::Database`] if it cannot be reached.
    pub async fn connect_within(url: &str, connections: u32, patience: Duration) -> Result<Self, Error> {
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(patience);
        Ok(Self { pool: pool.connect_with(hurried(url.parse()?, patience)).await? })
    }

    /// A handle on connections that exist already.
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Brings the schema up to date; several servers may do so at once.
    ///
    /// # Errors
    /// [`Error::Schema`] if a migration fails or an applied one was changed.
    pub async fn migrate(&self) -> Result<(), Error> {
        Ok(sqlx::migrate!("../../migrations").run(&self.pool).await?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Database`] if it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query!("select 1 as one").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Lets go of all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Connections on which no query takes longer than this. Compiling one takes longer than it saves: all are short.
fn hurried(options: PgConnectOptions, patience: Duration) -> PgConnectOptions {
    options.options([("statement_timeout", patience.as_millis().to_string()), ("jit", "off".to_owned())])
}
