//! Which Machines measure and what they are doing.
//!
//! Must not: say which Run a Machine is busy with.

use actix_web::web::Data;
use common::api::machines::{ListMachines, Machines};
use store::{machines, runs};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListMachines>, ApiError> {
    let machines = machines::list(&app.store, clock::now(), app.rules.alive_seconds).await?;
    let (queued_runs, leased_runs) = runs::counts(&app.store).await?;
    Ok(Answer(Machines { machines, queued_runs, leased_runs }))
}
