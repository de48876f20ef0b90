//! A server of one connection at a time, just enough HTTP for the worker: answers by a closure, remembers all calls.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// One call as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) body: Value,
    pub(crate) raw: String,
}

/// The stub and what it saw.
pub(crate) struct Stub {
    pub(crate) address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Stub {
    /// Answers each call with a status and a body.
    pub(crate) fn start(mut answer: impl FnMut(&Call) -> (u16, Value) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let answer = Arc::new(Mutex::new(move |call: &Call| answer(call)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, seen, answer) = (stream.unwrap(), Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &seen, &mut *answer.lock().unwrap()));
            }
        });
        Self { address, calls }
    }

    /// Calls to paths that end like this, in order.
    pub(crate) fn calls(&self, ending: &str) -> Vec<Call> {
        self.calls.lock().unwrap().iter().filter(|call| call.path.ends_with(ending)).cloned().collect()
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Call>>, answer: &mut dyn FnMut(&Call) -> (u16, Value)) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => token = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let raw = String::from_utf8(body).unwrap();
    let call = Call { method, path, token, body: serde_json::from_str(&raw).unwrap(), raw };
    let (status, value) = answer(&call);
    seen.lock().unwrap().push(call);
    let text = if status == 204 { String::new() } else { value.to_string() };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
    // A worker that gave up waiting has closed its end; that is its right.
    let _ = reader.get_mut().write_all(format!("{head}{text}").as_bytes());
}
