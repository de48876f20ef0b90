//! Whether the service is well.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Endpoint;

/// `GET /health`: whether the server runs and reaches its database.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GetHealth;

impl Endpoint for GetHealth {
    const NAME: &'static str = "GetHealth";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/health";
    type Response = Health;
}

/// The server is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Version of the server.
    pub version: String,
    /// Machines heard of lately.
    pub machines_alive: u64,
    /// Whether no Machine has been there for so long that nothing can be asked; what was measured can be read.
    #[serde(default)]
    pub is_browse_only: bool,
}
