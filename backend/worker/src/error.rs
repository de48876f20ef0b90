//! What can go wrong with a Lease, named by what becomes of it.
//!
//! Must not: hold a prompt's text; failures travel to the server and onto pages.

use common::run::Failure;

use crate::client::CallError;
use crate::source::OpenError;

/// Why a Lease ends without a Measurement.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Give the Lease back: another attempt may work.
    #[error("{}", .0.message)]
    Retry(Failure),
    /// This Run can never work.
    #[error("{}", .0.message)]
    Reject(Failure),
    /// Give the Lease back and stop: this machine cannot work.
    #[error("this machine cannot work: {}", .0.message)]
    Unfit(Failure),
    /// The worker was asked to stop: hand the Lease back, no attempt was made.
    #[error("{}", .0.message)]
    Stopped(Failure),
    /// The Lease is not ours any more: drop the Run and tell nobody.
    #[error("the lease was lost")]
    Lost,
}

impl Error {
    pub(crate) fn retry(code: &str, message: impl Into<String>) -> Self {
        Self::Retry(failure(code, message))
    }

    pub(crate) fn unfit(code: &str, message: impl Into<String>) -> Self {
        Self::Unfit(failure(code, message))
    }
}

/// A Failure from its parts.
pub(crate) fn failure(code: &str, message: impl Into<String>) -> Failure {
    Failure { code: code.to_owned(), message: message.into() }
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        let message = error.to_string();
        match error {
            engine::Error::PromptTooLong { .. } => Self::Reject(failure("prompt_too_long", message)),
            engine::Error::Prompt { .. } => Self::Reject(failure("prompt_refused", message)),
            engine::Error::Unsupported { .. } => Self::Reject(failure("unsupported", message)),
            engine::Error::NotFinite { .. } => Self::Reject(failure("model_not_finite", message)),
            engine::Error::Memory { .. } => Self::Retry(failure("out_of_memory", message)),
            engine::Error::Checkpoint { .. } => Self::Unfit(failure("checkpoint_damaged", message)),
            engine::Error::Device { .. } => Self::Unfit(failure("device_failed", message)),
        }
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Engine { error, .. } => error.into(),
            OpenError::Hub { .. } => Self::Retry(failure("model_not_here", error.to_string())),
        }
    }
}

impl From<meter::Error> for Error {
    fn from(error: meter::Error) -> Self {
        Self::Retry(failure("meter_failed", error.to_string()))
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { status: 401 | 403, problem } => {
                Self::Unfit(failure("token_refused", problem.to_string()))
            }
            CallError::Refused { .. } => Self::Lost,
            CallError::Offline(_) | CallError::Malformed(_) => {
                Self::retry("server_unreachable", error.to_string())
            }
        }
    }
}
