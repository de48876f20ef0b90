//! A Run that a client waits for: its pieces as they come, and its end.
//!
//! Must not: leave a Run behind that nobody waits for any more; it is taken back.

use std::time::Duration;

use common::api::events::Event;
use common::api::prompts::Submitted;
use common::api::runs::RunView;
use common::ids::RunId;
use common::lease::LiveToken;
use common::run::RunState;
use store::wake::Signal;
use store::{Store, queue, runs};
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;

use super::refusal::Refusal;
use crate::app::App;
use crate::clock;

/// The Run is looked at this often even if nothing is heard.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What came.
pub(super) enum News {
    /// A piece of the answer.
    Text(String),
    /// Nothing for a while.
    Nothing,
    /// The Run is over.
    Ended(Box<RunView>),
}

/// A Run that somebody waits for.
pub(super) struct Waited {
    store: Store,
    signals: Receiver<Signal>,
    run_id: RunId,
    until: Instant,
    /// Tokens whose text was told.
    tokens: u32,
    told: String,
    is_over: bool,
}

impl Waited {
    pub(super) fn new(app: &App, submitted: &Submitted, signals: Receiver<Signal>) -> Result<Self, Refusal> {
        let run_id = submitted.run_ids.first().copied().ok_or_else(Refusal::taken_back)?;
        Ok(Self {
            store: app.store.clone(),
            signals,
            run_id,
            until: Instant::now() + PATIENCE,
            tokens: 0,
            told: String::new(),
            is_over: false,
        })
    }

    pub(super) const fn run_id(&self) -> RunId {
        self.run_id
    }

    /// What was told of the answer so far.
    pub(super) fn told(&self) -> &str {
        &self.told
    }

    /// Waits for the end, whatever comes before.
    pub(super) async fn ended(mut self) -> Result<Box<RunView>, Refusal> {
        loop {
            if let News::Ended(run) = self.next().await? {
                return Ok(run);
            }
        }
    }

    /// Waits for what comes next.
    pub(super) async fn next(&mut self) -> Result<News, Refusal> {
        while let Ok(Ok(Signal::Event { event, .. })) =
            tokio::time::timeout(LOOK_EVERY, self.signals.recv()).await
        {
            match &*event {
                Event::Progress { run_id, tokens, .. } if *run_id == self.run_id => {
                    if let Some(text) = self.take(tokens) {
                        return Ok(News::Text(text));
                    }
                }
                Event::Run { run_id, state, .. } if *run_id == self.run_id && state.is_final() => break,
                _ => {}
            }
        }
        // It ended, nothing was heard, or something may have been missed: look.
        let run = runs::get(&self.store, self.run_id).await?;
        if run.state.is_final() {
            self.is_over = true;
            return Ok(News::Ended(Box::new(run)));
        }
        if Instant::now() >= self.until {
            return Err(Refusal::too_slow());
        }
        Ok(News::Nothing)
    }

    /// The text of tokens that were not told yet; a second attempt makes the first ones again. After a token that
    /// was missed nothing is told any more: the record has the rest.
    fn take(&mut self, tokens: &[LiveToken]) -> Option<String> {
        let mut text = String::new();
        for token in tokens {
            if token.index == self.tokens {
                self.tokens += 1;
                text.push_str(&token.text);
            }
        }
        self.told.push_str(&text);
        (!text.is_empty()).then_some(text)
    }
}

impl Drop for Waited {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (store, run_id) = (self.store.clone(), self.run_id);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                match queue::cancel(&store, run_id, clock::now()).await {
                    Ok(state) => {
                        tracing::info!(run.id = %run_id, run.state = RunState::name(state), "nobody waits for a run any more");
                    }
                    Err(store::Error::Ended(_)) => {}
                    Err(error) => tracing::warn!(run.id = %run_id, %error, "a run could not be taken back"),
                }
            });
        }
    }
}
