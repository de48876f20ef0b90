//! RAPL through powercap: the energy counters of CPU packages and of their memory.
//!
//! Reads `energy_uj` (microjoules, updated about once a millisecond, wrapping at `max_energy_range_uj` + 1).
//! A package holds its cores and uncore, so only packages and memory are read; `psys` overlaps everything and
//! `intel-rapl-mmio` repeats `package-0`, so neither is; `psys` is named among what is not read. AMD uses the same names
//! and has no memory zone. Where software guard extensions are on, Intel's processors add noise to the counter, and the
//! card says so. Must not: take an unreadable file for 0.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::meter::{Caution, Domain, Label, MeterCard, Method};
use common::units::{Energy, Power};

use crate::number_file::{NumberFile, entries, number, text};
use crate::open::Opened;
use crate::{CounterSpec, Meter, Raw, Trouble};

/// Time between two updates of the counter.
const UPDATE_PERIOD: Duration = Duration::from_millis(1);
/// What a package or its memory cannot be over where the tree does not say.
const DEFAULT_LIMIT: Power = Power::from_watts(1000.0);
/// Short bursts may go over the stated limit by this factor.
const BURST: f64 = 2.0;
/// Standard uncertainty of the gain: good slope, an offset that differs between systems.
const GAIN_UNCERTAINTY: f64 = 0.03;

/// One zone of the powercap tree.
#[derive(Debug)]
struct Rapl {
    card: MeterCard,
    file: NumberFile,
    modulus: Option<u64>,
}

/// What the processor's description says that matters to its counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Processor {
    is_amd: bool,
    has_sgx: bool,
}

impl Processor {
    /// From `/proc/cpuinfo`. The kernel shows the flag only where the extensions are on.
    fn of(cpuinfo: &str) -> Self {
        let value = |key: &str| {
            cpuinfo.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                (name.trim() == key).then(|| value.trim())
            })
        };
        Self {
            is_amd: value("vendor_id") == Some("AuthenticAMD"),
            has_sgx: value("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "sgx")),
        }
    }

    /// Energy of one unit of the counter as the processor keeps it: 2⁻¹⁶ J on AMD, 2⁻¹⁴ J else.
    fn resolution(self) -> Energy {
        Energy::from_microjoules(if self.is_amd { 15.259 } else { 61.035 })
    }
}

/// A zone as it lies in the tree.
struct Zone {
    name: String,
    path: PathBuf,
    package: String,
}

/// Opens every package and memory zone below `root` (`/sys/class/powercap` outside tests), and says why others
/// are not read. `proc_root` is `/proc` outside tests.
pub(crate) fn open(root: &Path, proc_root: &Path) -> Opened {
    let mut found = Opened::default();
    if !root.is_dir() {
        found.missing.push(format!(
            "RAPL is not read: there is no {} (not an Intel or AMD machine, or a container that hides it).",
            root.display()
        ));
        return found;
    }
    let processor = Processor::of(&text(&proc_root.join("cpuinfo")).unwrap_or_default());
    let zones = zones(root);
    let mut packages: Vec<&str> = zones
        .iter()
        .filter(|zone| zone.name.starts_with("package-"))
        .map(|zone| zone.name.as_str())
        .collect();
    packages.dedup();
    if packages.is_empty() {
        found.missing.push(format!("RAPL is not read: {} holds no package zone.", root.display()));
    }
    for zone in &zones {
        let package = packages.iter().position(|name| *name == zone.package);
        let Some(index) = package.and_then(|index| u16::try_from(index).ok()) else { continue };
        let domain = match zone.name.as_str() {
            "dram" => Domain::Dram(index),
            name if name.starts_with("package-") => Domain::CpuPackage(index),
            _ => continue,
        };
        let opened = Rapl::open(zone, domain, processor).map(|meter| -> Box<dyn Meter> { Box::new(meter) });
        let sentence = |error| {
            format!(
                "RAPL {} is not read: {}: {error}; give the worker's user read access to it.",
                zone.name,
                zone.path.join("energy_uj").display()
            )
        };
        found.add(domain, opened.map_err(sentence));
    }
    if !packages.is_empty() && !zones.iter().any(|zone| zone.name == "dram") {
        found.missing.push(format!(
            "Memory is not read: {} holds no zone for it{}.",
            root.display(),
            if processor.is_amd { ", as on AMD's processors" } else { "" }
        ));
    }
    if control_zones(root).iter().any(|path| text(&path.join("name")).as_deref() == Some("psys")) {
        found.missing.push("RAPL psys is not read: it overlaps the packages and the memory.".to_owned());
    }
    found
}

