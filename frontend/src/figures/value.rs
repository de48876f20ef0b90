//! What a figure is on one line.
//!
//! Must not: turn a missing value into a number.

use common::model::Model;
use common::sci::Sci;
use common::stats::Estimate;
use common::units::Carbon;

use super::{Figure, Line};
use crate::scale::float;
use crate::view_state::{Per, Unit, ViewState};

impl Figure {
    /// The figure of a line; `None` where it is missing.
    pub fn of(&self, line: &Line, view: &ViewState) -> Option<Estimate> {
        let sums = &line.row.sums;
        match self {
            Self::Energy => with_uncertainty(
                line,
                match view.unit {
                    Unit::Watts => line.row.power(),
                    Unit::Joules => energy(line, view.per),
                    Unit::WattHours => energy(line, view.per).map(|joules| {
                        let to_wh = |value: f64| common::units::Energy::from_joules(value).watt_hours();
                        Estimate {
                            mean: to_wh(joules.mean),
                            half_width: joules.half_width.map(to_wh),
                            ..joules
                        }
                    }),
                },
            ),
            Self::NetEnergy => sums.net_energy_j.estimate(),
            Self::EnergyPerOutputToken => with_uncertainty(line, line.row.energy_per_output_token()),
            Self::EnergyPerPromptToken => line.row.energy_per_prompt_token(),
            Self::TokensPerJoule => exact(line.row.tokens_per_joule()?, sums.energy_j.n),
            Self::Power => with_uncertainty(line, line.row.power()),
            Self::Carbon => emitted(line, view.per, |sci| sci.operational),
            Self::Sci => emitted(line, view.per, Sci::total),
            Self::Throughput => exact(line.row.throughput()?, sums.latency_s.n),
            Self::Latency => sums.latency_s.estimate(),
            Self::Ttft => sums.ttft_s.estimate(),
            Self::Tpot => sums.tpot_s.estimate(),
            Self::ItlP50 => sums.itl_p50_s.estimate(),
            Self::ItlP90 => sums.itl_p90_s.estimate(),
            Self::ItlP95 => sums.itl_p95_s.estimate(),
            Self::ItlP99 => sums.itl_p99_s.estimate(),
            Self::OutputTokens => sums.output_tokens.estimate(),
            Self::PromptTokens => sums.prompt_tokens.estimate(),
            Self::Parameters => exact(float(line.model.parameters), 1),
            Self::Size => exact(float(line.model.weight_bytes), 1),
            Self::Bits => exact(line.model.bits_per_weight, 1),
            Self::Batch => exact(f64::from(line.row.key.batch), 1),
            Self::Quality(name) => quality(&line.model, name),
            Self::Error(name) => {
                quality(&line.model, name).map(|score| Estimate { mean: 1.0 - score.mean, ..score })
            }
            Self::Correct => line.row.correct_share(),
            Self::Formula(written) => written.of(line),
            Self::Runs => exact(float(sums.runs), sums.runs),
            Self::Valid => {
                let valid = sums.runs.saturating_sub(sums.flagged_runs);
                (sums.runs > 0).then(|| Estimate {
                    n: sums.runs,
                    mean: float(valid) / float(sums.runs),
                    half_width: None,
                })
            }
        }
    }
}

fn with_uncertainty(line: &Line, estimate: Option<Estimate>) -> Option<Estimate> {
    let estimate = estimate?;
    let half_width = estimate.half_width.or_else(|| Some(line.uncertainty? * estimate.mean));
    Some(Estimate { half_width, ..estimate })
}

/// Emissions per what the view says. What is emitted for the energy is as uncertain as that is; what was emitted for
/// making the machine is a constant; of right answers the share that is right is uncertain too.
fn emitted(line: &Line, per: Per, of: fn(Sci) -> Carbon) -> Option<Estimate> {
    let sci = line.emitted(line.grid.as_deref()?, per)?;
    let (energy, share) = match per {
        Per::CorrectAnswer => (line.row.scored_energy(), line.row.correct_share()),
        Per::Response | Per::OutputToken => (line.row.energy(), None),
    };
    let energy = with_uncertainty(line, energy)?;
    let (mean, operational) = (of(sci).grams(), sci.operational.grams());
    let of_share = share.and_then(Estimate::relative).unwrap_or(0.0) * mean;
    let half_width = energy.relative().map(|relative| (relative * operational).hypot(of_share));
    Some(Estimate { n: energy.n, mean, half_width })
}

fn energy(line: &Line, per: Per) -> Option<Estimate> {
    match per {
        Per::Response => line.row.energy(),
        Per::OutputToken => line.row.energy_per_output_token(),
        Per::CorrectAnswer => line.row.energy_per_correct_answer(),
    }
}

fn quality(model: &Model, benchmark: &str) -> Option<Estimate> {
    let quality = model.quality.iter().find(|quality| quality.benchmark == benchmark)?;
    Some(Estimate { n: u64::from(quality.n), mean: quality.score, half_width: quality.half_width() })
}

const fn exact(mean: f64, n: u64) -> Option<Estimate> {
    Some(Estimate { n, mean, half_width: None })
}
