//! The wire: one file per resource, and for each call one type that ties method, route, request and
//! response together, so that a client cannot drift from the server.
//!
//! The implementing type is the request body (unit-like for GET). Must not: know HTTP libraries.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub mod battles;
pub mod campaigns;
pub mod carbon;
pub mod events;
pub mod health;
pub mod leaderboard;
pub mod leases;
pub mod machines;
pub mod measurements;
pub mod models;
pub mod parameter;
pub mod prompts;
pub mod quality;
pub mod runs;

/// Where all routes start.
pub const BASE: &str = "/api/v1";

/// One call: a method and a route, what goes there and what comes back.
pub trait Endpoint: Serialize + DeserializeOwned {
    /// What the OpenAPI document calls it; generated clients name their functions so.
    const NAME: &'static str;
    /// `GET`, `POST` or `PUT`.
    const METHOD: &'static str;
    /// The route below [`BASE`], with `{id}` where ids stand.
    const ROUTE: &'static str;
    /// What comes back. An empty answer (204) reads as `null`.
    type Response: Serialize + DeserializeOwned;
    /// The route with its ids filled in.
    fn path(&self) -> Cow<'static, str> {
        Cow::Borrowed(Self::ROUTE)
    }
}

/// The answer to a call that did not work: what was wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{message} ({code})")]
pub struct Problem {
    /// Machine-readable, such as `text_too_long`.
    pub code: String,
    /// For people.
    pub message: String,
    /// Which field of the request, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
}
