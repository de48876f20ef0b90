//! Before the first Window and after the last: what must not be, so that the verdict can name it.
//!
//! Foreign processes on accelerators, instruments that do not move, core time taken away by a host, sleep, swap, and how
//! the processor and the accelerators are set. Some of it takes milliseconds and holds the driver's lock, so none of it happens inside a
//! Window. Must not: judge; the reasons are `common::verdict`'s.

use std::path::Path;
use std::time::Duration;

use common::measurement::{AcceleratorState, Conditions, ProcessorState};
use common::meter::Domain;

use crate::clock::{self, Clock};
use crate::idle::CpuAccount;
use crate::number_file::text;
use crate::{HeldBack, Instruments, Meter, processor};

/// An instrument has moved within so many update periods, or it is silent.
const PERIODS: u32 = 3;
/// Bounds of that time: a fast counter may rest on an idle machine, and nobody waits long for a slow one.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
const LOOK: Duration = Duration::from_millis(5);

/// Accounts of the kernel that only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Accounts {
    stolen: Option<Duration>,
    whole: Option<Duration>,
    slept: Option<Duration>,
    swapped_pages: Option<u64>,
}

impl Accounts {
    fn now(account: &CpuAccount, proc_root: &Path) -> Self {
        Self {
            stolen: account.stolen(),
            whole: account.whole(),
            slept: clock::slept(),
            swapped_pages: swapped_pages(proc_root),
        }
    }
}

/// Pages moved to and from swap since boot.
fn swapped_pages(proc_root: &Path) -> Option<u64> {
    let all = text(&proc_root.join("vmstat"))?;
    let of = |name: &str| {
        all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse::<u64>().ok())
    };
    Some(of("pswpin")? + of("pswpout")?)
}

fn load_average(proc_root: &Path) -> Option<f64> {
    text(&proc_root.join("loadavg"))?.split(' ').next()?.parse().ok()
}

/// What was seen before the first Window.
#[derive(Debug, Clone, PartialEq)]
pub struct Preflight {
    accounts: Accounts,
    load_average: Option<f64>,
    silent: Vec<Domain>,
    foreign: Option<u32>,
    states: Vec<AcceleratorState>,
    processor: ProcessorState,
}

impl Preflight {
    /// Looks. Takes as long as three update periods of the slowest instrument, five seconds at most.
    pub fn look(instruments: &mut Instruments, clock: &dyn Clock) -> Self {
        let silent = silent(&mut instruments.meters, clock);
        let states = instruments.meters.iter_mut().filter_map(|meter| meter.state()).collect();
        Self {
            silent,
            foreign: foreign_processes(&mut instruments.meters, &instruments.proc_root),
            states,
            processor: processor::look(&instruments.sys_root),
            load_average: load_average(&instruments.proc_root),
            accounts: Accounts::now(&instruments.account, &instruments.proc_root),
        }
    }

    /// Looks again after the last Window and writes both into the conditions. `held_back` is what the Windows together
    /// found of each instrument, in their order.
    #[must_use]
    pub fn conclude(
        self,
        instruments: &mut Instruments,
        held_back: &[Option<HeldBack>],
        conditions: Conditions,
    ) -> Conditions {
        let now = Accounts::now(&instruments.account, &instruments.proc_root);
        let grown = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        let foreign = foreign_processes(&mut instruments.meters, &instruments.proc_root);
        let processor = processor::look(&instruments.sys_root);
        let of = |domain: Domain| {
            let index = instruments.meters.iter().position(|meter| meter.card().domain == domain)?;
            *held_back.get(index)?
        };
        let accelerators = self.states.into_iter().map(|state| {
            let held = of(state.domain);
            AcceleratorState {
                slowed: held.and_then(|held| held.slowed),
                power_capped: held.and_then(|held| held.power_capped),
                ..state
            }
        });
        Conditions {
            load_average: self.load_average,
            stolen_share: grown(now.stolen, self.accounts.stolen)
                .zip(grown(now.whole, self.accounts.whole).filter(|whole| !whole.is_zero()))
                .map(|(stolen, whole)| stolen.as_secs_f64() / whole.as_secs_f64()),
            suspended: grown(now.slept, self.accounts.slept),
            swapped_pages: now
                .swapped_pages
                .zip(self.accounts.swapped_pages)
                .map(|(now, then)| now.saturating_sub(then)),
            foreign_accelerator_processes: self.foreign.max(foreign),
            silent_meters: self.silent,
            processor_after: (processor != self.processor).then_some(processor),
            processor: Some(self.processor),
            accelerators: accelerators.collect(),
            ..conditions
        }
    }
}

/// Instruments that neither changed their value nor their timestamp in time. Power without a counter and without a
/// timestamp may honestly rest, so nothing is said of it unless it cannot be read at all.
pub fn silent(meters: &mut [Box<dyn Meter>], clock: &dyn Clock) -> Vec<Domain> {
    let start = clock.now();
    let first: Vec<_> = meters.iter_mut().map(|meter| (meter.read(start), meter.stamp())).collect();
    let mut waiting: Vec<usize> = (0..meters.len()).collect();
    while !waiting.is_empty() {
        let now = clock.now();
        waiting.retain(|&index| {
            let (Some(meter), Some((seen, stamp))) = (meters.get_mut(index), first.get(index)) else {
                return false;
            };
            let look = meter.read(now);
            let can_rest = meter.counter().is_none() && stamp.is_none() && look.is_ok();
            !can_rest && (look.is_err() || (look == *seen && meter.stamp() == *stamp))
        });
        let patience = |index: &usize| {
            let period = meters.get(*index).and_then(|meter| meter.card().update_period).unwrap_or_default();
            (period * PERIODS).clamp(PATIENCE.0, PATIENCE.1)
        };
        let longest = waiting.iter().map(patience).max().unwrap_or_default();
        if now.saturating_sub(start) >= longest {
            break;
        }
        clock.sleep(LOOK);
    }
    waiting.iter().filter_map(|&index| Some(meters.get(index)?.card().domain)).collect()
}

