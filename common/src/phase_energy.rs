//! Energy of prefill and of each output token, by regression over output lengths: `E(n) = E_prefill + e_tok·n (+ q·n²)`.
//!
//! A short prefill cannot be cut out of one Window: its edge is known no better than the sensor's update period. Over
//! several output lengths of the same prompt it is the value at n = 0, with an interval. The curvature is what a
//! growing key-value cache adds to each token. Over prompts of several lengths the prefill is taken apart as well:
//! `E(p, n) = E_start + e_in·p + e_tok·n`. Must not: be asked for more unknowns than there are lengths, or call a figure
//! resolved whose interval holds 0.

use crate::leaderboard::Profiled;
use crate::stats::{Moments, t95};
use crate::units::Energy;

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

/// What the energies of some responses are explained by, and these energies.
type Point = ([f64; 3], Moments);

/// A least-squares fit.
struct Fit {
    n: u64,
    factors: [f64; 3],
    /// Half-widths of their 95 % intervals.
    half_widths: Option<[f64; 3]>,
    worst: f64,
}

impl Fit {
    fn fitted(&self, index: usize, unit: f64) -> Fitted {
        Fitted {
            energy: Energy::from_joules(self.factors[index] * unit),
            half_width: self.half_widths.map(|half| Energy::from_joules(half[index] * unit)),
        }
    }
}

/// Fits the first `unknowns` columns; `None` where the points do not tell them apart.
fn fit(points: &[Point], unknowns: usize) -> Result<Option<Fit>, PhaseError> {
    if points.iter().any(|(_, energy)| !(energy.mean.is_finite() && energy.m2.is_finite())) {
        return Err(PhaseError::NotFinite);
    }
    let Some((factors, inverse)) = least_squares(points, unknowns) else { return Ok(None) };
    let residual = |(row, energy): &Point| {
        energy.mean - row.iter().zip(&factors).take(unknowns).map(|(x, factor)| x * factor).sum::<f64>()
    };
    let n: u64 = points.iter().map(|point| point.1.n).sum();
    // What single responses deviate from the mean of their length counts as much as what that deviates from the line.
    let squares: f64 =
        points.iter().map(|point| weight(point.1) * residual(point).powi(2) + point.1.m2).sum();
    let degrees = n.saturating_sub(u64::try_from(unknowns).unwrap_or(u64::MAX));
    let half_widths = (degrees > 0).then(|| {
        let variance = squares / weight(Moments { n: degrees, ..Moments::default() });
        [0, 1, 2].map(|index| t95(degrees) * (variance * inverse[index][index]).max(0.0).sqrt())
    });
    let worst = points.iter().map(|point| residual(point).abs()).fold(0.0, f64::max);
    Ok(Some(Fit { n, factors, half_widths, worst }))
}

fn weight(energy: Moments) -> f64 {
    Moments { mean: 1.0, ..energy }.sum()
}

type Matrix = [[f64; 3]; 3];

