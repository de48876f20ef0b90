//! Strengths from pairwise votes: the model of Zermelo (1929) and Bradley and Terry (1952), under which `i` beats `j` with
//! probability `1 / (1 + exp(sⱼ − sᵢ))`.
//!
//! A tie counts as half a win for each side, and so does "both bad"; the fit is by maximum likelihood (Newton's method),
//! its 95 % intervals from the inverse of the observed information, strengths summing to zero. Ties make these
//! intervals too wide rather than too narrow.
//!
//! The maximum exists only among those of whom each reaches each other along "did not lose every time" (Ford 1957).
//! Must not: give anybody else a strength; each of them has a reason instead.

use std::collections::{BTreeMap, BTreeSet};

use crate::word::words;

/// Points of the usual scale for a tenfold in odds, and where the mean of all lies.
const POINTS: (f64, f64) = (400.0, 1000.0);
/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_964;
/// Newton's method is done long before; it stops here if it is not.
const MAX_STEPS: usize = 200;

words! {
    /// How one comparison ended.
    Outcome, "vote", {
        /// The first was better.
        First = "first",
        /// The second was better.
        Second = "second",
        /// Both alike.
        Tie = "tie",
        /// Neither was any good.
        BothBad = "both_bad",
    }
}

impl Outcome {
    /// What the first and the second get of one win.
    const fn shares(self) -> [f64; 2] {
        match self {
            Self::First => [1.0, 0.0],
            Self::Second => [0.0, 1.0],
            Self::Tie | Self::BothBad => [0.5, 0.5],
        }
    }
}

/// One comparison of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bout<'a> {
    /// Who was compared.
    pub sides: [&'a str; 2],
    /// How it ended.
    pub outcome: Outcome,
}

/// Where one stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'a> {
    /// Who.
    pub name: &'a str,
    /// Comparisons won, lost, and neither.
    pub bouts: [u32; 3],
    /// How strong, or why that is not known.
    pub strength: Result<Strength, Unranked>,
}

/// How strong one is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// In points: 400 more are tenfold odds; the mean of all ranked is 1000.
    pub points: f64,
    /// Half-width of the 95 % interval.
    pub half_width: f64,
}

/// Why one has no strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unranked {
    /// Nobody was compared with anybody both ways yet.
    #[error("too few votes: nobody has both won and lost yet")]
    TooFew,
    /// No vote links it with those that are ranked.
    #[error("no vote compares it, even through others, with the ranked ones")]
    Apart,
    /// It, or its group, was never beaten by the ranked ones: as strong as one likes.
    #[error("never beaten by the ranked ones, so there is no upper bound yet")]
    Unbeaten,
    /// It, or its group, never beat the ranked ones: as weak as one likes.
    #[error("never won against the ranked ones, so there is no lower bound yet")]
    Winless,
}

/// Ranks all who were compared: the ranked ones first, the strongest first of them; then the others by name.
pub fn rank<'a>(bouts: &[Bout<'a>]) -> Vec<Standing<'a>> {
    let mut places = BTreeMap::<&str, usize>::new();
    for name in bouts.iter().flat_map(|bout| bout.sides) {
        places.entry(name).or_default();
    }
    for (index, place) in places.values_mut().enumerate() {
        *place = index;
    }
    let place = |name: &str| places.get(name).copied().unwrap_or_default();
    let n = places.len();
    let mut wins = vec![vec![0.0_f64; n]; n];
    let mut counts = vec![[0_u32; 3]; n];
    for bout in bouts {
        let [first, second] = bout.sides.map(place);
        // Nobody is compared with oneself.
        if first == second {
            continue;
        }
        let [own, others] = bout.outcome.shares();
        wins[first][second] += own;
        wins[second][first] += others;
        let kind = |share: f64| usize::from(share < 1.0) + usize::from(share == 0.5);
        counts[first][kind(own)] += 1;
        counts[second][kind(others)] += 1;
    }
    let ranked = largest_group(&wins);
    let strengths = if ranked.len() > 1 { fit(&wins, &ranked) } else { Vec::new() };
    let reason = |who: usize| {
        if strengths.is_empty() {
            return Unranked::TooFew;
        }
        let up = ranked.iter().any(|&other| reaches(&wins, other, who));
        let down = ranked.iter().any(|&other| reaches(&wins, who, other));
        match (down, up) {
            (false, false) => Unranked::Apart,
            (true, _) => Unranked::Unbeaten,
            (false, true) => Unranked::Winless,
        }
    };
    let mut standings: Vec<Standing> = places
        .into_iter()
        .map(|(name, who)| {
            let at = ranked.iter().position(|&member| member == who);
            let strength = at.and_then(|at| strengths.get(at).copied()).ok_or_else(|| reason(who));
            Standing { name, bouts: counts[who], strength }
        })
        .collect();
    let points =
        |standing: &Standing| standing.strength.map_or(f64::NEG_INFINITY, |strength| strength.points);
    standings.sort_by(|one, other| points(other).total_cmp(&points(one)));
    standings
}

