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
use crate::submit;

pub(crate) async fn get(app: Data<App>) -> Result<Answer<GetHealth>, ApiError> {
    let now = clock::now();
    Ok(Answer(Health {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machines_alive: machines::alive(&app.store, now, app.rules.alive_seconds).await?,
        is_browse_only: submit::is_browse_only(&app, now).await?,
    }))
}
