//! What a worker says, with its Machine's token.
//!
//! Must not: hold a connection to the database while a worker waits for work.

use std::time::Duration;

use actix_web::web::{Data, Json, Path};
use common::api::events::Event;
use common::api::leases::{Announced, AskLease, RenewLease, Renewed, Reported, SendProgress, SendReport};
use common::ids::LeaseId;
use common::lease::Report;
use common::machine::Announcement;
use common::run::RunState;
use store::wake::Signal;
use store::{machines, queue};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::app::App;
use crate::auth::Machine;
use crate::clock;
use crate::error::ApiError;
use crate::wall;

/// Longest wait for work, whatever the worker asks.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// The queue is looked at this often even if nothing is heard, in case the hearing failed.
const LOOK_AFTER: Duration = Duration::from_secs(5);

pub(crate) async fn announce(
    app: Data<App>,
    machine: Machine,
    announcement: Json<Announcement>,
) -> Result<Answer<Announcement>, ApiError> {
    let profile = machines::announce(&app.store, &machine, &announcement, clock::now()).await?;
    tracing::info!(machine.name = %machine.name, models = announcement.models.len(), "a worker started");
    Ok(Answer(Announced { machine: profile }))
}

pub(crate) async fn ask(
    app: Data<App>,
    machine: Machine,
    ask: Json<AskLease>,
) -> Result<Answer<AskLease>, ApiError> {
    let until = Instant::now() + ask.wait.min(MAX_WAIT);
    // Listen first, look then: what is queued in between is heard.
    let mut signals = app.wake.subscribe();
    loop {
        let found = queue::lease(&app.store, &machine, app.rules.lease_seconds, clock::now()).await?;
        if let Some(lease) = found {
            tracing::info!(
                run.id = %lease.run_id, lease.id = %lease.id, machine.name = %machine.name,
                attempt = lease.attempt, "a run was leased"
            );
            return Ok(Answer(Some(lease)));
        }
        if Instant::now() >= until {
            return Ok(Answer(None));
        }
        let look_at = until.min(Instant::now() + LOOK_AFTER);
        // Whether something was heard or the time is over: look.
        let _ = tokio::time::timeout_at(look_at, work_may_wait(&mut signals)).await;
    }
}

/// Returns when a Run was queued, or when that may have been missed.
async fn work_may_wait(signals: &mut Receiver<Signal>) {
    loop {
        match signals.recv().await {
            Ok(Signal::Event { event, .. }) => {
                if matches!(&*event, Event::Run { state: RunState::Queued, .. }) {
                    return;
                }
            }
            Ok(Signal::Gap) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

pub(crate) async fn renew(
    app: Data<App>,
    machine: Machine,
    id: Path<LeaseId>,
    renew: Json<RenewLease>,
) -> Result<Answer<RenewLease>, ApiError> {
    let lasts = app.rules.lease_seconds;
    queue::renew(&app.store, &machine, id.into_inner(), renew.step, lasts, clock::now()).await?;
    Ok(Answer(Renewed { lasts, now: Some(clock::now()) }))
}

pub(crate) async fn progress(
    app: Data<App>,
    machine: Machine,
    id: Path<LeaseId>,
    progress: Json<SendProgress>,
) -> Result<Answer<SendProgress>, ApiError> {
    let SendProgress { tokens, samples, .. } = progress.into_inner();
    queue::progress(&app.store, &machine, id.into_inner(), tokens, samples).await?;
    Ok(Answer(()))
}

pub(crate) async fn report(
    app: Data<App>,
    machine: Machine,
    id: Path<LeaseId>,
    report: Json<SendReport>,
) -> Result<Answer<SendReport>, ApiError> {
    let id = id.into_inner();
    if let Report::Measured { facts } = &report.report {
        wall::settle(&app.store, machine.id, facts).await?;
    }
    let state = queue::report(&app.store, &machine, id, &report.report, clock::now()).await?;
    tracing::info!(lease.id = %id, machine.name = %machine.name, run.state = state.name(), "a lease was reported");
    Ok(Answer(Reported { state }))
}
