//! What a Run asks of a Machine besides running its Model.
//!
//! Must not: know which Machines there are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::machine::Announcement;
use crate::meter::Label;

/// A kind of Machine; the default is any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Needs {
    /// It has an accelerator.
    pub accelerator: bool,
    /// It reads at least one instrument, so that its figures are not all modelled.
    pub measured: bool,
    /// It has at least so many bytes of main memory.
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    pub memory_bytes: u64,
}

impl Needs {
    /// Whether any Machine will do.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a Machine that says this of itself will do.
    pub fn are_met_by(&self, machine: &Announcement) -> bool {
        let has_accelerator = !machine.hardware.accelerators.is_empty();
        let is_measured = machine.meters.iter().any(|card| card.label == Label::Measured);
        (has_accelerator || !self.accelerator)
            && (is_measured || !self.measured)
            && machine.hardware.memory_bytes >= self.memory_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(accelerators: &[&str], label: &str) -> Announcement {
        serde_json::from_value(serde_json::json!({
            "worker_version": "1", "missing_meters": [], "models": [],
            "hardware": {"cpu": "c", "cores": 1, "memory_bytes": 1000, "accelerators": accelerators, "system": "s"},
            "meters": [{"name": "m", "domain": "cpu_package_0", "label": label, "method": "counter", "boundary": "b",
                        "update_period_s": null, "resolution_j": null, "gain_uncertainty": 0.1, "power_limit_w": null,
                        "version": null}],
        }))
        .unwrap()
    }

    #[test]
    fn each_need_is_looked_for() {
        let (plain, lab) = (machine(&[], "modelled"), machine(&["H200"], "measured"));
        let all = Needs { accelerator: true, measured: true, memory_bytes: 1000 };
        assert!(all.are_met_by(&lab) && !all.are_met_by(&plain));
        assert!(Needs::default().are_met_by(&plain) && Needs::default().is_nothing());
        assert!(!Needs { measured: true, ..Needs::default() }.are_met_by(&plain));
        assert!(!Needs { accelerator: true, ..Needs::default() }.are_met_by(&plain));
        assert!(!Needs { memory_bytes: 1001, ..Needs::default() }.are_met_by(&lab));
    }
}
