//! Whether the service is well.
//!
//! Must not: say so without having asked the database.

use actix_web::web::Data;
use common::api::health::{GetHealth, Health};
use store::machines;

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn get(app: Data<App>) -> Result<Answer<GetHealth>, ApiError> {
    let machines_alive = machines::alive(&app.store, clock::now(), app.rules.alive_seconds).await?;
    Ok(Answer(Health { version: env!("CARGO_PKG_VERSION").to_owned(), machines_alive }))
}
