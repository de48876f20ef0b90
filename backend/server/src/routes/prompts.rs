//! Submitting a Prompt and following it.
//!
//! Must not: accept what `Prompt::parse` refuses.

use std::num::NonZeroU32;

use actix_web::web::{Data, Json, Path};
use common::api::prompts::{ForgetPrompt, GetPrompt};
use common::ids::PromptId;
use common::prompt::{NewPrompt, Prompt};
use store::{models, prompts, queue};

use crate::answer::Answer;
use crate::app::App;
use crate::client::Client;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn submit(
    app: Data<App>,
    client: Client,
    new: Json<NewPrompt>,
) -> Result<Answer<NewPrompt>, ApiError> {
    let now = clock::now();
    let offered = models::offered(&app.store, now, app.rules.alive_seconds).await?;
    let prompt = Prompt::parse(new.into_inner(), &models::ids(&offered))?;
    Ok(Answer(crate::submit::submit(&app, &client, &prompt, NonZeroU32::MIN, now).await?))
}

pub(crate) async fn forget(
    app: Data<App>,
    id: Path<PromptId>,
    forget: Json<ForgetPrompt>,
) -> Result<Answer<ForgetPrompt>, ApiError> {
    forget_of(&app, id.into_inner(), &forget.secret).await?;
    Ok(Answer(()))
}

/// The same, by whichever door it is asked for.
pub(crate) async fn forget_of(app: &App, id: PromptId, secret: &str) -> Result<(), ApiError> {
    let now = clock::now();
    let open = prompts::forget(&app.store, id, secret, now).await?;
    for run in open {
        match queue::cancel(&app.store, run, now).await {
            // It has ended in the meantime: its answer is removed all the same when it comes.
            Ok(_) | Err(store::Error::Ended(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    tracing::info!("a prompt was forgotten");
    Ok(())
}

pub(crate) async fn get(app: Data<App>, id: Path<PromptId>) -> Result<Answer<GetPrompt>, ApiError> {
    let mut prompt = prompts::get(&app.store, id.into_inner()).await?;
    for run in &mut prompt.runs {
        run.note_silence(clock::now(), app.rules.alive_seconds);
    }
    Ok(Answer(prompt))
}
