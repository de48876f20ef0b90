//! How far the energy of one Run may be off, by the budget of the protocol.
//!
//! For each Domain inside the boundary `u² = (g·E)² + (r/√6)² + (t_pad·u(P_idle))²` with `g` the gain uncertainty and `r`
//! the resolution of its meter card, `t_pad` the pads and `u(P_idle) = |before − after|/√12 ⊕ standard error`, the latter
//! of readings that resemble their neighbours (see [`steadiness`](crate::steadiness)); Domains add in
//! quadrature, and `s²/n` of the Repetitions is added. Stated with k = 2 (about 95 %). The gain term does
//! not shrink with repetition and cancels in ratios on one Machine, so both widths are kept.
//!
//! Must not: be zero because something is unknown: an unknown resolution counts for nothing, but the gain always counts.

use std::time::Duration;

use crate::leaderboard::{BodyEnergy, Boundary};
use crate::measurement::{Baseline, Facts, Repetition};
use crate::meter::MeterCard;
use crate::stats::Moments;
use crate::units::{Energy, Power};

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
            .map(|r| {
                let energy = BodyEnergy::of(facts, r).of_each(r.responses());
                energy.headline().filter(|h| h.0 == boundary).map(|h| h.1.joules())
            })
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

/// Of the mean energy of one Domain over some Windows that each held the same work, pads taken off.
/// `None` without an energy.
pub fn of_domain(
    card: &MeterCard,
    baseline: Option<&Baseline>,
    found: &[(Energy, Duration)],
) -> Option<Uncertainty> {
    let moments = Moments::of(found.iter().map(|(energy, _)| energy.joules()));
    let estimate = moments.estimate()?;
    let spread = estimate.half_width.map_or(0.0, |half| half / K);
    let own =
        Moments::of(found.iter().map(|&(_, pads)| own_of(card, None, baseline, pads).powi(2))).sum().sqrt();
    let relative = spread.hypot(own / f64::from(u32::try_from(found.len()).ok()?));
    let gain = card.gain_uncertainty * estimate.mean.abs();
    Some(Uncertainty {
        absolute: Energy::from_joules(K * relative.hypot(gain)),
        relative: Energy::from_joules(K * relative),
    })
}

/// Energy less that of the idle Machine over the same time, and how far that may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Net {
    /// Negative where idle power took more; printed so.
    pub energy: Energy,
    /// Half-width at k = 2.
    pub half_width: Energy,
}

impl Net {
    /// From gross energy and idle power, each with its half-width.
    pub fn of(gross: (Energy, Energy), idle: (Power, Power), span: Duration) -> Self {
        let idle_width = idle.1 * span;
        Self {
            energy: gross.0 - idle.0 * span,
            half_width: Energy::from_joules(gross.1.joules().hypot(idle_width.joules())),
        }
    }

    /// Whether the interval leaves something to be said: less energy than idle is never resolved.
    pub fn is_resolved(&self) -> bool {
        self.half_width.joules() <= crate::verdict::MAX_NET_INTERVAL * self.energy.joules()
    }
}

/// Half-width of idle power at k = 2, from what it was before and after and how well each is known.
pub fn of_idle(baseline: &Baseline) -> Power {
    let (before, after) = (baseline.before, baseline.after);
    let difference = before.zip(after).map_or(0.0, |(before, after)| (before - after).watts().abs());
    Power::from_watts(K * (difference / 12.0_f64.sqrt()).hypot(baseline.standard_error().watts()))
}

/// What one Window adds: the resolution of its edges (or what the Reading itself says of them), and the pads that were
/// taken off at an idle power that is itself uncertain.
fn own_of(card: &MeterCard, edges: Option<Energy>, baseline: Option<&Baseline>, pads: Duration) -> f64 {
    let steps = || card.resolution.map_or(0.0, Energy::joules) / 6.0_f64.sqrt();
    let resolution = edges.map_or_else(steps, Energy::joules);
    let idle = baseline.map_or(0.0, |baseline| of_idle(baseline).watts() / K);
    resolution.hypot(idle * pads.as_secs_f64())
}

