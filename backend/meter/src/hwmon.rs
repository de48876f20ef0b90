//! Power sensors of the kernel's hardware monitor: AMD and Intel accelerators, and the rails of NVIDIA's Grace.
//!
//! Reads `energy1_input` (microjoules, cumulative) where there is one, else `power1_input`, else `power1_average`
//! (microwatts; `power1_average_interval` in milliseconds says over how long). AMD's driver reads its firmware's table
//! at most every 100 ms, so it is not asked more often. Of Grace's rails, which `power1_oem_info` names, the whole
//! package is read; its CPU and its I/O are parts of it and a module holds the GPU too, so they are named and never
//! added. Must not: read a sensor of which it is not known what it reads.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::meter::{Caution, Domain, Label, MeterCard, Method};
use common::units::{Energy, Power, Temperature};

use crate::counter::float;
use crate::number_file::{NumberFile, entries, number, text};
use crate::open::Opened;
use crate::{CounterSpec, Meter, Raw, Trouble, UNCALIBRATED_GAIN};

/// How often AMD's driver asks its firmware at most.
const AMD_PERIOD: Duration = Duration::from_millis(100);
/// Time between two updates of Grace's rails where they do not say.
const GRACE_PERIOD: Duration = Duration::from_millis(50);
/// Time between two updates of Intel's counter.
const INTEL_PERIOD: Duration = Duration::from_millis(1);
/// Short bursts may go over the stated limit by this factor.
const BURST: f64 = 1.5;

/// One sensor.
#[derive(Debug)]
struct Hwmon {
    card: MeterCard,
    file: NumberFile,
    /// When power was read last and what it was: a driver that must not be asked more often is not.
    held: Option<(Duration, Power)>,
    least_pause: Duration,
    thermometer: Option<PathBuf>,
    accelerator: Option<String>,
}

/// What a folder of the tree reads.
struct Place {
    domain: Domain,
    name: String,
    boundary: &'static str,
    accelerator: Option<String>,
    default_period: Duration,
    least_pause: Duration,
}

/// Opens every sensor below `root` (`/sys/class/hwmon` outside tests) of which it is known what it reads, and says why
/// others are not. Accelerators are numbered from `first_gpu` on.
pub(crate) fn open(root: &Path, first_gpu: usize) -> Opened {
    let mut found = Opened::default();
    if !root.is_dir() {
        found.missing.push(format!("hwmon is not read: there is no {}.", root.display()));
        return found;
    }
    let has_package = entries(root).iter().any(|folder| rail(folder).is_some_and(|rail| rail.0 == "Grace"));
    let mut gpus = first_gpu;
    for folder in entries(root) {
        if source(&folder).is_none() {
            continue;
        }
        let driver = text(&folder.join("name")).unwrap_or_else(|| "a driver without a name".to_owned());
        let place = match driver.as_str() {
            "amdgpu" | "i915" | "xe" => {
                let place = accelerator(&folder, &driver, gpus);
                gpus += 1;
                place
            }
            "power_meter" | "power_meter_acpi" | "acpi_power_meter" => grace(&folder, has_package),
            _ => Err(format!("it is not known what {driver} reads")),
        };
        let sentence = |reason| format!("hwmon {} is not read: {reason}.", folder.display());
        match place {
            Ok(place) => {
                let domain = place.domain;
                let opened = Hwmon::open(&folder, place).map(|meter| -> Box<dyn Meter> { Box::new(meter) });
                found.add(domain, opened.map_err(sentence));
            }
            Err(reason) => found.missing.push(sentence(reason)),
        }
    }
    found
}

/// The file that is read, and whether it counts energy.
fn source(folder: &Path) -> Option<(PathBuf, bool)> {
    ["energy1_input", "power1_input", "power1_average"]
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.exists())
        .map(|path| {
            let is_counter = path.ends_with("energy1_input");
            (path, is_counter)
        })
}

