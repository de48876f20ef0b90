//! The ranking: sums that the browser regroups.
//!
//! Must not: rank; views differ in what they rank by.

use actix_web::web::Data;
use common::api::leaderboard::{GetLeaderboard, GetProfiles};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn get(app: Data<App>) -> Result<Answer<GetLeaderboard>, ApiError> {
    Ok(Answer(store::leaderboard::get(&app.store, clock::now()).await?))
}

pub(crate) async fn profiles(app: Data<App>) -> Result<Answer<GetProfiles>, ApiError> {
    Ok(Answer(store::leaderboard::with_profiles(&app.store, clock::now()).await?))
}
