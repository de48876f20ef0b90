//! What is said of a model: its number format, its size, how many answers were right.
//!
//! Must not: know what it costs to run.

use common::model::{Dtype, Quality, Weights};

use super::NBSP;
use super::number::{Quantity, compact, figure, round};
use crate::scale::float;
use crate::view_state::SizeClass;

/// A dtype, marked where the weights are random.
pub fn dtype(dtype: Dtype, weights: Weights) -> String {
    match weights {
        Weights::Trained => dtype.name().to_owned(),
        Weights::Random => format!("{} · random weights", dtype.name()),
    }
}

/// A class of models by size: `1 M to 10 M parameters`, without the last word.
pub fn size(class: SizeClass) -> String {
    let end = |parameters: u64| round(Quantity::Parameters, float(parameters));
    match (class.from, class.to) {
        (0, to) => format!("under {}", end(to)),
        (from, u64::MAX) => format!("{} or more", end(from)),
        (from, to) => format!("{} to {}", end(from), end(to)),
    }
}

/// How many answers were right, how sure that is, and of how many: `78 ± 3 % right, n = 800`.
pub fn score(quality: &Quality) -> String {
    let right = figure(Quantity::Share, quality.score, quality.half_width()).with_spread();
    format!("{right}{NBSP}right, n{NBSP}={NBSP}{}", compact(quality.n.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_of_sizes_is_told_by_its_ends() {
        let sizes = ["under-1m", "1m-10m", "from-100b"].map(|name| size(SizeClass::named(name).unwrap()));
        assert_eq!(sizes.map(|size| size.replace(NBSP, " ")), ["under 1 M", "1 M to 10 M", "100 B or more"]);
    }
}
