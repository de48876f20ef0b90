//! New samples for a reader on another thread while the Window is open.
//!
//! The sampler writes each slot once and then moves the mark; the reader looks only below the mark. No lock, no
//! allocation, no waiting on either side. Must not: be the record; when it is full, watchers see no more and the
//! record is not touched.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use common::meter::Domain;
use common::trace::Sample;
use common::units::Power;

/// A bounded, append-only list of samples.
#[derive(Debug)]
pub struct LiveTrace {
    slots: Box<[Slot]>,
    written: AtomicUsize,
    domains: Vec<Domain>,
}

#[derive(Debug, Default)]
struct Slot {
    meter: AtomicU32,
    at_nanos: AtomicU64,
    watts: AtomicU64,
}

impl LiveTrace {
    /// Room for so many samples of these Domains, in the order of the instruments.
    pub fn new(domains: Vec<Domain>, capacity: usize) -> Self {
        let slots = std::iter::repeat_with(Slot::default).take(capacity).collect();
        Self { slots, written: AtomicUsize::new(0), domains }
    }

    pub(crate) fn push(&self, meter: usize, at: Duration, power: Power) {
        let index = self.written.load(Ordering::Relaxed);
        let Some(slot) = self.slots.get(index) else { return };
        slot.meter.store(u32::try_from(meter).unwrap_or(u32::MAX), Ordering::Relaxed);
        slot.at_nanos.store(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        slot.watts.store(power.watts().to_bits(), Ordering::Relaxed);
        self.written.store(index + 1, Ordering::Release);
    }

    /// Samples from number `from` on, and the number to ask for next.
    pub fn since(&self, from: usize) -> (Vec<(Domain, Sample)>, usize) {
        let until = self.written.load(Ordering::Acquire);
        let fresh = self.slots.get(from..until).unwrap_or_default();
        let samples = fresh.iter().filter_map(|slot| {
            let meter = usize::try_from(slot.meter.load(Ordering::Relaxed)).ok()?;
            let at = Duration::from_nanos(slot.at_nanos.load(Ordering::Relaxed));
            let power = Power::from_watts(f64::from_bits(slot.watts.load(Ordering::Relaxed)));
            Some((*self.domains.get(meter)?, Sample { at, power }))
        });
        (samples.collect(), until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_every_sample_once_and_in_order_while_they_are_written() {
        let live = LiveTrace::new(vec![Domain::Gpu(0), Domain::CpuPackage(0)], 10_000);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for index in 0..10_000_u32 {
                    let at = Duration::from_nanos(u64::from(index));
                    live.push(usize::from(index % 2 == 1), at, Power::from_watts(f64::from(index)));
                }
            });
            let (mut seen, mut next) = (Vec::new(), 0);
            while seen.len() < 10_000 {
                let (fresh, until) = live.since(next);
                next = until;
                seen.extend(fresh);
            }
            for (index, (domain, sample)) in (0_u32..).zip(&seen) {
                assert_eq!(sample.at, Duration::from_nanos(u64::from(index)));
                assert_eq!(sample.power.watts(), f64::from(index));
                assert_eq!(*domain, if index % 2 == 1 { Domain::CpuPackage(0) } else { Domain::Gpu(0) });
            }
        });
    }

    #[test]
    fn a_full_list_takes_no_more_and_harms_nobody() {
        let live = LiveTrace::new(vec![Domain::Machine], 1);
        live.push(0, Duration::ZERO, Power::from_watts(1.0));
        live.push(0, Duration::ZERO, Power::from_watts(2.0));
        assert_eq!(live.since(0).0.len(), 1);
        assert!(live.since(1).0.is_empty());
    }
}
