//! The sampler: one thread that looks at every instrument at absolute deadlines while a Window is open.
//!
//! Everything it needs is allocated before it starts. It says what it cost and how late it woke, so that its own
//! weight is part of the record. Must not: log, allocate, or wait for anybody.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{ScopedJoinHandle, Thread};
use std::time::Duration;

use common::measurement::SamplerCost;
use common::units::Power;

use crate::Meter;
use crate::clock::Clock;
use crate::cpu_time;
use crate::live::LiveTrace;
use crate::placement::Placement;
use crate::recorder::Recorder;

/// How finely it is known where in its period a slow counter's update came, at the edges.
const LOOKS_PER_PERIOD_AT_EDGES: u32 = 40;
/// How coarsely an update is looked for of which nothing is known yet: each look wakes a core, which costs more than all
/// that is read then. The next update is then looked for finely where it will be.
const COARSE_LOOKS_PER_PERIOD: u32 = 8;
/// An edge that is not known finely after so many periods stays as it is.
const EDGE_PERIODS: u32 = 4;
/// Lateness is counted in steps of this share of the period.
const STEPS_PER_PERIOD: u32 = 50;
/// Steps that are told apart; what is later counts as the last.
const STEPS: usize = 256;
/// A device that is slow to update is looked at so many times an update period, and no more: looking disturbs it.
const LOOKS_PER_PERIOD: u32 = 2;

/// What the sampler cost and how well it kept time, in room that does not grow.
#[derive(Debug, Clone)]
pub(crate) struct SamplerReport {
    period: Duration,
    /// Looks that had a deadline, by how late they were.
    lateness: [u32; STEPS],
    looks: u64,
    max_lateness: Duration,
    max_read: Duration,
    cpu_time: Option<Duration>,
    placement: Placement,
}

impl SamplerReport {
    pub(crate) fn new(period: Duration) -> Self {
        Self {
            period,
            lateness: [0; STEPS],
            looks: 0,
            max_lateness: Duration::ZERO,
            max_read: Duration::ZERO,
            cpu_time: None,
            placement: Placement::default(),
        }
    }

    fn note_lateness(&mut self, lateness: Duration) {
        self.max_lateness = self.max_lateness.max(lateness);
        let steps = lateness.as_nanos() / self.step().as_nanos().max(1);
        let index = usize::try_from(steps).unwrap_or(STEPS).min(STEPS - 1);
        if let Some(count) = self.lateness.get_mut(index) {
            *count += 1;
        }
    }

    fn step(&self) -> Duration {
        self.period / STEPS_PER_PERIOD
    }

    /// The end of the step in which the 95th of 100 looks lies; never more than the latest.
    fn lateness_p95(&self) -> Duration {
        let all: u64 = self.lateness.iter().map(|&count| u64::from(count)).sum();
        let mut seen = 0;
        for (steps, &count) in (1_u32..).zip(&self.lateness) {
            seen += u64::from(count);
            if seen * 100 >= all * 95 {
                return (self.step() * steps).min(self.max_lateness);
            }
        }
        self.max_lateness
    }

    /// As the record keeps it.
    pub(crate) fn cost(&self) -> SamplerCost {
        SamplerCost {
            period: self.period,
            looks: self.looks,
            lateness_p95: self.lateness_p95(),
            max_lateness: self.max_lateness,
            max_read: self.max_read,
            cpu: self.cpu_time,
            is_realtime: self.placement.is_realtime,
            core: self.placement.core,
        }
    }
}

/// What the sampler and the thread that runs the body tell each other.
#[derive(Debug)]
pub(crate) struct Gate {
    is_open: AtomicBool,
    shall_close: AtomicBool,
    waiting: Thread,
}

impl Gate {
    /// A closed gate, made on the thread that will wait at it.
    pub(crate) fn new() -> Self {
        Self {
            is_open: AtomicBool::new(false),
            shall_close: AtomicBool::new(false),
            waiting: std::thread::current(),
        }
    }

