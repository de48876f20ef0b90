//! How clean the power of each Zone is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Endpoint;
use crate::carbon::GridIntensity;

/// `GET /carbon`: the latest known intensity of every Zone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListIntensities;

impl Endpoint for ListIntensities {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/carbon";
    type Response = Intensities;
}

/// The latest known intensity of every Zone, by name of the Zone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Intensities {
    /// One entry a Zone.
    pub zones: Vec<GridIntensity>,
}
