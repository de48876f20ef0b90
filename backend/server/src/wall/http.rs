//! Asking a meter over HTTP.
//!
//! Must not: know how a question goes out (that is `crate::outward`), or keep a password.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest;
use super::error::WallError;
use crate::outward::{self, Failure};

/// Where a meter is and how it is entered.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct Site {
    /// Its address, such as http://192.0.2.7 or https://bmc.example.
    pub address: String,
    /// User, where it asks for one.
    #[arg(long)]
    pub user: Option<String>,
    /// A file on the server that holds the password; the password itself is kept nowhere.
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,
    /// Take any certificate: board controllers sign their own.
    #[arg(long)]
    #[serde(default)]
    pub any_certificate: bool,
}

/// How a password is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// `Authorization: Basic` with the first question.
    Basic,
    /// An answer to the challenge of a 401, with SHA-256.
    Digest,
    /// In the address itself.
    Query,
}

impl Site {
    /// The password, read anew each time so that changing the file is enough.
    pub(super) fn password(&self) -> Result<Option<String>, WallError> {
        let Some(path) = &self.password_file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| {
            WallError::Here(format!("the password file {} cannot be read: {error}", path.display()))
        })?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// The JSON at `path` below the address.
    pub(super) fn get(&self, path: &str, entry: Entry, limit: Duration) -> Result<Value, WallError> {
        let base = self.address.trim_end_matches('/');
        let base = if base.contains("://") { base.to_owned() } else { format!("http://{base}") };
        let password = self.password()?.unwrap_or_default();
        let authorization = match (&self.user, entry) {
            (Some(user), Entry::Basic) => {
                Some(format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes())))
            }
            _ => None,
        };
        let ask = |authorization: Option<&str>| {
            let headers: Vec<(&str, &str)> =
                authorization.map(|value| ("Authorization", value)).into_iter().collect();
            outward::get(&format!("{base}{path}"), &headers, self.any_certificate, limit)
                .map_err(|failure| self.failed(path, failure))
        };
        let mut answer = ask(authorization.as_deref())?;
        if let (401, Some(user), Entry::Digest) = (answer.status, &self.user, entry) {
            let challenge = answer.headers.get("www-authenticate").and_then(|value| value.to_str().ok());
            let response = challenge.and_then(|challenge| digest::answer(challenge, user, &password, path));
            let Some(response) = response else {
                return Err(self.forbidden("it asks for a way of entry that is not known here"));
            };
            answer = ask(Some(&response))?;
        }
        match answer.status {
            200..=299 => {}
            401 | 403 => return Err(self.forbidden(&format!("status {}", answer.status))),
            status => return Err(self.nonsense(format!("{path} answers with status {status}"))),
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| self.nonsense(format!("{path} is not JSON: {error}")))
    }

    pub(super) fn nonsense(&self, what: impl Into<String>) -> WallError {
        WallError::Nonsense { address: self.address.clone(), what: what.into() }
    }

    fn forbidden(&self, reason: &str) -> WallError {
        WallError::Forbidden { address: self.address.clone(), reason: reason.to_owned() }
    }

    fn failed(&self, path: &str, failure: Failure) -> WallError {
        let address = self.address.clone();
        match failure {
            Failure::Late(limit) => WallError::Late { address, limit },
            Failure::Certificate(reason) => WallError::Certificate { address, reason },
            Failure::NotHttp(_) => self.nonsense(failure.to_string()),
            Failure::Unreadable(reason) => {
                self.nonsense(format!("the answer to {path} cannot be read: {reason}"))
            }
            Failure::Unreachable(reason) => WallError::Unreachable { address, reason },
        }
    }
}

/// A number at a place of a document; numbers written as text count.
pub(super) fn number(document: &Value, pointer: &str) -> Option<f64> {
    let value = document.pointer(pointer)?;
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_text_and_a_missing_one_is_none() {
        let document = serde_json::json!({"a": [1.5, "2.5", "x"]});
        assert_eq!(number(&document, "/a/0"), Some(1.5));
        assert_eq!(number(&document, "/a/1"), Some(2.5));
        assert_eq!((number(&document, "/a/2"), number(&document, "/b")), (None, None));
    }
}
