//! Where the sampler's thread runs: before ordinary threads, on one core, where the kernel permits it.
//!
//! Kept on one core only with priority: an ordinary thread that may not move waits behind the engine's thread there,
//! while the scheduler would have found it another core. Must not: touch any other thread.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Above ordinary threads, below the kernel's own.
const PRIORITY: libc::c_int = 55;

/// What the kernel granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Placement {
    /// Whether it runs before ordinary threads.
    pub(crate) is_realtime: bool,
    /// The core that it stays on.
    pub(crate) core: Option<u32>,
}

impl Placement {
    /// Places the calling thread.
    pub(crate) fn take() -> Self {
        let is_realtime = gain_priority();
        Self { is_realtime, core: if is_realtime { stay_on_first_core() } else { None } }
    }
}

fn gain_priority() -> bool {
    let parameters = libc::sched_param { sched_priority: PRIORITY };
    #[expect(unsafe_code, reason = "rustix does not have this call")]
    // SAFETY: 0 is the calling thread, and the parameters outlive the call.
    let status = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) };
    status == 0
}

/// Of the cores that this process may use, the first: the one that the kernel's own work is on as well.
fn stay_on_first_core() -> Option<u32> {
    let allowed = sched_getaffinity(None).ok()?;
    let first = (0..CpuSet::MAX_CPU).find(|&core| allowed.is_set(core))?;
    let mut only = CpuSet::new();
    only.set(first);
    sched_setaffinity(None, &only).ok()?;
    u32::try_from(first).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_stays_on_a_core_only_with_priority_and_other_threads_keep_theirs() {
        let before = std::thread::available_parallelism().unwrap();
        let (placement, inside) =
            std::thread::spawn(|| (Placement::take(), std::thread::available_parallelism().unwrap().get()))
                .join()
                .unwrap();
        assert_eq!(placement.core.is_some(), placement.is_realtime, "{placement:?}");
        if placement.core.is_some() {
            assert_eq!(inside, 1);
        }
        assert_eq!(std::thread::available_parallelism().unwrap(), before);
    }
}
