//! Sending tokens and power to watchers while they are made, from a thread of its own, about ten times a second.
//!
//! Only for Leases that ask for it; what that costs is part of the figures and the record says so. Must not: delay
//! the engine or the sampler; a batch that cannot be sent is dropped, for only the record counts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::api::leases::SendProgress;
use common::ids::LeaseId;
use common::lease::LiveSample;
use meter::LiveTrace;

use crate::client::{CallError, Client};
use crate::keeper::Keeper;
use crate::live_tokens::LiveTokens;

/// Time between two batches.
const PAUSE: Duration = Duration::from_millis(100);

/// Where tokens and samples wait to be sent.
pub(crate) struct Stream {
    pub(crate) tokens: LiveTokens,
    pub(crate) samples: LiveTrace,
    is_over: AtomicBool,
}

impl Stream {
    pub(crate) const fn new(tokens: LiveTokens, samples: LiveTrace) -> Self {
        Self { tokens, samples, is_over: AtomicBool::new(false) }
    }

    /// Sends batches while `body` runs, and the rest when it has ended.
    pub(crate) fn send_during<T>(
        &self,
        client: &Client,
        id: LeaseId,
        keeper: &Keeper,
        body: impl FnOnce() -> T,
    ) -> T {
        std::thread::scope(|scope| {
            let sender = scope.spawn(|| self.send_batches(client, id, keeper));
            let end = End(self, sender.thread().clone());
            let value = body();
            drop(end);
            value
        })
    }

    fn send_batches(&self, client: &Client, id: LeaseId, keeper: &Keeper) {
        let (mut next_token, mut next_sample) = (0, 0);
        loop {
            let is_last = self.is_over.load(Ordering::Acquire);
            let (tokens, until_token) = self.tokens.since(next_token);
            let (samples, until_sample) = self.samples.since(next_sample);
            (next_token, next_sample) = (until_token, until_sample);
            let samples: Vec<LiveSample> =
                samples.into_iter().map(|(domain, sample)| LiveSample { domain, sample }).collect();
            if !(tokens.is_empty() && samples.is_empty()) {
                match client.call(&SendProgress { id: Some(id), tokens, samples }) {
                    Ok(()) | Err(CallError::Offline(_) | CallError::Malformed(_)) => {}
                    Err(CallError::Refused { .. }) => {
                        keeper.lose();
                        return;
                    }
                }
            }
            if is_last {
                return;
            }
            std::thread::park_timeout(PAUSE);
        }
    }
}

/// Ends the sender even if the body panics.
struct End<'a>(&'a Stream, std::thread::Thread);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Release);
        self.1.unpark();
    }
}
