//! Campaigns: how far each is and what it has cost.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use crate::cost::{Cost, Price};

/// `GET /campaigns`: every Campaign, newest first.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListCampaigns;

impl Endpoint for ListCampaigns {
    const NAME: &'static str = "ListCampaigns";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/campaigns";
    type Response = Campaigns;
}

/// Every Campaign, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Campaigns {
    /// One entry a Campaign.
    pub campaigns: Vec<Campaign>,
}

/// A Campaign: how many of its Runs stand where, and its bill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Campaign {
    /// Names it.
    pub name: String,
    /// What it is about, in the words of its file.
    pub about: String,
    /// When it was started first.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Runs that wait.
    pub queued_runs: u64,
    /// Runs that a Machine has now.
    pub leased_runs: u64,
    /// Runs that are measured.
    pub measured_runs: u64,
    /// Runs that ended without a Measurement.
    pub failed_runs: u64,
    /// Runs that were taken back, such as those whose mean was known well enough.
    pub cancelled_runs: u64,
    /// What its measured Runs have cost, everything around their Windows included. Fewer runs than are measured
    /// means that some were measured before costs were kept.
    pub cost: Cost,
    /// What electricity costs, where its file says so.
    pub price: Option<Price>,
    /// What the energy costs at that price, in its currency; null without a price.
    pub money: Option<f64>,
}
