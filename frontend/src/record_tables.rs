//! What the tables of a record show, as files: units in the names, full digits, and the label of every figure.
//!
//! Must not: draw, or leave out which run a row is of.

use std::time::Duration;

use common::measurement::{Facts, Measurement, Reading};
use common::meter::{Domain, Label, Method};
use common::parts::{Part, PartEnergy};
use common::stats::Estimate;
use common::units::Energy;

use crate::display;
use crate::export::{Field, Table};

/// A table whose rows begin with the run that they are of.
fn table(measurement: &Measurement, fields: &[&str], rows: impl Iterator<Item = Vec<Field>>) -> Table {
    let of: [(&str, Field); 3] = [
        ("run_id", measurement.run_id.to_string().as_str().into()),
        ("model_id", measurement.facts.model.id.as_str().into()),
        ("machine", measurement.machine.name.as_str().into()),
    ];
    let names = of.iter().map(|(name, _)| *name).chain(fields.iter().copied());
    Table {
        fields: names.map(str::to_owned).collect(),
        rows: rows.map(|row| of.iter().map(|(_, field)| field.clone()).chain(row).collect()).collect(),
    }
}

/// The worst label of the instruments that are summed.
fn label(facts: &Facts, contains: impl Fn(Domain) -> bool) -> Field {
    let labels = facts.meters.iter().filter(|card| contains(card.domain)).map(|card| card.label);
    labels.max().map(Label::name).into()
}

fn joules(energy: Option<Energy>) -> Field {
    energy.map(Energy::joules).into()
}

/// Energy of each part of the machine and of each phase, per response.
pub fn parts(measurement: &Measurement) -> Table {
    let facts = &measurement.facts;
    let fields = [
        "part",
        "instruments",
        "label",
        "n",
        "gross_j",
        "gross_half_width_95_j",
        "net_j",
        "net_half_width_95_j",
        "prefill_j",
        "prefill_half_width_95_j",
        "decode_j",
        "decode_half_width_95_j",
        "tail_j",
        "tail_half_width_95_j",
    ];
    let row = |part: Part| {
        let energy = PartEnergy::of(facts, |domain| part.contains(domain))?;
        let PartEnergy { instruments, gross_j, net_j, prefill_j, decode_j, tail_j } = energy;
        let mut row = vec![
            display::part(part, 1).as_str().into(),
            instruments.into(),
            label(facts, |domain| part.contains(domain)),
            facts.repetitions.len().into(),
        ];
        for found in [gross_j, net_j, prefill_j, decode_j, tail_j] {
            let of = |part: fn(Estimate) -> Option<f64>| Field::from(found.and_then(part));
            row.extend([of(|found| Some(found.mean)), of(|found| found.half_width)]);
        }
        Some(row)
    };
    table(measurement, &fields, Part::ALL.into_iter().filter_map(row))
}

/// What measuring took besides the answers, by instrument.
pub fn overhead(measurement: &Measurement) -> Table {
    let facts = &measurement.facts;
    let fields = ["part", "label", "cool_down_j", "baseline_j", "warm_up_j", "pads_j"];
    let rows = facts.overhead.energies.iter().map(|spent| {
        vec![
            spent.domain.to_string().as_str().into(),
            label(facts, |domain| domain == spent.domain),
            joules(spent.cool_down),
            joules(spent.baseline),
            joules(spent.warm_up),
            joules(facts.pads_energy(spent.domain)),
        ]
    });
    table(measurement, &fields, rows)
}

/// Energy of a window by the power readings; where power is what was read, that is the energy already.
pub fn by_power_readings(reading: &Reading, window: Duration) -> Option<Energy> {
    let is_other = reading.method == Method::Counter;
    is_other.then(|| reading.trace.energy_between(Duration::ZERO, window))?
}

/// What is to be said of a reading.
pub fn remarks(reading: &Reading) -> String {
    let mut remarks: Vec<&str> = reading.null_reason.into_iter().map(display::null_reason).collect();
    remarks.extend(reading.faults.iter().map(|fault| display::fault(*fault)));
    remarks.join("; ")
}

