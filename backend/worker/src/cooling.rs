//! First-order cooling: learning a machine's time constant from the temperatures it fell through, and saying how long the
//! next fall will take.
//!
//! `T(t) = T_a + (T_0 − T_a)·e^(−t/τ)`. τ is what fits the temperatures best; for each τ the other two follow by least
//! squares. Must not: learn from a fall that is not there, or predict without having learned.

use std::time::Duration;

use common::units::Temperature;
use serde::{Deserialize, Serialize};

/// A fall of less teaches nothing: thermometers show whole degrees.
const LEAST_FALL_C: f64 = 4.0;
/// Shorter than this teaches nothing either.
const LEAST_SPAN: Duration = Duration::from_secs(8);
const LEAST_POINTS: usize = 8;
/// Between these lies what cools by air or water.
const TAU_S: (f64, f64) = (3.0, 1200.0);
/// Steps in which τ is searched, evenly by its logarithm: 2 % each.
const STEPS: u32 = 300;
/// How much the newest fall counts.
const WEIGHT: f64 = 0.3;

/// What was learned of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cooling {
    /// The time constant.
    pub(crate) tau_s: f64,
    /// What it falls towards.
    pub(crate) ambient_c: f64,
    /// Falls that it was learned from.
    pub(crate) falls: u32,
}

impl Cooling {
    /// From one fall, as times and temperatures; `None` where there is nothing to learn.
    pub(crate) fn of(fall: &[(Duration, Temperature)]) -> Option<Self> {
        let (first, last) = (fall.first()?, fall.last()?);
        let has_fallen = first.1.celsius() - last.1.celsius() >= LEAST_FALL_C;
        if fall.len() < LEAST_POINTS || last.0.saturating_sub(first.0) < LEAST_SPAN || !has_fallen {
            return None;
        }
        let points: Vec<(f64, f64)> = fall
            .iter()
            .map(|(at, seen)| (at.saturating_sub(first.0).as_secs_f64(), seen.celsius()))
            .collect();
        let ratio = (TAU_S.1 / TAU_S.0).ln();
        (0..=STEPS)
            .filter_map(|step| {
                let tau_s = TAU_S.0 * (ratio * f64::from(step) / f64::from(STEPS)).exp();
                let (ambient_c, error) = fit(&points, tau_s)?;
                Some((Self { tau_s, ambient_c, falls: 1 }, error))
            })
            .min_by(|one, other| one.1.total_cmp(&other.1))
            .map(|best| best.0)
            // At an end of what was searched it is not a fit but a wall.
            .filter(|found| found.tau_s > TAU_S.0 * 1.05 && found.tau_s < TAU_S.1 / 1.05)
    }

    /// With one fall more; newer falls count more, for dust gathers.
    pub(crate) fn learn(known: Option<Self>, fall: &[(Duration, Temperature)]) -> Option<Self> {
        let Some(new) = Self::of(fall) else { return known };
        let Some(known) = known else { return Some(new) };
        let mix = |old: f64, new: f64| old + WEIGHT * (new - old);
        Some(Self {
            tau_s: mix(known.tau_s.ln(), new.tau_s.ln()).exp(),
            ambient_c: mix(known.ambient_c, new.ambient_c),
            falls: known.falls.saturating_add(1),
        })
    }

    /// How long until `now` has fallen to `gate` and falls by no more than `fall_c` in `span`.
    pub(crate) fn wait(&self, now: Temperature, gate: Temperature, fall_c: f64, span: Duration) -> Duration {
        // A machine that was seen cooler than what it was thought to fall towards falls further.
        let ambient = self.ambient_c.min(gate.celsius() - 1.0);
        let above = now.celsius() - ambient;
        if above <= 0.0 {
            return Duration::ZERO;
        }
        let until_gate = (above / (gate.celsius() - ambient)).ln();
        let grown = (span.as_secs_f64() / self.tau_s).exp() - 1.0;
        let until_steady = (above * grown / fall_c).ln();
        // The look-back sees no fall from before the work ended, and a machine that is there already is steady.
        let until_steady = if until_gate > 0.0 { until_steady } else { 0.0 };
        Duration::try_from_secs_f64(self.tau_s * until_gate.max(until_steady)).unwrap_or_default()
    }
}

