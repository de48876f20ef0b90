//! The tables of a record: gaps between tokens, energy by part, what measuring cost besides, what was read; each with its file.
//!
//! Must not: hide what is missing.

use common::measurement::Measurement;
use common::parts::{Part, PartEnergy, rest};
use common::stats::Estimate;
use common::units::{Energy, Power};

use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::power_chart::domain_name;
use crate::components::table;
use crate::components::token_chart::token_chart;
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, group};
use crate::export::Table;
use crate::record;
use crate::record_tables;

/// A table and the buttons that take it along.
fn with_file(name: &'static str, shown: El, file: Table) -> El {
    group([shown, el("div", "bar").add(download(name, move || file.clone()))])
}

fn joules(energy: Option<Energy>) -> String {
    energy.map_or_else(|| MISSING.to_owned(), |energy| display::plain(Quantity::Joules, energy.joules()))
}

/// How evenly tokens came.
pub(crate) fn between_tokens(measurement: &Measurement) -> El {
    let gaps = record::gaps(measurement);
    with_file("jouleboard-gaps", token_chart(&gaps), record_tables::gaps(measurement, &gaps))
}

/// Where the energy went, and what measuring took besides.
pub(crate) fn by_part(measurement: &Measurement) -> El {
    let parts = with_file("jouleboard-parts", parts_table(measurement), record_tables::parts(measurement));
    let overhead = overhead_table(measurement)
        .map(|table| with_file("jouleboard-overhead", table, record_tables::overhead(measurement)));
    parts.maybe(rest(&measurement.facts).map(rest_sentence)).maybe(overhead)
}

/// What each instrument read.
pub(crate) fn readings(measurement: &Measurement) -> El {
    with_file("jouleboard-readings", readings_table(measurement), record_tables::readings(measurement))
}

/// Energy of each part of the machine, and of each phase.
fn parts_table(measurement: &Measurement) -> El {
    let facts = &measurement.facts;
    let found: Vec<(Part, PartEnergy)> = Part::ALL
        .into_iter()
        .filter_map(|part| Some((part, PartEnergy::of(facts, |domain| part.contains(domain))?)))
        .collect();
    let shown = |joules: Option<Estimate>| {
        let written =
            |found: Estimate| display::figure(Quantity::Joules, found.mean, found.half_width).with_spread();
        joules.map_or_else(|| MISSING.to_owned(), written)
    };
    let names = ["Gross", "Net of idle", "Prefill", "Decode", "After the last token"];
    let head = std::iter::once(table::head("", "Sum of")).chain(names.map(|name| table::head("num", name)));
    let rows = found.into_iter().map(|(part, energy)| {
        let PartEnergy { instruments, gross_j, net_j, prefill_j, decode_j, tail_j } = energy;
        el("tr", "")
            .add(table::row_head(&display::part(part, instruments)))
            .all([gross_j, net_j, prefill_j, decode_j, tail_j].map(|joules| table::number(shown(joules))))
    });
    let caption = format!(
        "Energy per response, by part of the machine and by phase; n\u{a0}=\u{a0}{} repetitions",
        facts.repetitions.len()
    );
    el("div", "")
        .set("data-testid", "parts")
        .add(table::table("parts", "", &caption, head, rows))
        .add(quiet("With the 95\u{a0}% interval of what repetitions differ by. The whole machine holds its parts; nothing is added to it. Phases are split at the first token by the power readings, above idle after the last; – where a phase is shorter than five update periods of an instrument, which does not resolve it then."))
}

/// What no part of the machine accounts for.
fn rest_sentence(rest: Power) -> El {
    quiet(format!(
        "{} of the whole machine's mean power while answering is no part's: power supply, fans, disks, board.",
        display::plain(Quantity::Watts, rest.watts())
    ))
}

/// What measuring took besides the answers, by instrument.
fn overhead_table(measurement: &Measurement) -> Option<El> {
    let facts = &measurement.facts;
    let energies = &facts.overhead.energies;
    let names = ["Cooling down", "Idle power", "Warm-up", "Pads"];
    let head = std::iter::once(table::head("", "Part")).chain(names.map(|name| table::head("num", name)));
    let rows = energies.iter().map(|spent| {
        let pads = facts.pads_energy(spent.domain);
        el("tr", "").add(table::row_head(&domain_name(spent.domain))).all(
            [spent.cool_down, spent.baseline, spent.warm_up, pads]
                .map(|energy| table::number(joules(energy))),
        )
    });
    let caption = "Energy that measuring took besides, never charged to the prompt";
    (!energies.is_empty()).then(|| table::table("overhead", "", caption, head, rows))
}

fn readings_table(measurement: &Measurement) -> El {
    let head = [
        table::head("", "Repetition"),
        table::head("", "Part"),
        table::head("num", "Energy"),
        table::head("num", "By power readings"),
        table::head("num", "Window"),
        table::head("num", "Readings"),
        table::head("", "Remarks"),
    ];
    let mut rows = Vec::new();
    for (number, repetition) in (1u32..).zip(&measurement.facts.repetitions) {
        for reading in &repetition.readings {
            let traced = record_tables::by_power_readings(reading, repetition.window.length);
            rows.push(
                el("tr", "")
                    .add(table::row_head(&number.to_string()))
                    .add(table::cell(domain_name(reading.domain)))
                    .add(table::number(joules(reading.energy)))
                    .add(table::number(joules(traced)))
                    .add(table::number(display::span(repetition.window.length)))
                    .add(table::number(reading.trace.0.len().to_string()))
                    .add(table::cell(record_tables::remarks(reading))),
            );
        }
    }
    table::table("readings", "", "What each instrument read over the whole window, pads included", head, rows)
}
