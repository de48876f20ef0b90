//! The bundled pages, and which of their files may be kept.
//!
//! Must not: answer a missing file with a page.

use std::path::{Path, PathBuf};

use actix_files::{Files, NamedFile};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};

use crate::error::ApiError;

/// Serves the folder; every path without a file of its own is one of the pages, which the browser draws.
pub(crate) fn configure(config: &mut ServiceConfig, dist: Option<PathBuf>) {
    let Some(dist) = dist else {
        config.default_service(web::to(no_pages));
        return;
    };
    let index = dist.join("index.html");
    let fallback = fn_service(move |request: ServiceRequest| {
        let index = index.clone();
        async move {
            let (request, _) = request.into_parts();
            let response = page(&index, request.path()).await.map_or_else(
                || HttpResponse::from_error(missing_file()),
                |file| file.respond_to(&request).map_into_boxed_body(),
            );
            Ok(ServiceResponse::new(request, response))
        }
    });
    config.service(Files::new("/", dist).try_compressed().index_file("index.html").default_handler(fallback));
}

/// The page that draws `path`, unless that names a file.
async fn page(index: &Path, path: &str) -> Option<NamedFile> {
    let names_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if names_file { None } else { NamedFile::open(index).ok() }
}

fn missing_file() -> ApiError {
    ApiError::refuse(StatusCode::NOT_FOUND, "file_unknown", "There is no such file.")
}

async fn no_pages() -> Result<HttpResponse, ApiError> {
    Err(ApiError::refuse(
        StatusCode::NOT_FOUND,
        "pages_missing",
        "This server has no pages; start it with --dist and the folder that `cargo xtask bundle` made.",
    ))
}

/// Files named by their content may be kept for ever, all others are asked for again.
pub(crate) async fn cache<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let is_asset = request.path().starts_with("/assets/");
    let mut response = next.call(request).await?;
    let is_found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let rule = if is_asset && is_found { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(rule));
    Ok(response)
}
