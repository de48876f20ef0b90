//! Which Models can be asked.
//!
//! Must not: hide a Model because its Machines are silent just now.

use actix_web::web::Data;
use common::api::models::{ListModels, Models};
use store::models;

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListModels>, ApiError> {
    let models = models::offered(&app.store, clock::now(), app.rules.alive_seconds).await?;
    Ok(Answer(Models { models }))
}
