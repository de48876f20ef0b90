//! From a parsed Prompt to Runs that wait, by whichever door it came; or why not now.
//!
//! Must not: parse, or know how an answer goes back.

use std::num::NonZeroU32;

use actix_web::http::StatusCode;
use common::api::Problem;
use common::api::prompts::Submitted;
use common::needs::Needs;
use common::prompt::{Origin, Prompt};
use sha2::{Digest, Sha256};
use store::queue::{self, Order};
use store::{clients, machines};
use time::OffsetDateTime;

use crate::app::App;
use crate::chance;
use crate::client::Client;
use crate::error::ApiError;

/// Queues a person's Prompt, to be answered so many times at once.
pub(crate) async fn submit(
    app: &App,
    client: &Client,
    prompt: &Prompt,
    answers: NonZeroU32,
    now: OffsetDateTime,
) -> Result<Submitted, ApiError> {
    if is_browse_only(app, now).await? {
        return Err(ApiError::refuse(
            StatusCode::CONFLICT,
            "browse_only",
            "No machine is here, so nothing can be asked now; what was measured can be read.",
        ));
    }
    could_be_served(app, prompt, answers).await?;
    within_limits(app, client, prompt, answers).await?;
    let secret = chance::secret("forget").map_err(ApiError::broken)?;
    let secret_sha256 = Sha256::digest(&secret);
    let order = Order {
        text: prompt.text(),
        task: prompt.task(),
        conversation: Some(prompt.conversation()).filter(|said| !said.is_empty()),
        decoding: prompt.decoding(),
        kind: None,
        expected: None,
        origin: Origin::Interactive,
        repetitions: 1,
        batch: answers,
        streamed: true,
        max_attempts: app.rules.max_attempts,
        needs: prompt.needs(),
        submitter: Some(client.hash()),
        is_public: prompt.is_public(),
        secret_sha256: Some(&secret_sha256),
    };
    let (prompt_id, run_ids) = queue::enqueue(&app.store, &order, prompt.models(), now).await?;
    tracing::info!(runs = run_ids.len(), "a prompt was queued");
    Ok(Submitted { prompt_id, run_ids, secret })
}

/// Whether no Machine was heard of for so long that asking makes no sense.
pub(crate) async fn is_browse_only(app: &App, now: OffsetDateTime) -> Result<bool, ApiError> {
    Ok(machines::alive(&app.store, now, app.rules.browse_only_seconds).await? == 0)
}

/// Refuses at once what no enrolled Machine could ever serve.
async fn could_be_served(app: &App, prompt: &Prompt, answers: NonZeroU32) -> Result<(), ApiError> {
    let needs = prompt.needs();
    if needs.is_nothing() && answers == NonZeroU32::MIN {
        return Ok(());
    }
    for model in prompt.models() {
        if answers > NonZeroU32::MIN
            && !machines::could_serve(&app.store, model, Needs::default(), answers).await?
        {
            return Err(Problem {
                code: "too_many_answers".to_owned(),
                message: format!(
                    "No enrolled machine computes {answers} answers of {model} at once; ask for fewer."
                ),
                field: Some("n".to_owned()),
            }
            .into());
        }
        if !machines::could_serve(&app.store, model, needs, answers).await? {
            return Err(Problem {
                code: "no_such_machine".to_owned(),
                message: format!(
                    "No enrolled machine that runs {model} is of this kind; GET /api/v1/machines lists them."
                ),
                field: Some("needs".to_owned()),
            }
            .into());
        }
    }
    Ok(())
}

async fn within_limits(
    app: &App,
    client: &Client,
    prompt: &Prompt,
    answers: NonZeroU32,
) -> Result<(), ApiError> {
    let limits = app.rules.limits;
    if limits.runs_per_client == 0 && limits.tokens_per_client == 0 {
        return Ok(());
    }
    let waiting = clients::waiting(&app.store, client.hash()).await?;
    let runs = u64::try_from(prompt.models().len()).unwrap_or(u64::MAX);
    let tokens = u64::from(prompt.decoding().max_output_tokens)
        .saturating_mul(u64::from(answers.get()))
        .saturating_mul(runs);
    let is_over = |limit: u32, there: u64, more: u64| limit != 0 && there + more > u64::from(limit);
    let no = |code: &str, what: &str, limit: u32| {
        Err(ApiError::refuse(
            StatusCode::TOO_MANY_REQUESTS,
            code,
            format!("At most {limit} {what} of one client may wait at once; wait for some to end."),
        ))
    };
    if is_over(limits.runs_per_client, waiting.runs, runs) {
        return no("too_many_runs", "runs", limits.runs_per_client);
    }
    if is_over(limits.tokens_per_client, waiting.output_tokens, tokens) {
        return no("too_many_tokens", "output tokens", limits.tokens_per_client);
    }
    Ok(())
}
