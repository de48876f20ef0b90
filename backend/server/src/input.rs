//! Input that cannot be read and routes that do not exist: all answered as a `Problem`.
//!
//! Must not: judge input that can be read (that is for handlers).

use std::borrow::Cow;
use std::error::Error;

use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::{StatusCode, header};
use actix_web::web::{JsonConfig, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use common::api::BASE;

use crate::error::ApiError;
use crate::patience::is_over;

/// Most bytes of a request, except of a report.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// How input that cannot be read is answered, everywhere.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .app_data(json_config(MAX_BODY))
        .app_data(PathConfig::default().error_handler(|error: PathError, _| {
            let message = format!("The route holds something that is not an id: {}.", reason(&error));
            ApiError::refuse(StatusCode::NOT_FOUND, "not_found", message).into()
        }))
        .app_data(QueryConfig::default().error_handler(|error: QueryPayloadError, _| {
            let message = format!("The query cannot be read: {}.", reason(&error));
            ApiError::refuse(StatusCode::BAD_REQUEST, "query_malformed", message).into()
        }));
}

/// Why something could not be read, without the library's name for where.
fn reason<'a>(error: &'a (dyn Error + 'static)) -> &'a dyn std::fmt::Display {
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(PathError::Deserialize(reason)), _) => reason,
        (_, Some(QueryPayloadError::Deserialize(reason))) => reason,
        _ => error,
    }
}

/// How a body is read that may have at most `limit` bytes.
pub(crate) fn json_config(limit: usize) -> JsonConfig {
    JsonConfig::default().limit(limit).error_handler(move |error, _| json_error(&error, limit).into())
}

fn json_error(error: &JsonPayloadError, limit: usize) -> ApiError {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => ApiError::refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The body may have {limit} bytes at most."),
        ),
        JsonPayloadError::ContentType => ApiError::refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "body_not_json",
            "Send JSON and say so: `Content-Type: application/json`.",
        ),
        JsonPayloadError::Deserialize(error) if error.is_data() => ApiError::refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "body_unexpected",
            format!("The body is not what this call takes: {error}."),
        ),
        JsonPayloadError::Payload(error) if is_over(error) => ApiError::too_slow(),
        error => ApiError::refuse(
            StatusCode::BAD_REQUEST,
            "body_malformed",
            format!("The body cannot be read as JSON: {error}."),
        ),
    }
}

/// A route that exists, but not for this method.
pub(crate) async fn wrong_method(allowed: String) -> HttpResponse {
    let message = format!("This route takes {allowed}.");
    let error = ApiError::refuse(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
    let mut response = HttpResponse::from_error(error);
    if let Ok(value) = header::HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// A route below the API that does not exist.
pub(crate) async fn unknown_route() -> Result<HttpResponse, ApiError> {
    Err(ApiError::refuse(
        StatusCode::NOT_FOUND,
        "route_unknown",
        "There is no such route; /api/docs lists those there are.",
    ))
}

/// A route without its version has moved there for good; the method and the body go along.
pub(crate) async fn to_version(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let rest = request.path().strip_prefix("/api").unwrap_or_default();
    if !rest.starts_with('/') || rest.starts_with("//") || rest == "/" || rest.starts_with("/v1") {
        return unknown_route().await;
    }
    let query: Cow<'_, str> = match request.query_string() {
        "" => Cow::Borrowed(""),
        query => Cow::Owned(format!("?{query}")),
    };
    let location = (header::LOCATION, format!("{BASE}{rest}{query}"));
    Ok(HttpResponse::PermanentRedirect().insert_header(location).finish())
}
