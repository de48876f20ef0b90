//! What goes wrong, in OpenAI's error shape: `{"error": {message, type, param, code}}`.
//!
//! Must not: tell a caller what is inside.

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError, body::BoxBody};
use common::api::Problem;
use common::ids::ModelId;
use common::run::Failure;
use serde_json::{Value, json};

use crate::error::{ApiError, RETRY_AFTER_SECONDS};

/// A call that did not work.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    param: Option<String>,
    code: String,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, param: None, code: code.to_owned(), message: message.into() }
    }

    /// The client can mend its request.
    pub(super) fn invalid(param: Option<&str>, code: &str, message: impl Into<String>) -> Self {
        Self { param: param.map(str::to_owned), ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The body may have {limit} bytes at most."),
        )
    }

    pub(super) fn model_unknown(message: String) -> Self {
        Self {
            param: Some("model".to_owned()),
            ..Self::new(StatusCode::NOT_FOUND, "model_not_found", message)
        }
    }

    pub(super) fn nobody_there(model: &ModelId) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_machine",
            format!("No machine that runs the model {model} is there just now. Try again later."),
        )
    }

    pub(super) fn unknown_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_url",
            "There is no such route; there are /v1/chat/completions, /v1/completions and /v1/models.",
        )
    }

    pub(super) fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_supported",
            "This route does not take this method.",
        )
    }

    pub(super) fn too_slow() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "queue_too_long",
            "No machine came to it in time; the run was taken back. Try again later.",
        )
    }

    /// The Run ended without an answer.
    pub(super) fn failed(failure: &Failure) -> Self {
        match failure.code.as_str() {
            "prompt_too_long" => Self::invalid(None, "context_length_exceeded", failure.message.clone()),
            "prompt_refused" => Self::invalid(None, "prompt_refused", failure.message.clone()),
            code => Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, failure.message.clone()),
        }
    }

    pub(super) fn taken_back() -> Self {
        Self::new(StatusCode::CONFLICT, "run_cancelled", "The run was taken back before it was answered.")
    }

    /// The answer was made again elsewhere after a part of it had been sent, and came out different.
    pub(super) fn changed() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "answer_changed",
            "The machine was lost and another one answered anew, differently; ask again.",
        )
    }

    fn json(&self) -> Value {
        let kind = match self.status.as_u16() {
            429 => "rate_limit_error",
            400..=499 => "invalid_request_error",
            _ => "server_error",
        };
        json!({"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}})
    }

    /// As the last event of a stream.
    pub(super) fn as_event(&self) -> String {
        format!("data: {}\n\n", self.json())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::invalid(problem.field.as_deref(), &problem.code, problem.message)
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let (status, problem) = error.told();
        // OpenAI's word for whatever the client can mend.
        let status =
            if status == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { status };
        Self { param: problem.field, ..Self::new(status, &problem.code, problem.message) }
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        ApiError::from(error).into()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        match self.status {
            // OpenAI's clients wait so long before they try again by themselves.
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            StatusCode::REQUEST_TIMEOUT => {
                response.force_close();
            }
            _ => {}
        }
        response.json(self.json())
    }
}

impl Responder for Refusal {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.error_response()
    }
}
