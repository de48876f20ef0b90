//! How long a client may take to say what it wants, and the database to answer: a slow one must not hold what others need.
//!
//! Must not: end what is meant to last: streams, a worker's wait for work, a client's wait for its answer.

use std::io;
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web;
use clap::Args;
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::config::seconds;

/// How long things may take.
#[derive(Debug, Clone, Copy, Args)]
pub struct Patience {
    /// The head of a connection's first request must have come after so many seconds.
    #[arg(long, env = "JOULEBOARD_HEAD_SECONDS", default_value = "10", value_parser = seconds)]
    pub head_seconds: Duration,
    /// The body of a request must have come after so many seconds.
    #[arg(long, env = "JOULEBOARD_BODY_SECONDS", default_value = "60", value_parser = seconds)]
    pub body_seconds: Duration,
    /// The database must have answered a query after so many seconds; what asked for it is answered 503 then.
    #[arg(long, env = "JOULEBOARD_QUERY_SECONDS", default_value = "20", value_parser = seconds)]
    pub query_seconds: Duration,
}

/// Lets a body end with an error when its time is over, whatever reads it.
pub(crate) async fn hurry<B>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error>
where
    B: actix_web::body::MessageBody,
{
    let patience = request.app_data::<web::Data<App>>().map(|app| app.rules.patience.body_seconds);
    let payload = request.take_payload();
    let payload = match (payload, patience) {
        (Payload::None, _) => Payload::None,
        (payload, None) => payload,
        (payload, Some(patience)) => timed(payload, Instant::now() + patience),
    };
    request.set_payload(payload);
    next.call(request).await
}

/// The same body, until then.
fn timed(payload: Payload, until: Instant) -> Payload {
    let pieces = stream::unfold(Some(payload), move |payload| async move {
        let mut payload = payload?;
        match timeout_at(until, payload.next()).await {
            Ok(piece) => Some((piece?, Some(payload))),
            Err(_) => Some((Err(PayloadError::Io(io::ErrorKind::TimedOut.into())), None)),
        }
    });
    Payload::Stream { payload: pieces.boxed_local() }
}

/// Whether a body could not be read because its time was over.
pub(crate) fn is_over(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}
