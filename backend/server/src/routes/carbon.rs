//! How clean the power of each Zone is, now and by the hour.
//!
//! Must not: fetch it (that is `crate::carbon`).

use actix_web::web::Data;
use common::api::carbon::{Hours, Intensities, ListHours, ListIntensities};
use store::{grid, grid_watch};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

/// How far back the hours go.
pub(super) const HOURS: std::time::Duration = std::time::Duration::from_secs(48 * 3600);

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListIntensities>, ApiError> {
    Ok(Answer(Intensities { zones: grid::latest(&app.store, clock::now()).await? }))
}

pub(crate) async fn hours(app: Data<App>) -> Result<Answer<ListHours>, ApiError> {
    let sources = grid_watch::list(&app.store).await?;
    Ok(Answer(Hours { sources, hours: grid::hours(&app.store, clock::now() - HOURS).await? }))
}