    /// Waits until the Window is open; `false` if the sampler died before.
    pub(crate) fn wait(&self, sampler: &ScopedJoinHandle<'_, Watched>) -> bool {
        while !self.is_open.load(Ordering::Acquire) {
            if sampler.is_finished() {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        true
    }

    /// Asks the sampler to close the Window.
    pub(crate) fn close(&self, sampler: &Thread) {
        self.shall_close.store(true, Ordering::Release);
        sampler.unpark();
    }
}

/// How the sampler waits.
pub(crate) trait Pace {
    /// The Window is open.
    fn opened(&self);
    /// Waits until a deadline on the clock; `true` if the Window shall close before it.
    fn wait(&self, clock: &dyn Clock, deadline: Duration) -> bool;
}

impl Pace for Gate {
    fn opened(&self) {
        self.is_open.store(true, Ordering::Release);
        self.waiting.unpark();
    }

    fn wait(&self, clock: &dyn Clock, deadline: Duration) -> bool {
        loop {
            if self.shall_close.load(Ordering::Acquire) {
                return true;
            }
            let now = clock.now();
            if now >= deadline {
                return false;
            }
            std::thread::park_timeout(deadline - now);
        }
    }
}

/// The power that one instrument said last, for whoever waits until it is idle.
#[derive(Debug)]
pub(crate) struct Newest(Option<AtomicU64>);

impl Newest {
    /// Of an instrument that is waited for, or of one that is not.
    pub(crate) fn of(is_waited_for: bool) -> Self {
        Self(is_waited_for.then(AtomicU64::default))
    }

    fn note(&self, power: Power) {
        if let Some(watts) = &self.0 {
            watts.store(power.watts().to_bits(), Ordering::Relaxed);
        }
    }

    /// The power in watts; 0 of an instrument that is not waited for.
    pub(crate) fn watts(&self) -> f64 {
        self.0.as_ref().map_or(0.0, |watts| f64::from_bits(watts.load(Ordering::Relaxed)))
    }
}

/// When the Window opened and closed, and what it cost to watch.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    pub(crate) opened: Duration,
    pub(crate) closed: Duration,
    pub(crate) report: SamplerReport,
}

/// The instruments and where their looks go.
pub(crate) struct Bench<'a> {
    /// Whether the calling thread may be moved before others: not where it is the caller's own.
    pub(crate) is_own_thread: bool,
    pub(crate) meters: &'a mut [Box<dyn Meter>],
    pub(crate) recorders: &'a mut [Recorder],
    pub(crate) live: Option<&'a LiveTrace>,
    /// One for each instrument, or none.
    pub(crate) newest: &'a [Newest],
    pub(crate) clock: &'a dyn Clock,
}