/// What each instrument read over each whole window.
pub fn readings(measurement: &Measurement) -> Table {
    let fields = [
        "repetition",
        "part",
        "label",
        "method",
        "energy_j",
        "energy_by_power_readings_j",
        "window_s",
        "readings",
        "remarks",
    ];
    let mut rows = Vec::new();
    for (number, repetition) in (1u64..).zip(&measurement.facts.repetitions) {
        for reading in &repetition.readings {
            rows.push(vec![
                Field::Count(number),
                reading.domain.to_string().as_str().into(),
                reading.label.name().into(),
                display::method(reading.method).into(),
                joules(reading.energy),
                joules(by_power_readings(reading, repetition.window.length)),
                Field::Number(repetition.window.length.as_secs_f64()),
                reading.trace.0.len().into(),
                remarks(reading).as_str().into(),
            ]);
        }
    }
    table(measurement, &fields, rows.into_iter())
}

/// Every gap between two tokens of an answer, the shortest first.
pub fn gaps(measurement: &Measurement, gaps: &[f64]) -> Table {
    table(measurement, &["gap_s"], gaps.iter().map(|gap| vec![Field::Number(*gap)]))
}

#[cfg(test)]
mod tests {
    use common::ids::{LeaseId, PromptId, RunId};
    use common::lease::{LeasedPrompt, Report};
    use common::prompt::{Decoding, Origin, Task};
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::board;

    /// A record of two repetitions, as a worker without an instrument sent it.
    fn measurement() -> Measurement {
        let report = include_str!("../../common/fuzz/corpus/report/measured-1.json");
        let Report::Measured { facts } = serde_json::from_str(report).unwrap() else { unreachable!() };
        let board = board::tests::board();
        Measurement {
            run_id: RunId(Uuid::nil()),
            prompt_id: PromptId(Uuid::nil()),
            lease_id: LeaseId(Uuid::nil()),
            prompt: LeasedPrompt {
                text: "2+2?".to_owned(),
                task: Task::Plain,
                conversation: Default::default(),
                decoding: Decoding::default(),
                kind: None,
                expected: None,
            },
            origin: Origin::Campaign,
            machine: board.machines[0].clone(),
            grid: board.zones[0].clone(),
            recorded_at: OffsetDateTime::UNIX_EPOCH,
            facts: *facts,
        }
    }

    fn of(table: &Table, row: usize, field: &str) -> Field {
        let place = table.fields.iter().position(|name| name == field).unwrap();
        table.rows[row][place].clone()
    }

    #[test]
    fn every_row_says_of_which_run_and_under_which_label_it_is() {
        let measurement = measurement();
        for table in [parts(&measurement), overhead(&measurement), readings(&measurement)] {
            assert!(!table.rows.is_empty());
            for row in 0..table.rows.len() {
                assert_eq!(table.rows[row].len(), table.fields.len());
                assert_eq!(of(&table, row, "label"), "modelled".into());
                assert_eq!(of(&table, row, "model_id"), "demo-1m@7f1c9a98:f32".into());
            }
        }
    }

    #[test]
    fn a_file_holds_what_the_record_says_in_full_digits() {
        let measurement = measurement();
        let readings = readings(&measurement);
        assert_eq!(readings.rows.len(), 2);
        assert_eq!(of(&readings, 1, "energy_j"), Field::Number(0.087_520_217_000_000_01));
        assert_eq!(of(&readings, 1, "repetition"), Field::Count(2));
        assert_eq!(of(&readings, 0, "energy_by_power_readings_j"), Field::Missing);
        assert_eq!(of(&overhead(&measurement), 0, "cool_down_j"), Field::Number(2.023_181_95));
        assert_eq!(of(&parts(&measurement), 0, "n"), Field::Count(2));
        assert_eq!(gaps(&measurement, &[0.25]).rows[0].last(), Some(&Field::Number(0.25)));
    }
}
