//! Calls to the server: one generic function, three ways to fail.
//!
//! Must not: know a page, or try again by itself.

use common::api::{BASE, Endpoint, Problem};
use gloo_net::http::Request;
use leptos::task::spawn_local;

use crate::json;

/// A call that did not work, named by what the page does next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Error {
    /// The server was not reached: try again.
    Offline,
    /// The server said no: show why.
    Refused(Problem),
    /// The answer was not understood: reload the page, or report it.
    Malformed(String),
}

/// Calls an endpoint and hands its answer to `done`.
pub(crate) fn call<E: Endpoint<Response: json::Read>>(
    request: &E,
    done: impl FnOnce(Result<E::Response, Error>) + 'static,
) {
    ask(request, Box::new(move |answer| done(answer.and_then(|text| read(&text)))));
}

/// Calls an endpoint and hands over what was answered, unread.
pub(crate) fn ask<E: Endpoint>(request: &E, done: Box<dyn FnOnce(Result<String, Error>)>) {
    let url = format!("{BASE}{}", request.path());
    let body = match E::METHOD {
        "GET" => None,
        _ => serde_json::to_string(request).ok(),
    };
    spawn_local(async move { done(exchange(E::METHOD, &url, body).await) });
}

/// Reads an answer.
pub(crate) fn read<T: json::Read>(text: &str) -> Result<T, Error> {
    json::read(text).map_err(|json::Malformed(why)| Error::Malformed(why))
}

async fn exchange(method: &str, url: &str, body: Option<String>) -> Result<String, Error> {
    let builder = match method {
        "GET" => Request::get(url),
        "PUT" => Request::put(url),
        _ => Request::post(url),
    };
    let request = match body {
        None => builder.build(),
        Some(body) => builder.header("content-type", "application/json").body(body),
    };
    let response = request.map_err(|_| Error::Offline)?.send().await.map_err(|_| Error::Offline)?;
    let text = response.text().await.map_err(|_| Error::Offline)?;
    if response.ok() {
        return Ok(if text.is_empty() { "null".to_owned() } else { text });
    }
    // Who stands before the server answers in their own words when it is away.
    if matches!(response.status(), 502..=504) {
        return Err(Error::Offline);
    }
    match json::read(&text) {
        Ok(problem) => Err(Error::Refused(problem)),
        Err(_) => Err(Error::Malformed(format!("status {}", response.status()))),
    }
}
