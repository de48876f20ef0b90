//! The sampler: one thread that looks at every instrument at absolute deadlines while a Window is open.
//!
//! Everything it needs is allocated before it starts. It says what it cost and how late it woke, so that its own
//! weight is part of the record. Must not: log, allocate, or wait for anybody.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{ScopedJoinHandle, Thread};
use std::time::Duration;

use crate::Meter;
use crate::clock::Clock;
use crate::cpu_time;
use crate::live::LiveTrace;
use crate::recorder::Recorder;

/// A deadline missed by more than this share of the period was missed.
const LATE_SHARE: f64 = 0.2;
/// How finely a slow counter's update is looked for at the edges.
const LOOKS_PER_PERIOD_AT_EDGES: u32 = 40;

/// What the sampler cost and how well it kept time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SamplerReport {
    /// Looks at all instruments.
    pub ticks: u64,
    /// Looks later than a fifth of the period.
    pub late_ticks: u64,
    /// The latest.
    pub max_lateness: Duration,
    /// The longest that one instrument took to answer.
    pub max_read: Duration,
    /// Processor time of the sampler's thread; `None` where the kernel does not say.
    pub cpu_time: Option<Duration>,
}

impl SamplerReport {
    /// Whether more than one look in twenty came late.
    pub const fn was_late(&self) -> bool {
        self.late_ticks * 20 > self.ticks
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

/// When the Window opened and closed, and what it cost to watch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    pub(crate) opened: Duration,
    pub(crate) closed: Duration,
    pub(crate) report: SamplerReport,
}

/// The instruments and where their looks go.
pub(crate) struct Bench<'a> {
    pub(crate) meters: &'a mut [Box<dyn Meter>],
    pub(crate) recorders: &'a mut [Recorder],
    pub(crate) live: Option<&'a LiveTrace>,
    pub(crate) clock: &'a dyn Clock,
}

impl Bench<'_> {
    /// Looks at every instrument once.
    fn look(&mut self, opened: Option<Duration>, report: &mut SamplerReport) {
        for (index, (meter, recorder)) in self.meters.iter_mut().zip(self.recorders.iter_mut()).enumerate() {
            if recorder.is_lost() {
                continue;
            }
            let before = self.clock.now();
            let look = meter.read(before);
            let after = self.clock.now();
            let took = after.saturating_sub(before);
            report.max_read = report.max_read.max(took);
            let at = before + took / 2;
            let power = recorder.take(at, look);
            if let (Some(live), Some(power), Some(opened)) = (self.live, power, opened) {
                live.push(index, at.saturating_sub(opened), power);
            }
        }
        report.ticks += 1;
    }

    /// Looks quickly until every slow counter has been seen to change, at most for three of its update periods:
    /// only then is it known where in its period the edge lies.
    fn settle_edge(&mut self, report: &mut SamplerReport) {
        let slow = self.recorders.iter().zip(self.meters.iter()).filter(|(recorder, _)| recorder.is_slow());
        let slowest = slow.filter_map(|(_, meter)| meter.card().update_period).max().unwrap_or_default();
        if slowest.is_zero() {
            return;
        }
        // A change since the look before may be old news; what counts is the next one.
        self.look(None, report);
        self.recorders.iter_mut().for_each(Recorder::mark_edge);
        let until = self.clock.now() + slowest * 3;
        while self.clock.now() < until && !self.recorders.iter().all(Recorder::is_edge_known) {
            self.clock.sleep(slowest / LOOKS_PER_PERIOD_AT_EDGES);
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
        let mut report = SamplerReport::default();
        self.settle_edge(&mut report);
        let opened = self.clock.now();
        self.look(Some(opened), &mut report);
        self.settle_other_edges(&mut report);
        pace.opened();
        let mut deadline = opened + period;
        while !pace.wait(self.clock, deadline) {
            let now = self.clock.now();
            let lateness = now.saturating_sub(deadline);
            report.max_lateness = report.max_lateness.max(lateness);
            report.late_ticks += u64::from(lateness > period.mul_f64(LATE_SHARE));
            self.look(Some(opened), &mut report);
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
