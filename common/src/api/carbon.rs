//! How clean the power of each Zone is, now and by the hour.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use crate::carbon::GridIntensity;
use crate::ids::Zone;

/// `GET /carbon`: the latest known intensity of every Zone.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListIntensities;

impl Endpoint for ListIntensities {
    const NAME: &'static str = "ListIntensities";
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

/// `GET /carbon/hours`: what live sources said of the last two days, and how they stand.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListHours;

impl Endpoint for ListHours {
    const NAME: &'static str = "ListHours";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/carbon/hours";
    type Response = Hours;
}

/// What live sources said of the last two days, and how they stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hours {
    /// The live sources that are asked, by Zone; none where the operator named none.
    pub sources: Vec<LiveSource>,
    /// Their values, by Zone and instant.
    pub hours: Vec<GridIntensity>,
}

/// The live source of a Zone and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveSource {
    /// For which grid area it is asked.
    pub zone: Zone,
    /// Who publishes it.
    pub source: String,
    /// When it answered last; null before the first time.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub answered_at: Option<OffsetDateTime>,
    /// It is not asked again before.
    #[serde(with = "time::serde::rfc3339")]
    pub next_at: OffsetDateTime,
    /// What was wrong the last time and what to do; null while it answers.
    pub trouble: Option<String>,
}
