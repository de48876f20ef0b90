//! The row that a run repeats, as a link says it: so the page of a run shows where its figure falls without fetching the
//! ranking.
//!
//! Must not: compare figures of different labels or boundaries.

use common::leaderboard::{Boundary, Row, RunFigures};
use common::meter::Label;
use common::replay::{Replayed, replayed};
use common::stats::Moments;

use crate::view_state::Choice;

/// Energy per response of a row, and what it stands on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Against {
    energy: Moments,
    label: Label,
    boundary: Boundary,
}

/// A new figure beside what it repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Beside {
    /// In or out of the prediction interval of one new run.
    Placed(Replayed),
    /// One run alone tells no spread: only the new figure over the old one.
    Ratio(f64),
    /// Another label or boundary, or a figure is missing.
    Apart,
}

impl Against {
    /// A row of the ranking.
    pub const fn row(row: &Row) -> Self {
        Self { energy: row.sums.energy_j, label: row.key.label, boundary: row.key.boundary }
    }

    /// One run, where it has an energy.
    pub fn run(figures: &RunFigures) -> Option<Self> {
        let boundary = figures.boundary.filter(|_| figures.sums.energy_j.n > 0)?;
        Some(Self { energy: figures.sums.energy_j, label: figures.label, boundary })
    }

    /// As it stands in a link: count, mean and squared deviations in joules, label, boundary.
    pub fn write(&self) -> String {
        let Moments { n, mean, m2 } = self.energy;
        format!("{n}~{mean}~{m2}~{}~{}", self.label.name(), self.boundary.name())
    }

    /// Reads it back; `None` where somebody mistyped it.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '~');
        let mut next = || parts.next();
        let (n, mean, m2) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?);
        let label = Label::named(next()?)?;
        let name = next()?;
        let boundary = Boundary::ALL.into_iter().find(|boundary| boundary.name() == name)?;
        let is_fit = |value: f64| value.is_finite() && value >= 0.0;
        (is_fit(mean) && is_fit(m2) && n > 0).then_some(Self {
            energy: Moments { n, mean, m2 },
            label,
            boundary,
        })
    }

    /// Where a run's figure lies.
    pub fn beside(&self, figures: &RunFigures) -> Beside {
        let joules = figures.sums.energy_j.mean;
        let is_alike = figures.label == self.label && figures.boundary == Some(self.boundary);
        if !is_alike || figures.sums.energy_j.n == 0 || self.energy.mean <= 0.0 {
            return Beside::Apart;
        }
        replayed(self.energy, joules).map_or(Beside::Ratio(joules / self.energy.mean), Beside::Placed)
    }

    /// How many runs it stands on, and their mean in joules.
    pub const fn of(&self) -> (u64, f64) {
        (self.energy.n, self.energy.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn against(values: &[f64]) -> Against {
        Against {
            energy: Moments::of(values.iter().copied()),
            label: Label::Measured,
            boundary: Boundary::AcceleratorCpu,
        }
    }

    #[test]
    fn a_link_reads_back_to_the_same_row() {
        let row = against(&[0.1, 0.2, 1.0 / 3.0]);
        assert_eq!(Against::read(&row.write()), Some(row));
    }

    #[test]
    fn a_mistyped_link_compares_with_nothing() {
        for text in [
            "",
            "3~1~0~measured",
            "x~1~0~measured~cpu",
            "3~NaN~0~measured~cpu",
            "3~1~-1~measured~cpu",
            "0~1~0~measured~cpu",
            "3~1~0~guessed~cpu",
        ] {
            assert_eq!(Against::read(text), None, "{text}");
        }
        assert!(Against::read("3~1.5~0.25~modelled~cpu_dram").is_some());
    }
}