/// Solves the normal equations of the first `unknowns` columns; also gives the inverse of their matrix, whose
/// diagonal is the variance of each factor in units of that of a point.
fn least_squares(points: &[Point], unknowns: usize) -> Option<([f64; 3], Matrix)> {
    let (mut matrix, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
    for (row, energy) in points {
        let weight = weight(*energy);
        for i in 0..unknowns {
            right[i] += weight * row[i] * energy.mean;
            for j in 0..unknowns {
                matrix[i][j] += weight * row[i] * row[j];
            }
        }
    }
    let inverse = invert(matrix, unknowns)?;
    let mut solution = [0.0; 3];
    for i in 0..unknowns {
        solution[i] = (0..unknowns).map(|j| inverse[i][j] * right[j]).sum();
    }
    Some((solution, inverse))
}

/// Gauss–Jordan with the largest pivot of each column.
fn invert(mut matrix: Matrix, size: usize) -> Option<Matrix> {
    let mut inverse = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for column in 0..size {
        let pivot =
            (column..size).max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        if matrix[pivot][column].abs() < 1e-12 {
            return None;
        }
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let head = matrix[column][column];
        for j in 0..size {
            matrix[column][j] /= head;
            inverse[column][j] /= head;
        }
        for i in (0..size).filter(|&i| i != column) {
            let factor = matrix[i][column];
            for j in 0..size {
                matrix[i][j] -= factor * matrix[column][j];
                inverse[i][j] -= factor * inverse[column][j];
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn responses(lengths: &[u32], energy: impl Fn(f64) -> f64) -> Vec<Responses> {
        let of = |&n: &u32| Responses { output_tokens: n, energy_j: Moments::one(energy(f64::from(n))) };
        lengths.iter().map(of).collect()
    }

    const LENGTHS: [u32; 5] = [1, 64, 128, 256, 512];

    #[test]
    fn a_prefill_of_120_joules_and_3_5_joules_a_token_are_recovered_exactly() {
        let fit = PhaseEnergy::of(&responses(&LENGTHS, |n| 120.0 + 3.5 * n), Growth::Constant).unwrap();
        assert!((fit.prefill.energy.joules() - 120.0).abs() < 1e-9, "{fit:?}");
        assert!((fit.per_token.energy.joules() - 3.5).abs() < 1e-12, "{fit:?}");
        assert!(fit.prefill.half_width.unwrap().joules() < 1e-6);
        assert!((fit.response(100).joules() - 470.0).abs() < 1e-9);
        assert!((fit.per_input_token(60).unwrap().energy.joules() - 2.0).abs() < 1e-9);
        assert_eq!(fit.per_input_token(0), None);
    }

    #[test]
    fn tokens_that_grow_dearer_with_the_cache_are_recovered_exactly() {
        let fit = PhaseEnergy::simplest(&responses(&LENGTHS, |n| 80.0 + 2.0 * n + 0.001 * n * n)).unwrap();
        assert!((fit.growth.unwrap().energy.joules() - 0.001).abs() < 1e-12, "{fit:?}");
        assert!((fit.prefill.energy.joules() - 80.0).abs() < 1e-8, "{fit:?}");
    }

    #[test]
    fn a_growth_that_noise_could_be_is_left_out() {
        let noise = [0.4, -0.3, 0.5, -0.6, 0.2];
        let mut noisy = responses(&LENGTHS, |n| 120.0 + 3.5 * n);
        for (response, noise) in noisy.iter_mut().zip(noise) {
            response.energy_j.mean += noise;
        }
        let fit = PhaseEnergy::simplest(&noisy).unwrap();
        assert_eq!(fit.growth, None);
        assert!((fit.prefill.energy.joules() - 120.0).abs() <= fit.prefill.half_width.unwrap().joules());
        assert!(fit.worst_residual.joules() < 1.0);
    }

    #[test]
    fn too_few_lengths_say_how_many_it_takes() {
        let same = responses(&[5, 5, 5], |n| n);
        assert_eq!(
            PhaseEnergy::of(&same, Growth::Constant),
            Err(PhaseError::TooFewLengths { found: 1, needed: 2 })
        );
        let two = PhaseEnergy::of(&responses(&[1, 9], |n| 4.0 + n), Growth::Constant).unwrap();
        assert_eq!(two.prefill.half_width, None, "two points leave nothing to judge by");
        assert_eq!(
            PhaseEnergy::of(&responses(&[1, 2], |_| f64::NAN), Growth::Constant),
            Err(PhaseError::NotFinite)
        );
    }

    #[test]
    fn what_responses_of_one_length_deviate_by_widens_the_interval_as_much_as_single_ones_do() {
        let single: Vec<Responses> = LENGTHS
            .iter()
            .flat_map(|&n| {
                [-2.0, 2.0].map(|noise| Responses {
                    output_tokens: n,
                    energy_j: Moments::one(120.0 + 3.5 * f64::from(n) + noise),
                })
            })
            .collect();
        let merged: Vec<Responses> = LENGTHS
            .iter()
            .map(|&n| Responses {
                output_tokens: n,
                energy_j: Moments::of([-2.0, 2.0].map(|noise| 120.0 + 3.5 * f64::from(n) + noise)),
            })
            .collect();
        let (single, merged) =
            (PhaseEnergy::simplest(&single).unwrap(), PhaseEnergy::simplest(&merged).unwrap());
        let half = |fit: &PhaseEnergy| fit.prefill.half_width.unwrap().joules();
        assert!((half(&single) - half(&merged)).abs() < 1e-9 && half(&merged) > 0.5, "{single:?} {merged:?}");
        assert_eq!((single.n, merged.n), (10, 10));
        assert!(merged.prefill.is_resolved() && merged.per_token.is_resolved());
    }

    fn profiled(prompt_tokens: u32, output_tokens: u32, joules: f64) -> Profiled {
        let none = Moments::default();
        Profiled {
            prompt_tokens,
            output_tokens,
            ttft_s: none,
            latency_s: none,
            least_ttft_s: 0.0,
            least_latency_s: 0.0,
            energy_j: Moments::one(joules),
            prefill_energy_j: none,
        }
    }

    #[test]
    fn a_profile_is_taken_apart_by_prompt_length_and_by_token() {
        let energy = |p: u32, n: u32| 10.0 + 0.5 * f64::from(p) + 3.0 * f64::from(n);
        let lengths = [(20, 4), (20, 40), (20, 90), (60, 4), (60, 70), (90, 5)];
        let profile: Vec<Profiled> = lengths.iter().map(|&(p, n)| profiled(p, n, energy(p, n))).collect();
        let by_prompt = PhaseEnergy::by_prompt(&profile);
        assert_eq!(
            by_prompt.iter().map(|fit| fit.0).collect::<Vec<_>>(),
            [20, 60],
            "one length of 90 tells nothing"
        );
        assert!((by_prompt[0].1.prefill.energy.joules() - 20.0).abs() < 1e-6, "{by_prompt:?}");
        let by_token = TokenEnergy::of(&profile).unwrap();
        let near = |found: Fitted, truth: f64| (found.energy.joules() - truth).abs() < 1e-6;
        assert!(near(by_token.start, 10.0) && near(by_token.per_input_token, 0.5), "{by_token:?}");
        assert!(near(by_token.per_output_token, 3.0) && by_token.n == 6, "{by_token:?}");
    }

    #[test]
    fn lengths_that_go_together_are_not_taken_apart() {
        let together: Vec<Profiled> = [10, 20, 30].map(|n| profiled(n, n, f64::from(n))).to_vec();
        assert_eq!(TokenEnergy::of(&together), Err(PhaseError::Together));
        assert_eq!(TokenEnergy::of(&together[..1]), Err(PhaseError::TooFewLengths { found: 1, needed: 3 }));
        assert_eq!(PhaseEnergy::by_prompt(&together), []);
    }

    proptest! {
        #[test]
        fn the_interval_is_about_the_truth(
            prefill in 1.0f64..500.0,
            per_token in 0.01f64..20.0,
            noise in prop::collection::vec(-1.0f64..1.0, 20),
        ) {
            let lengths: Vec<u32> = LENGTHS.iter().flat_map(|&n| [n; 4]).collect();
            let mut measured = responses(&lengths, |n| prefill + per_token * n);
            for (response, noise) in measured.iter_mut().zip(&noise) {
                response.energy_j.mean += noise;
            }
            let fit = PhaseEnergy::of(&measured, Growth::Constant).unwrap();
            // Uniform noise of ±1 J over 20 points: four standard errors are well below 2 J.
            prop_assert!((fit.prefill.energy.joules() - prefill).abs() < 2.0, "{:?}", fit);
            prop_assert!((fit.per_token.energy.joules() - per_token).abs() < 0.01, "{:?}", fit);
        }
    }
}
