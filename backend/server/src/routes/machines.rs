//! Which Machines measure and what they are doing.
//!
//! Must not: say which Run a Machine is busy with.

use actix_web::web::{Data, Path, Query};
use common::api::machines::{GetMachine, ListMachines, Machines};
use common::ids::MachineName;
use common::machine::Machine;
use store::machines::Which;
use store::{Error, counts, machines};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::page;

pub(crate) async fn list(
    app: Data<App>,
    list: Query<ListMachines>,
) -> Result<Answer<ListMachines>, ApiError> {
    let (machines, next) = page(&app, &list).await?;
    let (queued_runs, leased_runs) = counts::of_queue(&app.store).await?;
    Ok(Answer(Machines { machines, next, queued_runs, leased_runs }))
}

/// One page, and where the next one starts; all of them where no limit is said.
pub(crate) async fn page(app: &App, list: &ListMachines) -> Result<(Vec<Machine>, Option<String>), ApiError> {
    let limit = list.limit.map(|limit| page::limit(Some(limit))).transpose()?;
    let which = Which { after: list.after.as_ref(), limit: limit.map(|limit| limit + 1), ..Which::default() };
    let mut found = machines::some(&app.store, which, clock::now(), app.rules.alive_seconds).await?;
    let next = limit.and_then(|limit| page::cut(&mut found, limit, |last| last.name.to_string()));
    Ok((found, next))
}

pub(crate) async fn get(app: Data<App>, name: Path<MachineName>) -> Result<Answer<GetMachine>, ApiError> {
    let which = Which { name: Some(&name), ..Which::default() };
    let found = machines::some(&app.store, which, clock::now(), app.rules.alive_seconds).await?;
    let missing = || Error::Missing { what: "machine", id: name.to_string() };
    Ok(Answer(found.into_iter().next().ok_or_else(missing)?))
}
