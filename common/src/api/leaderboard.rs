//! The ranking: sums that the browser regroups.

use serde::{Deserialize, Serialize};

use super::Endpoint;
use crate::leaderboard::Leaderboard;

/// `GET /leaderboard`: all Cells with their Models, Machines and Zones, without what they hold by length.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GetLeaderboard;

impl Endpoint for GetLeaderboard {
    const NAME: &'static str = "GetLeaderboard";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/leaderboard";
    type Response = Leaderboard;
}

/// `GET /leaderboard/profiles`: the same with each Cell's profile by length, which is most of the bytes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GetProfiles;

impl Endpoint for GetProfiles {
    const NAME: &'static str = "GetProfiles";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/leaderboard/profiles";
    type Response = Leaderboard;
}
