//! How far the energy of one Run may be off, by the budget of the protocol.
//!
//! For each Domain inside the boundary `u² = (g·E)² + (r/√6)² + (t_pad·u(P_idle))²` with `g` the gain uncertainty and `r`
//! the resolution of its meter card, `t_pad` the pads and `u(P_idle) = |before − after|/√12`; Domains add in
//! quadrature, and `s²/n` of the Repetitions is added. Stated with k = 2 (about 95 %). The gain term does
//! not shrink with repetition and cancels in ratios on one Machine, so both widths are kept.
//!
//! Must not: be zero because something is unknown: an unknown resolution counts for nothing, but the gain always counts.

use crate::leaderboard::{BodyEnergy, Boundary};
use crate::measurement::{Facts, Repetition};
use crate::stats::Moments;
use crate::units::Energy;

/// Half-widths at k = 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uncertainty {
    /// Everything included: for comparing with other Machines.
    pub absolute: Energy,
    /// The gain left out: for comparing Runs of one Machine.
    pub relative: Energy,
}

/// Coverage factor.
const K: f64 = 2.0;

impl Uncertainty {
    /// Of the mean energy per response inside `boundary`; `None` where that has no energy.
    pub fn of(facts: &Facts, boundary: Boundary) -> Option<Self> {
        let energies: Option<Vec<f64>> = facts
            .repetitions
            .iter()
            .map(|r| BodyEnergy::of(facts, r).headline().filter(|h| h.0 == boundary).map(|h| h.1.joules()))
            .collect();
        let moments = Moments::of(energies?);
        let estimate = moments.estimate()?;
        let spread = estimate.half_width.map_or(0.0, |half| half / K);
        let terms: Vec<Terms> = facts.repetitions.iter().map(|r| Terms::of(facts, r, boundary)).collect();
        let count = Moments::of(terms.iter().map(|t| t.own.powi(2)));
        // Repetitions share one gain error; their resolution errors are independent and shrink with their number.
        let own = (count.sum()).sqrt() / f64::from(u32::try_from(terms.len()).ok()?);
        let gain = Moments::of(terms.iter().map(|t| t.gain)).mean;
        let relative = spread.hypot(own);
        Some(Self {
            absolute: Energy::from_joules(K * relative.hypot(gain)),
            relative: Energy::from_joules(K * relative),
        })
    }
}

/// Standard uncertainties of one Repetition in joules.
struct Terms {
    gain: f64,
    own: f64,
}

impl Terms {
    fn of(facts: &Facts, repetition: &Repetition, boundary: Boundary) -> Self {
        let (mut gain, mut own) = (0.0_f64, 0.0_f64);
        for reading in repetition.readings.iter().filter(|reading| boundary.contains(reading.domain)) {
            let card = facts.meters.iter().find(|card| card.domain == reading.domain);
            let baseline = facts.baseline(reading.domain);
            if let (Some(card), Some(energy)) = (card, reading.body_energy(repetition.window, baseline)) {
                gain = gain.hypot(card.gain_uncertainty * energy.joules());
                let resolution = card.resolution.map_or(0.0, Energy::joules) / 6.0_f64.sqrt();
                own = own.hypot(resolution);
            }
            if let Some((before, after)) = baseline.and_then(|b| b.before.zip(b.after)) {
                let idle = (before - after).watts().abs() / 12.0_f64.sqrt();
                own = own.hypot(idle * repetition.window.pads().as_secs_f64());
            }
        }
        Self { gain, own }
    }
}