/// Best ambient for a time constant, and the sum of squared errors.
fn fit(points: &[(f64, f64)], tau_s: f64) -> Option<(f64, f64)> {
    let count = f64::from(u32::try_from(points.len()).ok()?);
    let decay = |at: f64| (-at / tau_s).exp();
    let mean_x = points.iter().map(|point| decay(point.0)).sum::<f64>() / count;
    let mean_y = points.iter().map(|point| point.1).sum::<f64>() / count;
    let sxx: f64 = points.iter().map(|point| (decay(point.0) - mean_x).powi(2)).sum();
    if sxx <= f64::EPSILON {
        return None;
    }
    let sxy: f64 = points.iter().map(|point| (decay(point.0) - mean_x) * (point.1 - mean_y)).sum();
    let slope = sxy / sxx;
    let ambient = mean_y - slope * mean_x;
    let error = points.iter().map(|point| (point.1 - ambient - slope * decay(point.0)).powi(2)).sum();
    Some((ambient, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn celsius(value: f64) -> Temperature {
        Temperature::from_celsius(value)
    }

    /// A fall as a thermometer in whole degrees shows it, looked at four times a second.
    fn fall(from: f64, ambient: f64, tau_s: f64, seconds: u32) -> Vec<(Duration, Temperature)> {
        (0..seconds * 4)
            .map(|look| {
                let at = f64::from(look) * 0.25;
                let truth = ambient + (from - ambient) * (-at / tau_s).exp();
                (Duration::from_secs_f64(at), celsius(truth.round()))
            })
            .collect()
    }

    #[test]
    fn the_time_constant_is_learned_from_a_fall_in_whole_degrees() {
        for tau in [12.0, 40.0, 90.0] {
            let found = Cooling::of(&fall(75.0, 33.0, tau, 120)).unwrap();
            assert!((found.tau_s / tau - 1.0).abs() < 0.08, "{found:?} for {tau}");
            assert!((found.ambient_c - 33.0).abs() < 2.0, "{found:?} for {tau}");
        }
    }

    #[test]
    fn what_does_not_fall_teaches_nothing_and_forgets_nothing() {
        let steady = fall(40.0, 39.0, 30.0, 60);
        assert_eq!(Cooling::of(&steady), None);
        assert_eq!(Cooling::of(&fall(75.0, 33.0, 30.0, 1)), None, "a second is too short");
        let known = Cooling::of(&fall(75.0, 33.0, 30.0, 60));
        assert_eq!(Cooling::learn(known, &steady), known);
    }

    #[test]
    fn the_wait_is_that_of_first_order_cooling() {
        let cooling = Cooling { tau_s: 30.0, ambient_c: 35.0, falls: 3 };
        // From 75 to 43 °C: 30·ln(40/8) = 48.3 s; there it falls by 8·(e−1) = 13.7 °C in 30 s, until that is 1 °C it
        // takes 30·ln(40·(e−1)/1) = 126.9 s.
        let gate_alone = cooling.wait(celsius(75.0), celsius(43.0), 1e9, Duration::from_secs(30));
        assert!((gate_alone.as_secs_f64() - 48.28).abs() < 0.01, "{gate_alone:?}");
        let wait = cooling.wait(celsius(75.0), celsius(43.0), 1.0, Duration::from_secs(30));
        assert!((wait.as_secs_f64() - 126.9).abs() < 0.1, "{wait:?}");
        assert_eq!(cooling.wait(celsius(42.0), celsius(43.0), 1.0, Duration::from_secs(30)), Duration::ZERO);
        assert_eq!(cooling.wait(celsius(30.0), celsius(43.0), 1.0, Duration::from_secs(30)), Duration::ZERO);
    }

    #[test]
    fn later_falls_shift_what_is_known() {
        let known = Cooling { tau_s: 40.0, ambient_c: 33.0, falls: 1 };
        let shifted = Cooling::learn(Some(known), &fall(75.0, 33.0, 80.0, 200)).unwrap();
        assert!(shifted.tau_s > 44.0 && shifted.tau_s < 60.0, "{shifted:?}");
        assert_eq!(shifted.falls, 2);
    }
}
