//! Plugs with the Tasmota firmware: `Power` in watts and `Total` in kilowatt-hours of `Status 10`, about one new value a
//! second. Steps are a watt and, by default, a watt-hour (3600 J), so that the power readings decide; a plug whose
//! `EnergyRes` is finer may be told so.
//!
//! Such plugs come uncalibrated. Must not: add channels that are other sockets.

use std::time::Duration;

use clap::Args;
use common::api::parameter::encode;
use common::units::{Energy, Power};
use serde::{Deserialize, Serialize};

use super::error::WallError;
use super::http::{Entry, Site, number};
use super::{AT_SOCKET, Look, Traits};

/// Which plug.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct Tasmota {
    /// Where it is.
    #[command(flatten)]
    #[serde(flatten)]
    pub site: Site,
    /// Decimals of its power (`WattRes`).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub watt_digits: u8,
    /// Decimals of its kilowatt-hours (`EnergyRes`).
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=5))]
    pub energy_digits: u8,
    /// Which of several sockets, from 0.
    #[arg(long)]
    pub channel: Option<u8>,
}

impl Tasmota {
    pub(super) fn traits(&self) -> Traits {
        let tenth = |digits: u8| 10.0_f64.powi(-i32::from(digits));
        Traits {
            name: "tasmota",
            boundary: AT_SOCKET,
            period: Duration::from_secs(1),
            power_step: Some(Power::from_watts(tenth(self.watt_digits))),
            energy_step: Some(Energy::from_watt_hours(1000.0 * tenth(self.energy_digits))),
            class: 0.05,
        }
    }

    pub(super) fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let mut path = "/cm?cmnd=Status%2010".to_owned();
        if let Some(user) = &self.site.user {
            let password = self.site.password()?.unwrap_or_default();
            path.push_str(&format!("&user={}&password={}", encode(user), encode(&password)));
        }
        let status = self.site.get(&path, Entry::Query, limit).map_err(|error| match error {
            // The path may hold a password.
            WallError::Nonsense { address, what } => {
                WallError::Nonsense { address, what: what.replace(&path, "Status 10") }
            }
            other => other,
        })?;
        if status.pointer("/WARNING").is_some() {
            let (address, reason) = (self.site.address.clone(), "it wants user and password".to_owned());
            return Err(WallError::Forbidden { address, reason });
        }
        let energy = status
            .pointer("/StatusSNS/ENERGY")
            .ok_or_else(|| self.site.nonsense("Status 10 has no ENERGY: this device measures no power"))?;
        let is_list = energy.pointer("/Power").is_some_and(serde_json::Value::is_array);
        let at = |name: &str| match (is_list, self.channel) {
            (true, Some(channel)) => Some(number(energy, &format!("/{name}/{channel}"))),
            (true, None) => None,
            (false, _) => Some(number(energy, &format!("/{name}"))),
        };
        let power = at("Power")
            .ok_or_else(|| self.site.nonsense("it has several sockets: say which with --channel"))?
            .ok_or_else(|| self.site.nonsense("ENERGY has no number Power for this socket"))?;
        let total =
            at("Total").flatten().map(|kilowatt_hours| Energy::from_watt_hours(kilowatt_hours * 1000.0));
        Ok(Look { power: Some(Power::from_watts(power)), energy: total })
    }
}
