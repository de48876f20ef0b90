//! What is known of the power sensors of NVIDIA's boards: how often they update, and over what time a reading is a mean.
//!
//! From the published measurements that the method page names (Yang, Adamek and Armour, SC'24, and their per-card
//! sheets). Blackwell is in none of them, so nothing is said of it; `jouleboard-worker characterise` finds the period
//! on the machine itself. Must not: say more of a board than somebody measured.

use std::time::Duration;

use nvml_wrapper::enums::device::DeviceArchitecture;

/// How a board's sensor sees its power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sensing {
    /// Time between two updates.
    pub(super) update_period: Duration,
    /// Time over which an instantaneous reading is a mean; `None` where nobody published it.
    pub(super) averaging: Option<Duration>,
}

/// Boards with the GA100 chip, which senses otherwise than the rest of its generation.
const GA100: [&str; 3] = ["A100", "A30", "A800"];

impl Sensing {
    /// Of a board by its architecture and name.
    pub(super) fn of(architecture: Option<DeviceArchitecture>, name: &str) -> Self {
        let is_ga100 = GA100.iter().any(|board| name.split([' ', '-']).any(|word| word == *board));
        let (period, averaging) = match architecture {
            Some(DeviceArchitecture::Pascal | DeviceArchitecture::Volta) => (20, Some(10)),
            Some(DeviceArchitecture::Turing | DeviceArchitecture::Ada) => (100, Some(100)),
            Some(DeviceArchitecture::Ampere) if is_ga100 => (100, Some(25)),
            Some(DeviceArchitecture::Ampere) => (100, Some(100)),
            Some(DeviceArchitecture::Hopper) if name.contains("GH200") => (100, Some(20)),
            Some(DeviceArchitecture::Hopper) => (100, Some(25)),
            _ => (100, None),
        };
        Self { update_period: Duration::from_millis(period), averaging: averaging.map(Duration::from_millis) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_known_by_its_chip_and_what_nobody_published_is_unknown() {
        let of = |architecture, name| Sensing::of(Some(architecture), name).averaging.map(|w| w.as_millis());
        assert_eq!(of(DeviceArchitecture::Ampere, "NVIDIA A100-SXM4-80GB"), Some(25));
        assert_eq!(of(DeviceArchitecture::Ampere, "NVIDIA GeForce RTX 3090"), Some(100));
        assert_eq!(of(DeviceArchitecture::Ampere, "NVIDIA RTX A3000 Laptop GPU"), Some(100));
        assert_eq!(of(DeviceArchitecture::Hopper, "NVIDIA H100 PCIe"), Some(25));
        assert_eq!(of(DeviceArchitecture::Volta, "Tesla V100-SXM2-16GB"), Some(10));
        assert_eq!(Sensing::of(None, "NVIDIA B200").averaging, None);
    }
}
