//! What goes wrong, and how it is said: to a caller as a `Problem`, to the operator as a `StartError`.
//!
//! Must not: tell a caller what is inside (an internal error is opaque and logged once).

use std::fmt;
use std::path::PathBuf;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use common::api::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// The content type of every refusal.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// When to try again, where nothing better is known.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 5;

/// A Problem as RFC 9457 has it on the wire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// Always `about:blank`: the title says what the status says, and `code` tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The status in numbers.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The same as `message`, under the name that the RFC gives it.
    detail: String,
    #[serde(flatten)]
    problem: Problem,
}

impl ProblemDocument {
    fn new(status: StatusCode, problem: Problem) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused").to_owned(),
            status: status.as_u16(),
            detail: problem.message.clone(),
            problem,
        }
    }
}

/// A call that did not work.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The caller can do something about it.
    Refused(StatusCode, Problem),
    /// The operator must.
    Internal(store::Error),
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(_, problem) => problem.fmt(f),
            Self::Internal(error) => error.fmt(f),
        }
    }
}

impl ApiError {
    pub(crate) fn refuse(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::Refused(status, Problem { code: code.to_owned(), message: message.into(), field: None })
    }

    /// What the caller is told; what is inside is logged, once.
    pub(crate) fn told(&self) -> (StatusCode, Problem) {
        match self {
            Self::Refused(status, problem) => (*status, problem.clone()),
            Self::Internal(error) => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                tracing::error!(%error, cause, "a call failed inside");
                let problem = Problem {
                    code: "internal".to_owned(),
                    message: "Something went wrong inside; it is logged. Try again later.".to_owned(),
                    field: None,
                };
                (StatusCode::INTERNAL_SERVER_ERROR, problem)
            }
        }
    }

    /// The system did not do its part.
    pub(crate) fn broken(error: std::io::Error) -> Self {
        Self::Internal(store::Error::Corrupt { what: "answer of the system", reason: error.to_string() })
    }

    /// The client took too long to send its body.
    pub(crate) fn too_slow() -> Self {
        Self::refuse(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "The body did not come in time; send it again, faster or in smaller parts.",
        )
    }

    pub(crate) fn unauthorized() -> Self {
        Self::refuse(
            StatusCode::UNAUTHORIZED,
            "token_unknown",
            "Send the machine's token as `Authorization: Bearer …`; `jouleboard-server machine add` prints one.",
        )
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Refused(StatusCode::UNPROCESSABLE_ENTITY, problem)
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        use store::Error;
        if matches!(error, Error::Busy) {
            tracing::warn!("the database did not answer in time");
        }
        let (status, code) = match &error {
            Error::Missing { .. } => (StatusCode::NOT_FOUND, "not_found"),
            Error::Stale => (StatusCode::CONFLICT, "lease_not_current"),
            Error::Forgotten => (StatusCode::GONE, "forgotten"),
            Error::Ended(_) => (StatusCode::CONFLICT, "run_ended"),
            Error::Answered(_) => (StatusCode::CONFLICT, "answered_before"),
            Error::Taken(_) => (StatusCode::CONFLICT, "name_taken"),
            Error::Contradiction(_) => (StatusCode::UNPROCESSABLE_ENTITY, "report_contradictory"),
            Error::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
            Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Corrupt { .. } | Error::Schema(_) | Error::Database(_) => return Self::Internal(error),
        };
        Self::refuse(status, code, error.to_string())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(status, _) => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (status, problem) = self.told();
        let mut response = HttpResponse::build(status);
        match status {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
            }
            // The rest of the body may still come: it must not be read as the next request.
            StatusCode::REQUEST_TIMEOUT => {
                response.force_close();
            }
            _ => {}
        }
        response.content_type(PROBLEM_JSON).json(ProblemDocument::new(status, problem))
    }
}

/// Why the program could not do what its operator asked.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Look at the database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Choose another address, or look at the system.
    #[error("{what}")]
    System {
        /// What was tried.
        what: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Mend an argument.
    #[error("{0}")]
    Argument(String),
    /// Mend the campaign's file.
    #[error("the campaign {} {reason}", .file.display())]
    Campaign {
        /// Which file.
        file: PathBuf,
        /// What is wrong, where, and what to do.
        reason: String,
    },
}

impl StartError {
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}
