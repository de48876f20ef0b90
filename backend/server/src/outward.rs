//! Asking something else over HTTP: meters at sockets, sources of carbon intensities.
//!
//! With ureq, which the house has already: one question blocks one thread for some milliseconds, and a board controller's
//! own certificate can be taken without writing a verifier. Must not: follow to another address, read without an end, or
//! know what is asked.

use std::time::Duration;

use ureq::http::HeaderMap;
use ureq::tls::TlsConfig;

/// Most bytes of an answer.
const MAX_ANSWER: u64 = 1 << 20;

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// It took too long.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// Who answers cannot be verified.
    #[error("its certificate cannot be verified: {0}")]
    Certificate(String),
    /// Something answers, but not in HTTP.
    #[error("it does not speak HTTP ({0})")]
    NotHttp(String),
    /// The answer broke off or has no end.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// Nobody is there.
    #[error("{0}")]
    Unreachable(String),
}

impl Failure {
    fn of(error: &ureq::Error, limit: Duration) -> Self {
        let reason = error.to_string();
        match error {
            ureq::Error::Timeout(_) => Self::Late(limit),
            ureq::Error::Rustls(_) | ureq::Error::Tls(_) => Self::Certificate(reason),
            _ if reason.contains("certificate") => Self::Certificate(reason),
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => Self::NotHttp(reason),
            _ => Self::Unreachable(reason),
        }
    }
}

/// Asks once, and waits for at most `limit`. Any status is an answer.
pub(crate) fn get(
    url: &str,
    headers: &[(&str, &str)],
    any_certificate: bool,
    limit: Duration,
) -> Result<Reply, Failure> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(limit))
        .tls_config(TlsConfig::builder().disable_verification(any_certificate).build())
        .user_agent(concat!("jouleboard-server/", env!("CARGO_PKG_VERSION")))
        .build();
    let mut request = ureq::Agent::from(config).get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = request.call().map_err(|error| Failure::of(&error, limit))?;
    let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
    let body = body.map_err(|error| match error {
        ureq::Error::Timeout(_) => Failure::Late(limit),
        other => Failure::Unreadable(other.to_string()),
    })?;
    Ok(Reply { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
}
