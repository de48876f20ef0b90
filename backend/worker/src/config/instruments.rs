//! How instruments are found: what every command that measures is told.
//!
//! Must not: read an instrument beyond how often it updates.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use common::units::Power;
use meter::cpu_model::{Busy, Watts};
use meter::{Instruments, Monotonic, Options};

use super::watts;
use crate::hardware;
use crate::state::State;

/// How instruments are found.
#[derive(Debug, Args)]
pub(crate) struct MeterArgs {
    /// Another NVML library than the system's.
    #[arg(long, env = "JOULEBOARD_NVML_LIB", value_name = "FILE")]
    nvml_lib: Option<PathBuf>,
    /// Another powercap tree than the kernel's.
    #[arg(long, env = "JOULEBOARD_POWERCAP_ROOT", value_name = "DIR", default_value = "/sys/class/powercap")]
    powercap_root: PathBuf,
    /// Another tree of the hardware monitor than the kernel's.
    #[arg(long, env = "JOULEBOARD_HWMON_ROOT", value_name = "DIR", default_value = "/sys/class/hwmon")]
    hwmon_root: PathBuf,
    /// Where this machine keeps what it learned: its meter cards and how it cools. Default: jouleboard in the user's
    /// state folder.
    #[arg(long, env = "JOULEBOARD_STATE_DIR", value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Play a recorded trace (lines of `seconds,watts`) instead of reading instruments; figures are labelled simulated.
    #[arg(long, env = "JOULEBOARD_REPLAY", value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Watts of the idle CPU, where nothing can be read and the CPU is modelled. Default: 2 W a core.
    #[arg(long, env = "JOULEBOARD_CPU_IDLE_WATTS", value_parser = watts)]
    cpu_idle_watts: Option<Power>,
    /// Watts of one busy core more, where nothing can be read and the CPU is modelled. Default: 5 W.
    #[arg(long, env = "JOULEBOARD_CPU_BUSY_WATTS_PER_CORE", value_parser = watts)]
    cpu_busy_watts_per_core: Option<Power>,
    /// Milliseconds between two looks at the instruments. Default: what suits them.
    #[arg(long, env = "JOULEBOARD_SAMPLE_PERIOD_MS", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    sample_period_ms: Option<u64>,
}

impl MeterArgs {
    /// The options with the period that the operator wants.
    pub(crate) fn sampled(&self, options: Options) -> Options {
        Options { period: self.sample_period_ms.map_or(options.period, Duration::from_millis), ..options }
    }

    /// What this machine keeps.
    pub(crate) fn state(&self) -> State {
        let of = |name: &str, below: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(|home| PathBuf::from(home).join(below))
        };
        let usual = || of("XDG_STATE_HOME", "jouleboard").or_else(|| of("HOME", ".local/state/jouleboard"));
        State::at(self.state_dir.clone().or_else(usual))
    }

    /// The instruments, with what was characterised of them here and what they show of themselves now.
    pub(crate) fn open(&self, busy: Busy) -> Result<Instruments, meter::Error> {
        self.open_as(&self.config(busy))
    }

    /// The same for a command of the operator: what may not be read is said to be unreadable and not modelled.
    pub(crate) fn open_for_command(&self) -> Result<Instruments, meter::Error> {
        self.open_as(&meter::Config { models_denied: false, ..self.config(Busy::Machine) })
    }

    fn open_as(&self, config: &meter::Config) -> Result<Instruments, meter::Error> {
        let mut instruments = meter::open_all(config)?;
        instruments.characterise(&self.state().cards());
        instruments.find_periods(&Monotonic::start());
        Ok(instruments)
    }

    /// What `meter` needs.
    pub(crate) fn config(&self, busy: Busy) -> meter::Config {
        let cores = hardware::cores();
        let assumed = meter::Config::assumed_watts(cores);
        let watts = Watts {
            idle: self.cpu_idle_watts.unwrap_or(assumed.idle),
            per_busy_core: self.cpu_busy_watts_per_core.unwrap_or(assumed.per_busy_core),
        };
        meter::Config {
            nvml_library: self.nvml_lib.clone(),
            powercap_root: self.powercap_root.clone(),
            hwmon_root: self.hwmon_root.clone(),
            busy,
            replay: self.replay.clone(),
            ..meter::Config::of_this_machine(watts, cores)
        }
    }
}
