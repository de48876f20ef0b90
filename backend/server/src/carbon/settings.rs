//! Which live source is asked for which Zone, as the operator says it.
//!
//! Must not: ask one.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use common::ids::Zone;

use crate::config::seconds;
use crate::error::StartError;

/// The Zone that the source of Great Britain is for.
pub(super) const GREAT_BRITAIN: &str = "GB";

/// Where live intensities come from.
#[derive(Debug, Clone, Args)]
pub struct GridSettings {
    /// The live source of a zone: FR=electricity-maps, or GB=carbon-intensity-uk, which needs no token. May be repeated.
    /// Other zones keep the yearly mean of their country.
    #[arg(long = "grid", env = "JOULEBOARD_GRID", value_name = "ZONE=SOURCE", value_delimiter = ',')]
    pub sources: Vec<ZoneSource>,
    /// Token for Electricity Maps; its free plan covers one zone. Give it by the environment: others can see arguments.
    #[arg(long, env = "JOULEBOARD_ELECTRICITY_MAPS_TOKEN", hide_env_values = true)]
    pub electricity_maps_token: Option<Secret>,
    /// Address of Electricity Maps.
    #[arg(long, env = "JOULEBOARD_ELECTRICITY_MAPS_URL", default_value = "https://api.electricitymaps.com")]
    pub electricity_maps_url: String,
    /// Address of the open source of Great Britain.
    #[arg(
        long,
        env = "JOULEBOARD_CARBON_INTENSITY_UK_URL",
        default_value = "https://api.carbonintensity.org.uk"
    )]
    pub carbon_intensity_uk_url: String,
    /// Time between two questions for a zone, in seconds.
    #[arg(long, env = "JOULEBOARD_GRID_SECONDS", default_value = "600", value_parser = seconds)]
    pub grid_seconds: Duration,
}

/// A secret, which is not shown: a token, or an address that holds a password. White space around it is no part of it.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for Secret {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().to_owned()))
    }
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    ElectricityMaps,
    CarbonIntensityUk,
}

impl Source {
    /// The name under which its figures are stored and shown.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ElectricityMaps => "Electricity Maps",
            Self::CarbonIntensityUk => "NESO Carbon Intensity API (CC BY 4.0)",
        }
    }
}

/// A Zone and its live source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneSource {
    pub(crate) zone: Zone,
    pub(crate) source: Source,
}

impl FromStr for ZoneSource {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (zone, source) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} must be ZONE=SOURCE, such as FR=electricity-maps"))?;
        let zone: Zone = zone.parse().map_err(|error| format!("{error}"))?;
        let source = match source {
            "electricity-maps" => Source::ElectricityMaps,
            "carbon-intensity-uk" if zone.as_str() == GREAT_BRITAIN => Source::CarbonIntensityUk,
            "carbon-intensity-uk" => {
                return Err(format!(
                    "carbon-intensity-uk is only for the zone {GREAT_BRITAIN}, not for {zone}"
                ));
            }
            _ => {
                return Err(format!(
                    "unknown source {source:?}: use electricity-maps or carbon-intensity-uk"
                ));
            }
        };
        Ok(Self { zone, source })
    }
}

impl GridSettings {
    /// Refuses what could never work.
    ///
    /// # Errors
    /// [`StartError::Argument`] says what to mend.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let needs_token = self.sources.iter().find(|each| each.source == Source::ElectricityMaps);
        let has_token = self.electricity_maps_token.as_ref().is_some_and(|token| !token.0.is_empty());
        if let (Some(each), false) = (needs_token, has_token) {
            return Err(StartError::Argument(format!(
                "--grid {}=electricity-maps needs a token in JOULEBOARD_ELECTRICITY_MAPS_TOKEN",
                each.zone
            )));
        }
        let mut zones: Vec<&Zone> = self.sources.iter().map(|each| &each.zone).collect();
        zones.sort();
        match zones.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => {
                Err(StartError::Argument(format!("--grid names two sources for the zone {}", pair[0])))
            }
            None => Ok(()),
        }
    }
}