/// Packages and their memory, each name once, in the order of packages.
fn zones(root: &Path) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    let mut add = |zone: Zone| {
        if !zones.iter().any(|other| other.name == zone.name && other.package == zone.package) {
            zones.push(zone);
        }
    };
    for path in control_zones(root) {
        let Some(name) = text(&path.join("name")).filter(|name| name.starts_with("package-")) else {
            continue;
        };
        // Sub-zones lie inside their zone, and beside it as links; either place may be all that a container shows.
        let own = path.file_name().and_then(|own| own.to_str()).unwrap_or_default().to_owned();
        for child in control_zones(&path).into_iter().chain(control_zones(root)) {
            let is_child =
                child.file_name().and_then(|f| f.to_str()).is_some_and(|f| f.starts_with(&format!("{own}:")));
            if is_child && text(&child.join("name")).as_deref() == Some("dram") {
                add(Zone { name: "dram".to_owned(), path: child, package: name.clone() });
            }
        }
        add(Zone { package: name.clone(), name, path });
    }
    zones.sort_by_key(|zone| package_order(&zone.package));
    zones
}

/// `package-10-die-1` after `package-2`.
fn package_order(name: &str) -> Vec<u32> {
    name.split('-').filter_map(|part| part.parse().ok()).collect()
}

/// `intel-rapl:0` and the like; AMD uses the same names. Never `intel-rapl-mmio:0`.
fn control_zones(folder: &Path) -> Vec<PathBuf> {
    entries(folder)
        .into_iter()
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("intel-rapl:"))
        })
        .collect()
}

impl Rapl {
    fn open(zone: &Zone, domain: Domain, processor: Processor) -> std::io::Result<Self> {
        let file = NumberFile::open(&zone.path.join("energy_uj"))?;
        let number = |name: &str| number(&zone.path.join(name));
        let range = number("max_energy_range_uj").filter(|range| *range > 0);
        let limits =
            ["constraint_0_max_power_uw", "constraint_1_max_power_uw", "constraint_1_power_limit_uw"];
        let stated = limits.into_iter().filter_map(number).max().filter(|limit| *limit > 0);
        let limit = stated
            .map(|microwatts| Power::from_watts(crate::counter::float(microwatts) * 1e-6 * BURST))
            .filter(|limit| limit.watts() > 1.0);
        let what = match domain {
            Domain::Dram(_) => "The memory of one CPU package, as its RAPL counter says.",
            _ => {
                "One CPU package with its cores, caches and memory controller, as its RAPL counter says; no power supply, no fans."
            }
        };
        let card = MeterCard {
            update_period: Some(UPDATE_PERIOD),
            resolution: Some(processor.resolution()),
            gain_uncertainty: GAIN_UNCERTAINTY,
            power_limit: Some(limit.unwrap_or(DEFAULT_LIMIT)),
            version: Some(format!("powercap {} of {}", zone.name, zone.package)),
            cautions: if processor.has_sgx { vec![Caution::NoisyCounter] } else { Vec::new() },
            ..MeterCard::new("rapl", domain, Label::Measured, Method::Counter, what)
        };
        Ok(Self { card, file, modulus: range.and_then(|range| range.checked_add(1)) })
    }
}

impl Meter for Rapl {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn take_card(&mut self, card: MeterCard) {
        self.card = card;
    }

    fn counter(&self) -> Option<CounterSpec> {
        Some(CounterSpec { unit: Energy::from_joules(1e-6), modulus: self.modulus, jitter: 0 })
    }

    fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
        let value = self.file.value().map_err(|_| Trouble::Unreadable)?;
        Ok(Raw { counter: Some(value), power: None })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn open(root: &Path) -> (Vec<Box<dyn Meter>>, Vec<String>) {
        let found = super::open(root, Path::new("/nonexistent"));
        (found.meters, found.missing)
    }

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
        fn zone(&self, folder: &str, name: &str, microjoules: &str) -> &Self {
            let zone = self.0.path().join(folder);
            fs::create_dir_all(&zone).unwrap();
            fs::write(zone.join("name"), format!("{name}\n")).unwrap();
            fs::write(zone.join("energy_uj"), format!("{microjoules}\n")).unwrap();
            fs::write(zone.join("max_energy_range_uj"), "262143328850\n").unwrap();
            self
        }
        fn read(&self) -> Vec<(Domain, u64)> {
            let (mut meters, _) = open(self.0.path());
            meters
                .iter_mut()
                .map(|meter| (meter.card().domain, meter.read(Duration::ZERO).unwrap().counter.unwrap()))
                .collect()
        }
    }

    #[test]
    fn a_package_of_100_joules_with_dram_of_20_is_120_joules_and_nothing_is_counted_twice() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-0", "100000000")
            .zone("intel-rapl:0/intel-rapl:0:0", "core", "60000000")
            .zone("intel-rapl:0/intel-rapl:0:1", "uncore", "5000000")
            .zone("intel-rapl:0/intel-rapl:0:2", "dram", "20000000")
            .zone("intel-rapl:0:2", "dram", "20000000")
            .zone("intel-rapl:1", "psys", "180000000")
            .zone("intel-rapl-mmio:0", "package-0", "100000000");
        let mut found = tree.read();
        found.sort();
        assert_eq!(found, [(Domain::CpuPackage(0), 100_000_000), (Domain::Dram(0), 20_000_000)]);
    }

    #[test]
    fn dies_are_packages_of_their_own_and_ten_comes_after_two() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-10-die-0", "3")
            .zone("intel-rapl:1", "package-2-die-1", "2")
            .zone("intel-rapl:2", "package-2-die-0", "1")
            .zone("intel-rapl:0/intel-rapl:0:0", "dram", "30");
        let packages: Vec<_> = tree.read();
        assert!(packages.contains(&(Domain::CpuPackage(0), 1)));
        assert!(packages.contains(&(Domain::CpuPackage(1), 2)));
        assert!(packages.contains(&(Domain::CpuPackage(2), 3)));
        assert!(packages.contains(&(Domain::Dram(2), 30)));
    }

    #[test]
    fn an_unreadable_counter_is_missing_with_a_reason_and_not_zero() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-0", "not a number");
        let (meters, missing) = open(tree.0.path());
        assert!(meters.is_empty());
        assert!(missing[0].contains("package-0") && missing[0].contains("read access"), "{missing:?}");
        let (meters, missing) = open(&tree.0.path().join("nowhere"));
        assert!(meters.is_empty() && missing[0].contains("there is no"), "{missing:?}");
    }

    #[test]
    fn a_counter_that_turns_to_nonsense_is_trouble_and_reads_again_when_it_is_back() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-0", "1000000");
        let (mut meters, _) = open(tree.0.path());
        let file = tree.0.path().join("intel-rapl:0/energy_uj");
        fs::write(&file, "").unwrap();
        assert_eq!(meters[0].read(Duration::ZERO), Err(Trouble::Unreadable));
        fs::write(&file, "3000000\n").unwrap();
        assert_eq!(meters[0].read(Duration::ZERO).unwrap().counter, Some(3_000_000));
    }

    #[test]
    fn the_power_bound_comes_from_the_tree_where_it_says_one() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-0", "1");
        fs::write(tree.0.path().join("intel-rapl:0/constraint_0_max_power_uw"), "250000000\n").unwrap();
        let (meters, _) = open(tree.0.path());
        assert_eq!(meters[0].card().power_limit.unwrap().watts(), 500.0);
        assert_eq!(meters[0].counter().unwrap().modulus, Some(262_143_328_851));
    }

    #[test]
    fn psys_and_missing_memory_are_named_and_the_packages_stand() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-0-die-0", "1").zone("intel-rapl:1", "package-0-die-1", "2").zone(
            "intel-rapl:2",
            "psys",
            "9",
        );
        let (meters, missing) = open(tree.0.path());
        let domains: Vec<Domain> = meters.iter().map(|meter| meter.card().domain).collect();
        assert_eq!(domains, [Domain::CpuPackage(0), Domain::CpuPackage(1)]);
        assert!(missing.iter().any(|sentence| sentence.starts_with("RAPL psys is not read")), "{missing:?}");
        assert!(missing.iter().any(|sentence| sentence.starts_with("Memory is not read")), "{missing:?}");
    }

    #[test]
    fn guard_extensions_are_a_caution_and_amd_counts_in_smaller_units_without_memory() {
        let tree = Tree::new();
        tree.zone("intel-rapl:0", "package-0", "1");
        let proc_root = tempfile::tempdir().unwrap();
        let cpuinfo = proc_root.path().join("cpuinfo");
        fs::write(&cpuinfo, "vendor_id\t: GenuineIntel\nflags\t\t: fpu vme sgx sgx_lc\n").unwrap();
        let Opened { meters, .. } = super::open(tree.0.path(), proc_root.path());
        assert_eq!(meters[0].card().cautions, [Caution::NoisyCounter]);
        assert!((meters[0].card().resolution.unwrap().joules() - 61.035e-6).abs() < 1e-12);
        fs::write(&cpuinfo, "vendor_id\t: AuthenticAMD\nflags\t\t: fpu vme sgx_like\n").unwrap();
        let Opened { meters, missing, .. } = super::open(tree.0.path(), proc_root.path());
        assert!(meters[0].card().cautions.is_empty());
        assert!((meters[0].card().resolution.unwrap().joules() - 15.259e-6).abs() < 1e-12);
        assert!(missing.iter().any(|sentence| sentence.contains("AMD's processors")), "{missing:?}");
    }
}
