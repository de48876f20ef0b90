//! Looking at one instrument as fast as it answers: how often it updates, how long a look takes, how far its own clock is
//! from the machine's.
//!
//! The update period is the median time between two changes. The shortest would be that of a look that came late before
//! one that came in time. Must not: be used inside a Window; such looking disturbs.

use std::time::Duration;

use common::stats;

use crate::clock::{self, Clock};
use crate::{Meter, Raw};

/// Looks kept at most.
const MOST: usize = 100_000;
/// A median of fewer changes says nothing.
const LEAST_CHANGES: usize = 5;
/// At start-up nobody waits long: so many gaps, and no more than this for the next change.
const START_UP_CHANGES: usize = 3;
const START_UP_PATIENCE: Duration = Duration::from_millis(1200);
const START_UP_LOOK: Duration = Duration::from_micros(500);

/// What many looks at one instrument showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looks {
    /// Seconds that each took.
    reads_s: Vec<f64>,
    /// Seconds between two changes of the reading.
    gaps_s: Vec<f64>,
    /// Seconds by which the instrument's timestamps are ahead of the machine's clock.
    residuals_s: Vec<f64>,
    /// Whether it said power.
    has_power: bool,
}

impl Looks {
    /// Looks for so long, waiting `pause` between two looks.
    pub fn take(meter: &mut dyn Meter, clock: &dyn Clock, span: Duration, pause: Duration) -> Self {
        let mut looks = Self::default();
        let start = clock.now();
        let mut last: Option<Raw> = None;
        let mut changed_at: Option<Duration> = None;
        while looks.reads_s.len() < MOST {
            let before = clock.now();
            if before.saturating_sub(start) >= span {
                break;
            }
            let (date, look) = (clock::unix_now(), meter.read(before));
            let after = clock.now();
            if let Ok(raw) = look {
                let took = after.saturating_sub(before);
                looks.reads_s.push(took.as_secs_f64());
                looks.has_power |= raw.power.is_some();
                if let Some((stamp, date)) = meter.stamp().zip(date) {
                    looks.residuals_s.push(stamp.as_secs_f64() - (date + took / 2).as_secs_f64());
                }
                if last.is_some_and(|last| has_changed(last, raw))
                    && let Some(then) = changed_at.replace(before)
                {
                    looks.gaps_s.push(before.saturating_sub(then).as_secs_f64());
                }
                last = Some(raw);
            }
            if !pause.is_zero() {
                clock.sleep(pause);
            }
        }
        looks
    }

    /// Median time between two changes; `None` where there were too few.
    pub fn update_period(&self) -> Option<Duration> {
        let gaps = (self.gaps_s.len() >= LEAST_CHANGES).then_some(&self.gaps_s)?;
        duration(stats::median(&mut gaps.clone())?)
    }

    /// Median time of one look; `None` where none succeeded.
    pub fn read(&self) -> Option<Duration> {
        duration(stats::median(&mut self.reads_s.clone())?)
    }

    /// 99 of 100 looks took no longer.
    pub fn read_p99(&self) -> Option<Duration> {
        let mut reads = self.reads_s.clone();
        reads.sort_by(f64::total_cmp);
        let index = (reads.len() * 99).div_ceil(100).checked_sub(1)?;
        duration(*reads.get(index)?)
    }

    /// Median of how many seconds the instrument's timestamps are ahead of the machine's clock.
    pub fn clock_residual_s(&self) -> Option<f64> {
        stats::median(&mut self.residuals_s.clone())
    }

    /// Whether it says power beside its counter, or instead of one.
    pub const fn has_power(&self) -> bool {
        self.has_power
    }
}

