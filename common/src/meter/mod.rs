//! What is known about an instrument: which Domain it reads, how far it can be trusted, and under
//! which Label its figures go.
//!
//! Must not: read anything (that is `meter`).

mod card;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::word::words;

pub use self::card::{AgainstWall, Caution, Characterised, MeterCard};

/// The part of the machine that a Meter reads. On the wire: `machine`, `gpu_0`, `cpu_package_0`,
/// `dram_0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Domain {
    /// The whole machine at its socket.
    Machine,
    /// One accelerator board.
    Gpu(u16),
    /// One CPU package.
    CpuPackage(u16),
    /// The memory of one package, where it is read apart.
    Dram(u16),
    /// One of several supplies, which together feed the whole machine: their sum is [`Domain::Machine`].
    Supply(u16),
    /// Another meter of the whole machine, beside the one that gives its figure: compared with it, never added.
    Check(u16),
}

impl Domain {
    /// Whether it is read at the machine's sockets and not inside the machine.
    pub const fn is_at_socket(self) -> bool {
        matches!(self, Self::Machine | Self::Supply(_) | Self::Check(_))
    }
}

/// The highest index of a Domain of one kind.
const MAX_INDEX: u16 = 9_999;

impl utoipa::PartialSchema for Domain {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, Type};
        let pattern = "^(machine|(gpu|cpu_package|dram|supply|check)_(0|[1-9][0-9]{0,3}))$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
    }
}

impl ToSchema for Domain {}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine => f.write_str("machine"),
            Self::Gpu(index) => write!(f, "gpu_{index}"),
            Self::CpuPackage(index) => write!(f, "cpu_package_{index}"),
            Self::Dram(index) => write!(f, "dram_{index}"),
            Self::Supply(index) => write!(f, "supply_{index}"),
            Self::Check(index) => write!(f, "check_{index}"),
        }
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.to_string()
    }
}

impl FromStr for Domain {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        // As it is written, and no other way: a name is a key.
        let index = |prefix: &str| {
            let index = text.strip_prefix(prefix)?.parse().ok().filter(|index| *index <= MAX_INDEX)?;
            (text == format!("{prefix}{index}")).then_some(index)
        };
        if text == "machine" {
            Ok(Self::Machine)
        } else if let Some(n) = index("gpu_") {
            Ok(Self::Gpu(n))
        } else if let Some(n) = index("cpu_package_") {
            Ok(Self::CpuPackage(n))
        } else if let Some(n) = index("dram_") {
            Ok(Self::Dram(n))
        } else if let Some(n) = index("supply_") {
            Ok(Self::Supply(n))
        } else if let Some(n) = index("check_") {
            Ok(Self::Check(n))
        } else {
            Err(format!(
                "unknown domain {text:?}: use machine, gpu_N, cpu_package_N, dram_N, supply_N or check_N"
            ))
        }
    }
}

impl TryFrom<String> for Domain {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

words! {
    /// Where a figure comes from. Labels never mix: not in a sum, not in a Row, not in a ranking.
    Label, "label", {
        /// Read from an instrument.
        Measured = "measured",
        /// Computed from busy time and configured watts, because no instrument could be read.
        Modelled = "modelled",
        /// Made up by a test rig.
        Simulated = "simulated",
    }
}

words! {
    /// How an energy was found.
    Method, "method", {
        /// Difference of a cumulative counter.
        Counter = "counter",
        /// Integral of power readings.
        Trace = "trace",
        /// Busy core time times configured watts.
        Model = "model",
    }
}

words! {
    /// Why there is no figure. Missing is never 0.
    NullReason, "reason", {
        /// The instrument could not be read.
        Unreadable = "unreadable",
        /// The counter was set back during the Window.
        CounterReset = "counter_reset",
        /// The counter could have wrapped more than once.
        CounterAmbiguous = "counter_ambiguous",
        /// The Window is shorter than the instrument resolves.
        NotResolved = "not_resolved",
        /// The reading did not change although it should have.
        Stale = "stale",
        /// The device went away.
        Lost = "lost",
        /// The clocks of worker and server were not compared, or not well enough.
        ClockUnknown = "clock_unknown",
    }
}

words! {
    /// Something that happened to an instrument during a Window.
    Fault, "fault", {
        /// A reading failed and the one before it was kept.
        ReadError = "read_error",
        /// Two Samples are further apart than allowed.
        Gap = "gap",
        /// The sampler woke late.
        Late = "late",
        /// The counter wrapped once, as such counters do; not an error.
        Wrapped = "wrapped",
        /// The counter went back by less than its resolution; not an error.
        Jitter = "jitter",
        /// The counter was set back.
        CounterReset = "counter_reset",
        /// The reading froze.
        Stale = "stale",
        /// The device went away.
        Lost = "lost",
        /// The device was slowed down by heat or by its hardware for more than the protocol's share of the Window.
        Throttled = "throttled",
        /// The device was held at its power limit for more than that share.
        PowerCapped = "power_capped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_the_same_text_there_and_back() {
        let inside = [Domain::Gpu(1), Domain::CpuPackage(0), Domain::Dram(3)];
        let at_socket = [Domain::Machine, Domain::Supply(1), Domain::Check(0)];
        assert!(inside.iter().all(|domain| !domain.is_at_socket()));
        assert!(at_socket.iter().all(|domain| domain.is_at_socket()));
        for domain in inside.into_iter().chain(at_socket) {
            let text = serde_json::to_string(&domain).unwrap();
            assert_eq!(serde_json::from_str::<Domain>(&text).unwrap(), domain);
        }
        assert!("gpu_".parse::<Domain>().is_err());
        assert!("psu".parse::<Domain>().is_err());
    }
}
