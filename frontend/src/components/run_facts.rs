//! Everything else that a record holds: how tokens came, what measuring cost besides, conditions, versions.
//!
//! Must not: hide what is missing.

use common::api::BASE;
use common::leaderboard::RunFigures;
use common::measurement::Measurement;
use common::meter::MeterCard;
use leptos::prelude::*;

use crate::components::power_chart::domain_name;
use crate::components::run_result::meter_name;
use crate::components::token_chart::token_chart;
use crate::display::{self, MISSING, Quantity};
use crate::record;

/// The facts of a record below its figures.
pub(crate) fn run_facts(measurement: &Measurement, figures: &RunFigures) -> AnyView {
    let facts = &measurement.facts;
    let gaps = record::gaps(measurement);
    let net = figures.sums.net_energy_j;
    let overhead = &facts.overhead;
    let conditions = &facts.conditions;
    let degrees = |t: Option<common::units::Temperature>| {
        t.map_or_else(|| MISSING.to_owned(), |t| format!("{:.0}\u{a0}°C", t.celsius()))
    };
    let decoding = &measurement.prompt.decoding;
    let raw = format!("{BASE}/runs/{}", measurement.run_id);
    view! {
        <section class="more">
            <h3>"Time between tokens"</h3>
            {move || token_chart(&gaps, 900.0)}
        </section>
        <section class="more">
            <h3>"Instruments"</h3>
            {facts.meters.iter().map(meter_card).collect_view()}
            {readings_table(measurement)}
        </section>
        <div class="columns">
            {list("What was asked", vec![
                ("Task", display::task(measurement.prompt.task).to_owned()),
                ("Output limit", format!("{} tokens", decoding.max_output_tokens)),
                ("Temperature", format!("{}", decoding.temperature)),
                ("Top-p", format!("{}", decoding.top_p)),
                ("Seed", format!("{}", decoding.seed)),
            ])}
            {list("Besides the window", vec![
                ("Loading", display::span(overhead.load)),
                ("Cooling down", display::span(overhead.cool_down)),
                ("Idle power", display::span(overhead.baseline)),
                ("Warm-up", format!("{} ({}×)", display::span(overhead.warm_up), overhead.warm_up_repetitions)),
                ("Energy less idle", if net.n > 0 { display::plain(Quantity::Joules, net.mean) } else { MISSING.to_owned() }),
            ])}
            {list("Conditions", vec![
                ("Calm", if conditions.was_calm { "yes" } else { "no" }.to_owned()),
                ("Other programs", conditions.foreign_load.map_or_else(|| MISSING.to_owned(), |share| format!("{} of all cores", display::share(share)))),
                ("Temperature before", degrees(conditions.temperature_before)),
                ("Temperature after", degrees(conditions.temperature_after)),
                ("Streamed", if conditions.streamed { "yes" } else { "no" }.to_owned()),
            ])}
            {list("What ran", vec![
                ("Model", facts.model.id.to_string()),
                ("Revision", facts.model.revision.clone()),
                ("Weights SHA-256", facts.model.weights_sha256.chars().take(16).collect()),
                ("Worker", facts.software.worker_version.clone()),
                ("Engine", facts.software.engine_version.clone()),
                ("Device", format!("{}, {} threads", facts.software.device, facts.software.threads)),
                ("Batch", facts.software.batch.to_string()),
                ("Method", format!("version {}", facts.method_version)),
            ])}
            {list("Where and when", vec![
                ("Machine", measurement.machine.name.to_string()),
                ("Processor", measurement.machine.hardware.cpu.clone()),
                ("System", measurement.machine.hardware.system.clone()),
                ("Zone", measurement.machine.zone.to_string()),
                ("Building (PUE)", format!("{}", measurement.machine.pue)),
                ("Started", display::instant(facts.started_at)),
            ])}
        </div>
        <p><a href=raw rel="external">"The whole record as JSON"</a></p>
    }
    .into_any()
}

fn list(title: &'static str, entries: Vec<(&'static str, String)>) -> AnyView {
    view! {
        <section class="list">
            <h3>{title}</h3>
            <dl>{entries.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()}</dl>
        </section>
    }
    .into_any()
}

/// What is known of an instrument.
pub(crate) fn meter_card(card: &MeterCard) -> AnyView {
    let mut known = vec![display::method(card.method).to_owned()];
    if let Some(period) = card.update_period {
        known.push(format!("a new value every {}", display::span(period)));
    }
    if let Some(resolution) = card.resolution {
        known.push(format!("steps of {}", display::plain(Quantity::Joules, resolution.joules())));
    }
    known.push(format!("gain uncertain by {} (k\u{a0}=\u{a0}1)", display::share(card.gain_uncertainty)));
    view! {
        <div class="meter">
            <p>
                {crate::components::badge::label_badge(card.label, false)}
                <b>{domain_name(card.domain)}</b>" "<span class="quiet">{meter_name(card)}</span>
            </p>
            <p>{card.boundary.clone()}</p>
            <p class="quiet">{known.join(" · ")}</p>
        </div>
    }
    .into_any()
}

fn readings_table(measurement: &Measurement) -> AnyView {
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Readings">
            <table>
                <caption>"Each repetition and what each instrument read over its whole window"</caption>
                <thead><tr>
                    <th scope="col">"Repetition"</th><th scope="col">"Part"</th><th scope="col" class="num">"Energy"</th>
                    <th scope="col" class="num">"Window"</th><th scope="col" class="num">"Readings"</th><th scope="col">"Remarks"</th>
                </tr></thead>
                <tbody>
                    {measurement.facts.repetitions.iter().enumerate().flat_map(|(index, repetition)| {
                        repetition.readings.iter().map(move |reading| {
                            let energy = reading.energy.map_or_else(|| MISSING.to_owned(), |energy| display::plain(Quantity::Joules, energy.joules()));
                            let mut remarks: Vec<&str> = reading.null_reason.into_iter().map(display::null_reason).collect();
                            remarks.extend(reading.faults.iter().map(|fault| display::fault(*fault)));
                            view! {
                                <tr><th scope="row">{index + 1}</th><td>{domain_name(reading.domain)}</td><td class="num">{energy}</td>
                                    <td class="num">{display::span(repetition.window.length)}</td>
                                    <td class="num">{reading.trace.0.len()}</td><td>{remarks.join("; ")}</td></tr>
                            }
                        }).collect::<Vec<_>>()
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
