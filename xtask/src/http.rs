//! Just enough HTTP to ask our own server on this machine.
//!
//! Must not: become a client for anything else; it knows no TLS, no redirects and no chunks.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::de::DeserializeOwned;

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
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // Version 1.0, so that the answer ends with the connection and comes in one piece.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {server}\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\n{bearer}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let (status, body) = parse(&String::from_utf8_lossy(&answer))
        .with_context(|| format!("{method} {path}: the answer is no HTTP"))?;
    ensure!((200..300).contains(&status), "{method} {path} answered {status}: {body}");
    let body = if body.is_empty() { "null".to_owned() } else { body };
    serde_json::from_str(&body)
        .with_context(|| format!("{method} {path}: the answer is not what was expected"))
}

fn parse(answer: &str) -> Option<(u16, String)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_told_apart() {
        let answer = "HTTP/1.1 422 Unprocessable Entity\r\ncontent-type: application/json\r\n\r\n{\"a\":1}";
        assert_eq!(parse(answer), Some((422, "{\"a\":1}".to_owned())));
        assert_eq!(parse("nonsense"), None);
    }
}
