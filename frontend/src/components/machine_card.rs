//! A machine: what it is doing, what it is made of, what it is read with, and what is missing.
//!
//! Must not: tell which run it has; whoever knows a run may read its answer.

use common::machine::{Announcement, Machine, MachineState};

use crate::browser;
use crate::components::facts::{Fact, facts, list, quiet};
use crate::components::meter_card::{meter_card, wall_meter};
use crate::display::{self, Quantity};
use crate::dom::{El, el, group, text};
use crate::scale;

/// Draws a machine under a heading that names it.
pub(crate) fn machine_card(machine: &Machine, heading: El) -> El {
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
                .add(heading.maybe(said.map(|said| text("small", "", display::compute(&said.hardware)))))
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
        // On the machine's own page its name is the first heading; what follows must not skip a level.
        .add(text("h2", "hidden", "What it says of itself"))
        .add(said.map_or_else(
            || quiet("It describes itself when its worker starts."),
            |said| described(said, machine),
        ))
}

fn described(said: &Announcement, machine: &Machine) -> El {
    let hardware = &said.hardware;
    let mut made_of = vec![
        ("Processor", format!("{}, {} cores", hardware.cpu, hardware.cores)),
        ("Memory", display::plain(Quantity::Bytes, scale::float(hardware.memory_bytes))),
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
                .all(machine.wall_meters.iter().map(wall_meter))
                .maybe(missing),
        )
        .add(el("section", "list").add(text("h3", "", "Models")).add(sentences(models.collect())))
}
