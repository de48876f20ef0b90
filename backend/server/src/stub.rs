//! Something that answers over HTTP as a test tells it to, late, wrongly or not at all; and says what it heard.
//!
//! Must not: be more than one server a test needs.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

/// How long silence lasts before the line is hung up.
const SILENCE: Duration = Duration::from_millis(400);

/// A server that answers by path.
pub(crate) struct Stub {
    pub(crate) address: String,
    heard: mpsc::Receiver<Vec<String>>,
}

/// An answer: status (0 is silence), further header lines, body.
pub(crate) type Answer<'a> = (u16, &'a str, &'a str);

impl Stub {
    /// Answers each path, with its query or else without it, as told; anything else with 404.
    pub(crate) fn new(answers: &[(&str, Answer<'_>)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answers: HashMap<String, (u16, String, String)> = answers
            .iter()
            .map(|(path, (status, head, body))| {
                ((*path).to_owned(), (*status, (*head).to_owned(), (*body).to_owned()))
            })
            .collect();
        let (sender, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines: Vec<String> = BufReader::new(stream.try_clone().unwrap())
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .collect();
                let path = lines[0].split(' ').nth(1).unwrap().to_owned();
                let is_entered =
                    lines.iter().any(|line| line.to_lowercase().starts_with("authorization: digest "));
                let _ = sender.send(lines);
                let bare = path.split('?').next().unwrap_or_default();
                let found = answers.get(&path).or_else(|| answers.get(bare)).cloned();
                let (status, head, body) = found.unwrap_or((404, String::new(), String::new()));
                // Whoever answers the challenge is let in.
                let status = if status == 401 && is_entered { 200 } else { status };
                if status == 0 {
                    std::thread::sleep(SILENCE);
                    continue;
                }
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} x\r\n{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { address, heard }
    }

    /// Of each question since the last look, its first line and then the value of a header, where it was sent.
    pub(crate) fn heard(&self, header: &str) -> Vec<(String, Option<String>)> {
        let named = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case(header).then(|| value.to_owned())
        };
        self.heard
            .try_iter()
            .map(|lines| (lines[0].clone(), lines.iter().find_map(|line| named(line))))
            .collect()
    }
}
