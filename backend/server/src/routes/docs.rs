//! The OpenAPI document, and a page that people can read, made from it.
//!
//! Must not: need a script or anything from another host.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::answer::conditional;
use crate::app::App;
use crate::docs_page;
use crate::error::ApiError;

pub(crate) async fn document(app: Data<App>, request: HttpRequest) -> HttpResponse {
    conditional(&request, "application/json", app.document.to_string().into_bytes())
}

pub(crate) async fn style(request: HttpRequest) -> HttpResponse {
    conditional(&request, "text/css; charset=utf-8", include_bytes!("docs.css").to_vec())
}

pub(crate) async fn page(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Ok(conditional(&request, "text/html; charset=utf-8", docs_page::render(&app.document).into_bytes()))
}
