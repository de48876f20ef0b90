//! How clean the power of each Zone is.
//!
//! Must not: fetch it (that is `crate::carbon`).

use actix_web::web::Data;
use common::api::carbon::{Intensities, ListIntensities};
use store::grid;

use crate::answer::Answer;
use crate::app::App;
use crate::error::ApiError;

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListIntensities>, ApiError> {
    Ok(Answer(Intensities { zones: grid::latest(&app.store).await? }))
}
