//! The device and its threads: burn's Flex backend on the CPU, in a pool of our own size.
//!
//! Must not: fall back to another device than the one asked for.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use burn::tensor::Device;

use crate::error::Error;
use crate::ops::Team;

/// Where tensors live and on how many threads they are computed.
pub(crate) struct Cpu {
    pub(crate) device: Device,
    /// For burn's own operations.
    pool: rayon::ThreadPool,
    /// For our kernels.
    team: Arc<Team>,
    name: String,
}

impl Cpu {
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
            name: format!("cpu, burn flex, {}", crate::ops::Level::best().name()),
        })
    }

    /// Runs `body` on the pool, so that kernels find its threads.
    pub(crate) fn run<T: Send>(&self, body: impl FnOnce() -> T + Send) -> T {
        self.pool.install(|| Team::lead(&self.team, body))
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
