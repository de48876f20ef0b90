//! What one instrument says while a Window is open, and what that comes to when it closes.
//!
//! Pure: it is told the time with each look, so that an hour of them runs in a test in milliseconds. Must not:
//! allocate between its making and [`Recorder::finish`], or turn a missing reading into a number.

use std::time::Duration;

use common::measurement::Reading;
use common::meter::{Fault, MeterCard, Method, NullReason};
use common::units::{Energy, Power};
use common::verdict::MAX_SLOWDOWN;

use crate::counter::Tracker;
use crate::curve::{Curve, Point};
use crate::{HeldBack, Meter, Raw, Trouble};

/// A counter that stands still for so long (or ten update periods, if that is longer) has frozen.
const STALE_AFTER: Duration = Duration::from_secs(1);
/// A power reading without a counter beside it may be honestly constant for longer.
const POWER_STALE_AFTER: Duration = Duration::from_secs(10);
/// Every instrument is looked at this often at least: a counter that stands still shall be noticed within a second.
const SLOWEST_LOOK: Duration = Duration::from_millis(100);
/// An update comes no earlier than after this share of its period; of an instrument that was seen to be early, after the
/// other.
const EARLIEST_UPDATE: (f64, f64) = (0.97, 0.9);
/// Counters that update faster than this are taken to be of the moment at which they are read.
pub(crate) const FAST: Duration = Duration::from_millis(5);

/// Follows one instrument from before a Window opens until after it has closed.
#[derive(Debug)]
pub(crate) struct Recorder {
    card: MeterCard,
    tracker: Option<Tracker>,
    curve: Curve,
    faults: Vec<Fault>,
    null_reason: Option<NullReason>,
    held: Option<(Duration, Energy, Option<Power>)>,
    changed_at: Option<Duration>,
    /// The last look that did not show the newest change yet: it came later than this.
    changed_after: Option<Duration>,
    is_edge_known: bool,
    /// An edge is known once a change was seen that came in no more than this.
    edge_within: Duration,
    /// The share of its period before which no update is looked for at an edge.
    earliest_update: f64,
    longest_gap: Duration,
    /// Time between two looks, and when the next is due.
    pause: Duration,
    due: Duration,
}

impl Recorder {
    pub(crate) fn new(meter: &dyn Meter, capacity: usize) -> Self {
        let card = meter.card().clone();
        let tracker = meter.counter().map(|spec| Tracker::new(spec, card.power_limit, card.update_period));
        Self {
            card,
            tracker,
            curve: Curve::with_capacity(capacity),
            // Every fault is noted once.
            faults: Vec::with_capacity(10),
            null_reason: None,
            held: None,
            changed_at: None,
            changed_after: None,
            is_edge_known: false,
            edge_within: Duration::MAX,
            earliest_update: EARLIEST_UPDATE.0,
            longest_gap: Duration::ZERO,
            pause: Duration::ZERO,
            due: Duration::ZERO,
        }
    }

    /// How often it is looked at while the Window is open: every `period`, or so many times its update period if that
    /// is longer.
    pub(crate) fn pace(&mut self, period: Duration, looks: u32) {
        let own = self.card.update_period.unwrap_or_default() / looks.max(1);
        self.pause = own.min(SLOWEST_LOOK).max(period);
    }

