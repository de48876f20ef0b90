//! Which instruments this machine has: every one that can be read, and for every other a sentence why not.
//!
//! Must not: open the model beside an instrument, or fall back silently.

use std::path::PathBuf;
use std::time::Duration;

use common::meter::{Domain, MeterCard};
use common::units::{Power, Temperature};

use crate::cpu_model::{Busy, CpuModel, Watts};
use crate::idle::CpuAccount;
use crate::recorder::FAST;
use crate::replay::{Replay, Script};
use crate::thermometer::Thermometer;
use crate::{Clock, Error, Meter, Options, hwmon, looks, nvml, rapl};

/// An update period that differs from what is known by this factor is another one.
const OTHER: f64 = 1.3;

/// Where to look and what to assume.
#[derive(Debug, Clone)]
pub struct Config {
    /// Another NVML library than the system's.
    pub nvml_library: Option<PathBuf>,
    /// The powercap tree.
    pub powercap_root: PathBuf,
    /// The tree of the kernel's hardware monitor, for power sensors.
    pub hwmon_root: PathBuf,
    /// The kernel's device tree, for thermometers.
    pub sys_root: PathBuf,
    /// The kernel's process tree, for the account of core time.
    pub proc_root: PathBuf,
    /// What the model assumes where nothing can be read.
    pub watts: Watts,
    /// Whose work the model counts.
    pub busy: Busy,
    /// Logical cores.
    pub cores: u32,
    /// Play this recorded trace instead of reading any instrument; its figures are Simulated.
    pub replay: Option<PathBuf>,
    /// Whether the CPU is modelled although an instrument is there that may not be read.
    pub models_denied: bool,
}

impl Config {
    /// The system's places, and `watts` for where nothing can be read.
    pub fn of_this_machine(watts: Watts, cores: u32) -> Self {
        Self {
            nvml_library: None,
            powercap_root: PathBuf::from("/sys/class/powercap"),
            hwmon_root: PathBuf::from("/sys/class/hwmon"),
            sys_root: PathBuf::from("/sys"),
            proc_root: PathBuf::from("/proc"),
            watts,
            busy: Busy::ThisProcess,
            cores,
            replay: None,
            models_denied: true,
        }
    }

    /// What is assumed of a machine of so many cores whose operator said nothing: 2 W a core idle, 5 W a busy core.
    pub fn assumed_watts(cores: u32) -> Watts {
        Watts { idle: Power::from_watts(2.0) * f64::from(cores), per_busy_core: Power::from_watts(5.0) }
    }
}

/// What was found of one kind of instrument.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) meters: Vec<Box<dyn Meter>>,
    pub(crate) missing: Vec<String>,
    pub(crate) denied: Vec<Domain>,
}

impl Opened {
    /// Takes an instrument, or the sentence that says why it is not read although it is there.
    pub(crate) fn add(&mut self, domain: Domain, opened: Result<Box<dyn Meter>, String>) {
        match opened {
            Ok(meter) => self.meters.push(meter),
            Err(sentence) => {
                self.missing.push(sentence);
                self.denied.push(domain);
            }
        }
    }

    fn extend(&mut self, other: Self) {
        self.meters.extend(other.meters);
        self.missing.extend(other.missing);
        self.denied.extend(other.denied);
    }
}

/// All instruments of a machine.
pub struct Instruments {
    /// Those that are read.
    pub meters: Vec<Box<dyn Meter>>,
    /// Why each other that was looked for is not, a sentence each.
    pub missing: Vec<String>,
    /// What an instrument is there for that may not or shall not be read: its energy is not known.
    pub denied: Vec<Domain>,
    /// The CPU's thermometer.
    pub thermometer: Thermometer,
    /// The kernel's account of core time.
    pub account: CpuAccount,
    /// The kernel's process tree.
    pub proc_root: PathBuf,
    /// The kernel's device tree.
    pub sys_root: PathBuf,
}

