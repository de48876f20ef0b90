//! A measured run: the answer, the energy, what they stand on.
//!
//! Must not: show a figure without its label, boundary and verdict.

use common::carbon::GridIntensity;
use common::leaderboard::RunFigures;
use common::measurement::Measurement;
use common::meter::MeterCard;
use common::model::Weights;
use common::verdict::{Grade, Verdict};
use leptos::prelude::*;
use std::sync::Arc;

use crate::components::badge::label_badge;
use crate::components::controls::unit_toggle;
use crate::components::energy::energy_figure;
use crate::components::facts::{Fact, facts, meanings};
use crate::components::power_chart::{power_chart, power_table};
use crate::components::run_facts::run_facts;
use crate::display::{self, Column, Quantity};
use crate::figures::{Figure, Line};
use crate::record::{self, Curve};
use crate::view::View;
use crate::view_state::ViewState;

/// Draws the record of a run; with all its facts where it is the page itself.
pub(crate) fn result(measurement: &Measurement, is_whole_page: bool) -> AnyView {
    let view = View::current();
    let prompt = &measurement.prompt;
    let figures = RunFigures::of(&measurement.facts, prompt.kind, prompt.expected.as_deref());
    let line = Line::of_run(measurement, &figures, None).map(Arc::new);
    let Some(repetition) = measurement.facts.repetitions.first() else {
        return view! { <p class="ended">"The record holds no repetition."</p> }.into_any();
    };
    let curve = Curve::of(repetition);
    let is_random = measurement.facts.model.weights == Weights::Random;
    let boundary = figures.boundary;
    let label = figures.label;
    let chart = if curve.is_empty() {
        view! { <p class="quiet">"The instrument gives no power readings, so there is no curve."</p> }.into_any()
    } else {
        let drawn = curve.clone();
        view! {
            {move || power_chart(&drawn, "Power while answering", 560.0)}
            {power_table(&curve)}
        }
        .into_any()
    };
    let big = line.clone();
    view! {
        <div class="duo">
            <section aria-label="Answer">
                {answer(&repetition.output_text)}
                <p class="quiet">
                    {format!("{} tokens read, {} written; ", repetition.prompt_tokens, repetition.output_tokens)}
                    {display::finish(repetition.finish)}"."
                </p>
            </section>
            <section class="energy-side" aria-label="Energy">
                <div class="energy-top">{label_badge(label, is_random)}{unit_toggle()}</div>
                {move || big.as_deref().map_or_else(no_energy, |line| energy_figure(line, &view.get()))}
                {boundary.map(|boundary| view! {
                    <p class="boundary"><b>{display::boundary(boundary)}</b>" "{display::boundary_parts(boundary)}</p>
                })}
                {verdict(&figures.verdict)}
            </section>
        </div>
        <section class="run-power" aria-label="Power">{chart}</section>
        {line.map(|line| {
            let phases = boundary.and_then(|boundary| record::phase_energies(repetition, boundary));
            view! {
                {figure_row(&line, phases)}
                {emissions(&line, &measurement.grid)}
            }
        })}
        <p class="quiet run-where">
            {format!(
                "{} on {}, {}. Asked by {}.",
                measurement.machine.name,
                measurement.machine.hardware.compute(),
                display::instant(measurement.facts.started_at),
                display::origin(measurement.origin)
            )}
        </p>
        {is_whole_page.then(|| run_facts(measurement, &figures))}
    }
    .into_any()
}

fn answer(text: &str) -> AnyView {
    if text.trim().is_empty() {
        return view! { <p class="answer answer-none" data-testid="answer">"The model ended without a word."</p> }.into_any();
    }
    view! { <pre class="answer" data-testid="answer">{text.to_owned()}</pre> }.into_any()
}

fn no_energy() -> AnyView {
    view! {
        <p class="energy" data-testid="energy-figure"><span class="energy-number">{display::MISSING}</span></p>
        <p class="energy-note">"There is no energy for this run. The verdict says why."</p>
    }
    .into_any()
}

/// A grade with its reasons in words.
pub(crate) fn verdict(verdict: &Verdict) -> AnyView {
    let class = match verdict.grade {
        Grade::Valid => "verdict verdict-valid",
        Grade::Flagged => "verdict verdict-flagged",
        Grade::Redo | Grade::Rejected => "verdict verdict-bad",
    };
    let reasons = verdict.reasons.clone();
    view! {
        <div class=class data-testid="verdict" data-grade=verdict.grade.name()>
            <p><b>"Verdict: "{display::grade(verdict.grade)}</b></p>
            {(!reasons.is_empty()).then(|| view! {
                <ul>{reasons.into_iter().map(|reason| view! { <li>{display::reason(reason)}</li> }).collect_view()}</ul>
            })}
        </div>
    }
    .into_any()
}