    /// Whether another look is due by now.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now >= self.due
    }

    /// From here on a change is waited for, of which it is known to `within` when it came.
    pub(crate) fn mark_edge(&mut self, within: Duration) {
        self.is_edge_known = !self.is_slow();
        self.edge_within = within;
    }

    /// How well it is known when the newest change came; `None` where none was seen yet.
    pub(crate) fn change_within(&self) -> Option<Duration> {
        Some(self.changed_at?.saturating_sub(self.changed_after?))
    }

    /// Whether the counter changed since the edge was marked, so that it is known where in its update period it is.
    pub(crate) fn is_edge_known(&self) -> bool {
        self.is_edge_known || self.is_lost()
    }

    /// Before this instant no update of a slow counter is worth looking for: each comes about a period after the one
    /// before.
    pub(crate) fn is_quiet_until(&self) -> Option<Duration> {
        Some(self.changed_after? + self.card.update_period?.mul_f64(self.earliest_update))
    }

    /// Whether its counter updates so slowly that it matters where in the period an edge lies.
    pub(crate) fn is_slow(&self) -> bool {
        self.tracker.is_some() && self.card.update_period.is_some_and(|period| period >= FAST)
    }

    /// Whether looking again is useless.
    pub(crate) fn is_lost(&self) -> bool {
        self.null_reason == Some(NullReason::Lost)
    }

    /// One look, successful or not. Returns the power to show a watcher.
    pub(crate) fn take(&mut self, at: Duration, look: Result<Raw, Trouble>) -> Option<Power> {
        self.due = at + self.pause;
        let raw = match look {
            Ok(raw) => raw,
            Err(Trouble::Unreadable) => {
                self.note(Fault::ReadError);
                return None;
            }
            Err(Trouble::Lost) => {
                self.note(Fault::Lost);
                self.null_reason = Some(NullReason::Lost);
                return None;
            }
        };
        let before = self.held;
        let energy = match &mut self.tracker {
            Some(tracker) => {
                let Some(value) = raw.counter else {
                    self.note(Fault::ReadError);
                    return None;
                };
                let step = tracker.push(at, value);
                let energy = tracker.energy();
                self.null_reason = self.null_reason.or(step.null_reason());
                if let Some(fault) = step.fault() {
                    self.note(fault);
                }
                energy
            }
            None => {
                let Some(power) = raw.power else {
                    self.note(Fault::ReadError);
                    return None;
                };
                before.map_or(Energy::ZERO, |(last, energy, _)| energy + power * at.saturating_sub(last))
            }
        };
        if let Some((last, ..)) = before {
            self.longest_gap = self.longest_gap.max(at.saturating_sub(last));
        }
        let has_changed = match (&self.tracker, before) {
            (_, None) => !self.is_slow(),
            (Some(_), Some((_, last, _))) => energy > last,
            (None, Some((.., last))) => raw.power != last,
        };
        let look = before.map_or(Duration::ZERO, |(last, ..)| at.saturating_sub(last));
        if has_changed
            && !self.is_edge_known
            && self.card.update_period.is_some_and(|period| look > period / 2)
        {
            // It came while nobody looked for it.
            self.earliest_update = EARLIEST_UPDATE.1;
        }
        self.is_edge_known |= has_changed && look <= self.edge_within;
        if has_changed || before.is_none() {
            self.changed_at = Some(at);
            self.changed_after = before.map(|(last, ..)| last);
        }
        self.check_stale(at);
        let is_fresh = has_changed || self.tracker.is_none();
        // The update that is seen now came since the look before, at most one period ago: half of that is the best guess.
        let lag = if self.is_slow() && has_changed {
            look.min(self.card.update_period.unwrap_or_default()) / 2
        } else {
            Duration::ZERO
        };
        self.curve.push(Point { at: at.saturating_sub(lag), energy, power: raw.power, is_fresh });
        self.held = Some((at, energy, raw.power));
        raw.power.or_else(|| self.slope(before, at, energy))
    }

    fn slope(
        &self,
        before: Option<(Duration, Energy, Option<Power>)>,
        at: Duration,
        energy: Energy,
    ) -> Option<Power> {
        let (last, last_energy, _) = before.filter(|_| !self.is_slow())?;
        (at > last).then(|| (energy - last_energy) / (at - last))
    }

    fn check_stale(&mut self, now: Duration) {
        let least = if self.tracker.is_some() { STALE_AFTER } else { POWER_STALE_AFTER };
        let patience = least.max(self.card.update_period.unwrap_or_default() * 10);
        if self.changed_at.is_some_and(|changed| now.saturating_sub(changed) >= patience) {
            self.note(Fault::Stale);
            self.null_reason = self.null_reason.or(Some(NullReason::Stale));
        }
    }

    fn note(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) && self.faults.len() < self.faults.capacity() {
            self.faults.push(fault);
        }
    }

    /// The device was held back for so long.
    fn note_held_back(&mut self, held: HeldBack, window: Duration) {
        let is_long = |span: Option<Duration>| span.is_some_and(|span| span > window.mul_f64(MAX_SLOWDOWN));
        if is_long(held.slowed) {
            self.note(Fault::Throttled);
        }
        if is_long(held.power_capped) {
            self.note(Fault::PowerCapped);
        }
    }

    /// What it came to between two instants, sampled once a `period`.
    pub(crate) fn finish(
        mut self,
        opened: Duration,
        closed: Duration,
        period: Duration,
        was_late: bool,
        held: Option<HeldBack>,
    ) -> Reading {
        if let Some(held) = held {
            self.note_held_back(held, closed.saturating_sub(opened));
        }
        let is_integral = self.tracker.is_none();
        let resolves = self.card.update_period.unwrap_or_default();
        let tolerance = (period.max(resolves) * 4).max(Duration::from_millis(20));
        let first = self.curve.points().first().map(|point| point.at);
        let last = self.curve.points().last().map(|point| point.at);
        let is_covered = first.is_some_and(|first| first <= opened + tolerance)
            && last.is_some_and(|last| last + tolerance >= closed);
        // A counter loses nothing between two looks, unless the machine slept or the clock jumped; an integral does.
        let longest_allowed = if is_integral { tolerance } else { (tolerance * 10).max(STALE_AFTER) };
        if self.longest_gap > longest_allowed {
            self.note(Fault::Gap);
        }
        if is_integral && was_late {
            self.note(Fault::Late);
        }
        let null_reason = self.null_reason.or_else(|| {
            if !is_covered {
                Some(NullReason::Unreadable)
            } else if closed.saturating_sub(opened) < resolves {
                Some(NullReason::NotResolved)
            } else {
                None
            }
        });
        let energy = match null_reason {
            Some(_) => None,
            None => self.curve.energy_at(closed).zip(self.curve.energy_at(opened)).map(|(b, a)| b - a),
        };
        Reading {
            domain: self.card.domain,
            label: self.card.label,
            method: if is_integral { Method::Trace } else { self.card.method },
            energy,
            null_reason: if energy.is_none() { null_reason.or(Some(NullReason::Unreadable)) } else { None },
            uncertainty: None,
            trace: self.curve.trace(opened, closed),
            faults: self.faults,
        }
    }
}

#[cfg(test)]
mod tests;