impl Bench<'_> {
    /// Looks at every instrument once.
    fn look(&mut self, opened: Option<Duration>, report: &mut SamplerReport) {
        self.look_at(|_, _| true, opened, report);
    }

    /// Looks at those instruments that may have something new to say.
    fn look_at_due(&mut self, opened: Duration, report: &mut SamplerReport) {
        // Half a period early is on time for the next look.
        let slack = report.period / 2;
        self.look_at(|recorder, now| recorder.is_due(now + slack), Some(opened), report);
    }

    fn look_at(
        &mut self,
        is_wanted: impl Fn(&Recorder, Duration) -> bool,
        opened: Option<Duration>,
        report: &mut SamplerReport,
    ) {
        for (index, (meter, recorder)) in self.meters.iter_mut().zip(self.recorders.iter_mut()).enumerate() {
            let before = self.clock.now();
            if recorder.is_lost() || !is_wanted(recorder, before) {
                continue;
            }
            let look = meter.read(before);
            let after = self.clock.now();
            let took = after.saturating_sub(before);
            report.max_read = report.max_read.max(took);
            let at = before + took / 2;
            let power = recorder.take(at, look);
            if let Some((newest, power)) = self.newest.get(index).zip(power) {
                newest.note(power);
            }
            if let (Some(live), Some(power), Some(opened)) = (self.live, power, opened) {
                live.push(index, at.saturating_sub(opened), power);
            }
        }
        report.looks += 1;
    }

    /// Looks until every slow counter has been seen to change within a fraction of its update period, at most for some of
    /// them: only then is it known where in its period the edge lies.
    fn settle_edge(&mut self, report: &mut SamplerReport) {
        let slow = self.recorders.iter().zip(self.meters.iter()).filter(|(recorder, _)| recorder.is_slow());
        let slowest = slow.filter_map(|(_, meter)| meter.card().update_period).max().unwrap_or_default();
        if slowest.is_zero() {
            return;
        }
        // A change since the look before may be old news; what counts is the next one.
        self.look(None, report);
        let (fine, coarse) = (slowest / LOOKS_PER_PERIOD_AT_EDGES, slowest / COARSE_LOOKS_PER_PERIOD);
        // A look that woke a little late is as good.
        self.recorders.iter_mut().for_each(|recorder| recorder.mark_edge(fine * 2));
        let until = self.clock.now() + slowest * EDGE_PERIODS;
        while self.clock.now() < until && !self.recorders.iter().all(Recorder::is_edge_known) {
            let now = self.clock.now();
            let waited_for = self.recorders.iter().filter(|recorder| !recorder.is_edge_known());
            let wait = waited_for.map(|recorder| {
                let is_found = recorder.change_within().is_some_and(|within| within <= coarse * 2);
                let quiet = recorder.is_quiet_until().unwrap_or_default().saturating_sub(now);
                quiet.max(if is_found { fine } else { coarse })
            });
            self.clock.sleep(wait.min().unwrap_or(fine).min(slowest));
            self.look(None, report);
        }
    }

    /// The edge lies just behind an update of one slow counter; of the others, the next update must be known as well.
    fn settle_other_edges(&mut self, report: &mut SamplerReport) {
        if self.recorders.iter().filter(|recorder| recorder.is_slow()).count() > 1 {
            self.settle_edge(report);
        }
    }

    /// Watches from before the Window opens until after it has closed.
    pub(crate) fn watch(&mut self, pace: &dyn Pace, period: Duration) -> Watched {
        let mut report = SamplerReport::new(period);
        if self.is_own_thread {
            report.placement = Placement::take();
        }
        self.recorders.iter_mut().for_each(|recorder| recorder.pace(period, LOOKS_PER_PERIOD));
        self.settle_edge(&mut report);
        let opened = self.clock.now();
        self.look(Some(opened), &mut report);
        self.settle_other_edges(&mut report);
        pace.opened();
        let mut deadline = opened + period;
        while !pace.wait(self.clock, deadline) {
            report.note_lateness(self.clock.now().saturating_sub(deadline));
            self.look_at_due(opened, &mut report);
            // A missed deadline is skipped, not made up for in a burst.
            while deadline <= self.clock.now() {
                deadline += period;
            }
        }
        self.settle_edge(&mut report);
        self.look(Some(opened), &mut report);
        let closed = self.clock.now();
        self.settle_other_edges(&mut report);
        report.cpu_time = cpu_time::of_thread();
        Watched { opened, closed, report }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(late_ms: impl IntoIterator<Item = u64>) -> SamplerCost {
        let mut report = SamplerReport::new(Duration::from_millis(100));
        late_ms.into_iter().for_each(|ms| report.note_lateness(Duration::from_millis(ms)));
        report.cost()
    }

    #[test]
    fn one_look_in_twenty_may_be_late_by_more_than_a_fifth_of_the_period() {
        let nearly = report((0..100).map(|look| if look < 95 { 5 } else { 90 }));
        assert!(!nearly.was_late(), "{nearly:?}");
        assert_eq!(nearly.max_lateness, Duration::from_millis(90));
        let late = report((0..100).map(|look| if look < 94 { 5 } else { 90 }));
        assert!(late.was_late(), "{late:?}");
        assert_eq!(late.lateness_p95, Duration::from_millis(90));
    }

    #[test]
    fn lateness_beyond_all_steps_and_none_at_all_are_told() {
        assert_eq!(report([5000]).lateness_p95, Duration::from_millis(512));
        assert_eq!(report([5000]).max_lateness, Duration::from_secs(5));
        assert_eq!(report([]).lateness_p95, Duration::ZERO);
    }
}
