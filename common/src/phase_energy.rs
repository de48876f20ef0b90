//! Energy of prefill and of each output token, by regression over output lengths: `E(n) = E_prefill + e_tok·n (+ q·n²)`.
//!
//! A short prefill cannot be cut out of one Window: its edge is known no better than the sensor's update period. Over
//! several output lengths of the same prompt it is the value at n = 0, with an interval. The curvature is what a
//! growing key-value cache adds to each token. Over prompts of several lengths the prefill is taken apart as well:
//! `E(p, n) = E_start + e_in·p + e_tok·n`. Must not: be asked for more unknowns than there are lengths, or call a figure
//! resolved whose interval holds 0.

mod least_squares;

use crate::leaderboard::Profiled;
use crate::stats::Moments;
use crate::units::Energy;
use least_squares::{Point, fit};

/// Energies of responses of one length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Responses {
    /// Tokens written.
    pub output_tokens: u32,
    /// Energy of the whole response in joules.
    pub energy_j: Moments,
}

/// A fitted energy with the half-width of its 95 % interval; `None` where as many responses as unknowns leave nothing to
/// judge by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The best value.
    pub energy: Energy,
    /// Half-width of its 95 % interval.
    pub half_width: Option<Energy>,
}

impl Fitted {
    /// Whether its interval leaves out 0: what does not is not told from nothing.
    pub fn is_resolved(&self) -> bool {
        self.half_width.is_some_and(|half| self.energy.joules().abs() > half.joules())
    }

    /// Whether it is what something takes: resolved, and more than nothing. No phase gives energy back; where the best
    /// value says so, the form does not hold for the responses that it was fitted to.
    pub fn is_price(&self) -> bool {
        self.is_resolved() && self.energy > Energy::ZERO
    }
}

/// Whether the energy per token may grow with the length of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// Every token costs the same.
    Constant,
    /// Each token costs more than the one before it.
    Linear,
}

/// What prefill and each output token take.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseEnergy {
    /// Responses that it was fitted to.
    pub n: u64,
    /// Before the first output token.
    pub prefill: Fitted,
    /// Per output token, at the beginning of the answer.
    pub per_token: Fitted,
    /// The factor of n², where it was asked for.
    pub growth: Option<Fitted>,
    /// The largest residual of a length's mean.
    pub worst_residual: Energy,
}

/// What starting, each token read and each token written take, over prompts of several lengths.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenEnergy {
    /// Responses that it was fitted to.
    pub n: u64,
    /// A response without a token.
    pub start: Fitted,
    /// Per input token.
    pub per_input_token: Fitted,
    /// Per output token.
    pub per_output_token: Fitted,
}

/// Why responses cannot be taken apart; says what to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhaseError {
    /// As many output lengths as unknowns are needed at least.
    #[error("{found} different output lengths cannot tell {needed} unknowns apart; measure {needed} or more")]
    TooFewLengths {
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Lengths of prompts and answers go together.
    #[error("prompts and answers are longer and shorter together; measure short answers to long prompts")]
    Together,
    /// An energy is no number.
    #[error("an energy is not a finite number")]
    NotFinite,
}

impl PhaseEnergy {
    /// Fits by least squares; each response counts the same.
    ///
    /// # Errors
    /// [`PhaseError`] says what to measure.
    pub fn of(responses: &[Responses], growth: Growth) -> Result<Self, PhaseError> {
        let needed = match growth {
            Growth::Constant => 2,
            Growth::Linear => 3,
        };
        let known = || responses.iter().filter(|responses| responses.energy_j.n > 0);
        let found = distinct(known().map(|responses| responses.output_tokens));
        if found < needed {
            return Err(PhaseError::TooFewLengths { found, needed });
        }
        // Lengths as shares of the longest: powers of 512 beside 1 would lose digits.
        let scale = longest(known().map(|responses| responses.output_tokens));
        let points: Vec<Point> = known()
            .map(|responses| {
                let x = f64::from(responses.output_tokens) / scale;
                ([1.0, x, x * x], responses.energy_j)
            })
            .collect();
        let fit = fit(&points, needed)?.ok_or(PhaseError::TooFewLengths { found, needed })?;
        Ok(Self {
            n: fit.n,
            prefill: fit.fitted(0, 1.0),
            per_token: fit.fitted(1, 1.0 / scale),
            growth: (needed == 3).then(|| fit.fitted(2, 1.0 / (scale * scale))),
            worst_residual: Energy::from_joules(fit.worst),
        })
    }

