//! The kernel's accounts: processor time of this process, of the calling thread, of commands that have ended.
//!
//! The standard library has no way to ask for it. Must not: grow beyond `clock_gettime` and `getrusage`.

use std::mem;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time of all threads of this process; `None` if the kernel does not say.
pub(crate) fn of_process() -> Option<Duration> {
    of(ClockId::ProcessCPUTime)
}

/// Processor time of the calling thread.
pub(crate) fn of_thread() -> Option<Duration> {
    of(ClockId::ThreadCPUTime)
}

/// What one of the kernel's clocks shows.
pub(crate) fn of(clock: ClockId) -> Option<Duration> {
    clock_gettime(clock).try_into().ok()
}

/// Processor time of all commands that this process started and that have ended, with all that they started and waited
/// for.
pub(crate) fn of_ended_commands() -> Option<Duration> {
    #[expect(unsafe_code, reason = "rustix does not have this call")]
    // SAFETY: an account is plain numbers, and all zero is a valid one.
    let mut usage: libc::rusage = unsafe { mem::zeroed() };
    #[expect(unsafe_code, reason = "rustix does not have this call")]
    // SAFETY: the struct outlives the call and is fully written by it.
    let status = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
    let span = |time: libc::timeval| {
        Some(Duration::new(
            u64::try_from(time.tv_sec).ok()?,
            u32::try_from(time.tv_usec).ok()?.checked_mul(1000)?,
        ))
    };
    (status == 0).then(|| Some(span(usage.ru_utime)? + span(usage.ru_stime)?)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_as_processor_time_and_sleep_does_not() {
        let before = of_thread().unwrap();
        std::thread::sleep(Duration::from_millis(30));
        let slept = of_thread().unwrap() - before;
        assert!(slept < Duration::from_millis(15), "{slept:?}");

        let process_before = of_process().unwrap();
        let mut sum = 0_u64;
        while of_thread().unwrap() - before < Duration::from_millis(20) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(of_process().unwrap() - process_before >= Duration::from_millis(5));
    }

    #[test]
    fn work_of_a_command_shows_when_it_has_ended() {
        let before = of_ended_commands().unwrap();
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
        assert!(std::process::Command::new("sh").args(["-c", script]).status().unwrap().success());
        assert!(of_ended_commands().unwrap() > before);
    }
}
