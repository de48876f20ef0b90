//! The machine's own board controller through Redfish: watts in steps of one, a new value each second to minute.
//!
//! By preference: the sum of `InputPowerWatts` of all power supplies (AC); the chassis' `EnvironmentMetrics`, with its
//! counter `EnergykWh` where there is one; the older `Power` with `PowerConsumedWatts`. Must not: read
//! `PowerOutputWatts`, which is the DC side and leaves the supplies' losses out, or sum some supplies of several.

use std::time::Duration;

use clap::{Args, ValueEnum};
use common::units::{Energy, Power};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::WallError;
use super::http::{Entry, Site, number};
use super::{Look, Traits};

/// Which resource says the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `InputPowerWatts` of every power supply, summed.
    Supplies,
    /// `PowerWatts` and `EnergykWh` of the chassis.
    Environment,
    /// `PowerConsumedWatts` of the older `Power`.
    Power,
}

/// Which controller.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct Redfish {
    /// Where it is.
    #[command(flatten)]
    #[serde(flatten)]
    pub site: Site,
    /// Which chassis, as `/redfish/v1/Chassis` lists them.
    #[arg(long, default_value = "1")]
    pub chassis: String,
    /// Which resource says the power. `supplies` is the AC side by its definition.
    #[arg(long, value_enum, default_value = "supplies")]
    pub source: Source,
}

/// A step of the counter `EnergykWh` as controllers commonly write it.
const COUNTER_STEP_WH: f64 = 1.0;

impl Redfish {
    pub(super) fn traits(&self) -> Traits {
        let boundary = match self.source {
            Source::Supplies => {
                "The whole machine: AC input of all its power supplies, as they say themselves to the board controller."
            }
            Source::Environment => {
                "The whole chassis, as the board controller says it; whether before or after the power supplies is the maker's choice."
            }
            Source::Power => {
                "The whole chassis, as the board controller's older interface says it; whether before or after the power supplies is the maker's choice."
            }
        };
        Traits {
            name: "redfish",
            boundary,
            period: Duration::from_secs(5),
            power_step: Some(Power::from_watts(1.0)),
            energy_step: Some(Energy::from_watt_hours(COUNTER_STEP_WH)),
            class: 0.05,
        }
    }

    pub(super) fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let chassis = format!("/redfish/v1/Chassis/{}", self.chassis);
        match self.source {
            Source::Supplies => {
                let collection = self.get(&format!("{chassis}/PowerSubsystem/PowerSupplies"), limit)?;
                let members = collection.pointer("/Members").and_then(Value::as_array);
                let members = members.filter(|members| !members.is_empty());
                let members = members.ok_or_else(|| self.site.nonsense("it lists no power supplies"))?;
                let watts: Result<Vec<f64>, WallError> =
                    members.iter().map(|member| self.input_of(member, limit)).collect();
                Ok(Look { power: Some(Power::from_watts(watts?.iter().sum())), energy: None })
            }
            Source::Environment => {
                let metrics = self.get(&format!("{chassis}/EnvironmentMetrics"), limit)?;
                let power = number(&metrics, "/PowerWatts/Reading");
                let power = power
                    .ok_or_else(|| self.site.nonsense("EnvironmentMetrics has no PowerWatts.Reading"))?;
                let total = number(&metrics, "/EnergykWh/Reading");
                Ok(Look {
                    power: Some(Power::from_watts(power)),
                    energy: total.map(|kilowatt_hours| Energy::from_watt_hours(kilowatt_hours * 1000.0)),
                })
            }
            Source::Power => {
                let power = self.get(&format!("{chassis}/Power"), limit)?;
                let watts = number(&power, "/PowerControl/0/PowerConsumedWatts");
                let watts = watts
                    .ok_or_else(|| self.site.nonsense("Power has no PowerControl[0].PowerConsumedWatts"))?;
                Ok(Look { power: Some(Power::from_watts(watts)), energy: None })
            }
        }
    }

    /// AC input of one supply. One that says nothing makes the sum missing: a part of a sum is not the sum.
    fn input_of(&self, member: &Value, limit: Duration) -> Result<f64, WallError> {
        let id = member.pointer("/@odata.id").and_then(Value::as_str);
        let id = id.filter(|id| id.starts_with('/'));
        let id = id.ok_or_else(|| self.site.nonsense("a power supply has no @odata.id"))?;
        let metrics = self.get(&format!("{}/Metrics", id.trim_end_matches('/')), limit)?;
        number(&metrics, "/InputPowerWatts/Reading").ok_or_else(|| {
            self.site.nonsense(format!("{id} does not say InputPowerWatts; try --source environment"))
        })
    }

    fn get(&self, path: &str, limit: Duration) -> Result<Value, WallError> {
        self.site.get(path, Entry::Basic, limit)
    }
}
