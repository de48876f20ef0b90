//! The machines: what each is doing, what it is made of, what it is read with, and what is missing.
//!
//! Must not: tell which run a machine has; whoever knows a run may read its answer.

use common::api::events::Event;
use common::api::machines::{ListMachines, Machines};
use common::machine::{Announcement, Machine, MachineState};
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

use crate::browser;
use crate::components::facts::{Fact, facts};
use crate::components::run_facts::meter_card;
use crate::components::states::{empty, fetched};
use crate::display::{self, Quantity};
use crate::events;
use crate::remote::Source;

/// How often the page asks where no events come.
const ASK_EACH: Duration = Duration::from_secs(5);

/// `/machines`
#[component]
pub(crate) fn MachinesPage() -> impl IntoView {
    browser::set_title("Machines");
    let source = Source::new(ListMachines);
    let is_live = events::follow(None, move || source.reload(), move |event| {
        if matches!(event, Event::Machine { .. } | Event::Board) {
            source.reload();
        }
    });
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
    view! {
        <div class="page">
            <div class="lead">
                <h1>"Machines"</h1>
                <p>"Each does one thing at a time. Before a measurement it waits until it is calm and cool."</p>
            </div>
            {fetched(source, "the machines", list)}
        </div>
    }
}

fn list(machines: Arc<Machines>) -> AnyView {
    let queue = facts(vec![
        Fact::new("Waiting", display::compact(machines.queued_runs), "Runs that no machine has taken yet."),
        Fact::new("In work", display::compact(machines.leased_runs), "Runs that a machine has now."),
    ]);
    if machines.machines.is_empty() {
        return empty(
            "No machine is enrolled",
            "An operator enrols one and starts its worker with the token that is printed. The README says how.",
        );
    }
    view! {
        {queue}
        {machines.machines.iter().map(card).collect_view()}
    }
    .into_any()
}

fn card(machine: &Machine) -> AnyView {
    let (state, why) = display::machine_state(&machine.state);
    let class = match machine.state {
        MachineState::Idle => "state state-idle",
        MachineState::Busy { .. } => "state state-busy",
        MachineState::Expected => "state state-expected",
        MachineState::Vanished => "state state-vanished",
    };
    let seen = machine.last_seen_at.map_or_else(
        || "never heard of".to_owned(),
        |at| format!("heard of {}", display::ago(at, browser::now())),
    );
    view! {
        <article class="machine-card">
            <header class="run-head">
                <h2>{machine.name.to_string()}<small>{machine.announcement.as_ref().map(|said| said.hardware.compute())}</small></h2>
                <p class=class>{state}</p>
            </header>
            <p class="quiet">{why}" "{capital(&seen)}"."</p>
            {facts(vec![
                Fact::new("Measured", display::compact(machine.measured_runs), "Runs that it has measured."),
                Fact::new("Waiting for it", display::compact(machine.queue_length), "Runs in the queue that it could serve."),
                Fact::new("Zone", machine.zone.to_string(), "The grid area it stands in."),
                Fact::new("PUE", machine.pue.to_string(), "Energy of the building over energy of its machines."),
                Fact::new("Embodied", display::plain(Quantity::Grams, machine.embodied.total.grams()), format!(
                    "Emissions of making it, spread over {}. Source: {}.", display::span(machine.embodied.lifetime), machine.embodied.source)),
            ])}
            {machine.announcement.as_ref().map_or_else(
                || view! { <p class="quiet">"It describes itself when its worker starts."</p> }.into_any(),
                described)}
        </article>
    }
    .into_any()
}

fn described(said: &Announcement) -> AnyView {
    let hardware = &said.hardware;
    let missing = said.missing_meters.clone();
    let bytes = u32::try_from(hardware.memory_bytes / 1_000_000).map_or(0.0, |mega| f64::from(mega) * 1e6);
    let mut entries = vec![
        ("Processor", format!("{}, {} cores", hardware.cpu, hardware.cores)),
        ("Memory", display::plain(Quantity::Bytes, bytes)),
    ];
    entries.extend(hardware.accelerators.iter().map(|name| ("Accelerator", name.clone())));
    entries.extend([("System", hardware.system.clone()), ("Worker", said.worker_version.clone())]);
    view! {
        <div class="columns">
            <section class="list">
                <h3>"Made of"</h3>
                <dl>{entries.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}</dl>
            </section>
            <section class="list meters">
                <h3>"Read with"</h3>
                {said.meters.iter().map(meter_card).collect_view()}
                {(!missing.is_empty()).then(|| view! {
                    <h3>"Not read, and why"</h3>
                    <ul class="quiet">{missing.into_iter().map(|why| view! { <li>{why}</li> }).collect_view()}</ul>
                })}
            </section>
            <section class="list">
                <h3>"Models"</h3>
                <ul class="quiet">{said.models.iter().map(|model| view! {
                    <li>{format!("{} {}", model.name, display::dtype(model.dtype, model.weights))}</li>
                }).collect_view()}</ul>
            </section>
        </div>
    }
    .into_any()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
