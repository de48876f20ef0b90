//! Cumulative energy over time, as one instrument told it: the one form in which counters and power readings alike
//! are kept while a Window is open.
//!
//! Cumulative energy survives everything that happens to samples: dropping every second point to stay in the
//! preallocated room loses detail, not joules. Must not: allocate after it was made.

use std::time::Duration;

use common::trace::{PowerTrace, Sample};
use common::units::{Energy, Power};

/// Shortest time over which power is told from a counter.
const SHORTEST_SLOPE: Duration = Duration::from_micros(500);

/// One look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    /// When.
    pub(crate) at: Duration,
    /// Energy since the first look.
    pub(crate) energy: Energy,
    /// Power as the instrument said it.
    pub(crate) power: Option<Power>,
    /// Whether the energy differs from the look before: only then is it known to be of now.
    pub(crate) is_fresh: bool,
}

/// A bounded list of Points in the order of time.
#[derive(Debug)]
pub(crate) struct Curve {
    points: Vec<Point>,
}

impl Curve {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { points: Vec::with_capacity(capacity.max(8)) }
    }

    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// Adds a Point; makes room by thinning out the older ones.
    pub(crate) fn push(&mut self, point: Point) {
        if self.points.len() == self.points.capacity() {
            self.thin_out();
        }
        self.points.push(point);
    }

    /// Keeps the later of each two Points; its power becomes the mean of both over their time. The first stays.
    fn thin_out(&mut self) {
        let mut kept = 1;
        let mut index = 1;
        while index < self.points.len() {
            let start = self.points[kept - 1].at;
            let (one, other) = (self.points[index], self.points.get(index + 1).copied());
            let mut merged = other.unwrap_or(one);
            if let (Some(other), Some(a), Some(b)) = (other, one.power, other.and_then(|o| o.power)) {
                let (first, second) = (one.at.saturating_sub(start), other.at.saturating_sub(one.at));
                if !(first + second).is_zero() {
                    merged.power = Some((a * first + b * second) / (first + second));
                }
            }
            merged.is_fresh |= one.is_fresh;
            self.points[kept] = merged;
            kept += 1;
            index += 2;
        }
        self.points.truncate(kept);
    }

    /// Energy at an instant: on the line between the two fresh Points around it, held beyond the outermost.
    /// In a pad, where power is steady, this removes the error of not knowing where in its update period the
    /// counter was read.
    pub(crate) fn energy_at(&self, at: Duration) -> Option<Energy> {
        let first = self.points.first()?;
        let after = self.points.partition_point(|point| point.at <= at);
        let before = self.points[..after].iter().rev().find(|point| point.is_fresh);
        let next = self.points[after..].iter().find(|point| point.is_fresh);
        match (before, next) {
            (Some(before), Some(next)) => {
                let whole = next.at.saturating_sub(before.at).as_secs_f64();
                let share = at.saturating_sub(before.at).as_secs_f64() / whole;
                Some(before.energy + (next.energy - before.energy) * share)
            }
            (Some(before), None) => Some(before.energy),
            (None, _) => Some(first.energy),
        }
    }

    /// The trace between two instants, counted from the first: what the instrument said where it says power, else
    /// the slope between fresh Points.
    pub(crate) fn trace(&self, from: Duration, to: Duration) -> PowerTrace {
        let inside = self.points.iter().filter(|point| (from..=to).contains(&point.at));
        if self.points.iter().any(|point| point.power.is_some()) {
            let samples =
                inside.filter_map(|point| Some(Sample { at: point.at - from, power: point.power? }));
            return PowerTrace(samples.collect());
        }
        let mut samples = Vec::with_capacity(self.points.len() + 1);
        let Some(mut energy) = self.energy_at(from) else { return PowerTrace::default() };
        let mut held_from = from;
        let edge = self.energy_at(to).map(|energy| (to, energy));
        for (at, next) in
            inside.filter(|point| point.is_fresh).map(|point| (point.at, point.energy)).chain(edge)
        {
            // A slope over less than this is noise of the reading, except where it must reach the edge.
            if at.saturating_sub(held_from) >= SHORTEST_SLOPE || (at == to && at > held_from) {
                samples.push(Sample { at: at - from, power: (next - energy) / (at - held_from) });
                (held_from, energy) = (at, next);
            }
        }
        PowerTrace(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_ms: u64, joules: f64, is_fresh: bool) -> Point {
        Point { at: Duration::from_millis(at_ms), energy: Energy::from_joules(joules), power: None, is_fresh }
    }

    fn ms(at: u64) -> Duration {
        Duration::from_millis(at)
    }

    #[test]
    fn between_two_updates_of_a_slow_counter_energy_lies_on_the_line() {
        let mut curve = Curve::with_capacity(8);
        for (at, joules, is_fresh) in [(0, 0.0, true), (50, 0.0, false), (100, 5.0, true), (150, 5.0, false)]
        {
            curve.push(point(at, joules, is_fresh));
        }
        assert_eq!(curve.energy_at(ms(50)).unwrap().joules(), 2.5);
        assert_eq!(curve.energy_at(ms(150)).unwrap().joules(), 5.0);
        assert_eq!(Curve::with_capacity(8).energy_at(ms(1)), None);
    }

    #[test]
    fn running_out_of_room_loses_detail_but_no_energy() {
        let mut curve = Curve::with_capacity(64);
        for index in 0..10_000_u32 {
            let power = Some(Power::from_watts(if index % 2 == 0 { 50.0 } else { 150.0 }));
            let energy = Energy::from_joules(f64::from(index) * 1.0);
            curve.push(Point { at: ms(u64::from(index) * 10), energy, power, is_fresh: true });
        }
        let capacity = curve.points.capacity();
        assert!(curve.points().len() <= capacity);
        assert!(curve.points().is_sorted_by_key(|point| point.at));
        let whole = curve.energy_at(ms(99_990)).unwrap() - curve.energy_at(ms(0)).unwrap();
        assert!((whole.joules() - 9999.0).abs() < 1e-6);
        let traced = curve.trace(ms(0), ms(99_990)).energy_between(ms(0), ms(99_990)).unwrap();
        assert!((traced.joules() - 9999.0).abs() < 100.0, "{traced:?}");
    }

    #[test]
    fn a_counter_without_power_readings_still_gives_a_trace_that_sums_to_its_difference() {
        let mut curve = Curve::with_capacity(16);
        for (at, joules) in [(0, 0.0), (10, 1.0), (20, 1.5), (30, 4.5)] {
            curve.push(point(at, joules, true));
        }
        let trace = curve.trace(ms(5), ms(25));
        let traced = trace.energy_between(ms(0), ms(20)).unwrap().joules();
        let counted = (curve.energy_at(ms(25)).unwrap() - curve.energy_at(ms(5)).unwrap()).joules();
        assert!((traced - counted).abs() < 1e-9, "{traced} {counted}");
    }
}
