//! Everything else that a record holds: how tokens came, what measuring cost besides, conditions, versions.
//!
//! Must not: hide what is missing.

use std::time::Duration;

use common::api::BASE;
use common::leaderboard::{RunFigures, overhead_energy};
use common::measurement::{Baseline, Control, Facts, Measurement, ProcessorState, Tuned};
use common::meter::{Characterised, MeterCard, Method};
use common::parts::{Part, PartEnergy, rest};
use common::stats::Estimate;
use common::units::{Energy, Power, Temperature};
use common::wall::WallMeter;

use crate::browser;
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
        more("Energy by part")
            .add(parts_table(measurement))
            .maybe(rest(&measurement.facts).map(rest_sentence))
            .maybe(overhead_table(measurement)),
        more("Instruments")
            .all(measurement.facts.meters.iter().map(meter_card))
            .add(readings_table(measurement)),
        el("div", "columns").all(lists(measurement, figures)),
        el("p", "").add(text("a", "", "The whole record as JSON").set("href", &raw).set("rel", "external")),
        traces(&raw),
    ])
}

/// All power readings as a file of each form.
fn traces(run: &str) -> El {
    let link = |(name, ending): (&str, &str)| {
        text("a", "button", name)
            .set("href", &format!("{run}/power_trace.{ending}"))
            .set("rel", "external")
            .set("download", &format!("power-trace.{ending}"))
    };
    el("p", "download")
        .add(text("span", "quiet", "Its power readings as a file"))
        .all([("CSV", "csv"), ("JSON", "json"), ("Parquet", "parquet")].map(link))
}

fn lists(measurement: &Measurement, figures: &RunFigures) -> [El; 5] {
    let facts = &measurement.facts;
    let (overhead, conditions, software) = (&facts.overhead, &facts.conditions, &facts.software);
    let computing = software.computing.as_ref();
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
                (
                    if decoding.forced_length { "Forced length" } else { "Output limit" },
                    format!("{} tokens", decoding.max_output_tokens),
                ),
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
                ("Idle power", idle_time(facts)),
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
                ("Idle power steady", or_missing(all(facts, Baseline::is_steady).map(yes))),
                ("Idle power as in the days before", or_missing(all(facts, Baseline::is_usual).map(yes))),
                ("Processor's governor", or_missing(conditions.processor.as_ref().and_then(governor))),
                ("Clocks", clocks(facts)),
                ("Control workload", or_missing(conditions.control.as_ref().map(control))),
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
                ("Kernels", or_missing(computing.map(|computing| computing.kernels.clone()))),
                ("Decode step", or_missing(computing.and_then(|computing| computing.decode.clone()))),
                (
                    "Chosen by trying",
                    or_missing(computing.and_then(|computing| Some(tuned(computing.tuned.as_ref()?)))),
                ),
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

/// Which kernel was the fastest of those that were tried, for each operation.
fn tuned(all: &[Tuned]) -> String {
    let all: Vec<String> =
        all.iter().map(|Tuned { operation, kernel }| format!("{kernel} for {operation}")).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join("; ") }
}

/// How much the last control workloads of the machine differ.
fn control(control: &Control) -> String {
    let spread = control.energy_spread.map_or_else(|| MISSING.to_owned(), display::share);
    format!("differs by {spread} (n\u{a0}=\u{a0}{}, {})", control.n, display::instant(control.at))
}

/// How long idle power was read.
fn idle_time(facts: &Facts) -> String {
    let timeline = facts.timeline.as_ref();
    match timeline.and_then(|timeline| timeline.idle_before.zip(timeline.idle_after)) {
        Some((before, after)) => {
            format!("{} before, {} after", display::span(before.lasts), display::span(after.lasts))
        }
        None => display::span(facts.overhead.baseline),
    }
}

/// Whether something holds of idle power wherever that could be judged.
fn all(facts: &Facts, holds: fn(&Baseline) -> Option<bool>) -> Option<bool> {
    facts.baselines.iter().filter_map(holds).reduce(|one, other| one && other)
}

/// What sets the processor's clocks.
fn governor(state: &ProcessorState) -> Option<String> {
    let turbo = match state.has_turbo {
        Some(true) => ", turbo on",
        Some(false) => ", turbo off",
        None => "",
    };
    (!state.governors.is_empty()).then(|| format!("{}{turbo}", state.governors.join(" and ")))
}