/// How often counters update, as seen from the moment of looking on: all of them together, each until it changed some
/// times, and none for longer than it takes to see that it stands still. `None` where there was too little to see.
pub(crate) fn periods(
    meters: &mut [Box<dyn Meter>],
    is_wanted: impl Fn(&dyn Meter) -> bool,
    clock: &dyn Clock,
) -> Vec<Option<Duration>> {
    /// Of one counter: its value, when it changed last, and seconds between two changes.
    type Seen = (Option<u64>, Option<Duration>, Vec<f64>);
    let wanted: Vec<bool> = meters.iter().map(|meter| is_wanted(meter.as_ref())).collect();
    let mut seen: Vec<Seen> = vec![(None, None, Vec::new()); meters.len()];
    let start = clock.now();
    let mut now = start;
    loop {
        let mut is_done = true;
        for ((meter, (value, changed_at, gaps)), _) in
            meters.iter_mut().zip(&mut seen).zip(&wanted).filter(|(_, wanted)| **wanted)
        {
            let since = now.saturating_sub(changed_at.unwrap_or(start));
            if gaps.len() >= START_UP_CHANGES || since >= START_UP_PATIENCE {
                continue;
            }
            is_done = false;
            now = clock.now();
            let Some(found) = meter.read(now).ok().and_then(|raw| raw.counter) else { continue };
            if value.replace(found).is_some_and(|before| before != found)
                && let Some(then) = changed_at.replace(now)
            {
                gaps.push(now.saturating_sub(then).as_secs_f64());
            }
        }
        if is_done {
            return seen
                .into_iter()
                .map(|(.., mut gaps)| {
                    let is_enough = gaps.len() >= START_UP_CHANGES;
                    is_enough.then(|| stats::median(&mut gaps)).flatten().and_then(duration)
                })
                .collect();
        }
        clock.sleep(START_UP_LOOK);
        now = clock.now();
    }
}

/// A counter that grew; power only where there is no counter, for it may rest while energy is counted.
fn has_changed(last: Raw, now: Raw) -> bool {
    match (last.counter, now.counter) {
        (Some(last), Some(now)) => last != now,
        _ => last.power != now.power,
    }
}

fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use common::meter::Domain;

    use super::*;
    use crate::Virtual;
    use crate::replay::Script;
    use crate::sensor::{Distortion, Sensor};

    fn looks(period_ms: u64, span_ms: u64) -> Looks {
        let distortion = Distortion::of_millis(period_ms, period_ms);
        let mut sensor = Sensor::new(Script::constant(100.0), distortion, Domain::Gpu(0));
        let (span, pause) = (Duration::from_millis(span_ms), Duration::from_micros(500));
        Looks::take(&mut sensor, &Virtual::default(), span, pause)
    }

    #[test]
    fn the_update_period_is_the_median_time_between_two_changes() {
        for period in [20, 100, 500] {
            let found = looks(period, period * 12).update_period().unwrap();
            let truth = Duration::from_millis(period);
            assert!(found.abs_diff(truth) <= Duration::from_millis(1), "{found:?} for {truth:?}");
        }
    }

    #[test]
    fn at_start_up_three_gaps_tell_the_period_and_what_stands_still_costs_a_second() {
        let sensor = |period_ms| -> Box<dyn Meter> {
            let distortion = Distortion::of_millis(period_ms, period_ms);
            Box::new(Sensor::new(Script::constant(100.0), distortion, Domain::Gpu(0)))
        };
        let still =
            Box::new(Sensor::new(Script::constant(0.0), Distortion::of_millis(100, 100), Domain::Gpu(0)));
        let mut meters = vec![sensor(500), sensor(20), still];
        let clock = Virtual::default();
        let found = periods(&mut meters, |_| true, &clock);
        let near = |found: Option<Duration>, ms: u64| {
            found.unwrap().abs_diff(Duration::from_millis(ms)) <= Duration::from_millis(1)
        };
        assert!(near(found[0], 500) && near(found[1], 20), "{found:?}");
        assert_eq!(found[2], None);
        assert!(clock.now() < Duration::from_millis(2600), "{:?}", clock.now());
        assert_eq!(periods(&mut meters, |_| false, &clock), [None, None, None]);
    }

    #[test]
    fn too_few_changes_are_no_period_and_no_look_is_no_time() {
        assert_eq!(looks(1000, 3000).update_period(), None);
        let none = Looks::default();
        assert_eq!((none.read(), none.read_p99(), none.clock_residual_s()), (None, None, None));
    }

    #[test]
    fn the_99th_of_100_looks_is_the_second_slowest() {
        let of = |reads_s: Vec<f64>| Looks { reads_s, ..Looks::default() };
        let reads = (1..=100).map(f64::from).collect();
        assert_eq!(of(reads).read_p99(), Some(Duration::from_secs(99)));
        assert_eq!(of(vec![2.0]).read_p99(), Some(Duration::from_secs(2)));
    }
}