/// How many processes of others are on the accelerators; `None` where no accelerator says.
fn foreign_processes(meters: &mut [Box<dyn Meter>], proc_root: &Path) -> Option<u32> {
    let lists: Vec<Vec<u32>> = meters.iter_mut().filter_map(|meter| meter.processes()).collect();
    if lists.is_empty() {
        return None;
    }
    let mut all: Vec<u32> = lists.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    Some(count_foreign(&all, std::process::id(), |pid| proc_root.join(pid.to_string()).is_dir()))
}

/// In a container the driver tells numbers of the host, so that we may be on the list under a number that we do not
/// know: of the processes that cannot be seen from here one may be us, if our own number is not on the list.
fn count_foreign(all: &[u32], own: u32, is_visible: impl Fn(u32) -> bool) -> u32 {
    let others: Vec<u32> = all.iter().copied().filter(|&pid| pid != own).collect();
    let hidden = others.iter().filter(|&&pid| !is_visible(pid)).count();
    let may_be_us = usize::from(others.len() == all.len() && hidden > 0);
    u32::try_from(others.len() - may_be_us).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use common::meter::{Label, MeterCard, Method};
    use common::units::{Energy, Power};

    use super::*;
    use crate::replay::{Replay, Script};
    use crate::{CounterSpec, Raw, Trouble, Virtual};

    /// Stands still, and says when it was read where it has a stamp.
    struct Still {
        card: MeterCard,
        has_counter: bool,
        stamp: Option<Duration>,
        fails: bool,
    }

    impl Still {
        fn boxed(has_counter: bool, stamp: Option<Duration>, fails: bool) -> Box<dyn Meter> {
            let card = MeterCard {
                update_period: Some(Duration::from_millis(100)),
                ..MeterCard::new("still", Domain::Gpu(1), Label::Simulated, Method::Counter, "")
            };
            Box::new(Self { card, has_counter, stamp, fails })
        }
    }

    impl Meter for Still {
        fn card(&self) -> &MeterCard {
            &self.card
        }
        fn counter(&self) -> Option<CounterSpec> {
            let spec = CounterSpec { unit: Energy::from_joules(1e-3), modulus: None, jitter: 0 };
            self.has_counter.then_some(spec)
        }
        fn read(&mut self, now: Duration) -> Result<Raw, Trouble> {
            if self.fails {
                return Err(Trouble::Unreadable);
            }
            self.stamp = self.stamp.map(|_| now);
            Ok(Raw { counter: self.has_counter.then_some(7), power: Some(Power::from_watts(50.0)) })
        }
        fn stamp(&self) -> Option<Duration> {
            self.stamp
        }
    }

    #[test]
    fn an_instrument_that_moves_or_says_a_new_time_is_alive_and_one_that_does_neither_is_silent() {
        let clock = Virtual::default();
        let mut moving: Vec<Box<dyn Meter>> = vec![Box::new(Replay::new(Script::constant(5.0)))];
        assert_eq!(silent(&mut moving, &clock), []);
        assert_eq!(silent(&mut [Still::boxed(true, Some(Duration::ZERO), false)], &clock), []);
        let before = clock.now();
        assert_eq!(silent(&mut [Still::boxed(true, None, false)], &clock), [Domain::Gpu(1)]);
        assert!(clock.now() - before >= Duration::from_millis(300), "three periods of 100 ms");
    }

    #[test]
    fn steady_power_without_a_counter_is_not_silence_and_an_error_is() {
        let clock = Virtual::default();
        assert_eq!(silent(&mut [Still::boxed(false, None, false)], &clock), []);
        assert_eq!(silent(&mut [Still::boxed(false, None, true)], &clock), [Domain::Gpu(1)]);
    }

    #[test]
    fn our_own_process_is_not_foreign_even_under_a_number_of_the_host() {
        let visible = |pid: u32| pid < 1000;
        assert_eq!(count_foreign(&[], 7, visible), 0);
        assert_eq!(count_foreign(&[7], 7, visible), 0);
        assert_eq!(count_foreign(&[7, 8], 7, visible), 1);
        assert_eq!(count_foreign(&[5000], 7, visible), 0, "in a container that is us");
        assert_eq!(count_foreign(&[5000, 5001], 7, visible), 1);
        assert_eq!(count_foreign(&[7, 5001], 7, visible), 1, "we are on the list under our own number");
        assert_eq!(count_foreign(&[8], 7, visible), 1);
    }

    #[test]
    fn the_kernels_accounts_are_read_as_they_are_written() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!((swapped_pages(root.path()), load_average(root.path())), (None, None));
        std::fs::write(root.path().join("vmstat"), "pgpgin 9\npswpin 3\npswpout 4\n").unwrap();
        std::fs::write(root.path().join("loadavg"), "0.52 0.31 0.2 1/300 77\n").unwrap();
        assert_eq!((swapped_pages(root.path()), load_average(root.path())), (Some(7), Some(0.52)));
    }
}
