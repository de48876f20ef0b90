//! Which Models can be asked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Endpoint;
use crate::machine::OfferedModel;

/// `GET /models`: the Models that some enrolled Machine runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListModels;

impl Endpoint for ListModels {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/models";
    type Response = Models;
}

/// The Models on offer, by name and dtype.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Models {
    /// One entry a Model.
    pub models: Vec<OfferedModel>,
}
