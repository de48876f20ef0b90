//! Submitting a Prompt and following it.
//!
//! Must not: accept what `Prompt::parse` refuses.

use actix_web::web::{Data, Json, Path};
use common::api::prompts::GetPrompt;
use common::ids::PromptId;
use common::prompt::{NewPrompt, Origin, Prompt};
use store::queue::{self, Order};
use store::{models, prompts};

use crate::answer::Answer;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn submit(app: Data<App>, new: Json<NewPrompt>) -> Result<Answer<NewPrompt>, ApiError> {
    let now = clock::now();
    let offered = models::offered(&app.store, now, app.rules.alive_seconds).await?;
    let prompt = Prompt::parse(new.into_inner(), &models::ids(&offered))?;
    let order = Order {
        text: prompt.text(),
        task: prompt.task(),
        decoding: prompt.decoding(),
        kind: None,
        expected: None,
        origin: Origin::Interactive,
        repetitions: 1,
        streamed: true,
        max_attempts: app.rules.max_attempts,
    };
    let submitted = queue::enqueue(&app.store, &order, prompt.models(), now).await?;
    tracing::info!(runs = submitted.run_ids.len(), "a prompt was queued");
    Ok(Answer(submitted))
}

pub(crate) async fn get(app: Data<App>, id: Path<PromptId>) -> Result<Answer<GetPrompt>, ApiError> {
    Ok(Answer(prompts::get(&app.store, id.into_inner()).await?))
}
