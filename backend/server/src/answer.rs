//! What handlers give back, and how it goes over the wire.
//!
//! Must not: know what is in it.

use actix_web::body::BoxBody;
use actix_web::http::header::EntityTag;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use common::api::Endpoint;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// Exactly what an Endpoint says.
pub(crate) struct Answer<E: Endpoint>(pub(crate) E::Response);

impl<E: Endpoint> Responder for Answer<E> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match serde_json::to_vec(&self.0) {
            // Nothing to say is an empty answer; a client reads it as null.
            Ok(json) if json == b"null" => HttpResponse::NoContent().finish(),
            Ok(json) if request.method() == Method::GET => conditional(request, "application/json", json),
            Ok(json) => HttpResponse::Ok().content_type("application/json").body(json),
            Err(error) => HttpResponse::from_error(ApiError::Internal(store::Error::Corrupt {
                what: "answer",
                reason: error.to_string(),
            })),
        }
    }
}

/// The answer to a reader who may have it already: 304 if it has not changed since.
pub(crate) fn conditional(request: &HttpRequest, content_type: &'static str, body: Vec<u8>) -> HttpResponse {
    let tag = EntityTag::new_strong(HEXLOWER.encode(&Sha256::digest(&body)[..16]));
    let known = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let is_known = known
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|each| each == "*" || each.parse().is_ok_and(|each: EntityTag| each.weak_eq(&tag)));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(header::ETag(tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if is_known { response.finish() } else { response.content_type(content_type).body(body) }
}
