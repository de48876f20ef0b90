//! Delivering a report: again and again until the server has it or refuses it.
//!
//! The same report is sent each time, so that sending it twice is harmless. Until then it lies on disk, where only this
//! user can read it, and a worker that starts again sends it first. Must not: change a report, keep one that the server
//! has, or keep a stopping worker for long.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use common::api::leases::SendReport;
use common::ids::LeaseId;
use common::lease::Report;
use common::run::RunState;
use meter::Clock;
use serde::{Deserialize, Serialize};

use crate::backoff::Backoff;
use crate::client::{CallError, Client};
use crate::stop::Stop;

/// Attempts of a worker that shall stop.
const ATTEMPTS_WHEN_STOPPING: u32 = 3;
/// How the files of kept reports end.
const ENDING: &str = "report.json";

/// What became of a report.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The server has it.
    Taken(RunState),
    /// The server does not want it, and never will.
    Refused(CallError),
    /// The worker stops before the server was reached; the report is sent when it starts again.
    GivenUp(CallError),
}

/// Reports that the server does not have yet.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    /// `None` keeps nothing.
    folder: Option<PathBuf>,
    /// Reports are sent to the server that asked for them, and to no other.
    server: String,
}

/// A report as it lies on disk.
#[derive(Debug, Serialize, Deserialize)]
struct Kept<R> {
    server: String,
    lease_id: LeaseId,
    report: R,
}

impl Outbox {
    /// Keeps reports for `server` in `folder`, which is made if need be.
    pub(crate) fn open(folder: Option<PathBuf>, server: &str) -> io::Result<Self> {
        if let Some(folder) = &folder {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        Ok(Self { folder, server: server.trim_end_matches('/').to_owned() })
    }

    /// Delivers a report.
    pub(crate) fn deliver(
        &self,
        client: &Client,
        clock: &dyn Clock,
        stop: &Stop,
        id: LeaseId,
        report: Report,
    ) -> Delivery {
        if matches!(report, Report::Measured { .. }) {
            self.keep(id, &report);
        }
        let message = SendReport { id: Some(id), report };
        let mut backoff = Backoff::new();
        let mut attempts_when_stopping = 0;
        loop {
            match client.call(&message) {
                Ok(reported) => {
                    self.forget(id);
                    return Delivery::Taken(reported.state);
                }
                Err(error @ CallError::Refused { .. }) => {
                    self.forget(id);
                    return Delivery::Refused(error);
                }
                Err(error) => {
                    if stop.is_asked() {
                        attempts_when_stopping += 1;
                        if attempts_when_stopping >= ATTEMPTS_WHEN_STOPPING {
                            return Delivery::GivenUp(error);
                        }
                        backoff = Backoff::new();
                    }
                    tracing::warn!(lease.id = %id, %error, "the report was not delivered; trying again");
                    backoff.wait(clock);
                }
            }
        }
    }

    /// Sends what an earlier worker could not; what the server cannot be reached for stays.
    pub(crate) fn send_kept(&self, client: &Client) {
        for path in self.kept_files() {
            let kept: Kept<Report> = match read(&path) {
                Ok(kept) => kept,
                Err(error) => {
                    tracing::warn!(file = %path.display(), %error, "a kept report cannot be read; it is left there");
                    continue;
                }
            };
            if kept.server != self.server {
                continue;
            }
            let id = kept.lease_id;
            match client.call(&SendReport { id: Some(id), report: kept.report }) {
                Ok(reported) => {
                    tracing::info!(lease.id = %id, run.state = reported.state.name(), "a kept report was delivered");
                    self.forget(id);
                }
                Err(error @ CallError::Refused { .. }) => {
                    tracing::warn!(lease.id = %id, %error, "a kept report comes too late; it is dropped");
                    self.forget(id);
                }
                Err(error) => {
                    tracing::warn!(lease.id = %id, %error, "a kept report stays until the next start")
                }
            }
        }
    }

    /// Writes a report so that it is there whole or not at all. Without it the report can still be delivered.
    fn keep(&self, id: LeaseId, report: &Report) {
        let Some(path) = self.path(id) else { return };
        let kept = Kept { server: self.server.clone(), lease_id: id, report };
        if let Err(error) = write(&path, &kept) {
            tracing::warn!(file = %path.display(), %error, "the report could not be kept on disk");
        }
    }

    fn forget(&self, id: LeaseId) {
        if let Some(path) = self.path(id)
            && let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(file = %path.display(), %error, "a delivered report could not be removed");
        }
    }

    fn path(&self, id: LeaseId) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{id}.{ENDING}")))
    }

    /// The kept reports, the oldest first.
    fn kept_files(&self) -> Vec<PathBuf> {
        let Some(entries) = self.folder.as_ref().and_then(|folder| fs::read_dir(folder).ok()) else {
            return Vec::new();
        };
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
            })
            .filter(|(_, path)| path.to_string_lossy().ends_with(ENDING))
            .collect();
        files.sort();
        files.into_iter().map(|(_, path)| path).collect()
    }
}

fn read(path: &Path) -> io::Result<Kept<Report>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn write(path: &Path, kept: &Kept<&Report>) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_reports_are_found_in_the_order_in_which_they_were_kept() {
        let root = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(Some(root.path().to_owned()), "http://here").unwrap();
        let ids: Vec<LeaseId> = [3, 1, 2]
            .map(|nth| format!("00000000-0000-4000-8000-00000000000{nth}").parse().unwrap())
            .to_vec();
        for (age, id) in (1..).zip(&ids) {
            outbox.keep(*id, &Report::Release { failure: crate::stop::given_back() });
            let file = fs::File::options().write(true).open(outbox.path(*id).unwrap()).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age)).unwrap();
        }
        let paths: Vec<PathBuf> = ids.iter().map(|id| outbox.path(*id).unwrap()).collect();
        assert_eq!(outbox.kept_files(), paths);
    }
}
