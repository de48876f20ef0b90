//! Which Models can be asked.
//!
//! Must not: hide a Model because its Machines are silent just now.

use actix_web::web::{Data, Query};
use common::api::models::{ListModels, Models};
use common::machine::OfferedModel;
use store::models;

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::page;

pub(crate) async fn list(app: Data<App>, list: Query<ListModels>) -> Result<Answer<ListModels>, ApiError> {
    let (models, next) = page(&app, &list).await?;
    Ok(Answer(Models { models, next }))
}

/// One page, and where the next one starts; all of them where no limit is said.
pub(crate) async fn page(
    app: &App,
    list: &ListModels,
) -> Result<(Vec<OfferedModel>, Option<String>), ApiError> {
    let limit = list.limit.map(|limit| page::limit(Some(limit))).transpose()?;
    let (now, alive) = (clock::now(), app.rules.alive_seconds);
    let most = limit.map(|limit| limit + 1);
    let mut found = models::offered_after(&app.store, list.after.as_ref(), most, now, alive).await?;
    let next = limit.and_then(|limit| page::cut(&mut found, limit, |last| last.id().to_string()));
    Ok((found, next))
}
