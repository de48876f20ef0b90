//! The machines: what each is doing, what it is made of, what it is read with, and what is missing.
//!
//! Must not: tell which run a machine has; whoever knows a run may read its answer.

use common::api::events::Event;
use common::api::machines::{ListMachines, Machines};
use common::machine::{Announcement, Machine, MachineState};
use leptos::prelude::*;
use std::time::Duration;

use crate::browser;
use crate::components::facts::{Fact, facts, list, quiet};
use crate::components::ground::lead;
use crate::components::run_facts::{meter_card, wall_meter};
use crate::components::states::{empty, fetched};
use crate::display::{self, Quantity};
use crate::dom::{El, drawn, el, group, page, text};
use crate::events;
use crate::remote::Source;

/// How often the page asks where no events come.
const ASK_EACH: Duration = Duration::from_secs(5);

/// `/machines`
pub(crate) fn machines() -> AnyView {
    browser::set_title("Machines");
    let source = Source::new(ListMachines);
    let is_live = events::follow(
        None,
        move || source.reload(),
        move |event| {
            if matches!(event, Event::Machine { .. } | Event::Board) {
                source.reload();
            }
        },
    );
    let asking = set_interval_with_handle(
        move || {
            if !is_live.try_get_untracked().unwrap_or(true) {
                source.reload();
            }
        },
        ASK_EACH,
    );
    on_cleanup(move || {
        if let Ok(asking) = asking {
            asking.clear();
        }
    });
    let start = || {
        lead(
            "Machines",
            "Each does one thing at a time. Before a measurement it waits until it is calm and cool.",
        )
    };
    page("page", vec![drawn(start), fetched(source, "the machines", |machines| list_of(&machines))])
}

fn list_of(machines: &Machines) -> El {
    if machines.machines.is_empty() {
        return empty(
            "No machine is enrolled",
            "An operator enrols one and starts its worker with the token that is printed. The README says how.",
        );
    }
    let queue = facts(&[
        Fact::new("Waiting", display::compact(machines.queued_runs), "Runs that no machine has taken yet."),
        Fact::new("In work", display::compact(machines.leased_runs), "Runs that a machine has now."),
    ]);
    group([queue]).all(machines.machines.iter().map(card))
}

fn card(machine: &Machine) -> El {
    let (state, why) = display::machine_state(&machine.state);
    let class = match machine.state {
        MachineState::Idle => "state state-idle",
        MachineState::Busy { .. } => "state state-busy",
        MachineState::Expected => "state state-expected",
        MachineState::Vanished => "state state-vanished",
    };
    let seen = machine.last_seen_at.map_or_else(
        || "Never heard of.".to_owned(),
        |at| format!("Heard of {}.", display::ago(at, browser::now())),
    );
    let embodied = &machine.embodied;
    let spread = format!(
        "Emissions of making it, spread over {}. Source: {}.",
        display::span(embodied.lifetime),
        embodied.source
    );
    let said = machine.announcement.as_ref();
    el("article", "machine-card")
        .add(
            el("header", "run-head")
                .add(
                    text("h2", "", machine.name.as_str())
                        .maybe(said.map(|said| text("small", "", said.hardware.compute()))),
                )
                .add(text("p", class, state)),
        )
        .add(quiet(format!("{why} {seen}")))
        .add(facts(&[
            Fact::new("Measured", display::compact(machine.measured_runs), "Runs that it has measured."),
            Fact::new(
                "Waiting for it",
                display::compact(machine.queue_length),
                "Runs in the queue that it could serve.",
            ),
            Fact::new("Zone", machine.zone.to_string(), "The grid area it stands in."),
            Fact::new("PUE", machine.pue.to_string(), "Energy of the building over energy of its machines."),
            Fact::new("Embodied", display::plain(Quantity::Grams, embodied.total.grams()), spread),
        ]))
        .add(said.map_or_else(
            || quiet("It describes itself when its worker starts."),
            |said| described(said, machine),
        ))
}

fn described(said: &Announcement, machine: &Machine) -> El {
    let hardware = &said.hardware;
    let mut made_of = vec![
        ("Processor", format!("{}, {} cores", hardware.cpu, hardware.cores)),
        ("Memory", display::plain(Quantity::Bytes, display::float(hardware.memory_bytes))),
    ];
    made_of.extend(hardware.accelerators.iter().map(|name| ("Accelerator", name.clone())));
    made_of.extend([("System", hardware.system.clone()), ("Worker", said.worker_version.clone())]);
    let sentences =
        |sentences: Vec<String>| el("ul", "quiet").all(sentences.iter().map(|each| text("li", "", each)));
    let missing = (!said.missing_meters.is_empty())
        .then(|| group([text("h3", "", "Not read, and why"), sentences(said.missing_meters.clone())]));
    let models = said
        .models
        .iter()
        .map(|model| format!("{} {}", model.name, display::dtype(model.dtype, model.weights)));
    el("div", "columns")
        .add(list("Made of", made_of))
        .add(
            el("section", "list meters")
                .add(text("h3", "", "Read with"))
                .all(said.meters.iter().map(meter_card))
                .maybe(machine.wall_meter.as_ref().map(wall_meter))
                .maybe(missing),
        )
        .add(el("section", "list").add(text("h3", "", "Models")).add(sentences(models.collect())))
}
