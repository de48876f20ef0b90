//! What measuring itself cost: time of machines, their energy, and what that emits.
//!
//! Must not: be charged to a Prompt (its figures are those of its Windows alone).

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::leaderboard::{BodyEnergy, Boundary, label_of};
use crate::measurement::Measurement;
use crate::meter::Label;
use crate::units::{Carbon, Energy, Power, seconds};

/// What electricity costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of a kilowatt-hour.
    #[schema(minimum = 0)]
    pub per_kwh: f64,
    /// In which currency.
    pub currency: String,
}

impl Price {
    /// What so much energy costs at the machine's plug, in the price's currency.
    pub fn of(&self, energy: Energy) -> f64 {
        energy.kilowatt_hours() * self.per_kwh
    }
}

/// What some Runs cost, everything around their Windows included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    /// How many Runs.
    pub runs: u64,
    /// Of these, Runs whose energy is not known; they are in no sum but the time.
    pub runs_without_energy: u64,
    /// Time that machines were busy with them.
    #[serde(rename = "machine_time_s", with = "seconds")]
    #[schema(value_type = f64)]
    pub machine_time: Duration,
    /// Energy inside each Run's boundary: its Windows as measured, the time around them at idle power and, while
    /// warming up, at the Windows' own mean power.
    #[serde(rename = "energy_j")]
    pub energy: Energy,
    /// What that emits where the machines stand, with the power usage effectiveness of their buildings.
    #[serde(rename = "carbon_g")]
    pub carbon: Carbon,
    /// Under which Labels these energies are: a bill adds up whatever was spent, and has to say of what. The worst one of
    /// each Run; empty where no energy is known, or the bill is older than this field.
    pub labels: BTreeSet<Label>,
    /// What they sum.
    pub boundaries: BTreeSet<Boundary>,
}

impl Cost {
    /// No Run, no cost.
    pub const NOTHING: Self = Self {
        runs: 0,
        runs_without_energy: 0,
        machine_time: Duration::ZERO,
        energy: Energy::ZERO,
        carbon: Carbon::ZERO,
        labels: BTreeSet::new(),
        boundaries: BTreeSet::new(),
    };

    /// Of one Run.
    pub fn of(measurement: &Measurement) -> Self {
        let facts = &measurement.facts;
        let overhead = &facts.overhead;
        let windows: Duration = facts.repetitions.iter().map(|repetition| repetition.window.length).sum();
        let idle_time = overhead.load + overhead.cool_down + overhead.baseline;
        let machine_time = windows + idle_time + overhead.warm_up;
        let unknown = Self { runs: 1, runs_without_energy: 1, machine_time, ..Self::NOTHING };
        let bodies: Option<Vec<_>> = facts
            .repetitions
            .iter()
            .map(|repetition| {
                let (boundary, energy) = BodyEnergy::of(facts, repetition).headline()?;
                Some((boundary, energy, repetition.window))
            })
            .collect();
        let Some(bodies) = bodies else { return unknown };
        let Some(boundary) = bodies.first().map(|body| body.0) else { return unknown };
        let idle: Power = facts
            .meters
            .iter()
            .filter(|card| boundary.contains(card.domain))
            .filter_map(|card| facts.baseline(card.domain)?.mean())
            .sum();
        let working: Energy = bodies.iter().map(|body| body.1).sum();
        let worked: Duration = bodies.iter().map(|body| body.2.body()).sum();
        let pads: Duration = bodies.iter().map(|body| body.2.pads()).sum();
        let power = if worked.is_zero() { idle } else { working / worked };
        let energy = working + idle * (pads + idle_time) + power * overhead.warm_up;
        Self {
            runs: 1,
            runs_without_energy: 0,
            machine_time,
            energy,
            carbon: energy * measurement.machine.pue * measurement.grid.intensity,
            labels: BTreeSet::from([label_of(facts, Some(boundary))]),
            boundaries: bodies.iter().map(|body| body.0).collect(),
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        self.labels.extend(other.labels);
        self.boundaries.extend(other.boundaries);
        Self {
            runs: self.runs + other.runs,
            runs_without_energy: self.runs_without_energy + other.runs_without_energy,
            machine_time: self.machine_time + other.machine_time,
            energy: self.energy + other.energy,
            carbon: self.carbon + other.carbon,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_of_several_labels_and_boundaries_says_all_of_them() {
        let of = |label, boundary| Cost {
            labels: BTreeSet::from([label]),
            boundaries: BTreeSet::from([boundary]),
            ..Cost::NOTHING
        };
        let bill = of(Label::Modelled, Boundary::Cpu)
            .plus(of(Label::Measured, Boundary::Cpu))
            .plus(of(Label::Measured, Boundary::Machine));
        assert_eq!(bill.labels, BTreeSet::from([Label::Measured, Label::Modelled]));
        assert_eq!(bill.boundaries, BTreeSet::from([Boundary::Cpu, Boundary::Machine]));
    }

    #[test]
    fn half_a_kilowatt_hour_costs_half_its_price() {
        let price = Price { per_kwh: 0.30, currency: "EUR".to_owned() };
        assert_eq!(price.of(Energy::from_joules(1.8e6)), 0.15);
    }
}
