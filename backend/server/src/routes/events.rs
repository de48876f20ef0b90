//! Server-sent events: what happens, to whom it concerns.
//!
//! Must not: tell of a Prompt to anybody who does not name it, or keep a slow reader's backlog for ever.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Query};
use common::ids::PromptId;
use futures::stream;
use serde::Deserialize;
use store::wake::Signal;
use tokio::sync::broadcast::Receiver;

use crate::app::App;

/// A comment this often keeps connections open that would be closed for silence.
const PING_EVERY: Duration = Duration::from_secs(15);
/// A reader that lost its stream comes back after this many milliseconds.
const HELLO: &str = "retry: 1000\n\n";

#[derive(Debug, Deserialize)]
pub(crate) struct Watch {
    prompt: Option<PromptId>,
}

pub(crate) async fn follow(app: Data<App>, watch: Query<Watch>) -> HttpResponse {
    let signals = app.wake.subscribe();
    let start = stream::once(async { Ok::<_, actix_web::Error>(Bytes::from_static(HELLO.as_bytes())) });
    let rest = stream::unfold((signals, watch.prompt), |(mut signals, prompt)| async move {
        let piece = next_piece(&mut signals, prompt).await?;
        Some((Ok(piece), (signals, prompt)))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(header::ContentEncoding::Identity)
        .streaming(stream::StreamExt::chain(start, rest))
}

/// The next thing to send; `None` ends the stream, so that a reader who may have missed something comes back and
/// fetches anew.
async fn next_piece(signals: &mut Receiver<Signal>, prompt: Option<PromptId>) -> Option<Bytes> {
    loop {
        match tokio::time::timeout(PING_EVERY, signals.recv()).await {
            Err(_) => return Some(Bytes::from_static(b": ping\n\n")),
            Ok(Ok(Signal::Event { event, json })) => {
                if event.prompt_id().is_none_or(|id| prompt == Some(id)) {
                    return Some(Bytes::from(format!("data: {json}\n\n")));
                }
            }
            Ok(Ok(Signal::Gap) | Err(_)) => return None,
        }
    }
}
