//! Runs: those that everybody may see, one by its permalink, and taking it back.
//!
//! Must not: list one that is not public; whoever knows its id may read it, nobody else.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use common::api::runs::{CancelRun, GetRun, ListRuns, RunPage, RunView};
use common::ids::RunId;
use store::{public_runs, queue, runs};

use crate::answer::Answer;
use crate::app::App;
use crate::client::Client;
use crate::clock;
use crate::error::ApiError;
use crate::page::{self, Cursor};

pub(crate) async fn list(app: Data<App>, list: Query<ListRuns>) -> Result<Answer<ListRuns>, ApiError> {
    Ok(Answer(page(&app, &list).await?))
}

/// One page of public Runs.
pub(crate) async fn page(app: &App, list: &ListRuns) -> Result<RunPage, ApiError> {
    let limit = page::limit(list.limit)?;
    let before = Cursor::read(list.after.as_deref())?;
    let is_name = |name: &String| (1..=200).contains(&name.chars().count()) && !name.contains('\0');
    if !list.campaign.as_ref().is_none_or(is_name) {
        return Err(page::malformed("campaign", "must be 1 to 200 characters, none of them NUL"));
    }
    let (runs, next) = public_runs::list(&app.store, list, before, limit).await?;
    Ok(RunPage { runs, next: next.map(Cursor::write) })
}

pub(crate) async fn get(app: Data<App>, id: Path<RunId>) -> Result<Answer<GetRun>, ApiError> {
    Ok(Answer(view(&app, id.into_inner()).await?))
}

async fn view(app: &App, id: RunId) -> Result<RunView, ApiError> {
    let mut run = runs::get(&app.store, id).await?;
    run.note_silence(clock::now(), app.rules.alive_seconds);
    Ok(run)
}

pub(crate) async fn cancel(
    app: Data<App>,
    client: Client,
    id: Path<RunId>,
) -> Result<Answer<CancelRun>, ApiError> {
    let id = id.into_inner();
    if !runs::may_cancel(&app.store, id, client.hash()).await? {
        return Err(ApiError::refuse(
            StatusCode::FORBIDDEN,
            "not_yours",
            "A run that everybody can see is taken back by whoever asked for it, from the same address, or by having \
             its prompt forgotten.",
        ));
    }
    queue::cancel(&app.store, id, clock::now()).await?;
    tracing::info!(run.id = %id, "a run was taken back");
    Ok(Answer(view(&app, id).await?))
}
