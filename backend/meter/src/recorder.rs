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
    is_edge_known: bool,
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
            is_edge_known: false,
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

    /// From here on the next change is waited for.
    pub(crate) fn mark_edge(&mut self) {
        self.is_edge_known = !self.is_slow();
    }

    /// Whether the counter changed since the edge was marked, so that it is known where in its update period it is.
    pub(crate) fn is_edge_known(&self) -> bool {
        self.is_edge_known || self.is_lost()
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
        self.is_edge_known |= has_changed;
        if has_changed || before.is_none() {
            self.changed_at = Some(at);
        }
        self.check_stale(at);
        let is_fresh = has_changed || self.tracker.is_none();
        // The update that is seen now came since the look before, at most one period ago: half of that is the best guess.
        let look = before.map_or(Duration::ZERO, |(last, ..)| at.saturating_sub(last));
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
mod tests {
    use common::meter::{Domain, Label};

    use super::*;
    use crate::CounterSpec;

    struct Fake(MeterCard, Option<CounterSpec>);

    impl Meter for Fake {
        fn card(&self) -> &MeterCard {
            &self.0
        }
        fn counter(&self) -> Option<CounterSpec> {
            self.1
        }
        fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
            Err(Trouble::Unreadable)
        }
    }

    fn recorder(unit_j: Option<f64>, update_period_ms: u64) -> Recorder {
        let card = MeterCard {
            update_period: Some(ms(update_period_ms)),
            power_limit: Some(Power::from_watts(700.0)),
            ..MeterCard::new("fake", Domain::Gpu(0), Label::Simulated, Method::Counter, "")
        };
        let spec =
            unit_j.map(|unit| CounterSpec { unit: Energy::from_joules(unit), modulus: None, jitter: 0 });
        Recorder::new(&Fake(card, spec), 4096)
    }

    fn ms(at: u64) -> Duration {
        Duration::from_millis(at)
    }

    fn counter(value: u64) -> Result<Raw, Trouble> {
        Ok(Raw { counter: Some(value), power: None })
    }

    fn power(watts: f64) -> Result<Raw, Trouble> {
        Ok(Raw { counter: None, power: Some(Power::from_watts(watts)) })
    }

    #[test]
    fn a_failed_look_between_two_good_ones_costs_no_energy_and_is_noted_once() {
        let mut recorder = recorder(Some(1e-6), 1);
        recorder.take(ms(0), counter(1_000_000));
        recorder.take(ms(10), Err(Trouble::Unreadable));
        recorder.take(ms(20), counter(3_000_000));
        let reading = recorder.finish(ms(0), ms(20), ms(10), false, None);
        assert!((reading.energy.unwrap().joules() - 2.0).abs() < 1e-9, "{reading:?}");
        assert_eq!(reading.faults, [Fault::ReadError]);
    }

    #[test]
    fn an_instrument_that_was_never_read_has_a_reason_and_not_zero_joules() {
        let mut recorder = recorder(Some(1e-6), 1);
        recorder.take(ms(0), Err(Trouble::Unreadable));
        let reading = recorder.finish(ms(0), ms(20), ms(10), false, None);
        assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Unreadable)));
        assert!(reading.trace.0.is_empty());
    }

    #[test]
    fn a_counter_that_cannot_be_read_at_the_closing_edge_gives_no_energy() {
        let mut recorder = recorder(Some(1e-6), 1);
        for at in 0..50 {
            recorder.take(ms(at * 10), counter(at * 1_000_000));
        }
        recorder.take(ms(1000), Err(Trouble::Unreadable));
        let reading = recorder.finish(ms(0), ms(1000), ms(10), false, None);
        assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Unreadable)));
    }

    #[test]
    fn power_steps_from_100_to_500_watts_after_9_9_seconds_and_sums_to_1040_joules() {
        let mut recorder = recorder(None, 100);
        for tick in 0..=100_u64 {
            recorder.take(ms(tick * 100), power(if tick > 99 { 500.0 } else { 100.0 }));
        }
        let reading = recorder.finish(ms(0), ms(10_000), ms(100), false, None);
        assert_eq!(reading.method, Method::Trace);
        assert!((reading.energy.unwrap().joules() - 1040.0).abs() < 20.0, "{:?}", reading.energy);
    }

    #[test]
    fn a_counter_that_stands_still_for_two_seconds_is_stale() {
        let mut recorder = recorder(Some(1e-3), 20);
        for tick in 0..=40_u64 {
            recorder.take(ms(tick * 50), counter(77));
        }
        let reading = recorder.finish(ms(0), ms(2000), ms(50), false, None);
        assert_eq!(reading.faults, [Fault::Stale]);
        assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Stale)));
    }

    #[test]
    fn constant_power_with_a_counter_that_grows_is_not_stale() {
        let mut recorder = recorder(Some(1e-3), 100);
        for tick in 0..=40_u64 {
            let look = Raw { counter: Some(tick / 2 * 30_000), power: Some(Power::from_watts(300.0)) };
            recorder.take(ms(tick * 50), Ok(look));
        }
        let reading = recorder.finish(ms(0), ms(2000), ms(50), false, None);
        assert!(reading.faults.is_empty());
        assert!((reading.energy.unwrap().joules() - 600.0).abs() < 1e-6, "{:?}", reading.energy);
    }

    #[test]
    fn a_window_shorter_than_the_update_period_is_not_resolved() {
        let mut recorder = recorder(Some(1e-3), 100);
        recorder.take(ms(0), counter(0));
        recorder.take(ms(40), counter(5));
        let reading = recorder.finish(ms(0), ms(40), ms(20), false, None);
        assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::NotResolved)));
    }

    #[test]
    fn a_gap_matters_to_an_integral_and_not_to_a_counter() {
        let mut integral = recorder(None, 10);
        let mut counted = recorder(Some(1e-3), 1);
        for at in [0, 10, 20, 500, 510] {
            integral.take(ms(at), power(100.0));
            counted.take(ms(at), counter(at * 100));
        }
        assert_eq!(integral.finish(ms(0), ms(510), ms(10), false, None).faults, [Fault::Gap]);
        assert!(counted.finish(ms(0), ms(510), ms(10), false, None).faults.is_empty());
    }

    #[test]
    fn a_device_that_goes_away_leaves_a_reason() {
        let mut recorder = recorder(Some(1e-3), 1);
        recorder.take(ms(0), counter(0));
        recorder.take(ms(10), Err(Trouble::Lost));
        assert!(recorder.is_lost());
        let reading = recorder.finish(ms(0), ms(20), ms(10), false, None);
        assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::Lost)));
    }

    #[test]
    fn being_held_back_for_more_than_a_hundredth_of_the_window_is_a_fault_and_costs_no_energy() {
        let held = |slowed_ms, capped_ms| {
            let mut recorder = recorder(Some(1e-3), 1);
            recorder.take(ms(0), counter(0));
            recorder.take(ms(1000), counter(100_000));
            let held = HeldBack { slowed: Some(ms(slowed_ms)), power_capped: Some(ms(capped_ms)) };
            let reading = recorder.finish(ms(0), ms(1000), ms(10), false, Some(held));
            assert!((reading.energy.unwrap().joules() - 100.0).abs() < 1e-9);
            reading.faults
        };
        assert_eq!(held(10, 10), []);
        assert_eq!(held(11, 0), [Fault::Throttled]);
        assert_eq!(held(0, 500), [Fault::PowerCapped]);
    }

    #[test]
    fn a_slow_instrument_is_looked_at_twice_a_period_however_fast_the_others_are() {
        let mut slow = recorder(Some(1e-3), 100);
        slow.pace(ms(10), 2);
        slow.take(ms(0), counter(0));
        assert!(!slow.is_due(ms(40)) && slow.is_due(ms(50)));
        let mut fast = recorder(Some(1e-6), 1);
        fast.pace(ms(10), 2);
        fast.take(ms(0), counter(0));
        assert!(fast.is_due(ms(10)));
    }
}
