//! Meters at the sockets of machines, read from here because a measured machine must not watch itself.
//!
//! One file a kind: what it reads, its units and steps, how often, and what it says to a wrong address, to silence and
//! to nonsense. A [`Kind`] is what the operator types and what is stored, the same type. Must not: run on a measured
//! machine, sum parts of a supply as if they were the whole, or keep a password (only the path of its file).

use std::time::Duration;

use clap::Subcommand;
use common::meter::{Domain, Label, MeterCard, Method};
use common::units::{Energy, Power};
use common::wall::WallCard;
use serde::{Deserialize, Serialize};

mod command;
mod digest;
mod duty;
mod error;
mod http;
mod ipmi;
mod json;
mod mcp39f511n;
mod redfish;
mod shelly;
mod tasmota;

pub use command::{AddMeter, MeterCommand, RemoveMeter, run as command};
pub use error::WallError;

pub(crate) use duty::{run, settle};

#[cfg(test)]
mod tests;

/// How a meter is asked.
#[derive(Debug, Clone, PartialEq, Subcommand, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// A Shelly plug or meter of the second generation or later.
    Shelly(shelly::Shelly),
    /// A plug with the Tasmota firmware.
    Tasmota(tasmota::Tasmota),
    /// The machine's own board controller, through Redfish.
    Redfish(redfish::Redfish),
    /// The machine's own board controller, through IPMI DCMI and the program ipmitool.
    Ipmi(ipmi::Ipmi),
    /// An MCP39F511N board at a serial port of this server.
    #[command(name = "mcp39f511n")]
    Mcp39f511n(mcp39f511n::Mcp39f511n),
    /// Anything that answers with JSON.
    Json(json::Json),
}

/// What one look at a meter found; at least one of both.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Look {
    /// Power now.
    pub power: Option<Power>,
    /// Energy since the meter began to count.
    pub energy: Option<Energy>,
}

/// What is known of a kind of meter before one is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traits {
    name: &'static str,
    boundary: &'static str,
    /// How often it has a new value.
    period: Duration,
    /// Smallest step of its power reading.
    power_step: Option<Power>,
    /// Smallest step of its counter; `None` without one or where nobody knows.
    energy_step: Option<Energy>,
    /// Its class: the largest share by which it may be wrong. Assumed where its operator does not know better.
    class: f64,
}

/// What a machine draws at its socket.
const AT_SOCKET: &str = "The whole machine: AC at the socket, power supply losses and fans included.";

/// What the operator knows better.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// How often it has a new value.
    pub period: Option<Duration>,
    /// Its class, as a share.
    pub class: Option<f64>,
    /// Whether it is a test rig.
    pub is_simulated: bool,
}

impl Kind {
    /// Looks once; blocks for at most `limit`, or a little more where several questions are needed.
    ///
    /// # Errors
    /// [`WallError`] says what the operator should do.
    pub fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let look = match self {
            Self::Shelly(meter) => meter.look(limit),
            Self::Tasmota(meter) => meter.look(limit),
            Self::Redfish(meter) => meter.look(limit),
            Self::Ipmi(meter) => meter.look(limit),
            Self::Mcp39f511n(meter) => meter.look(limit),
            Self::Json(meter) => meter.look(limit),
        }?;
        let nonsense =
            |what: &str| Err(WallError::Nonsense { address: self.address(), what: what.to_owned() });
        match (look.power, look.energy) {
            (None, None) => nonsense("it says neither power nor energy"),
            (Some(power), _) if !power.is_finite() || power.watts() < 0.0 => {
                nonsense("its power is below zero or no number: is it wired the wrong way round?")
            }
            (_, Some(energy)) if !energy.is_finite() || energy.joules() < 0.0 => {
                nonsense("its energy is below zero or no number")
            }
            _ => Ok(look),
        }
    }

    fn address(&self) -> String {
        match self {
            Self::Shelly(meter) => meter.site.address.clone(),
            Self::Tasmota(meter) => meter.site.address.clone(),
            Self::Redfish(meter) => meter.site.address.clone(),
            Self::Ipmi(meter) => meter.host.clone(),
            Self::Mcp39f511n(meter) => meter.port.display().to_string(),
            Self::Json(meter) => meter.site.address.clone(),
        }
    }

    fn traits(&self) -> Traits {
        match self {
            Self::Shelly(meter) => meter.traits(),
            Self::Tasmota(meter) => meter.traits(),
            Self::Redfish(meter) => meter.traits(),
            Self::Ipmi(meter) => meter.traits(),
            Self::Mcp39f511n(meter) => meter.traits(),
            Self::Json(meter) => meter.traits(),
        }
    }

    /// What is known of this meter, `found` being its first answer.
    pub fn card(&self, found: Look, known: &Known) -> WallCard {
        let Traits { name, boundary, period, power_step, energy_step, class } = self.traits();
        let resolution = energy_step.filter(|_| found.energy.is_some());
        let method = if found.energy.is_some() { Method::Counter } else { Method::Trace };
        let label = if known.is_simulated { Label::Simulated } else { Label::Measured };
        let card = MeterCard {
            update_period: Some(known.period.unwrap_or(period)),
            resolution,
            // A class is a bound: all errors inside are equally likely.
            gain_uncertainty: known.class.unwrap_or(class) / 3.0_f64.sqrt(),
            ..MeterCard::new(name, Domain::Machine, label, method, boundary)
        };
        WallCard { card, power_resolution: power_step.filter(|_| found.power.is_some()) }
    }
}