/// How well the machine's clock was compared with the server's.
fn clocks(facts: &Facts) -> String {
    let server = facts.timeline.as_ref().and_then(|timeline| timeline.server);
    server.map_or_else(|| MISSING.to_owned(), |server| format!("within {}", display::span(server.within)))
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

/// The meter at a machine's socket, which the server reads.
pub(crate) fn wall_meter(meter: &WallMeter) -> El {
    let mut known = Vec::new();
    if let Some(step) = meter.card.power_resolution {
        known.push(format!("power in steps of {}", display::plain(Quantity::Watts, step.watts())));
    }
    if let Some(last) = meter.last {
        let power = last.power.map(|power| display::plain(Quantity::Watts, power.watts()));
        let ago = display::ago(last.at, browser::now());
        known.push(format!("{} {ago}", power.unwrap_or_else(|| "read".to_owned())));
    }
    let trouble = meter.trouble.as_ref().map(|trouble| {
        text("p", "hint", format!("{}: {}", display::ago(trouble.at, browser::now()), trouble.message))
    });
    meter_card(&meter.card.card)
        .set("data-testid", "wall-meter")
        .add(quiet(format!(
            "{}: read by the server, not on the machine. {} {}",
            meter.meter,
            display::wall_role(meter.role),
            known.join(" · ")
        )))
        .maybe(trouble)
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
    if let Some(averaging) = card.averaging {
        known.push(format!("each a mean over {}", display::span(averaging)));
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
        .maybe(card.characterised.as_ref().map(characterised))
}

/// What was measured of an instrument on its own machine.
fn characterised(found: &Characterised) -> El {
    let mut known = vec![format!("Characterised {}", display::instant(found.at))];
    if let Some(period) = found.update_period {
        known.push(format!("a new value every {}", display::span(period)));
    }
    if let Some((window, half)) = found.averaging.zip(found.averaging_half_width) {
        known.push(format!("each a mean over {} ± {}", display::span(window), display::span(half)));
    }
    known.push(format!("a look takes {}", display::span(found.read)));
    let shares = [
        ("counter over power readings", found.counter_bias),
        ("over a reference meter", found.gain_error),
        ("of a core for the sampler", found.sampler_core_share),
        ("slower with the sampler", found.sampler_slowdown),
    ];
    known.extend(
        shares.into_iter().filter_map(|(name, share)| Some(format!("{} {name}", display::share(share?)))),
    );
    if let Some(wall) = &found.wall {
        let half = wall.slope_half_width.map_or_else(String::new, |half| format!(" ± {half:.3}"));
        known.push(format!(
            "{:.3}{half}\u{a0}W at the socket ({}) for each watt of all parts",
            wall.slope, wall.name
        ));
        if let Some((behind, half)) = wall.delay_s.zip(wall.delay_half_width_s) {
            known.push(format!("whose readings lie behind by {behind:.2} ± {half:.2}\u{a0}s"));
        }
    }
    if let Some(idle) = found.idle_power {
        known.push(format!("{} idle", display::plain(Quantity::Watts, idle.watts())));
    }
    if let Some(seconds) = found.clock_residual_s {
        known.push(format!("its clock ahead by {}", display::plain(Quantity::Seconds, seconds)));
    }
    quiet(known.join(" · "))
}

/// What measuring took besides the answers, by instrument.
fn overhead_table(measurement: &Measurement) -> Option<El> {
    let facts = &measurement.facts;
    let energies = &facts.overhead.energies;
    let shown = |energy: Option<Energy>| {
        energy.map_or_else(|| MISSING.to_owned(), |energy| display::plain(Quantity::Joules, energy.joules()))
    };
    let names = ["Cooling down", "Idle power", "Warm-up", "Pads"];
    let head = std::iter::once(table::head("", "Part")).chain(names.map(|name| table::head("num", name)));
    let rows = energies.iter().map(|spent| {
        let pads = facts.pads_energy(spent.domain);
        el("tr", "").add(table::row_head(&domain_name(spent.domain))).all(
            [spent.cool_down, spent.baseline, spent.warm_up, pads].map(|energy| table::number(shown(energy))),
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
            let energy = reading.energy.map_or_else(
                || MISSING.to_owned(),
                |energy| display::plain(Quantity::Joules, energy.joules()),
            );
            // Where power is what was read, both are the same figure.
            let traced = Some(&reading.trace).filter(|_| reading.method == Method::Counter);
            let traced = traced
                .and_then(|trace| trace.energy_between(Duration::ZERO, repetition.window.length))
                .map_or_else(
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
                    .add(table::number(traced))
                    .add(table::number(display::span(repetition.window.length)))
                    .add(table::number(reading.trace.0.len().to_string()))
                    .add(table::cell(remarks.join("; "))),
            );
        }
    }
    table::table("readings", "", "What each instrument read over the whole window, pads included", head, rows)
}
