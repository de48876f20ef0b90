//! The device and its threads: burn's Flex backend on the CPU, in a pool of our own size.
//!
//! Must not: fall back to another device than the one asked for.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::str::FromStr;
use std::sync::Arc;

use burn::tensor::Device;

use crate::error::Error;
use crate::ops::Team;

/// Tokens that are computed on the caller's thread: a small batch's decode step.
const FEW_TOKENS: usize = 8;

/// Where a model computes, as the operator says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The processor.
    #[default]
    Cpu,
    /// The NVIDIA GPU of this number.
    Cuda(usize),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse().ok().map(Self::Cuda);
        match text {
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            other => other.strip_prefix("cuda:").and_then(number),
        }
        .ok_or_else(|| format!("unknown device {text:?}: use cpu, cuda or cuda:1"))
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

/// Where tensors live and on how many threads they are computed: the CPU, or a GPU that it drives.
pub(crate) struct Cpu {
    pub(crate) device: Device,
    /// For burn's own operations.
    pool: rayon::ThreadPool,
    /// For our kernels.
    team: Arc<Team>,
    name: String,
    choice: DeviceChoice,
}

impl Cpu {
    /// The device that was asked for.
    pub(crate) fn open(choice: DeviceChoice, threads: Option<usize>) -> Result<Self, Error> {
        match choice {
            DeviceChoice::Cpu => Self::new(threads),
            #[cfg(feature = "cuda")]
            DeviceChoice::Cuda(number) => {
                let (device, name) = crate::cuda::open(number)?;
                Ok(Self { device, name, choice, ..Self::new(threads)? })
            }
            #[cfg(not(feature = "cuda"))]
            DeviceChoice::Cuda(_) => Err(Error::unsupported(
                format!("the device {choice} is not in this build"),
                "build the worker with --features cuda, or use the device cpu",
            )),
        }
    }

    /// The CPU with this many threads; `None` takes one thread for each physical core.
    pub(crate) fn new(threads: Option<usize>) -> Result<Self, Error> {
        let threads = threads.unwrap_or_else(physical_cores);
        if !(1..=1024).contains(&threads) {
            return Err(Error::unsupported(format!("{threads} threads"), "use 1 to 1024 threads"));
        }
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| Error::Device {
            what: format!("cannot start {threads} threads"),
            source: Some(error),
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("engine-{index}"))
            .build()
            .map_err(|error| failed(error.into()))?;
        let team = Arc::new(Team::new(threads).map_err(|error| failed(error.into()))?);
        Ok(Self {
            device: Device::flex(),
            pool,
            team,
            name: "cpu, burn flex".to_owned(),
            choice: DeviceChoice::Cpu,
        })
    }

    /// Whether it is the CPU that computes, not a GPU that it drives.
    pub(crate) fn is_cpu(&self) -> bool {
        self.choice == DeviceChoice::Cpu
    }

    /// Refuses weights that would not fit where tensors live.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn check_weights(&self, needed_bytes: u64) -> Result<(), Error> {
        let what = "the model's weights";
        #[cfg(feature = "cuda")]
        if let DeviceChoice::Cuda(number) = self.choice {
            // What an earlier model left with the pool is given back first.
            self.device.memory_cleanup();
            return crate::cuda::check_memory(what, needed_bytes, number, &self.device);
        }
        check_memory(what, needed_bytes)
    }

    /// Runs `body` over so many tokens, our kernels on the team's threads. Few tokens stay on this
    /// thread: handing them to a sleeping pool costs more than a small model's whole step, and burn's own
    /// operations share nothing out that is so small. A GPU orders its work by the thread, so it stays too.
    pub(crate) fn run<T: Send>(&self, tokens: usize, body: impl FnOnce() -> T + Send) -> T {
        match (self.is_cpu(), tokens > FEW_TOKENS) {
            (false, _) => body(),
            (true, false) => Team::lead(&self.team, body),
            (true, true) => self.pool.install(|| Team::lead(&self.team, body)),
        }
    }

    pub(crate) fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// Physical cores, hyper-threads counted once; the usable logical ones where that is not readable.
fn physical_cores() -> usize {
    let logical = std::thread::available_parallelism().map_or(1, usize::from);
    let mut cores = BTreeSet::new();
    for cpu in 0..1024 {
        let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
        match fs::read_to_string(path) {
            Ok(siblings) => cores.insert(siblings),
            Err(_) => break,
        };
    }
    if cores.is_empty() { logical } else { cores.len().min(logical) }
}

/// Bytes that can still be allocated, where the system says so.
pub(crate) fn available_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Refuses what would not fit into memory.
///
/// # Errors
/// [`Error::Memory`].
pub(crate) fn check_memory(what: &str, needed_bytes: u64) -> Result<(), Error> {
    match available_memory() {
        Some(available_bytes) if needed_bytes > available_bytes => {
            Err(Error::Memory { what: what.to_owned(), needed_bytes, available_bytes })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_as_it_is_asked_for_and_nonsense_is_refused() {
        for (text, choice) in [("cpu", DeviceChoice::Cpu), ("cuda:3", DeviceChoice::Cuda(3))] {
            assert_eq!(text.parse(), Ok(choice));
            assert_eq!(choice.to_string(), text);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        for text in ["", "gpu", "cuda:", "cuda:-1", "CPU"] {
            assert!(text.parse::<DeviceChoice>().unwrap_err().contains("use cpu, cuda"), "{text}");
        }
    }
}
