//! A connection that is kept open between calls, as browsers and workers keep theirs.
//!
//! Written by hand, unlike `http`: a call in here is timed, and what a client of more abilities does between two calls
//! would be counted as the server's. Must not: become a client for anything but our own server; it reads no chunks and follows nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// More time than any call here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open connection.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    /// Opens one; with a machine's token if there is one.
    pub(super) fn open(server: SocketAddr, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "Host: {server}\r\nAccept: application/json\r\nContent-Type: application/json\r\n{bearer}"
        );
        Ok(Self { stream: BufReader::new(stream), head })
    }

    /// Calls and gives the body of the answer, which must be a success.
    pub(super) fn call(&mut self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        let request =
            format!("{method} {path} HTTP/1.1\r\n{}Content-Length: {}\r\n\r\n{body}", self.head, body.len());
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status: u16 = line
            .split_whitespace()
            .nth(1)
            .and_then(|word| word.parse().ok())
            .context("the answer is no HTTP")?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "{method} {path}: the connection ended");
            let line = line.trim();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        let text = || String::from_utf8_lossy(&answer).into_owned();
        ensure!((200..300).contains(&status), "{method} {path} answered {status}: {}", text());
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn two_calls_go_over_one_connection_and_a_refusal_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            for answer in
                ["200 OK\r\ncontent-length: 2", "204 No Content", "404 Not Found\r\nContent-Length: 2"]
            {
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).unwrap();
                }
                let body = if answer.contains("ength") { "hi" } else { "" };
                write!(stream.get_mut(), "HTTP/1.1 {answer}\r\n\r\n{body}").unwrap();
            }
        });
        let mut connection = Connection::open(address, None).unwrap();
        assert_eq!(connection.call("GET", "/", "").unwrap(), b"hi");
        assert_eq!(connection.call("GET", "/", "").unwrap(), b"");
        assert!(connection.call("GET", "/", "").unwrap_err().to_string().contains("404"));
        server.join().unwrap();
    }
}