/// Which of Grace's rails a folder is, such as `("CPU", 0)` for `CPU Power Socket 0`.
fn rail(folder: &Path) -> Option<(String, u16)> {
    let label =
        text(&folder.join("power1_oem_info")).or_else(|| text(&folder.join("device/power1_oem_info")))?;
    let (name, socket) = label.split_once(" Power Socket ")?;
    Some((name.to_owned(), socket.trim().parse().ok()?))
}

fn grace(folder: &Path, has_package: bool) -> Result<Place, String> {
    let Some((name, socket)) = rail(folder) else {
        return Err(
            "the firmware does not name what this power meter reads; enrol a meter of the whole machine at the server"
                .to_owned(),
        );
    };
    let boundary = match name.as_str() {
        "Grace" => "One Grace package with its memory and I/O, as its rail says; no GPU, no power supply.",
        "CPU" if !has_package => "The CPU rail of one Grace package, without its memory and I/O.",
        "Module" => {
            return Err(format!(
                "{name} of socket {socket} holds the GPU and the package, which are read apart"
            ));
        }
        _ => return Err(format!("{name} of socket {socket} is a part of the package, which is read whole")),
    };
    Ok(Place {
        domain: Domain::CpuPackage(socket),
        name: format!("{name} Power Socket {socket}"),
        boundary,
        accelerator: None,
        default_period: GRACE_PERIOD,
        least_pause: Duration::ZERO,
    })
}

fn accelerator(folder: &Path, driver: &str, index: usize) -> Result<Place, String> {
    let domain = u16::try_from(index).map(Domain::Gpu).map_err(|_| "its index is absurd".to_owned())?;
    let is_amd = driver == "amdgpu";
    let maker = if is_amd { "AMD" } else { "Intel" };
    let name = text(&folder.join("device/product_name"))
        .filter(|name| !name.is_empty())
        .map_or_else(|| format!("{maker} GPU ({driver})"), |product| format!("{maker} {product}"));
    Ok(Place {
        domain,
        name: name.clone(),
        boundary: if is_amd {
            "One accelerator, as its firmware says through the kernel: the socket with its memory where the firmware counts that; no host, no power supply."
        } else {
            "One accelerator, as the kernel's energy counter says; no host, no power supply."
        },
        accelerator: Some(name),
        default_period: if is_amd { AMD_PERIOD } else { INTEL_PERIOD },
        least_pause: if is_amd { AMD_PERIOD / 2 } else { Duration::ZERO },
    })
}

impl Hwmon {
    fn open(folder: &Path, place: Place) -> Result<Self, String> {
        let (path, is_counter) = source(folder).ok_or_else(|| "it offers no power".to_owned())?;
        let file = NumberFile::open(&path).map_err(|error| {
            format!("{}: {error}; give the worker's user read access to it", path.display())
        })?;
        let milliseconds =
            |name: &str| number(&folder.join(name)).filter(|ms| *ms > 0).map(Duration::from_millis);
        let is_average = path.ends_with("power1_average");
        let interval = milliseconds("power1_average_interval").filter(|_| !is_counter);
        let period = interval.unwrap_or(place.default_period).max(place.least_pause * 2);
        let limit = ["power1_cap_max", "power1_cap", "power1_crit"]
            .into_iter()
            .filter_map(|name| number(&folder.join(name)))
            .find(|microwatts| *microwatts > 1_000_000);
        let method = if is_counter { Method::Counter } else { Method::Trace };
        let card = MeterCard {
            update_period: Some(period),
            averaging: interval,
            resolution: is_counter.then(|| Energy::from_microjoules(1.0)),
            gain_uncertainty: UNCALIBRATED_GAIN,
            power_limit: limit.map(|microwatts| Power::from_watts(float(microwatts) * 1e-6 * BURST)),
            version: Some(format!(
                "{}, {}",
                place.name,
                path.file_name().and_then(|name| name.to_str()).unwrap_or("hwmon")
            )),
            // Over how long an average is taken, AMD's driver does not say.
            cautions: if is_average && interval.is_none() {
                vec![Caution::MovingAverage]
            } else {
                Vec::new()
            },
            ..MeterCard::new("hwmon", place.domain, Label::Measured, method, place.boundary)
        };
        Ok(Self {
            card,
            file,
            held: None,
            least_pause: place.least_pause,
            thermometer: Some(folder.join("temp1_input"))
                .filter(|path| place.accelerator.is_some() && path.exists()),
            accelerator: place.accelerator,
        })
    }
}

