//! Talking to the server: one generic call.
//!
//! Must not: retry (each caller knows best whether that helps) or be used inside a quiet Window.

use std::time::Duration;

use common::api::{BASE, Endpoint, Problem};
use ureq::http::Request;

/// Most bytes of an answer that are read.
const MAX_ANSWER: u64 = 64 << 20;

/// A token that is never printed.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// As a header says it.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A call that gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The server was not reached, or it broke down: try again later.
    #[error("the server cannot be reached: {0}")]
    Offline(String),
    /// The server said no.
    #[error("the server refused ({status}): {problem}")]
    Refused {
        /// Status of HTTP.
        status: u16,
        /// What it said.
        problem: Problem,
    },
    /// The answer is not what it should be: the server is of another version.
    #[error("the server's answer is not understood: {0}")]
    Malformed(String),
}

/// The server, as one machine sees it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
    token: Token,
}

impl Client {
    /// A client of the server at `server`, such as `http://127.0.0.1:8080`. A call may take `timeout`.
    pub(crate) fn new(server: &str, token: Token, timeout: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .user_agent(concat!("jouleboard-worker/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), base: format!("{}{BASE}", server.trim_end_matches('/')), token }
    }

    /// Makes one call.
    pub(crate) fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, CallError> {
        let malformed = |error: &dyn std::fmt::Display| CallError::Malformed(error.to_string());
        let body = serde_json::to_vec(request).map_err(|error| malformed(&error))?;
        let message = Request::builder()
            .method(E::METHOD)
            .uri(format!("{}{}", self.base, request.path()))
            .header("authorization", self.token.bearer())
            .header("content-type", "application/json")
            .body(body)
            .map_err(|error| malformed(&error))?;
        let mut answer = self.agent.run(message).map_err(|error| CallError::Offline(error.to_string()))?;
        let status = answer.status().as_u16();
        let bytes = answer
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_vec()
            .map_err(|error| CallError::Offline(error.to_string()))?;
        match status {
            200..=299 => {
                let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
                serde_json::from_slice(text).map_err(|error| malformed(&error))
            }
            400..=499 if status != 408 && status != 429 => {
                let problem = serde_json::from_slice(&bytes).unwrap_or_else(|_| Problem {
                    code: "refused".to_owned(),
                    message: "the server gave no reason".to_owned(),
                    field: None,
                });
                Err(CallError::Refused { status, problem })
            }
            _ => Err(CallError::Offline(format!("it answered with status {status}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_printed_and_a_trailing_newline_is_no_part_of_it() {
        let token = Token::new("secret\n");
        assert_eq!(token.0, "secret");
        assert!(!format!("{token:?}").contains("secret"));
    }
}