fn figure_row(line: &Line, phases: Option<(common::units::Energy, common::units::Energy)>) -> AnyView {
    let state = ViewState::default();
    let fact = |figure: &Figure, name: &str| {
        let text = figure.of(line, &state).map_or_else(
            || display::MISSING.to_owned(),
            |estimate| display::plain(figure.quantity(&state), estimate.mean),
        );
        Fact::new(name, text, figure.definition(&state))
    };
    let per_token = ViewState { per: crate::view_state::Per::OutputToken, ..ViewState::default() };
    let token_energy = Figure::Energy.of(line, &per_token).map_or_else(
        || display::MISSING.to_owned(),
        |estimate| display::plain(Quantity::Joules, estimate.mean),
    );
    let mut row = vec![
        fact(&Figure::Throughput, "Throughput"),
        fact(&Figure::Ttft, "First token"),
        fact(&Figure::Latency, "Whole answer"),
        Fact::new("Per output token", token_energy, Figure::Energy.definition(&per_token)),
    ];
    if let Some((prefill, decode)) = phases {
        let joules = Column::of(Quantity::Joules, [prefill.joules(), decode.joules()]);
        row.push(
            Fact::new(
                "Prefill / decode",
                format!("{} / {}", joules.cell(prefill.joules()), joules.with_unit(decode.joules())),
                "Energy of each phase, integrated from the power readings: it may differ a little from the headline.",
            ),
        );
    }
    let meaning: Vec<(String, String)> = row.iter().map(|fact| (fact.name.clone(), fact.definition.clone())).collect();
    view! {
        {facts(row)}
        {meanings("What these figures mean", meaning)}
    }
    .into_any()
}

/// Emissions of a run and the shares of its SCI.
fn emissions(line: &Line, grid: &GridIntensity) -> AnyView {
    let Some(sci) = line.sci() else { return ().into_any() };
    let (operational, embodied) = (sci.operational.grams(), sci.embodied.grams());
    let total = sci.total().grams();
    let share = if total > 0.0 { operational / total } else { 0.0 };
    view! {
        <section class="emissions" aria-label="Emissions">
            <div class="emissions-figures">
                {facts(vec![
                    Fact::new("CO₂e of the energy", display::plain(Quantity::Grams, operational), Figure::Carbon.definition(&ViewState::default())),
                    Fact::new("SCI per response", display::plain(Quantity::Grams, total), Figure::Sci.definition(&ViewState::default())),
                ])}
            </div>
            {share_bar(share, operational, embodied)}
            <p class="quiet">{grid_sentence(grid)}</p>
        </section>
    }
    .into_any()
}

/// Operational and embodied shares of an SCI, drawn to scale.
pub(crate) fn share_bar(share: f64, operational: f64, embodied: f64) -> AnyView {
    let width = (share * 100.0).clamp(0.0, 100.0);
    let text = format!(
        "Energy {} ({}), making the machine {} ({})",
        display::plain(Quantity::Grams, operational),
        display::share(share),
        display::plain(Quantity::Grams, embodied),
        display::share(1.0 - share)
    );
    view! {
        <figure class="shares">
            <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=text>
                <rect class="share-operational" x="0" y="0" width=width height="8"/>
                <rect class="share-embodied" x=width y="0" width=100.0 - width height="8"/>
            </svg>
            <figcaption>
                <span class="key"><i class="key-box share-operational-key"></i>"energy "{display::share(share)}</span>
                <span class="key"><i class="key-box share-embodied-key"></i>"making the machine "{display::share(1.0 - share)}</span>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// Which grid is assumed and who says so.
pub(crate) fn grid_sentence(grid: &GridIntensity) -> String {
    let year = grid.year.map(|year| format!(" {year}")).unwrap_or_default();
    format!(
        "{}: {:.0}\u{a0}g\u{a0}CO₂e/kWh, {}. Source: {}{year}.",
        grid.zone_name,
        grid.intensity.grams_per_kwh(),
        display::grid_quality(grid.quality),
        grid.source
    )
}

/// An instrument's name and version.
pub(crate) fn meter_name(card: &MeterCard) -> String {
    card.version.as_ref().map_or_else(|| card.name.clone(), |version| format!("{}, {version}", card.name))
}
