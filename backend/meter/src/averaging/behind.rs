//! How far the readings of an instrument on another clock lie behind a load, such as those of a meter at the socket.
//!
//! Must not: tell a delay of readings that the load does not explain.

use std::time::Duration;

use super::Piece;
use super::fit::{Done, Fit, Seen};

/// Fewer readings are aligned with anything.
const LEAST_ALIGNED: usize = 12;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Behind {
    /// Seconds; negative where they lie before it, as by a clock that is slow.
    pub delay_s: f64,
    /// Half-width of its 95 % interval.
    pub half_width_s: f64,
}

/// Aligns power readings, in seconds on a clock that need not be ours and watts, with the work of a load: the delay
/// within ±`within` that explains them best, each reading being a mean over about `window`. `None` where the load
/// explains too little of them.
pub fn align(readings: &[(f64, f64)], work: &[Piece], window: Duration, within: Duration) -> Option<Behind> {
    let readings: Vec<Seen> = readings.iter().map(|&(at, watts)| Seen { at, off: 0.0, watts }).collect();
    if readings.len() < LEAST_ALIGNED || work.is_empty() || window.is_zero() {
        return None;
    }
    let (load, window) = (Done::of(work), window.as_secs_f64());
    let fit = Fit { readings: &readings, load: &load, period: window };
    let (delay_s, half_width_s) = fit.delay_within(within.as_secs_f64(), window)?;
    Some(Behind { delay_s, half_width_s })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Chance;

    const SECOND: Duration = Duration::from_secs(1);

    /// Three pulses of load, five seconds on and off.
    fn pulses() -> Vec<Piece> {
        let at = Duration::from_secs;
        (0..3).map(|nth| Piece { from: at(nth * 10 + 5), to: at(nth * 10 + 10), amount: 5.0 }).collect()
    }

    /// Readings of a plug that looks every `every_s` seconds at the mean of the last second, in tenths of a watt, and lies
    /// `behind_s` behind.
    fn plug(
        work: &[Piece],
        behind_s: f64,
        every_s: f64,
        noise_w: f64,
        chance: &mut Chance,
    ) -> Vec<(f64, f64)> {
        let load = Done::of(work);
        let start = every_s * chance.between(0.0, 1.0);
        let reading = |index: u32| {
            let at = start + f64::from(index) * every_s;
            let end = at - behind_s;
            let share = load.until(end, &mut 0) - load.until(end - 1.0, &mut 0);
            let watts = 40.0 + 60.0 * share + noise_w * chance.normal();
            (at, (watts * 10.0).round() / 10.0)
        };
        (0..45).map(reading).collect()
    }

    #[test]
    fn three_pulses_tell_how_far_a_plugs_readings_lie_behind() {
        let (work, mut chance) = (pulses(), Chance::new(9));
        for truth in [-2.3, 0.05, 1.4] {
            let readings = plug(&work, truth, 0.9, 0.5, &mut chance);
            let found = align(&readings, &work, SECOND, SECOND * 5).unwrap();
            assert!((found.delay_s - truth).abs() < 0.1, "{found:?} for {truth}");
            assert!(found.half_width_s < 0.1, "{found:?}");
        }
        let noise: Vec<(f64, f64)> = (0..45).map(|at| (f64::from(at), 40.0 + chance.normal())).collect();
        assert_eq!(align(&noise, &work, SECOND, SECOND * 5), None);
    }

    #[test]
    fn the_stated_interval_of_a_delay_covers_the_truth_whatever_the_plugs_pace_noise_and_delay() {
        let (work, mut chance) = (pulses(), Chance::new(17));
        let (mut covered, mut widest) = (0, 0.0f64);
        for _ in 0..400 {
            let (truth, every) = (chance.between(-3.0, 3.0), chance.between(0.5, 1.1));
            let noise = chance.between(0.0, 2.0);
            let readings = plug(&work, truth, every, noise, &mut chance);
            let found = align(&readings, &work, SECOND, SECOND * 5).unwrap();
            covered += u32::from((found.delay_s - truth).abs() <= found.half_width_s);
            widest = widest.max(found.half_width_s);
        }
        println!("{covered} of 400, widest {widest:.3} s");
        assert!(covered >= 376, "{covered} of 400");
        assert!(widest < 0.2, "not by being wide: {widest} s");
    }
}
