//! The Models as OpenAI lists them.
//!
//! Must not: choose between Models of one name where that is not clear.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use common::machine::OfferedModel;
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::app::App;
use crate::clock;

pub(super) async fn list(app: Data<App>) -> Result<HttpResponse, Refusal> {
    let offered = offered(&app).await?;
    let data: Vec<Value> = offered.iter().map(one).collect();
    Ok(HttpResponse::Ok().json(json!({"object": "list", "data": data})))
}

pub(super) async fn get(app: Data<App>, id: Path<String>) -> Result<HttpResponse, Refusal> {
    let offered = offered(&app).await?;
    Ok(HttpResponse::Ok().json(one(choose(&id, &offered)?)))
}

async fn offered(app: &App) -> Result<Vec<OfferedModel>, Refusal> {
    Ok(store::models::offered(&app.store, clock::now(), app.rules.alive_seconds).await?)
}

fn one(model: &OfferedModel) -> Value {
    // When a model was made is not known here; OpenAI's clients insist on a number.
    json!({"id": model.id(), "object": "model", "created": 0, "owned_by": "jouleboard"})
}

/// The Model of this id, or the only one of this name.
pub(super) fn choose<'a>(name: &str, offered: &'a [OfferedModel]) -> Result<&'a OfferedModel, Refusal> {
    if let Some(model) = offered.iter().find(|model| model.id().as_str() == name) {
        return Ok(model);
    }
    let shown: String = name.chars().take(80).collect();
    let named: Vec<&OfferedModel> = offered.iter().filter(|model| model.model.name == name).collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => Err(Refusal::model_unknown(format!(
            "The model `{shown}` does not exist here; GET /v1/models lists those on offer."
        ))),
        several => {
            let ids: Vec<String> = several.iter().map(|model| model.id().to_string()).collect();
            Err(Refusal::model_unknown(format!(
                "There are several models `{shown}`; name one of {}.",
                ids.join(", ")
            )))
        }
    }
}
