//! Campaigns: how far each is and what it has cost.
//!
//! Must not: start or stop one (its operator does, at the command line).

use actix_web::web::Data;
use common::api::campaigns::{Campaigns, ListCampaigns};

use crate::answer::Answer;
use crate::app::App;
use crate::error::ApiError;

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListCampaigns>, ApiError> {
    Ok(Answer(Campaigns { campaigns: store::campaigns::list(&app.store).await? }))
}
