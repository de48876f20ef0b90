//! Anything that answers with JSON: an address, the place of a number, its unit. Power, energy or both; how often it
//! changes and how fine its steps are only its operator knows.
//!
//! Must not: guess a unit.

use std::time::Duration;

use clap::{Args, ValueEnum};
use common::units::{Energy, Power};
use serde::{Deserialize, Serialize};

use super::error::WallError;
use super::http::{Entry, Site, number};
use super::{AT_SOCKET, Look, Traits};

/// Unit of a power.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum PowerUnit {
    /// Milliwatts.
    #[value(name = "mW")]
    Milliwatts,
    /// Watts.
    #[default]
    #[value(name = "W")]
    Watts,
    /// Kilowatts.
    #[value(name = "kW")]
    Kilowatts,
}

/// Unit of an energy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum EnergyUnit {
    /// Joules.
    #[value(name = "J")]
    Joules,
    /// Watt-hours.
    #[default]
    #[value(name = "Wh")]
    WattHours,
    /// Kilowatt-hours.
    #[value(name = "kWh")]
    KilowattHours,
}

/// What is asked and where in the answer the numbers stand.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
#[group(id = "numbers", required = true, multiple = true, args = ["power", "energy"])]
pub struct Json {
    /// Where it is; the whole address of the document.
    #[command(flatten)]
    #[serde(flatten)]
    pub site: Site,
    /// Place of the power in the answer, such as /meters/0/power.
    #[arg(long, value_name = "POINTER")]
    pub power: Option<String>,
    /// Its unit.
    #[arg(long, value_enum, default_value = "W")]
    pub power_unit: PowerUnit,
    /// Its smallest step, in watts.
    #[arg(long, value_name = "WATTS")]
    pub power_step: Option<f64>,
    /// Place of the energy counter in the answer.
    #[arg(long, value_name = "POINTER")]
    pub energy: Option<String>,
    /// Its unit.
    #[arg(long, value_enum, default_value = "Wh")]
    pub energy_unit: EnergyUnit,
    /// Its smallest step, in joules.
    #[arg(long, value_name = "JOULES")]
    pub energy_step: Option<f64>,
}

impl Json {
    pub(super) fn traits(&self) -> Traits {
        Traits {
            name: "json",
            boundary: AT_SOCKET,
            period: Duration::from_secs(1),
            power_step: self.power_step.map(Power::from_watts),
            energy_step: self.energy_step.map(Energy::from_joules),
            class: 0.05,
        }
    }

    pub(super) fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let document = self.site.get("", Entry::Basic, limit)?;
        let at = |pointer: &Option<String>| {
            let Some(pointer) = pointer else { return Ok(None) };
            let missing = || self.site.nonsense(format!("there is no number at {pointer}"));
            number(&document, pointer).ok_or_else(missing).map(Some)
        };
        let watts = match self.power_unit {
            PowerUnit::Milliwatts => 1e-3,
            PowerUnit::Watts => 1.0,
            PowerUnit::Kilowatts => 1e3,
        };
        let joules = match self.energy_unit {
            EnergyUnit::Joules => 1.0,
            EnergyUnit::WattHours => 3600.0,
            EnergyUnit::KilowattHours => 3.6e6,
        };
        Ok(Look {
            power: at(&self.power)?.map(|value| Power::from_watts(value * watts)),
            energy: at(&self.energy)?.map(|value| Energy::from_joules(value * joules)),
        })
    }
}