impl Instruments {
    /// These and nothing of the machine itself: no thermometer, no account of core time, no process tree.
    pub fn alone(meters: Vec<Box<dyn Meter>>) -> Self {
        let nowhere = PathBuf::from("/nonexistent");
        Self {
            meters,
            missing: Vec::new(),
            denied: Vec::new(),
            thermometer: Thermometer::at(&nowhere),
            account: CpuAccount::at(&nowhere),
            proc_root: nowhere.clone(),
            sys_root: nowhere,
        }
    }

    /// Takes what was characterised of these instruments on this machine; cards of others are left alone.
    pub fn characterise(&mut self, known: &[MeterCard]) {
        for meter in &mut self.meters {
            let card = meter.card();
            let found = known.iter().find(|other| other.is_same_instrument(card));
            let found = found.and_then(|other| other.characterised.clone());
            if let Some(found) = found {
                let card = card.clone().with(found);
                meter.take_card(card);
            }
        }
    }

    /// Looks how often the counters update, where nobody characterised them: a make is known by its best boards, and a
    /// driver may update less often. Takes some update periods of the slowest.
    pub fn find_periods(&mut self, clock: &dyn Clock) {
        let is_wanted = |meter: &dyn Meter| {
            meter.counter().is_some() && meter.idle_power().is_none() && meter.card().characterised.is_none()
        };
        let found = looks::periods(&mut self.meters, is_wanted, clock);
        for (meter, period) in self.meters.iter_mut().zip(found) {
            let known = meter.card().update_period.unwrap_or_default();
            let is_longer = |period: &Duration| *period >= FAST && *period > known.mul_f64(OTHER);
            let is_shorter = |period: &Duration| *period < known.div_f64(OTHER);
            let Some(period) = period.filter(|period| is_longer(period) || is_shorter(period)) else {
                continue;
            };
            // A mean over more than a period is another sensor's.
            let averaging = meter.card().averaging.filter(|window| *window <= period);
            let card = MeterCard { update_period: Some(period), averaging, ..meter.card().clone() };
            meter.take_card(card);
        }
    }

    /// What is known of each.
    pub fn cards(&self) -> Vec<MeterCard> {
        self.meters.iter().map(|meter| meter.card().clone()).collect()
    }

    /// The accelerators that they name.
    pub fn accelerators(&self) -> Vec<String> {
        self.meters.iter().filter_map(|meter| meter.accelerator().map(str::to_owned)).collect()
    }

    /// The temperature that decides whether the machine is cool: of the hottest accelerator, else of the CPU.
    pub fn temperature(&mut self) -> Option<Temperature> {
        let boards = self.meters.iter_mut().filter_map(|meter| meter.temperature());
        let hottest = boards.max_by(|a, b| a.celsius().total_cmp(&b.celsius()));
        hottest.or_else(|| self.thermometer.read())
    }

    /// The update period of the slowest instrument, where it is slow enough to matter for short Windows.
    pub fn slowest_period(&self) -> Option<Duration> {
        let periods = self.meters.iter().filter_map(|meter| meter.card().update_period);
        periods.max().filter(|period| *period >= FAST)
    }

    /// How a Window on them is best held.
    pub fn options(&self) -> Options {
        Options::suited_to(self.meters.iter().map(|meter| meter.card()))
    }
}

/// Opens all instruments.
///
/// # Errors
/// [`Error::BadRecord`] where the operator asked for a replay and the file is not usable.
pub fn open_all(config: &Config) -> Result<Instruments, Error> {
    let thermometer = Thermometer::at(&config.sys_root);
    let account = CpuAccount::at(&config.proc_root);
    let (proc_root, sys_root) = (config.proc_root.clone(), config.sys_root.clone());
    if let Some(path) = &config.replay {
        let meters: Vec<Box<dyn Meter>> = vec![Box::new(Replay::new(Script::from_file(path)?))];
        let missing = vec!["No instrument was looked for: a recorded trace is played back.".to_owned()];
        return Ok(Instruments {
            meters,
            missing,
            denied: Vec::new(),
            thermometer,
            account,
            proc_root,
            sys_root,
        });
    }
    let mut found = nvml::open(config.nvml_library.as_deref());
    // A board that is there and refused keeps its number.
    let gpus = found.meters.len() + found.denied.len();
    found.extend(hwmon::open(&config.hwmon_root, gpus));
    found.extend(rapl::open(&config.powercap_root, &config.proc_root));
    let Opened { mut meters, mut missing, mut denied } = found;
    if meters.is_empty() && (denied.is_empty() || config.models_denied) {
        meters.push(Box::new(CpuModel::new(config.watts, config.busy, &config.proc_root, config.cores)));
        missing.push(
            "The CPU's energy is modelled from its busy time, because nothing above can be read.".to_owned(),
        );
    }
    meters.sort_by_key(|meter| meter.card().domain);
    denied.retain(|domain| meters.iter().all(|meter| meter.card().domain != *domain));
    Ok(Instruments { meters, missing, denied, thermometer, account, proc_root, sys_root })
}

