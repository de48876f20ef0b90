//! Server-sent events: what happens, to whom it concerns.
//!
//! Must not: tell of a Prompt to anybody who does not name it, of a Battle more than may be told, or keep a slow reader's backlog for ever.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Query};
use common::api::battles::SideEvent;
use common::api::events::Event;
use common::ids::{BattleId, PromptId, RunId};
use futures::stream;
use serde::Deserialize;
use store::battles;
use store::wake::Signal;
use tokio::sync::broadcast::Receiver;

use crate::app::App;
use crate::error::ApiError;

/// A comment this often keeps connections open that would be closed for silence.
const PING_EVERY: Duration = Duration::from_secs(15);
/// A reader that lost its stream comes back after this many milliseconds.
const HELLO: &str = "retry: 1000\n\n";

#[derive(Debug, Deserialize)]
pub(crate) struct Watch {
    prompt: Option<PromptId>,
    battle: Option<BattleId>,
}

/// Whose events are told besides those for everybody.
enum Watched {
    Nobody,
    Prompt(PromptId),
    /// These Runs are the sides of a Battle; nothing else is told.
    Battle(Vec<RunId>),
}

impl Watched {
    /// An event as the reader may see it.
    fn piece(&self, event: &Event, json: &str) -> Option<Bytes> {
        let told = |json: &str| Bytes::from(format!("data: {json}\n\n"));
        match self {
            Self::Battle(runs) => {
                let event = SideEvent::of(event, runs)?;
                serde_json::to_string(&event).ok().map(|json| told(&json))
            }
            Self::Prompt(id) => event.prompt_id().is_none_or(|of| of == *id).then(|| told(json)),
            Self::Nobody => event.prompt_id().is_none().then(|| told(json)),
        }
    }
}

pub(crate) async fn follow(app: Data<App>, watch: Query<Watch>) -> Result<HttpResponse, ApiError> {
    let signals = app.wake.subscribe();
    let watched = match (watch.prompt, watch.battle) {
        (_, Some(id)) => {
            let sides = battles::get(&app.store, id).await?.prompt.runs;
            Watched::Battle(sides.into_iter().map(|run| run.id).collect())
        }
        (Some(id), None) => Watched::Prompt(id),
        (None, None) => Watched::Nobody,
    };
    let start = stream::once(async { Ok::<_, actix_web::Error>(Bytes::from_static(HELLO.as_bytes())) });
    let rest = stream::unfold((signals, watched), |(mut signals, watched)| async move {
        let piece = next_piece(&mut signals, &watched).await?;
        Some((Ok(piece), (signals, watched)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(header::ContentEncoding::Identity)
        .streaming(stream::StreamExt::chain(start, rest)))
}

/// The next thing to send; `None` ends the stream, so that a reader who may have missed something comes back and
/// fetches anew.
async fn next_piece(signals: &mut Receiver<Signal>, watched: &Watched) -> Option<Bytes> {
    loop {
        match tokio::time::timeout(PING_EVERY, signals.recv()).await {
            Err(_) => return Some(Bytes::from_static(b": ping\n\n")),
            Ok(Ok(Signal::Event { event, json })) => {
                if let Some(piece) = watched.piece(&event, &json) {
                    return Some(piece);
                }
            }
            Ok(Ok(Signal::Gap) | Err(_)) => return None,
        }
    }
}
