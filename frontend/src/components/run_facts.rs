//! Everything else that a record holds: how tokens came, what measuring cost besides, conditions, versions.
//!
//! Must not: hide what is missing.

use common::api::BASE;
use common::leaderboard::{RunFigures, overhead_energy};
use common::measurement::Measurement;
use common::meter::MeterCard;
use common::units::Temperature;

use crate::components::badge::label_badge;
use crate::components::facts::{list, quiet};
use crate::components::power_chart::domain_name;
use crate::components::table;
use crate::components::token_chart::token_chart;
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, group, text};
use crate::record;

/// The facts of a record below its figures.
pub(crate) fn run_facts(measurement: &Measurement, figures: &RunFigures) -> El {
    let raw = format!("{BASE}/runs/{}", measurement.run_id);
    let more = |title: &str| el("section", "more").add(text("h3", "", title));
    group([
        more("Time between tokens").add(token_chart(&record::gaps(measurement))),
        more("Instruments")
            .all(measurement.facts.meters.iter().map(meter_card))
            .add(readings_table(measurement)),
        el("div", "columns").all(lists(measurement, figures)),
        el("p", "").add(text("a", "", "The whole record as JSON").set("href", &raw).set("rel", "external")),
    ])
}

fn lists(measurement: &Measurement, figures: &RunFigures) -> [El; 5] {
    let facts = &measurement.facts;
    let (overhead, conditions, software) = (&facts.overhead, &facts.conditions, &facts.software);
    let (decoding, machine) = (&measurement.prompt.decoding, &measurement.machine);
    let net = figures.sums.net_energy_j;
    let or_missing = |value: Option<String>| value.unwrap_or_else(|| MISSING.to_owned());
    let degrees =
        |value: Option<Temperature>| or_missing(value.map(|t| format!("{:.0}\u{a0}°C", t.celsius())));
    let yes = |holds: bool| if holds { "yes" } else { "no" }.to_owned();
    [
        list(
            "What was asked",
            [
                ("Task", display::task(measurement.prompt.task).to_owned()),
                ("Output limit", format!("{} tokens", decoding.max_output_tokens)),
                ("Temperature", decoding.temperature.to_string()),
                ("Top-p", decoding.top_p.to_string()),
                ("Seed", decoding.seed.to_string()),
            ],
        ),
        list(
            "Besides the window",
            [
                ("Loading", display::span(overhead.load)),
                ("Cooling down", display::span(overhead.cool_down)),
                ("Idle power", display::span(overhead.baseline)),
                (
                    "Warm-up",
                    format!("{} ({}×)", display::span(overhead.warm_up), overhead.warm_up_repetitions),
                ),
                (
                    "Energy of all that",
                    or_missing(
                        figures
                            .boundary
                            .and_then(|boundary| overhead_energy(facts, boundary))
                            .map(|energy| display::plain(Quantity::Joules, energy.joules())),
                    ),
                ),
                (
                    "Energy less idle",
                    or_missing((net.n > 0).then(|| display::plain(Quantity::Joules, net.mean))),
                ),
            ],
        ),
        list(
            "Conditions",
            [
                ("Calm", yes(conditions.was_calm)),
                (
                    "Other programs",
                    or_missing(
                        conditions
                            .foreign_load
                            .map(|share| format!("{} of all cores", display::share(share))),
                    ),
                ),
                ("Temperature before", degrees(conditions.temperature_before)),
                ("Temperature after", degrees(conditions.temperature_after)),
                ("Streamed", yes(conditions.streamed)),
            ],
        ),
        list(
            "What ran",
            [
                ("Model", facts.model.id.to_string()),
                ("Revision", facts.model.revision.clone()),
                ("Weights SHA-256", facts.model.weights_sha256.chars().take(16).collect()),
                ("Worker", software.worker_version.clone()),
                ("Engine", software.engine_version.clone()),
                ("Device", format!("{}, {} threads", software.device, software.threads)),
                ("Batch", software.batch.to_string()),
                ("Method", format!("version {}", facts.method_version)),
            ],
        ),
        list(
            "Where and when",
            [
                ("Machine", machine.name.to_string()),
                ("Processor", machine.hardware.cpu.clone()),
                ("System", machine.hardware.system.clone()),
                ("Zone", machine.zone.to_string()),
                ("Building (PUE)", machine.pue.to_string()),
                ("Started", display::instant(facts.started_at)),
            ],
        ),
    ]
}

/// What is known of an instrument.
pub(crate) fn meter_card(card: &MeterCard) -> El {
    let mut known = vec![display::method(card.method).to_owned()];
    if let Some(period) = card.update_period {
        known.push(format!("a new value every {}", display::span(period)));
    }
    if let Some(resolution) = card.resolution {
        known.push(format!("steps of {}", display::plain(Quantity::Joules, resolution.joules())));
    }
    known.push(format!("gain uncertain by {} (k\u{a0}=\u{a0}1)", display::share(card.gain_uncertainty)));
    let name = card
        .version
        .as_ref()
        .map_or_else(|| card.name.clone(), |version| format!("{}, {version}", card.name));
    el("div", "meter")
        .add(
            el("p", "")
                .add(label_badge(card.label, false))
                .add(text("b", "", domain_name(card.domain)))
                .text(" ")
                .add(text("span", "quiet", name)),
        )
        .add(text("p", "", &card.boundary))
        .add(quiet(known.join(" · ")))
}

fn readings_table(measurement: &Measurement) -> El {
    let head = [
        table::head("", "Repetition"),
        table::head("", "Part"),
        table::head("num", "Energy"),
        table::head("num", "Window"),
        table::head("num", "Readings"),
        table::head("", "Remarks"),
    ];
    let mut rows = Vec::new();
    for (number, repetition) in (1u32..).zip(&measurement.facts.repetitions) {
        for reading in &repetition.readings {
            let energy = reading.energy.map_or_else(
                || MISSING.to_owned(),
                |energy| display::plain(Quantity::Joules, energy.joules()),
            );
            let mut remarks: Vec<&str> = reading.null_reason.into_iter().map(display::null_reason).collect();
            remarks.extend(reading.faults.iter().map(|fault| display::fault(*fault)));
            rows.push(
                el("tr", "")
                    .add(table::row_head(&number.to_string()))
                    .add(table::cell(domain_name(reading.domain)))
                    .add(table::number(energy))
                    .add(table::number(display::span(repetition.window.length)))
                    .add(table::number(reading.trace.0.len().to_string()))
                    .add(table::cell(remarks.join("; "))),
            );
        }
    }
    table::table("readings", "", "What each instrument read over the whole window, pads included", head, rows)
}