#[cfg(test)]
mod tests {
    use common::meter::Label;

    use super::*;

    fn config(root: &std::path::Path) -> Config {
        Config {
            nvml_library: Some(root.join("no-such-library.so")),
            powercap_root: root.join("powercap"),
            hwmon_root: root.join("hwmon"),
            ..Config::of_this_machine(Config::assumed_watts(2), 2)
        }
    }

    #[test]
    fn without_any_instrument_the_cpu_is_modelled_and_every_absence_has_a_sentence() {
        let root = tempfile::tempdir().unwrap();
        let found = open_all(&config(root.path())).unwrap();
        assert_eq!(found.cards().iter().map(|card| card.label).collect::<Vec<_>>(), [Label::Modelled]);
        assert_eq!(found.missing.len(), 4, "NVML, hwmon, RAPL, and that the rest is modelled");
        assert!(found.missing.iter().all(|sentence| sentence.ends_with('.')), "{:?}", found.missing);
    }

    #[test]
    fn beside_a_readable_instrument_there_is_no_model() {
        let root = tempfile::tempdir().unwrap();
        let zone = root.path().join("powercap/intel-rapl:0");
        std::fs::create_dir_all(&zone).unwrap();
        std::fs::write(zone.join("name"), "package-0").unwrap();
        std::fs::write(zone.join("energy_uj"), "5").unwrap();
        let found = open_all(&config(root.path())).unwrap();
        assert_eq!(found.cards().iter().map(|card| card.label).collect::<Vec<_>>(), [Label::Measured]);
        assert!(!found.missing.iter().any(|sentence| sentence.contains("modelled")), "{:?}", found.missing);
    }

    #[test]
    fn an_instrument_that_may_not_be_read_is_denied_and_modelled_only_where_that_is_wanted() {
        let root = tempfile::tempdir().unwrap();
        // A folder in the counter's place cannot be read by anybody, root included.
        std::fs::create_dir_all(root.path().join("powercap/intel-rapl:0/energy_uj")).unwrap();
        std::fs::write(root.path().join("powercap/intel-rapl:0/name"), "package-0").unwrap();
        let found = open_all(&Config { models_denied: false, ..config(root.path()) }).unwrap();
        assert_eq!((found.meters.len(), found.denied.as_slice()), (0, [Domain::CpuPackage(0)].as_slice()));
        assert!(found.missing.iter().any(|sentence| sentence.contains("read access")), "{:?}", found.missing);
        let modelled = open_all(&config(root.path())).unwrap();
        assert_eq!((modelled.meters.len(), modelled.denied.len()), (1, 0));
    }

    #[test]
    fn a_replay_is_simulated_and_stands_alone() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("trace.csv");
        std::fs::write(&file, "0,10\n1,20\n").unwrap();
        let found = open_all(&Config { replay: Some(file), ..config(root.path()) }).unwrap();
        assert_eq!(found.cards().iter().map(|card| card.label).collect::<Vec<_>>(), [Label::Simulated]);
        let bad = Config { replay: Some(root.path().join("none.csv")), ..config(root.path()) };
        assert!(matches!(open_all(&bad), Err(Error::BadRecord { .. })));
    }
}
