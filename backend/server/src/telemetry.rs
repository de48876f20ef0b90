//! What the log tells: a span per request, and at `info` the story of each Run in a few lines.
//!
//! Must not: log paths with their ids (whoever knows a Prompt's id may read it), prompts, answers or tokens.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

use crate::clock;

/// Starts the log, on standard error; `RUST_LOG` chooses what it holds.
pub fn init() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx::postgres::notice=warn,actix_server=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}

/// One span and one line a request.
pub(crate) async fn follow<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let started = clock::instant();
    let span = tracing::info_span!("request", http.method = %request.method());
    let response = next.call(request).instrument(span.clone()).await?;
    let _inside = span.enter();
    tracing::debug!(
        http.route = response.request().match_pattern().as_deref().unwrap_or("(pages)"),
        http.status = response.status().as_u16(),
        duration_s = started.elapsed().as_secs_f64(),
        "answered"
    );
    Ok(response)
}
