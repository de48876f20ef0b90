//! The ranking: sums that the browser regroups.

use serde::{Deserialize, Serialize};

use super::Endpoint;
use crate::leaderboard::Leaderboard;

/// `GET /leaderboard`: all Cells with their Models, Machines and Zones.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GetLeaderboard;

impl Endpoint for GetLeaderboard {
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/leaderboard";
    type Response = Leaderboard;
}
