//! One Run: its permalink, and taking it back.
//!
//! Must not: list Runs; whoever knows an id may read it, nobody else.

use actix_web::web::{Data, Path};
use common::api::runs::{CancelRun, GetRun};
use common::ids::RunId;
use store::{queue, runs};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn get(app: Data<App>, id: Path<RunId>) -> Result<Answer<GetRun>, ApiError> {
    Ok(Answer(runs::get(&app.store, id.into_inner()).await?))
}

pub(crate) async fn cancel(app: Data<App>, id: Path<RunId>) -> Result<Answer<CancelRun>, ApiError> {
    let id = id.into_inner();
    queue::cancel(&app.store, id, clock::now()).await?;
    tracing::info!(run.id = %id, "a run was taken back");
    Ok(Answer(runs::get(&app.store, id).await?))
}
