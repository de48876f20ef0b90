//! Asking our own server on this machine.
//!
//! Must not: become a client for anything else, or keep a connection: servers here are killed between two calls.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::Request;

/// The server answers from memory or one query; more time than this means that it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fetches a document.
pub(crate) fn get<T: DeserializeOwned>(server: SocketAddr, path: &str) -> Result<T> {
    call_as(server, "GET", path, None, "")
}

/// Sends a document and reads the answer.
pub(crate) fn post<T: DeserializeOwned>(server: SocketAddr, path: &str, body: &str) -> Result<T> {
    call_as(server, "POST", path, None, body)
}

/// Any call, with a machine's token if there is one. An empty answer reads as null.
pub(crate) fn call_as<T: DeserializeOwned>(
    server: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> Result<T> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{server}{path}"))
        .header("accept", "application/json")
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    // No proxy of the environment stands between programs of one machine.
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .proxy(None)
        .build()
        .into();
    let answer = match body {
        "" => agent.run(request.body(())?),
        _ => agent.run(request.body(body)?),
    };
    let mut answer = answer.with_context(|| format!("{method} {path}"))?;
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(u64::MAX).read_to_string()?;
    ensure!(status.is_success(), "{method} {path} answered {status}: {text}");
    serde_json::from_str(if text.is_empty() { "null" } else { &text })
        .with_context(|| format!("{method} {path}: the answer is not what was expected"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Answers one call so.
    fn server(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn a_refusal_is_an_error_that_tells_what_the_server_said_and_nothing_is_null() {
        let refusal = server("HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 7\r\n\r\n{\"a\":1}");
        let error = get::<serde_json::Value>(refusal, "/x").unwrap_err().to_string();
        assert!(error.starts_with("GET /x answered 422") && error.ends_with("{\"a\":1}"), "{error}");
        let nothing = server("HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(post::<Option<u32>>(nothing, "/x", "{}").unwrap(), None);
    }
}
