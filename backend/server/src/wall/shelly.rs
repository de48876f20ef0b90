//! Shelly plugs and meters, second generation and later: `apower` in watts (steps of 0.1 W) and `aenergy.total` in
//! watt-hours (steps of 0.001 Wh, 3.6 J), about one new value a second.
//!
//! `Switch` is a plug or relay, `PM1` a meter without relay (better: it cannot switch the machine off), `EM` a meter of
//! three phases, whose total power is read and whose counter is not. Entry, where asked for, is by SHA-256 digest.
//! Must not: switch anything, or take one phase for the whole.

use std::time::Duration;

use clap::{Args, ValueEnum};
use common::units::{Energy, Power};
use serde::{Deserialize, Serialize};

use super::error::WallError;
use super::http::{Entry, Site, number};
use super::{AT_SOCKET, Look, Traits};

/// Which part of the device measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// A plug or relay.
    #[default]
    Switch,
    /// A meter of one phase without relay.
    Pm1,
    /// A meter of three phases.
    Em,
}

/// Which Shelly.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct Shelly {
    /// Where it is.
    #[command(flatten)]
    #[serde(flatten)]
    pub site: Site,
    /// Which part of the device measures.
    #[arg(long, value_enum, default_value_t)]
    pub component: Component,
    /// Number of that part.
    #[arg(long, default_value_t = 0)]
    pub id: u8,
}

impl Shelly {
    pub(super) fn traits(&self) -> Traits {
        Traits {
            name: "shelly",
            boundary: AT_SOCKET,
            period: Duration::from_secs(1),
            power_step: Some(Power::from_watts(0.1)),
            energy_step: Some(Energy::from_watt_hours(0.001)),
            class: 0.03,
        }
    }

    pub(super) fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let (method, power_at) = match self.component {
            Component::Switch => ("Switch", "/apower"),
            Component::Pm1 => ("PM1", "/apower"),
            Component::Em => ("EM", "/total_act_power"),
        };
        let path = format!("/rpc/{method}.GetStatus?id={}", self.id);
        let status = self.site.get(&path, Entry::Digest, limit)?;
        let errors = status.pointer("/errors").and_then(|list| list.as_array());
        let is_broken =
            |error: &serde_json::Value| error.as_str().is_some_and(|name| name.contains("power_meter"));
        if errors.is_some_and(|list| list.iter().any(is_broken)) {
            return Err(self.site.nonsense("it says itself that its power meter failed"));
        }
        let power = number(&status, power_at).ok_or_else(|| {
            self.site.nonsense(format!("{method}.GetStatus has no number {}", &power_at[1..]))
        })?;
        Ok(Look {
            power: Some(Power::from_watts(power)),
            energy: number(&status, "/aenergy/total").map(Energy::from_watt_hours),
        })
    }
}
