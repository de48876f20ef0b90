//! The row that a run repeats, as a link says it: so the page of a run shows where its figure falls without fetching the
//! ranking.
//!
//! Must not: compare figures of different labels, boundaries, machines, batches or methods.

use common::leaderboard::Boundary;
use common::meter::Label;
use common::replay::{Replayed, replayed};
use common::stats::Moments;

use crate::display;
use crate::figures::Line;
use crate::view_state::Choice;

/// Energy per response of a row, or of one run, and what it stands on.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    energy: Moments,
    label: Label,
    boundary: Boundary,
    batch: u32,
    method_version: u32,
    machine: String,
    engine_version: String,
}

/// A new figure beside what it repeats.
#[derive(Debug, Clone, PartialEq)]
pub enum Beside {
    /// In or out of the prediction interval of one new run.
    Placed(Replayed),
    /// One run alone tells no spread: only the new figure over the old one.
    Ratio(f64),
    /// They differ in what no comparison may mix, such as `the batch (8 there, 1 here)`.
    Apart(Vec<String>),
    /// The row has no energy that something could be compared with.
    Missing,
}

impl Against {
    /// A line: a row of the ranking, or one run.
    pub fn line(line: &Line) -> Self {
        let key = &line.row.key;
        Self {
            energy: line.row.sums.energy_j,
            label: key.label,
            boundary: key.boundary,
            batch: key.batch,
            method_version: key.method_version,
            machine: line.machine.name.to_string(),
            engine_version: key.engine_version.clone(),
        }
    }

    /// As it stands in a link: count, mean and squared deviations in joules, then what they stand on.
    pub fn write(&self) -> String {
        let Self {
            energy: Moments { n, mean, m2 },
            label,
            boundary,
            batch,
            method_version,
            machine,
            engine_version,
        } = self;
        let (label, boundary) = (label.name(), boundary.name());
        format!("{n}~{mean}~{m2}~{label}~{boundary}~{batch}~{method_version}~{machine}~{engine_version}")
    }

    /// Reads it back; `None` where somebody mistyped it.
    pub fn read(text: &str) -> Option<Self> {
        // The engine's name stands last, because it may hold anything.
        let mut parts = text.splitn(9, '~');
        let mut next = || parts.next();
        let (n, mean, m2) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?.parse().ok()?);
        let label = Label::named(next()?)?;
        let name = next()?;
        let boundary: Boundary = name.parse().ok()?;
        let (batch, method_version) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let (machine, engine_version) = (next()?.to_owned(), next()?.to_owned());
        let is_fit = |value: f64| value.is_finite() && value >= 0.0;
        (is_fit(mean) && is_fit(m2) && n > 0).then_some(Self {
            energy: Moments { n, mean, m2 },
            label,
            boundary,
            batch,
            method_version,
            machine,
            engine_version,
        })
    }

    /// Where a run's figure lies.
    pub fn beside(&self, run: &Self) -> Beside {
        let apart: Vec<String> = [
            ("label", display::label(self.label).to_owned(), display::label(run.label).to_owned()),
            (
                "boundary",
                display::boundary(self.boundary).to_owned(),
                display::boundary(run.boundary).to_owned(),
            ),
            ("machine", self.machine.clone(), run.machine.clone()),
            ("batch", self.batch.to_string(), run.batch.to_string()),
            ("method version", self.method_version.to_string(), run.method_version.to_string()),
        ]
        .into_iter()
        .filter(|(_, there, here)| there != here)
        .map(|(what, there, here)| format!("the {what} ({there} there, {here} here)"))
        .collect();
        if !apart.is_empty() {
            return Beside::Apart(apart);
        }
        if run.energy.is_empty() || self.energy.mean <= 0.0 {
            return Beside::Missing;
        }
        let joules = run.energy.mean;
        replayed(self.energy, joules).map_or(Beside::Ratio(joules / self.energy.mean), Beside::Placed)
    }

    /// The engines of the row and of a run that is not of the row's: what differs may be the engine's doing.
    pub fn engines<'a>(&'a self, run: &'a Self) -> Option<[&'a str; 2]> {
        let engines = [self.engine_version.as_str(), run.engine_version.as_str()];
        (engines[0] != engines[1]).then_some(engines)
    }

    /// How many runs it stands on, and their mean in joules.
    pub const fn of(&self) -> (u64, f64) {
        (self.energy.n, self.energy.mean)
    }
}

#[cfg(test)]
mod tests {
    use common::replay::Place;

    use super::*;

    fn against(values: &[f64]) -> Against {
        Against {
            energy: Moments::of(values.iter().copied()),
            label: Label::Measured,
            boundary: Boundary::AcceleratorCpu,
            batch: 1,
            method_version: 3,
            machine: "alpha".to_owned(),
            engine_version: "engine 1 ~ burn 0.22".to_owned(),
        }
    }

    #[test]
    fn a_link_reads_back_to_the_same_row() {
        let row = against(&[0.1, 0.2, 1.0 / 3.0]);
        assert_eq!(Against::read(&row.write()), Some(row));
    }

    #[test]
    fn a_mistyped_link_compares_with_nothing() {
        let rest = "1~3~alpha~engine";
        for text in [
            String::new(),
            "3~1~0~measured~cpu".to_owned(),
            format!("3~1~0~measured~{rest}"),
            format!("x~1~0~measured~cpu~{rest}"),
            format!("3~NaN~0~measured~cpu~{rest}"),
            format!("3~1~-1~measured~cpu~{rest}"),
            format!("0~1~0~measured~cpu~{rest}"),
            format!("3~1~0~guessed~cpu~{rest}"),
            "3~1~0~measured~cpu~one~3~alpha~engine".to_owned(),
        ] {
            assert_eq!(Against::read(&text), None, "{text}");
        }
        assert!(Against::read(&format!("3~1.5~0.25~modelled~cpu_dram~{rest}")).is_some());
    }

    #[test]
    fn a_run_of_another_machine_batch_or_method_is_never_placed_in_the_interval() {
        let row = against(&[10.0, 10.1, 9.9]);
        let high = against(&[20.0]);
        assert!(matches!(row.beside(&high), Beside::Placed(Replayed { place: Place::Above, .. })));
        let others = [
            (Against { machine: "beta".to_owned(), ..high.clone() }, "the machine (alpha there, beta here)"),
            (Against { batch: 8, ..high.clone() }, "the batch (1 there, 8 here)"),
            (Against { method_version: 4, ..high.clone() }, "the method version (3 there, 4 here)"),
            (Against { label: Label::Modelled, ..high.clone() }, "the label (measured there, modelled here)"),
        ];
        for (run, said) in others {
            assert_eq!(row.beside(&run), Beside::Apart(vec![said.to_owned()]));
        }
        assert_eq!(against(&[0.0]).beside(&high), Beside::Missing);
    }

    #[test]
    fn another_engine_is_compared_and_named() {
        let row = against(&[10.0, 10.1, 9.9]);
        let newer = Against { engine_version: "engine 2".to_owned(), ..against(&[10.0]) };
        assert!(matches!(row.beside(&newer), Beside::Placed(Replayed { place: Place::Inside, .. })));
        assert_eq!(row.engines(&newer), Some(["engine 1 ~ burn 0.22", "engine 2"]));
        assert_eq!(row.engines(&row), None);
    }
}
