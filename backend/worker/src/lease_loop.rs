//! The worker's life: ask for a Lease, have it carried out, report, again.
//!
//! Must not: know how a Run is measured.

use std::num::NonZeroU32;
use std::time::Duration;

use common::api::leases::AskLease;
use common::lease::{Lease, Report};
use common::machine::Announcement;
use common::measurement::Facts;
use common::meter::Label;
use common::protocol::Protocol;
use common::run::Failure;
use common::verdict::{ATTEMPTS, Grade, Verdict};
use meter::{Clock, Instruments, Monotonic, Options};

use crate::backoff::Backoff;
use crate::client::{CallError, Client};
use crate::control::Controls;
use crate::cooldown::{Gate, Limits};
use crate::error::{Error, failure};
use crate::models::Shelf;
use crate::outbox::{Delivery, Outbox};
use crate::state::State;
use crate::stop::Stop;
use crate::{assemble, hardware};

/// Longest wait for work in one call; short, so that stopping is quick.
const ASK_FOR: Duration = Duration::from_secs(2);
/// Sequences that are computed at once at most. Whether they fit into memory is seen when they are asked for.
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(63);

/// How this worker measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) protocol: Protocols,
    pub(crate) options: Options,
    /// How often the control workload is done; `None` is never.
    pub(crate) control_every: Option<Duration>,
}

/// How Runs of either kind are measured here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protocols {
    pub(crate) watched: Protocol,
    pub(crate) quiet: Protocol,
}

impl Protocols {
    /// Of a Run of this kind.
    pub(crate) const fn of(&self, is_watched: bool) -> Protocol {
        if is_watched { self.watched } else { self.quiet }
    }
}

/// A worker and all that it owns.
pub(crate) struct Worker {
    pub(crate) client: Client,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Monotonic,
    pub(crate) stop: Stop,
    pub(crate) instruments: Instruments,
    pub(crate) shelf: Shelf,
    pub(crate) gate: Gate,
    pub(crate) state: State,
    pub(crate) controls: Controls,
    pub(crate) settings: Settings,
}

impl Worker {
    /// Says who we are, until the server hears it.
    pub(crate) fn announce(&self, announcement: &Announcement) -> Result<(), CallError> {
        let mut backoff = Backoff::new();
        loop {
            match self.client.call(announcement) {
                Ok(announced) => {
                    tracing::info!(machine.name = %announced.machine.name, "the server knows this machine");
                    return Ok(());
                }
                Err(error @ (CallError::Refused { .. } | CallError::Malformed(_))) => return Err(error),
                Err(error) => {
                    if self.stop.is_asked() {
                        return Err(error);
                    }
                    tracing::warn!(%error, "the server does not hear us; trying again");
                    backoff.wait(&self.clock);
                }
            }
        }
    }

    /// What the server is told.
    pub(crate) fn announcement(&self) -> Announcement {
        Announcement {
            worker_version: assemble::worker_version(),
            hardware: hardware::describe(std::path::Path::new("/"), self.instruments.accelerators()),
            meters: self.instruments.cards(),
            missing_meters: self.instruments.missing.clone(),
            models: self.shelf.models(),
            max_batches: self.shelf.models().into_iter().map(|model| (model.id, AT_ONCE)).collect(),
        }
    }

    /// Works until asked to stop, or, with `once`, until one Lease has ended.
    pub(crate) fn work(&mut self, once: bool) -> Result<(), Error> {
        let mut backoff = Backoff::new();
        self.outbox.send_kept(&self.client);
        while !self.stop.is_asked() {
            self.gate.watch(&self.instruments.account, &self.clock);
            match self.client.call(&AskLease { wait: ASK_FOR }) {
                Ok(None) => self.rest(),
                Ok(Some(lease)) => {
                    self.stop.hold(lease.id);
                    self.serve(&lease)?;
                    if once {
                        return Ok(());
                    }
                }
                Err(error @ CallError::Refused { status: 401 | 403, .. }) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, "no lease could be asked for; trying again");
                    backoff.wait(&self.clock);
                    continue;
                }
            }
            backoff = Backoff::new();
        }
        Ok(())
    }

    /// Nobody asks for anything.
    fn rest(&mut self) {
        let temperature = self.instruments.temperature();
        if let Some(rests) = self.gate.note_rest(self.clock.now(), temperature) {
            self.state.keep_rests(rests);
        }
        self.control();
    }

    /// Carries out one Lease and reports it.
    fn serve(&mut self, lease: &Lease) -> Result<(), Error> {
        tracing::info!(run.id = %lease.run_id, lease.id = %lease.id, model.id = %lease.model_id, attempt = lease.attempt, "leased");
        let outcome = self.carry_out(lease);
        self.gate.note_work(self.clock.now());
        let (report, is_unfit) = match outcome {
            Ok(facts) => match shall_repeat(lease, &facts) {
                Some(failure) => (Report::Retry { failure }, None),
                None => (Report::Measured { facts: Box::new(facts) }, None),
            },
            Err(Error::Lost) => {
                self.stop.take();
                tracing::warn!(run.id = %lease.run_id, lease.id = %lease.id, "the lease was lost; the run is dropped");
                return Ok(());
            }
            Err(Error::Retry(failure)) => (Report::Retry { failure }, None),
            Err(Error::Reject(failure)) => (Report::Reject { failure }, None),
            Err(Error::Stopped(failure)) => (Report::Release { failure }, None),
            Err(Error::Unfit(failure)) => (Report::Retry { failure: failure.clone() }, Some(failure)),
        };
        if let Report::Retry { failure } | Report::Reject { failure } | Report::Release { failure } = &report
        {
            tracing::warn!(run.id = %lease.run_id, failure.code = %failure.code, "not measured: {}", failure.message);
        }
        // The thread that listens for signals may have reported it already.
        let Some(id) = self.stop.take() else { return Ok(()) };
        match self.outbox.deliver(&self.client, &self.clock, &self.stop, id, report) {
            Delivery::Taken(state) => {
                tracing::info!(run.id = %lease.run_id, run.state = state.name(), "reported");
            }
            Delivery::Refused(error) => {
                tracing::error!(run.id = %lease.run_id, %error, "the report was refused");
            }
            Delivery::GivenUp(error) => {
                tracing::error!(run.id = %lease.run_id, %error, "the report was not delivered; it is sent at the next start");
            }
        }
        is_unfit.map_or(Ok(()), |failure| Err(Error::Unfit(failure)))
    }
}

/// Why a quiet Run is measured again: the protocol says so of what it found, and there are attempts left. Somebody who watches
/// has seen the answer and is told how far its energy can be trusted instead; so is whoever reads what no instrument read.
fn shall_repeat(lease: &Lease, facts: &Facts) -> Option<Failure> {
    let is_read = facts.meters.iter().any(|card| card.label == Label::Measured);
    let verdict = Verdict::on(facts);
    if lease.streamed || !is_read || lease.attempt >= ATTEMPTS || verdict.grade != Grade::Redo {
        return None;
    }
    let reasons: Vec<&str> = verdict.reasons.iter().map(|reason| reason.name()).collect();
    Some(failure("redo", format!("the conditions were not good enough: {}", reasons.join(", "))))
}
