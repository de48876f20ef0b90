//! Models: what workers announced, and which of it is on offer.
//!
//! Must not: forget a Model that no Machine runs any more; records name it.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::time::Duration;

use common::ids::ModelId;
use common::machine::OfferedModel;
use common::model::{Model, Quality};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{count, positive, read, read_all};
use crate::{Error, Store, quality};

/// The columns of a Model, wherever they are read.
pub(crate) struct ModelRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) family: String,
    pub(crate) parameters: i64,
    pub(crate) dtype: String,
    pub(crate) bits_per_weight: f64,
    pub(crate) weight_bytes: i64,
    pub(crate) revision: String,
    pub(crate) weights_sha256: String,
    pub(crate) weights: String,
    pub(crate) context_length: i64,
    pub(crate) quality: Json<Vec<Quality>>,
}

impl TryFrom<ModelRow> for Model {
    type Error = Error;
    fn try_from(row: ModelRow) -> Result<Self, Error> {
        Ok(Self {
            id: read("model", &row.id)?,
            name: row.name,
            family: row.family,
            parameters: count("model", row.parameters)?,
            dtype: read("dtype", &row.dtype)?,
            bits_per_weight: row.bits_per_weight,
            weight_bytes: count("model", row.weight_bytes)?,
            revision: row.revision,
            weights_sha256: row.weights_sha256,
            weights: read("weights", &row.weights)?,
            context_length: count("model", row.context_length)?,
            quality: row.quality.0,
        })
    }
}

/// Makes a Model known. Its weights stay what they were; what is known of its quality may change.
pub(crate) async fn learn(
    connection: &mut PgConnection,
    model: &Model,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let weights_sha256 = sqlx::query_scalar!(
        "insert into model (id, name, family, parameters, dtype, bits_per_weight, weight_bytes, revision,
                            weights_sha256, weights, context_length, quality, first_seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (id) do update set quality = excluded.quality
         returning weights_sha256",
        model.id.as_str(),
        model.name,
        model.family,
        count::<_, i64>("model", model.parameters)?,
        model.dtype.name(),
        model.bits_per_weight,
        count::<_, i64>("model", model.weight_bytes)?,
        model.revision,
        model.weights_sha256,
        model.weights.name(),
        i64::from(model.context_length),
        Json(&model.quality) as _,
        now,
    )
    .fetch_one(connection)
    .await?;
    if weights_sha256 == model.weights_sha256 {
        return Ok(());
    }
    // An id names exactly one set of weights; records of both under one id would be one row of the ranking.
    Err(Error::Unfit(format!(
        "the model id {} is known with other weights ({weights_sha256}); give the new ones another revision",
        model.id
    )))
}

/// The Models that some enrolled Machine runs, with those of its Machines that were heard of less than
/// `alive` ago; a Model whose Machines are all silent stays listed, without any.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn offered(
    store: &Store,
    now: OffsetDateTime,
    alive: Duration,
) -> Result<Vec<OfferedModel>, Error> {
    offered_after(store, None, None, now, alive).await
}

/// At most `limit` of those that [`offered`] gives after one of them.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn offered_after(
    store: &Store,
    after: Option<&ModelId>,
    limit: Option<u32>,
    now: OffsetDateTime,
    alive: Duration,
) -> Result<Vec<OfferedModel>, Error> {
    let mut connection = store.pool.acquire().await?;
    let rows = sqlx::query!(
        r#"select model.id, model.name, family, parameters, dtype, bits_per_weight, weight_bytes, revision,
                  weights_sha256, weights, context_length, quality as "quality: Json<Vec<Quality>>",
                  coalesce(array_agg(machine.name order by machine.name)
                      filter (where machine.last_seen_at >= $1), '{}') as "machines!"
           from model
           join machine_model on machine_model.model_id = model.id
           join machine on machine.id = machine_model.machine_id and machine.revoked_at is null
           where $2::text is null
              or (model.name, model.id) > (select last.name, last.id from model last where last.id = $2)
           group by model.id
           order by model.name, model.id
           limit $3"#,
        now - alive,
        after.map(ModelId::as_str),
        limit.map(i64::from),
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut found, mut machines) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        machines.push(read_all("machine", &row.machines)?);
        found.push(Model::try_from(ModelRow {
            id: row.id,
            name: row.name,
            family: row.family,
            parameters: row.parameters,
            dtype: row.dtype,
            bits_per_weight: row.bits_per_weight,
            weight_bytes: row.weight_bytes,
            revision: row.revision,
            weights_sha256: row.weights_sha256,
            weights: row.weights,
            context_length: row.context_length,
            quality: row.quality,
        })?);
    }
    quality::add_to(&mut connection, &mut found).await?;
    Ok(found.into_iter().zip(machines).map(|(model, machines)| OfferedModel { model, machines }).collect())
}

/// The Models with these ids, in the order of their names.
pub(crate) async fn named(connection: &mut PgConnection, ids: &[String]) -> Result<Vec<Model>, Error> {
    let rows = sqlx::query_as!(
        ModelRow,
        r#"select id, name, family, parameters, dtype, bits_per_weight, weight_bytes, revision, weights_sha256,
                  weights, context_length, quality as "quality: Json<Vec<Quality>>"
           from model where id = any($1) order by name, id"#,
        ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut models = rows.into_iter().map(Model::try_from).collect::<Result<Vec<_>, _>>()?;
    quality::add_to(connection, &mut models).await?;
    Ok(models)
}

/// What a Machine runs: its Models by name, and of which of them it can compute how many sequences at once, where that is
/// more than one.
pub(crate) type Served = (Vec<Model>, BTreeMap<ModelId, NonZeroU32>);

/// What each of these Machines runs.
pub(crate) async fn of_machines(
    connection: &mut PgConnection,
    machines: &[Uuid],
) -> Result<HashMap<Uuid, Served>, Error> {
    let rows = sqlx::query!(
        "select machine_id, model_id, max_batch from machine_model where machine_id = any($1)",
        machines
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut ids: Vec<String> = rows.iter().map(|row| row.model_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut runs: HashMap<Uuid, HashMap<String, i32>> = HashMap::new();
    for row in rows {
        runs.entry(row.machine_id).or_default().insert(row.model_id, row.max_batch);
    }
    let mut served: HashMap<Uuid, Served> = HashMap::new();
    for model in named(connection, &ids).await? {
        for (machine, batches) in &runs {
            let Some(&max_batch) = batches.get(model.id.as_str()) else { continue };
            let (models, max_batches) = served.entry(*machine).or_default();
            if max_batch > 1 {
                max_batches.insert(model.id.clone(), positive("batch", max_batch)?);
            }
            models.push(model.clone());
        }
    }
    Ok(served)
}

/// Ids of what [`offered`] lists.
pub fn ids(offered: &[OfferedModel]) -> Vec<ModelId> {
    offered.iter().map(|model| model.id().clone()).collect()
}
