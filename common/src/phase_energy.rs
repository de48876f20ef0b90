//! Energy of prefill and of each output token, by regression over output lengths: `E(n) = E_prefill + e_tok·n (+ q·n²)`.
//!
//! A short prefill cannot be cut out of one Window: its edge is known no better than the sensor's update period. Over
//! several output lengths of the same prompt it is the value at n = 0, with an interval. The curvature is what a
//! growing key-value cache adds to each token. Must not: be asked for more unknowns than there are lengths.

use crate::stats::t95;
use crate::units::Energy;

/// Energy of one response, and how many tokens it had.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Response {
    /// Tokens written.
    pub output_tokens: u32,
    /// Energy of the whole response.
    pub energy: Energy,
}

/// A fitted energy with the half-width of its 95 % interval; `None` where as many lengths as unknowns leave nothing to
/// judge by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The best value.
    pub energy: Energy,
    /// Half-width of its 95 % interval.
    pub half_width: Option<Energy>,
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
    /// Before the first output token.
    pub prefill: Fitted,
    /// Per output token, at the beginning of the answer.
    pub per_token: Fitted,
    /// The factor of n², where it was asked for.
    pub growth: Option<Fitted>,
    /// The largest residual.
    pub worst_residual: Energy,
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
    /// An energy is no number.
    #[error("an energy is not a finite number")]
    NotFinite,
}

impl PhaseEnergy {
    /// Fits by least squares.
    ///
    /// # Errors
    /// [`PhaseError`] says what to measure.
    pub fn of(responses: &[Response], growth: Growth) -> Result<Self, PhaseError> {
        let needed = match growth {
            Growth::Constant => 2,
            Growth::Linear => 3,
        };
        let mut lengths: Vec<u32> = responses.iter().map(|response| response.output_tokens).collect();
        lengths.sort_unstable();
        lengths.dedup();
        if lengths.len() < needed {
            return Err(PhaseError::TooFewLengths { found: lengths.len(), needed });
        }
        if responses.iter().any(|response| !response.energy.is_finite()) {
            return Err(PhaseError::NotFinite);
        }
        // Lengths as shares of the longest: powers of 512 beside 1 would lose digits.
        let scale = f64::from(lengths.last().copied().unwrap_or(1).max(1));
        let points: Vec<([f64; 3], f64)> = responses
            .iter()
            .map(|response| {
                let x = f64::from(response.output_tokens) / scale;
                ([1.0, x, x * x], response.energy.joules())
            })
            .collect();
        let Some((solution, inverse)) = least_squares(&points, needed) else {
            return Err(PhaseError::TooFewLengths { found: lengths.len(), needed });
        };
        let residual = |(row, y): &([f64; 3], f64)| {
            y - row.iter().zip(&solution).take(needed).map(|(x, factor)| x * factor).sum::<f64>()
        };
        let degrees = u64::try_from(points.len() - needed).unwrap_or(0);
        let squares: f64 = points.iter().map(|point| residual(point).powi(2)).sum();
        let fitted = |index: usize, unit: f64| {
            let half = (degrees > 0).then(|| {
                let freedom = f64::from(u32::try_from(degrees).unwrap_or(u32::MAX));
                t95(degrees) * (squares / freedom * inverse[index][index]).sqrt() * unit
            });
            Fitted {
                energy: Energy::from_joules(solution[index] * unit),
                half_width: half.map(Energy::from_joules),
            }
        };
        Ok(Self {
            prefill: fitted(0, 1.0),
            per_token: fitted(1, 1.0 / scale),
            growth: (needed == 3).then(|| fitted(2, 1.0 / (scale * scale))),
            worst_residual: Energy::from_joules(
                points.iter().map(|point| residual(point).abs()).fold(0.0, f64::max),
            ),
        })
    }

    /// Lets tokens grow dearer only where that is resolved: where the interval of the growth leaves out 0.
    ///
    /// # Errors
    /// [`PhaseError`] as for [`PhaseEnergy::of`].
    pub fn simplest(responses: &[Response]) -> Result<Self, PhaseError> {
        let curved = Self::of(responses, Growth::Linear).ok().filter(|fit| {
            fit.growth.is_some_and(|growth| {
                growth.half_width.is_some_and(|half| growth.energy.joules().abs() > half.joules())
            })
        });
        curved.map_or_else(|| Self::of(responses, Growth::Constant), Ok)
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

type Matrix = [[f64; 3]; 3];

/// Solves the normal equations of the first `unknowns` columns; also gives the inverse of their matrix, whose
/// diagonal is the variance of each factor in units of that of a point.
fn least_squares(points: &[([f64; 3], f64)], unknowns: usize) -> Option<([f64; 3], Matrix)> {
    let (mut matrix, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
    for (row, y) in points {
        for i in 0..unknowns {
            right[i] += row[i] * y;
            for j in 0..unknowns {
                matrix[i][j] += row[i] * row[j];
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

    fn responses(lengths: &[u32], energy: impl Fn(f64) -> f64) -> Vec<Response> {
        let of = |&n: &u32| Response { output_tokens: n, energy: Energy::from_joules(energy(f64::from(n))) };
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
            response.energy += Energy::from_joules(noise);
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
                response.energy += Energy::from_joules(*noise);
            }
            let fit = PhaseEnergy::of(&measured, Growth::Constant).unwrap();
            // Uniform noise of ±1 J over 20 points: four standard errors are well below 2 J.
            prop_assert!((fit.prefill.energy.joules() - prefill).abs() < 2.0, "{:?}", fit);
            prop_assert!((fit.per_token.energy.joules() - per_token).abs() < 0.01, "{:?}", fit);
        }
    }
}