impl Meter for Hwmon {
    fn card(&self) -> &MeterCard {
        &self.card
    }

    fn take_card(&mut self, card: MeterCard) {
        self.card = card;
    }

    fn counter(&self) -> Option<CounterSpec> {
        (self.card.method == Method::Counter).then_some(CounterSpec {
            unit: Energy::from_joules(1e-6),
            modulus: None,
            jitter: 0,
        })
    }

    fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
        if self.card.method == Method::Counter {
            let value = self.file.value().map_err(|_| Trouble::Unreadable)?;
            return Ok(Raw { counter: Some(value), power: None });
        }
        if let Some((_, power)) = self.held.filter(|(at, _)| now.saturating_sub(*at) < self.least_pause) {
            return Ok(Raw { counter: None, power: Some(power) });
        }
        let microwatts = self.file.value().map_err(|_| Trouble::Unreadable)?;
        let power = Power::from_watts(float(microwatts) * 1e-6);
        self.held = Some((now, power));
        Ok(Raw { counter: None, power: Some(power) })
    }

    fn temperature(&mut self) -> Option<Temperature> {
        let milli = number(self.thermometer.as_ref()?)?;
        Some(Temperature::from_celsius(float(milli) / 1000.0))
    }

    fn accelerator(&self) -> Option<&str> {
        self.accelerator.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
        fn with(self, folder: &str, files: &[(&str, &str)]) -> Self {
            for (name, text) in files {
                let path = self.0.path().join(folder).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("{text}\n")).unwrap();
            }
            self
        }
        fn open(&self) -> (Vec<Box<dyn Meter>>, Vec<String>) {
            let found = open(self.0.path(), 0);
            (found.meters, found.missing)
        }
    }

    fn ms(value: u64) -> Duration {
        Duration::from_millis(value)
    }

    #[test]
    fn an_amd_accelerator_is_read_in_microwatts_and_not_more_often_than_its_driver_bears() {
        let tree = Tree::new().with(
            "hwmon3",
            &[
                ("name", "amdgpu"),
                ("power1_average", "123456789"),
                ("power1_cap", "300000000"),
                ("temp1_input", "48000"),
                ("device/product_name", "Instinct MI210"),
            ],
        );
        let (mut meters, missing) = tree.open();
        assert!(missing.is_empty(), "{missing:?}");
        let meter = &mut meters[0];
        assert_eq!(meter.card().domain, Domain::Gpu(0));
        assert_eq!(meter.card().method, Method::Trace);
        assert_eq!(meter.card().cautions, [Caution::MovingAverage]);
        assert_eq!(meter.card().power_limit.unwrap().watts(), 450.0);
        assert_eq!(meter.accelerator(), Some("AMD Instinct MI210"));
        assert_eq!(meter.temperature().unwrap().celsius(), 48.0);
        assert_eq!(meter.read(ms(0)).unwrap().power.unwrap().watts(), 123.456_789);
        fs::write(tree.0.path().join("hwmon3/power1_average"), "200000000\n").unwrap();
        assert_eq!(meter.read(ms(10)).unwrap().power.unwrap().watts(), 123.456_789, "too soon to ask again");
        assert_eq!(meter.read(ms(60)).unwrap().power.unwrap().watts(), 200.0);
    }

    #[test]
    fn instantaneous_power_is_preferred_to_an_average_and_a_counter_to_both() {
        let tree = Tree::new()
            .with("hwmon0", &[("name", "amdgpu"), ("power1_average", "1000000"), ("power1_input", "2000000")])
            .with("hwmon1", &[("name", "xe"), ("power1_input", "5"), ("energy1_input", "7000000")]);
        let (mut meters, _) = tree.open();
        assert_eq!(meters[0].read(ms(0)).unwrap().power.unwrap().watts(), 2.0);
        assert!(meters[0].card().cautions.is_empty());
        assert_eq!(meters[1].card().domain, Domain::Gpu(1));
        assert_eq!(meters[1].read(ms(0)).unwrap().counter, Some(7_000_000));
        assert_eq!(meters[1].counter().unwrap().unit.joules(), 1e-6);
    }

    #[test]
    fn of_graces_rails_the_package_is_read_and_its_parts_and_the_module_are_named_and_never_added() {
        let rail = |label: &str, microwatts: &str| {
            [
                ("name", "power_meter".to_owned()),
                ("power1_average", microwatts.to_owned()),
                ("power1_oem_info", label.to_owned()),
                ("power1_average_interval", "50".to_owned()),
            ]
        };
        let mut tree = Tree::new();
        for (folder, label, microwatts) in [
            ("hwmon1", "Module Power Socket 0", "600000000"),
            ("hwmon2", "Grace Power Socket 0", "150000000"),
            ("hwmon3", "CPU Power Socket 0", "90000000"),
            ("hwmon4", "SysIO Power Socket 0", "20000000"),
        ] {
            let files = rail(label, microwatts);
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
            tree = tree.with(folder, &files);
        }
        let (mut meters, missing) = tree.open();
        assert_eq!(meters.len(), 1);
        assert_eq!(meters[0].card().domain, Domain::CpuPackage(0));
        assert_eq!(meters[0].card().update_period, Some(ms(50)));
        assert_eq!(meters[0].card().averaging, Some(ms(50)));
        assert_eq!(meters[0].read(ms(0)).unwrap().power.unwrap().watts(), 150.0);
        assert_eq!(missing.len(), 3);
        assert!(
            missing.iter().any(|sentence| sentence.contains("Module of socket 0 holds the GPU")),
            "{missing:?}"
        );
    }

    #[test]
    fn without_the_package_rail_the_cpu_rail_stands_and_says_what_it_leaves_out() {
        let tree = Tree::new().with(
            "hwmon1",
            &[
                ("name", "power_meter"),
                ("power1_average", "90000000"),
                ("power1_oem_info", "CPU Power Socket 1"),
            ],
        );
        let (meters, _) = tree.open();
        assert_eq!(meters[0].card().domain, Domain::CpuPackage(1));
        assert!(meters[0].card().boundary.contains("without its memory"));
    }

    #[test]
    fn what_cannot_be_read_or_is_not_known_is_missing_with_a_reason() {
        let tree = Tree::new()
            .with("hwmon0", &[("name", "amdgpu"), ("power1_average", "not a number")])
            .with("hwmon1", &[("name", "ina226"), ("power1_input", "5000000")])
            .with("hwmon2", &[("name", "power_meter"), ("power1_average", "5000000")])
            .with("hwmon4", &[("name", "coretemp"), ("temp1_input", "40000")]);
        let (meters, missing) = tree.open();
        assert!(meters.is_empty());
        assert_eq!(missing.len(), 3, "a thermometer is no missing power meter: {missing:?}");
        assert!(
            missing[0].contains("read access") && missing[1].contains("what ina226 reads"),
            "{missing:?}"
        );
        assert!(missing[2].contains("does not name"), "{missing:?}");
        assert!(open(Path::new("/nonexistent"), 0).missing[0].contains("there is no"));
    }

    #[test]
    fn a_sensor_that_turns_to_nonsense_is_trouble_and_reads_again_when_it_is_back() {
        let tree = Tree::new().with("hwmon0", &[("name", "i915"), ("energy1_input", "1000000")]);
        let (mut meters, _) = tree.open();
        let file = tree.0.path().join("hwmon0/energy1_input");
        fs::write(&file, "").unwrap();
        assert_eq!(meters[0].read(ms(0)), Err(Trouble::Unreadable));
        fs::write(&file, "3000000\n").unwrap();
        assert_eq!(meters[0].read(ms(0)).unwrap().counter, Some(3_000_000));
    }
}