/// Whether one leads to another along "got at least half a win from".
fn reaches(wins: &[Vec<f64>], from: usize, to: usize) -> bool {
    let (mut seen, mut open) = (BTreeSet::from([from]), vec![from]);
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        for (next, share) in wins[at].iter().enumerate() {
            if *share > 0.0 && seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

/// The largest group of whom each reaches each other; of equal ones that with most votes.
fn largest_group(wins: &[Vec<f64>]) -> Vec<usize> {
    let mut best: (usize, f64, Vec<usize>) = (0, 0.0, Vec::new());
    let mut placed = BTreeSet::<usize>::new();
    for who in 0..wins.len() {
        if placed.contains(&who) {
            continue;
        }
        let group: Vec<usize> =
            (0..wins.len()).filter(|&other| reaches(wins, who, other) && reaches(wins, other, who)).collect();
        placed.extend(group.iter().copied());
        let votes = group.iter().flat_map(|&a| group.iter().map(move |&b| wins[a][b])).sum();
        if (group.len(), votes) > (best.0, best.1) {
            best = (group.len(), votes, group);
        }
    }
    best.2
}

/// Strengths of a group in points, with their intervals; empty where the arithmetic fails.
fn fit(wins: &[Vec<f64>], group: &[usize]) -> Vec<Strength> {
    let n = group.len();
    let mut strengths = vec![0.0_f64; n];
    for _ in 0..MAX_STEPS {
        let (gradient, information) = slopes(wins, group, &strengths);
        let Some(inverse) = inverse(information) else { return Vec::new() };
        let step: Vec<f64> =
            inverse.iter().map(|row| row.iter().zip(&gradient).map(|(a, b)| a * b).sum()).collect();
        let longest = step.iter().fold(0.0_f64, |most, each| most.max(each.abs()));
        // Far from the maximum a whole step overshoots.
        let damping = if longest > 1.0 { 1.0 / longest } else { 1.0 };
        for (strength, step) in strengths.iter_mut().zip(&step) {
            *strength += damping * step;
        }
        if longest < 1e-10 {
            break;
        }
    }
    let (_, information) = slopes(wins, group, &strengths);
    let Some(inverse) = inverse(information) else { return Vec::new() };
    let scale = POINTS.0 / std::f64::consts::LN_10;
    let n = size(group);
    let mean = strengths.iter().sum::<f64>() / n;
    strengths
        .iter()
        .enumerate()
        .map(|(who, strength)| Strength {
            points: POINTS.1 + scale * (strength - mean),
            // What fixes the sum added 1/n to each entry of the inverse.
            half_width: Z * scale * (inverse[who][who] - 1.0 / n).max(0.0).sqrt(),
        })
        .collect()
}

/// How many they are.
fn size(group: &[usize]) -> f64 {
    group.iter().map(|_| 1.0).sum()
}

/// Slope and curvature of the log-likelihood; to the curvature 1/n is added everywhere, which fixes the sum.
fn slopes(wins: &[Vec<f64>], group: &[usize], strengths: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = group.len();
    let mut gradient = vec![0.0; n];
    let mut information = vec![vec![1.0 / size(group); n]; n];
    for (i, &one) in group.iter().enumerate() {
        for (j, &other) in group.iter().enumerate().filter(|(j, _)| *j != i) {
            let votes = wins[one][other] + wins[other][one];
            let chance = 1.0 / (1.0 + (strengths[j] - strengths[i]).exp());
            gradient[i] += wins[one][other] - votes * chance;
            information[i][i] += votes * chance * (1.0 - chance);
            information[i][j] -= votes * chance * (1.0 - chance);
        }
    }
    (gradient, information)
}

/// The inverse of a symmetric matrix by Gauss and Jordan with the largest pivot; `None` where it has none.
fn inverse(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut inverse: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    for column in 0..n {
        let pivot =
            (column..n).max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let by = matrix[column][column];
        if by.abs() < 1e-12 || !by.is_finite() {
            return None;
        }
        for rows in [&mut matrix, &mut inverse] {
            rows[column].iter_mut().for_each(|value| *value /= by);
        }
        for row in (0..n).filter(|row| *row != column) {
            let factor = matrix[row][column];
            for rows in [&mut matrix, &mut inverse] {
                let by = rows[column].clone();
                for (value, by) in rows[row].iter_mut().zip(by) {
                    *value -= factor * by;
                }
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests;