/// Standard uncertainties of one response of a Repetition in joules.
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
            let Some(card) = card else { continue };
            if let Some(energy) = reading.body_energy(repetition.window, baseline) {
                gain = gain.hypot(card.gain_uncertainty * energy.joules());
                own = own.hypot(own_of(card, reading.uncertainty, baseline, repetition.window.pads()));
            }
        }
        let answers = f64::from(repetition.responses());
        Self { gain: gain / answers, own: own / answers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::{Domain, Label, Method};
    use crate::steadiness::Steadiness;

    fn card(gain: f64, resolution_j: f64) -> MeterCard {
        MeterCard {
            resolution: Some(Energy::from_joules(resolution_j)),
            gain_uncertainty: gain,
            ..MeterCard::new("test", Domain::CpuPackage(0), Label::Measured, Method::Counter, "")
        }
    }

    fn found(joules: &[f64]) -> Vec<(Energy, Duration)> {
        joules.iter().map(|&j| (Energy::from_joules(j), Duration::from_secs(1))).collect()
    }

    #[test]
    fn the_gain_counts_absolutely_and_cancels_relatively() {
        let u = of_domain(&card(0.05, 0.0), None, &found(&[100.0])).unwrap();
        assert_eq!((u.absolute.joules(), u.relative.joules()), (10.0, 0.0));
        assert_eq!(of_domain(&card(0.05, 0.0), None, &[]), None);
    }

    #[test]
    fn a_shelly_step_of_3_6_joules_is_1_5_joules_at_k_1() {
        let u = of_domain(&card(0.0, 3.6), None, &found(&[298.8])).unwrap();
        assert!((u.absolute.joules() / 2.0 - 1.47).abs() < 0.01, "{u:?}");
    }

    #[test]
    fn pads_count_by_what_is_not_known_of_idle_power() {
        let power = |watts| Some(Power::from_watts(watts));
        let baseline = Baseline::new(Domain::CpuPackage(0), power(100.0), power(112.0));
        let u = of_domain(&card(0.0, 0.0), Some(&baseline), &found(&[500.0])).unwrap();
        assert!((u.absolute.joules() - 2.0 * 12.0 / 12.0_f64.sqrt()).abs() < 1e-9, "{u:?}");
    }

    #[test]
    fn the_standard_error_of_idle_power_counts_beside_its_drift() {
        let power = |watts| Power::from_watts(watts);
        let of = |error: f64| Steadiness {
            blocks: 30,
            deviation: power(2.0),
            standard_error: power(error),
            furthest: 2.5,
        };
        let mut baseline = Baseline::new(Domain::CpuPackage(0), Some(power(100.0)), Some(power(112.0)));
        (baseline.steadiness_before, baseline.steadiness_after) = (Some(of(3.0)), Some(of(4.0)));
        let drift = 12.0 / 12.0_f64.sqrt();
        assert!((of_idle(&baseline).watts() - 2.0 * drift.hypot(2.5)).abs() < 1e-9);
        let alone = Baseline { after: None, steadiness_after: None, ..baseline };
        assert!((of_idle(&alone).watts() - 6.0).abs() < 1e-9, "one span has its whole error");
        // Over a body of ten seconds the net is open by 20 times that.
        let net = Net::of(
            (Energy::from_joules(5000.0), Energy::ZERO),
            (power(100.0), of_idle(&alone)),
            Duration::from_secs(10),
        );
        assert!((net.half_width.joules() - 60.0).abs() < 1e-9);
    }

    #[test]
    fn repeating_shrinks_what_is_independent_and_leaves_the_gain() {
        let one = of_domain(&card(0.03, 2.0), None, &found(&[100.0])).unwrap();
        let many = of_domain(&card(0.03, 2.0), None, &found(&[100.0; 16])).unwrap();
        assert!((many.relative.joules() - one.relative.joules() / 4.0).abs() < 1e-9);
        assert!(many.absolute.joules() >= 2.0 * 0.03 * 100.0);
    }

    #[test]
    fn net_of_5000_joules_in_10_seconds_over_100_watts_is_4000_and_keeps_both_intervals() {
        let of = |gross, width| {
            let joules = Energy::from_joules;
            let idle = (Power::from_watts(100.0), Power::from_watts(2.0));
            Net::of((joules(gross), joules(width)), idle, Duration::from_secs(10))
        };
        let net = of(5000.0, 50.0);
        assert!(
            (net.energy.joules() - 4000.0).abs() < 1e-9 && (net.half_width.joules() - 53.85).abs() < 0.01
        );
        assert!(net.is_resolved());
        let below = of(950.0, 9.5);
        assert!((below.energy.joules() + 50.0).abs() < 1e-9, "negative net stays negative");
        assert!((below.half_width.joules() - 22.14).abs() < 0.01);
        assert!(!below.is_resolved());
    }
}
