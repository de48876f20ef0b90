//! Straight fits by weighted least squares, of up to three unknowns, with the intervals of their factors.
//!
//! Must not: know what the unknowns are, or give factors that the points do not tell apart.

use super::{Fitted, PhaseError};
use crate::stats::{Moments, t95};
use crate::units::Energy;

/// What the energies of some responses are explained by, and these energies.
pub(super) type Point = ([f64; 3], Moments);

/// A least-squares fit.
pub(super) struct Fit {
    pub(super) n: u64,
    pub(super) factors: [f64; 3],
    /// Half-widths of their 95 % intervals.
    pub(super) half_widths: Option<[f64; 3]>,
    pub(super) worst: f64,
}

impl Fit {
    pub(super) fn fitted(&self, index: usize, unit: f64) -> Fitted {
        Fitted {
            energy: Energy::from_joules(self.factors[index] * unit),
            half_width: self.half_widths.map(|half| Energy::from_joules(half[index] * unit)),
        }
    }
}

/// Fits the first `unknowns` columns; `None` where the points do not tell them apart.
pub(super) fn fit(points: &[Point], unknowns: usize) -> Result<Option<Fit>, PhaseError> {
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
