//! The API that every OpenAI client speaks: `/v1/chat/completions`, `/v1/completions`, `/v1/models`.
//!
//! A request becomes a Prompt on one Model like any other; the answer carries what it cost in `usage.energy`. A client
//! that hangs up takes its Run back. Must not: pretend to support a field that changes the answer (it is refused), or
//! answer in another error shape than OpenAI's.

mod energy;
mod fields;
mod models;
mod refusal;
mod reply;
mod request;
mod waiting;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, Resource, ResponseError};
use common::prompt::Prompt;
use futures::{Stream, stream};

use crate::app::App;
use crate::client::Client;
use crate::clock;
use crate::error::ApiError;
use crate::input::MAX_BODY;
use crate::patience::is_over;
use crate::submit;

pub(crate) use fields::{IGNORED, REFUSED};
use refusal::Refusal;
use reply::{Form, Reply};
use request::Asked;
use waiting::{News, Waited};

/// The routes below `/v1`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let call = |route: &str, method: actix_web::Route| -> Resource {
        web::resource(route).route(method).default_service(web::to(wrong_method))
    };
    config.service(
        web::scope("/v1")
            .service(call("/chat/completions", web::post().to(chat)))
            .service(call("/completions", web::post().to(complete)))
            .service(call("/models", web::get().to(models::list)))
            .service(call("/models/{id:.+}", web::get().to(models::get)))
            .default_service(web::to(unknown_route)),
    );
}

/// A refusal from elsewhere, in OpenAI's shape.
pub(crate) fn refused(error: ApiError) -> HttpResponse {
    Refusal::from(error).error_response()
}

async fn chat(
    app: Data<App>,
    client: Client,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Refusal> {
    let asked = request::chat(&read(body).await?)?;
    answer(app, &client, &request, asked, Form::Chat).await
}

async fn complete(
    app: Data<App>,
    client: Client,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Refusal> {
    let asked = request::completion(&read(body).await?)?;
    answer(app, &client, &request, asked, Form::Completion).await
}

async fn read(body: Payload) -> Result<Bytes, Refusal> {
    match body.to_bytes_limited(MAX_BODY).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.as_error().is_some_and(is_over) => Err(ApiError::too_slow().into()),
        Ok(Err(error)) => Err(Refusal::invalid(None, "body_malformed", error.to_string())),
        Err(_) => Err(Refusal::too_large(MAX_BODY)),
    }
}

/// Queues what was asked and waits for its end, piece by piece if the client wants that.
async fn answer(
    app: Data<App>,
    client: &Client,
    request: &HttpRequest,
    asked: Asked,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let now = clock::now();
    let offered = store::models::offered(&app.store, now, app.rules.alive_seconds).await?;
    let model = models::choose(&asked.model, &offered)?;
    if model.machines.is_empty() {
        return Err(Refusal::nobody_there(model.id()));
    }
    let mut new = asked.new;
    new.models = vec![model.id().to_string()];
    let room = model.model.context_length / 2;
    new.decoding.max_output_tokens = asked.limit.unwrap_or(request::DEFAULT_OUTPUT_TOKENS.min(room));
    let prompt = Prompt::parse(new, &store::models::ids(&offered)).map_err(|problem| form.refuse(problem))?;
    // Listen first, queue then: nothing is missed in between.
    let signals = app.wake.subscribe();
    let submitted = submit::submit(&app, client, &prompt, asked.answers, now).await?;
    let waited = Waited::new(&app, &submitted, signals)?;
    let base = app.public_url.clone().unwrap_or_else(|| {
        let connection = request.connection_info();
        format!("{}://{}", connection.scheme(), connection.host())
    });
    let reply = Reply {
        form,
        model: model.id().clone(),
        run_id: waited.run_id(),
        at: now,
        base,
        answers: asked.answers.get(),
    };
    if asked.streams {
        return Ok(HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header(header::ContentEncoding::Identity)
            .streaming(pieces(waited, reply, asked.wants_usage)));
    }
    let run = waited.ended().await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(reply.whole(&run)?))
}

/// What a stream still has to say.
enum Stage {
    Opening,
    Following,
    Done,
}

/// The answer as server-sent events, as OpenAI sends them.
fn pieces(
    waited: Waited,
    reply: Reply,
    wants_usage: bool,
) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold((Stage::Opening, waited, reply), move |(stage, mut waited, reply)| async move {
        let (text, stage) = match stage {
            Stage::Opening => (reply.opening(), Stage::Following),
            Stage::Following => match waited.next().await {
                Ok(News::Text(text)) => (reply.piece(&text), Stage::Following),
                // A comment; it keeps connections open that would be closed for silence.
                Ok(News::Nothing) => (": waiting\n\n".to_owned(), Stage::Following),
                Ok(News::Ended(run)) => {
                    let said = reply
                        .closing(&run, waited.told(), wants_usage)
                        .unwrap_or_else(|refusal| refusal.as_event());
                    (said, Stage::Done)
                }
                Err(refusal) => (refusal.as_event(), Stage::Done),
            },
            Stage::Done => return None,
        };
        Some((Ok(Bytes::from(text)), (stage, waited, reply)))
    })
}

async fn unknown_route() -> Refusal {
    Refusal::unknown_route()
}

async fn wrong_method() -> Refusal {
    Refusal::wrong_method()
}
