//! Everything else that a record holds: how tokens came, what measuring cost besides, conditions, versions.
//!
//! Must not: hide what is missing.

use common::api::BASE;
use common::leaderboard::{RunFigures, overhead_energy};
use common::measurement::{Baseline, Control, Facts, Measurement, ProcessorState, Tuned};
use common::units::Temperature;

use crate::components::facts::list;
use crate::components::meter_card::meter_card;
use crate::components::run_tables::{between_tokens, by_part, readings};
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, el, group, text};

/// The facts of a record below its figures.
pub(crate) fn run_facts(measurement: &Measurement, figures: &RunFigures) -> El {
    let facts = &measurement.facts;
    let raw = format!("{BASE}/runs/{}", measurement.run_id);
    let more = |title: &str| el("section", "more").add(text("h3", "", title));
    group([
        more("Time between tokens").add(between_tokens(measurement)),
        more("Energy by part").add(by_part(measurement)),
        more("Instruments").all(facts.meters.iter().map(meter_card)).add(readings(measurement)),
        el("div", "columns").all([
            asked(measurement),
            besides(facts, figures),
            conditions(facts),
            what_ran(facts),
            where_and_when(measurement),
        ]),
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

/// A value, or that there is none.
fn or_missing(value: Option<String>) -> String {
    value.unwrap_or_else(|| MISSING.to_owned())
}

fn yes(holds: bool) -> String {
    if holds { "yes" } else { "no" }.to_owned()
}

fn asked(measurement: &Measurement) -> El {
    let decoding = &measurement.prompt.decoding;
    let limit = if decoding.forced_length { "Forced length" } else { "Output limit" };
    list(
        "What was asked",
        [
            ("Task", display::task(measurement.prompt.task).to_owned()),
            (limit, format!("{} tokens", decoding.max_output_tokens)),
            ("Temperature", decoding.temperature.to_string()),
            ("Top-p", decoding.top_p.to_string()),
            ("Seed", decoding.seed.to_string()),
        ],
    )
}

fn besides(facts: &Facts, figures: &RunFigures) -> El {
    let overhead = &facts.overhead;
    let net = figures.sums.net_energy_j;
    let joules = |joules: f64| display::plain(Quantity::Joules, joules);
    let spent = figures.boundary.and_then(|boundary| overhead_energy(facts, boundary));
    list(
        "Besides the window",
        [
            ("Loading", display::span(overhead.load)),
            ("Cooling down", display::span(overhead.cool_down)),
            ("Idle power", idle_time(facts)),
            ("Warm-up", format!("{} ({}×)", display::span(overhead.warm_up), overhead.warm_up_repetitions)),
            ("Energy of all that", or_missing(spent.map(|energy| joules(energy.joules())))),
            ("Energy less idle", or_missing((net.n > 0).then(|| joules(net.mean)))),
        ],
    )
}

fn conditions(facts: &Facts) -> El {
    let conditions = &facts.conditions;
    let degrees =
        |value: Option<Temperature>| or_missing(value.map(|t| format!("{:.0}\u{a0}°C", t.celsius())));
    let foreign = conditions.foreign_load.map(|share| format!("{} of all cores", display::share(share)));
    list(
        "Conditions",
        [
            ("Calm", yes(conditions.was_calm)),
            ("Other programs", or_missing(foreign)),
            ("Temperature before", degrees(conditions.temperature_before)),
            ("Temperature after", degrees(conditions.temperature_after)),
            ("Idle power steady", or_missing(holds_everywhere(facts, Baseline::is_steady).map(yes))),
            (
                "Idle power as in the days before",
                or_missing(holds_everywhere(facts, Baseline::is_usual).map(yes)),
            ),
            ("Processor's governor", or_missing(conditions.processor.as_ref().and_then(governor))),
            ("Clocks", clocks(facts)),
            ("Control workload", or_missing(conditions.control.as_ref().map(control))),
            ("Streamed", yes(conditions.streamed)),
        ],
    )
}

fn what_ran(facts: &Facts) -> El {
    let software = &facts.software;
    let computing = software.computing.as_ref();
    let told = |value: Option<String>| value.unwrap_or_else(|| "not told by this worker".to_owned());
    list(
        "What ran",
        [
            ("Model", facts.model.id.to_string()),
            ("Revision", facts.model.revision.clone()),
            ("Weights SHA-256", facts.model.weights_sha256.chars().take(16).collect()),
            ("Worker", software.worker_version.clone()),
            ("Engine", software.engine_version.clone()),
            ("Device", format!("{}, {} threads", software.device, software.threads)),
            ("Kernels", told(computing.map(|computing| computing.kernels.clone()))),
            ("Decode step", told(computing.and_then(|computing| computing.decode.clone()))),
            (
                "Chosen by trying",
                told(computing.and_then(|computing| Some(tuned(computing.tuned.as_ref()?)))),
            ),
            ("Batch", software.batch.to_string()),
            ("Method", format!("version {}", facts.method_version)),
        ],
    )
}

fn where_and_when(measurement: &Measurement) -> El {
    let machine = &measurement.machine;
    list(
        "Where and when",
        [
            ("Machine", machine.name.to_string()),
            ("Processor", machine.hardware.cpu.clone()),
            ("System", machine.hardware.system.clone()),
            ("Zone", machine.zone.to_string()),
            ("Building (PUE)", machine.pue.to_string()),
            ("Started", display::instant(measurement.facts.started_at)),
        ],
    )
}

/// Which kernel was the fastest of those that were tried, for each operation.
fn tuned(all: &[Tuned]) -> String {
    let all: Vec<String> =
        all.iter().map(|Tuned { operation, kernel }| format!("{kernel} for {operation}")).collect();
    if all.is_empty() { "nothing, each operation has one kernel here".to_owned() } else { all.join("; ") }
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
fn holds_everywhere(facts: &Facts, holds: fn(&Baseline) -> Option<bool>) -> Option<bool> {
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