    /// Lets tokens grow dearer only where that is resolved: where the interval of the growth leaves out 0.
    ///
    /// # Errors
    /// [`PhaseError`] as for [`PhaseEnergy::of`].
    pub fn simplest(responses: &[Responses]) -> Result<Self, PhaseError> {
        let is_curved = |fit: &Self| fit.growth.is_some_and(|growth| growth.is_resolved());
        let curved = Self::of(responses, Growth::Linear).ok().filter(is_curved);
        curved.map_or_else(|| Self::of(responses, Growth::Constant), Ok)
    }

    /// The same for each prompt length of a profile that was answered at several output lengths, shortest prompt first.
    pub fn by_prompt(profile: &[Profiled]) -> Vec<(u32, Self)> {
        let mut prompts: Vec<u32> = profile.iter().map(|each| each.prompt_tokens).collect();
        prompts.sort_unstable();
        prompts.dedup();
        let of = |prompt_tokens: u32| {
            let own = profile.iter().filter(|each| each.prompt_tokens == prompt_tokens);
            let responses: Vec<Responses> = own
                .map(|each| Responses { output_tokens: each.output_tokens, energy_j: each.energy_j })
                .collect();
            Some((prompt_tokens, Self::simplest(&responses).ok()?))
        };
        prompts.into_iter().filter_map(of).collect()
    }

    /// Prefill's energy by the tokens that it read.
    pub fn per_input_token(&self, prompt_tokens: u32) -> Option<Fitted> {
        let tokens = f64::from(prompt_tokens);
        (prompt_tokens > 0).then(|| Fitted {
            energy: self.prefill.energy / tokens,
            half_width: self.prefill.half_width.map(|half| half / tokens),
        })
    }

    /// The energy of a response of so many tokens.
    pub fn response(&self, output_tokens: u32) -> Energy {
        let n = f64::from(output_tokens);
        let growth = self.growth.map_or(Energy::ZERO, |growth| growth.energy * (n * n));
        self.prefill.energy + self.per_token.energy * n + growth
    }
}

impl TokenEnergy {
    /// Fits to all lengths of a profile.
    ///
    /// # Errors
    /// [`PhaseError`] says what to measure.
    pub fn of(profile: &[Profiled]) -> Result<Self, PhaseError> {
        const NEEDED: usize = 3;
        let known = || profile.iter().filter(|each| each.energy_j.n > 0);
        let found = known().count();
        let outputs = distinct(known().map(|each| each.output_tokens));
        if found < NEEDED || outputs < 2 {
            return Err(PhaseError::TooFewLengths { found: outputs.min(found), needed: NEEDED });
        }
        let read = longest(known().map(|each| each.prompt_tokens));
        let written = longest(known().map(|each| each.output_tokens));
        let points: Vec<Point> = known()
            .map(|each| {
                let (p, n) = (f64::from(each.prompt_tokens) / read, f64::from(each.output_tokens) / written);
                ([1.0, p, n], each.energy_j)
            })
            .collect();
        let fit = fit(&points, NEEDED)?.ok_or(PhaseError::Together)?;
        Ok(Self {
            n: fit.n,
            start: fit.fitted(0, 1.0),
            per_input_token: fit.fitted(1, 1.0 / read),
            per_output_token: fit.fitted(2, 1.0 / written),
        })
    }
}

fn distinct(lengths: impl Iterator<Item = u32>) -> usize {
    lengths.collect::<std::collections::BTreeSet<u32>>().len()
}

fn longest(lengths: impl Iterator<Item = u32>) -> f64 {
    f64::from(lengths.max().unwrap_or(1).max(1))
}

#[cfg(test)]
mod tests;
