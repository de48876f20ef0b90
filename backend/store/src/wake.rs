//! What happens, told to every server: PostgreSQL carries each [`Event`] from the transaction in which
//! it happened to all who listen, as JSON.
//!
//! Must not: keep an event, or promise that none is lost (who may have missed some is told so).

use std::sync::Arc;
use std::time::Duration;

use common::api::events::Event;
use sqlx::PgConnection;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use crate::{Error, Store};

const CHANNEL: &str = "jouleboard_event";
/// PostgreSQL refuses payloads of 8,000 bytes and more.
const MAX_PAYLOAD: usize = 7_900;
/// Events that a slow listener may be behind before it is told that it missed some.
const BACKLOG: usize = 4_096;
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// What a listener hears.
#[derive(Debug, Clone)]
pub enum Signal {
    /// Something happened.
    Event {
        /// What.
        event: Arc<Event>,
        /// The same as it goes over the wire.
        json: Arc<str>,
    },
    /// The connection was gone for a while: events may have been missed.
    Gap,
}

/// Listens for this process and passes on to all in it who subscribe.
#[derive(Debug)]
pub struct Wake {
    signals: broadcast::Sender<Signal>,
    task: JoinHandle<()>,
}

impl Wake {
    /// Starts to listen.
    ///
    /// # Errors
    /// [`Error::Database`] if the database cannot be reached.
    pub async fn start(store: &Store) -> Result<Self, Error> {
        let mut listener = PgListener::connect_with(&store.pool).await?;
        listener.listen(CHANNEL).await?;
        let (signals, _) = broadcast::channel(BACKLOG);
        let task = tokio::spawn(pass_on(listener, signals.clone()));
        Ok(Self { signals, task })
    }

    /// Hears everything from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.signals.subscribe()
    }

    /// How many hear just now, in this process.
    pub fn listeners(&self) -> usize {
        self.signals.receiver_count()
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(mut listener: PgListener, signals: broadcast::Sender<Signal>) {
    loop {
        let signal = match listener.try_recv().await {
            Ok(Some(notification)) => match serde_json::from_str::<Event>(notification.payload()) {
                Ok(event) => {
                    Signal::Event { event: Arc::new(event), json: Arc::from(notification.payload()) }
                }
                // A newer server tells what this one does not know yet.
                Err(error) => {
                    tracing::warn!(%error, "an event could not be read");
                    continue;
                }
            },
            // The listener connects again by itself; what was told meanwhile is lost.
            Ok(None) => Signal::Gap,
            Err(error) => {
                tracing::warn!(%error, "the connection that hears of events is gone");
                tokio::time::sleep(RECONNECT_AFTER).await;
                Signal::Gap
            }
        };
        // Nobody may be listening just now.
        let _ = signals.send(signal);
    }
}

/// Tells everybody; inside a transaction, when it commits.
pub(crate) async fn tell(connection: &mut PgConnection, events: &[Event]) -> Result<(), Error> {
    let mut payloads = Vec::with_capacity(events.len());
    for event in events {
        write(event.clone(), &mut payloads)?;
    }
    sqlx::query!("select pg_notify($1, payload) from unnest($2::text[]) payload", CHANNEL, &payloads)
        .fetch_all(connection)
        .await?;
    Ok(())
}

/// Writes an event, in several pieces if it is too long for one.
fn write(event: Event, payloads: &mut Vec<String>) -> Result<(), Error> {
    let json = serde_json::to_string(&event).map_err(|error| Error::corrupt("event", error))?;
    if json.len() <= MAX_PAYLOAD {
        payloads.push(json);
        return Ok(());
    }
    let Event::Progress { prompt_id, run_id, mut tokens, mut samples } = event else {
        return Ok(());
    };
    if tokens.len() + samples.len() < 2 {
        // One token longer than a payload: only the record has it.
        return Ok(());
    }
    let later_tokens = tokens.split_off(tokens.len().div_ceil(2));
    let later_samples = samples.split_off(samples.len() / 2);
    write(Event::Progress { prompt_id, run_id, tokens, samples }, payloads)?;
    write(Event::Progress { prompt_id, run_id, tokens: later_tokens, samples: later_samples }, payloads)
}

#[cfg(test)]
mod tests {
    use common::ids::{PromptId, RunId};
    use common::lease::LiveToken;

    use super::*;

    fn progress(tokens: Vec<LiveToken>) -> Event {
        let id = "00000000-0000-4000-8000-000000000001";
        let (prompt_id, run_id): (PromptId, RunId) = (id.parse().unwrap(), id.parse().unwrap());
        Event::Progress { prompt_id, run_id, tokens, samples: Vec::new() }
    }

    #[test]
    fn a_long_event_goes_in_pieces_that_fit_and_keep_their_order() {
        let tokens: Vec<LiveToken> = (0..900)
            .map(|index| LiveToken {
                index,
                text: "ä".repeat(7),
                at: Duration::from_millis(u64::from(index)),
            })
            .collect();
        let mut payloads = Vec::new();
        write(progress(tokens), &mut payloads).unwrap();
        assert!(payloads.len() > 1 && payloads.iter().all(|json| json.len() <= MAX_PAYLOAD));
        let indices: Vec<u32> = payloads
            .iter()
            .flat_map(|json| match serde_json::from_str(json).unwrap() {
                Event::Progress { tokens, .. } => tokens,
                other => panic!("{other:?}"),
            })
            .map(|token| token.index)
            .collect();
        assert_eq!(indices, (0..900).collect::<Vec<u32>>());
    }

    #[test]
    fn a_token_longer_than_a_payload_is_left_to_the_record() {
        let token = LiveToken { index: 0, text: "x".repeat(9_000), at: Duration::ZERO };
        let mut payloads = Vec::new();
        write(progress(vec![token]), &mut payloads).unwrap();
        assert!(payloads.is_empty());
    }
}
