//! A fresh, migrated database for a test or a bench, made beside the one that a URL names.
//!
//! Must not: touch any database but its own.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Postgres, Transaction};

use crate::{Error, Store};

/// A database of its own, to be dropped when done.
#[derive(Debug)]
pub struct Scratch {
    /// The handle on it.
    pub store: Store,
    options: PgConnectOptions,
    name: String,
}

/// A table that is held.
#[derive(Debug)]
#[must_use = "the table is let go when this is dropped"]
pub struct Hold(#[expect(dead_code, reason = "it is held, not read")] Transaction<'static, Postgres>);

impl Scratch {
    /// Makes and migrates it; the user that `url` names must be allowed to create databases.
    ///
    /// # Errors
    /// [`Error::Database`] if that fails.
    pub async fn create(url: &str) -> Result<Self, Error> {
        let options: PgConnectOptions = url.parse()?;
        let mut admin = PgConnection::connect_with(&options).await?;
        let id =
            sqlx::query_scalar!(r#"select gen_random_uuid()::text as "id!""#).fetch_one(&mut admin).await?;
        let name = format!("scratch_{}", id.replace('-', ""));
        // The name is letters and digits made here; an identifier cannot be a parameter.
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await?;
        admin.close().await?;
        let pool =
            PgPoolOptions::new().max_connections(8).connect_with(options.clone().database(&name)).await?;
        let store = Store::new(pool);
        store.migrate().await?;
        Ok(Self { store, options, name })
    }

    /// Its address, for a program that is told one.
    pub fn url(&self) -> String {
        self.options.clone().database(&self.name).to_url_lossy().to_string()
    }

    /// Another handle on the same database, as a second server has one, on which no query takes longer than this.
    ///
    /// # Errors
    /// [`Error::Database`] if it cannot be reached.
    pub async fn second(&self, patience: Duration) -> Result<Store, Error> {
        let options = crate::hurried(self.options.clone().database(&self.name), patience);
        Ok(Store::new(PgPoolOptions::new().max_connections(4).connect_with(options).await?))
    }

    /// Holds a table of it so that nobody else may read it, as a change of the schema would, until what comes back is
    /// dropped.
    ///
    /// # Errors
    /// [`Error::Database`] if there is no such table.
    pub async fn hold(&self, table: &str) -> Result<Hold, Error> {
        let mut transaction = self.store.pool.begin().await?;
        sqlx::query(AssertSqlSafe(format!("lock table {table} in access exclusive mode")))
            .execute(&mut *transaction)
            .await?;
        Ok(Hold(transaction))
    }

    /// Drops the database, whoever still uses it.
    ///
    /// # Errors
    /// [`Error::Database`] if that fails.
    pub async fn drop_database(self) -> Result<(), Error> {
        self.store.close().await;
        let mut admin = PgConnection::connect_with(&self.options).await?;
        let sql = format!("drop database {} with (force)", self.name);
        sqlx::query(AssertSqlSafe(sql)).execute(&mut admin).await?;
        Ok(admin.close().await?)
    }
}
