//! The carbon intensity of a grid area, with where it comes from.
//!
//! Must not: fetch (that is `server::carbon`), or be used without its source beside it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::ids::Zone;
use crate::units::CarbonIntensity;

/// How good an intensity is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GridQuality {
    /// Measured generation, for the very hour or finer.
    Measured,
    /// Estimated by the source for that hour.
    Estimated,
    /// A measured value of the same Zone, at most two hours old.
    Cached,
    /// A mean over a year of a country.
    StaticCountryYear,
    /// A mean over a year of the world.
    StaticWorld,
}

/// Intensity of one Zone over one span of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GridIntensity {
    /// Which grid area.
    pub zone: Zone,
    /// Its name for people.
    pub zone_name: String,
    /// Its intensity, location-based.
    #[serde(rename = "intensity_g_per_kwh")]
    pub intensity: CarbonIntensity,
    /// How good the figure is.
    pub quality: GridQuality,
    /// Who published it.
    pub source: String,
    /// Which year it stands for, where it is a yearly mean.
    pub year: Option<u16>,
    /// Which factors it was made with, such as `lifecycle`.
    pub factor_type: String,
    /// For which instant it holds, where it is not a yearly mean.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub at: Option<OffsetDateTime>,
}
