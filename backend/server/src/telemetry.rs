//! What the log tells: a span per request, and at `info` the story of each Run in a few lines.
//!
//! Must not: log paths with their ids (whoever knows a Prompt's id may read it), prompts, answers or tokens.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use anyhow::Context as _;
use tracing::Instrument;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::clock;

/// What is told unless `JOULEBOARD_LOG` says otherwise.
const USUAL: &str = "info,sqlx::postgres::notice=warn,actix_server=warn";

/// Starts the log, on standard error; `JOULEBOARD_LOG` chooses what it holds, such as `debug` or
/// `info,server=debug`.
///
/// # Errors
///
/// `JOULEBOARD_LOG` is not a list of levels.
pub fn init() -> anyhow::Result<()> {
    let asked = std::env::var("JOULEBOARD_LOG");
    let filter: Targets = asked.as_deref().unwrap_or(USUAL).parse().context(
        "JOULEBOARD_LOG is not understood: write a level, or levels by module, such as info,server=debug",
    )?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    tracing_subscriber::registry().with(lines).with(filter).init();
    Ok(())
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
