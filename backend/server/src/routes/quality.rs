//! Scores of Models on public benchmarks.
//!
//! Must not: leave out where a score comes from.

use actix_web::web::Data;
use common::api::quality::{ListQuality, Scores};

use crate::answer::Answer;
use crate::app::App;
use crate::error::ApiError;

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListQuality>, ApiError> {
    Ok(Answer(Scores { scores: store::quality::list(&app.store).await? }))
}
