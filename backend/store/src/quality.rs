//! Scores of Models on public benchmarks, as they were imported.
//!
//! What is imported stays; of two imports of one column the newer is read. Must not: judge a score.

use common::api::events::Event;
use common::api::quality::Score;
use common::ids::ModelId;
use common::model::{Model, Quality};
use sqlx::types::Json;
use sqlx::{Connection, PgConnection};

use crate::{Error, Store, wake};

/// Keeps scores of a Model. The same file again changes nothing; returns how many are new.
///
/// # Errors
/// [`Error::Missing`] if there is no such Model.
pub async fn keep(store: &Store, model_id: &ModelId, scores: &[Score]) -> Result<u64, Error> {
    let mut connection = store.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let known = sqlx::query_scalar!("select id from model where id = $1", model_id.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
    if known.is_none() {
        return Err(Error::missing("model", model_id));
    }
    let mut new = 0;
    for score in scores {
        new += sqlx::query!(
            "insert into quality_score (model_id, benchmark, score, file_sha256, imported_at)
             values ($1, $2, $3, $4, $5)
             on conflict do nothing",
            model_id.as_str(),
            score.benchmark,
            Json(Score { model_id: Some(model_id.clone()), ..score.clone() }) as _,
            score.provenance.file_sha256,
            score.imported_at,
        )
        .execute(&mut *transaction)
        .await?
        .rows_affected();
    }
    wake::tell(&mut transaction, &[Event::Board]).await?;
    transaction.commit().await?;
    Ok(new)
}

/// Takes back what a file brought; returns how many scores that were.
///
/// # Errors
/// [`Error::Missing`] if no import came from such a file.
pub async fn remove(store: &Store, file_sha256: &str) -> Result<u64, Error> {
    let mut connection = store.pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    let done = sqlx::query!("delete from quality_score where file_sha256 = $1", file_sha256)
        .execute(&mut *transaction)
        .await?;
    if done.rows_affected() == 0 {
        return Err(Error::missing("import of the file with the SHA-256", file_sha256));
    }
    wake::tell(&mut transaction, &[Event::Board]).await?;
    transaction.commit().await?;
    Ok(done.rows_affected())
}

/// All scores that are read: of each Model and column the newest import.
///
/// # Errors
/// [`Error::Database`].
pub async fn list(store: &Store) -> Result<Vec<Score>, Error> {
    let scores = sqlx::query_scalar!(
        r#"select distinct on (model_id, benchmark) score as "score: Json<Score>" from quality_score
           order by model_id, benchmark, imported_at desc, file_sha256"#
    )
    .fetch_all(&store.pool)
    .await?;
    Ok(scores.into_iter().map(|score| score.0).collect())
}

/// Adds to Models what was imported of them.
pub(crate) async fn add_to(connection: &mut PgConnection, models: &mut [Model]) -> Result<(), Error> {
    let ids: Vec<String> = models.iter().map(|model| model.id.to_string()).collect();
    let rows = sqlx::query!(
        r#"select distinct on (model_id, benchmark) model_id, score as "score: Json<Score>" from quality_score
           where model_id = any($1)
           order by model_id, benchmark, imported_at desc, file_sha256"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        if let Some(model) = models.iter_mut().find(|model| model.id.as_str() == row.model_id) {
            model.quality.push(Quality::from(row.score.0));
        }
    }
    Ok(())
}
