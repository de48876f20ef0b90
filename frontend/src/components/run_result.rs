//! A measured run: the answer, the energy, what they stand on.
//!
//! Must not: show a figure without its label, boundary and verdict.

use std::time::Duration;

use common::carbon::GridIntensity;
use common::leaderboard::RunFigures;
use common::measurement::{Baseline, Measurement, Repetition};
use common::model::Weights;
use common::parts::PartEnergy;
use common::verdict::{Grade, Verdict};

use crate::components::badge::label_badge;
use crate::components::controls::unit_toggle;
use crate::components::energy::energy_figure;
use crate::components::facts::{Fact, facts, meanings, quiet};
use crate::components::power_chart::{key, power_chart, power_table};
use crate::components::run_facts::run_facts;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, group, svg, text};
use crate::figures::{Figure, Line};
use crate::record::Curve;
use crate::view::View;
use crate::view_state::{Per, ViewState};

/// Draws the record of a run; with all its facts where it is the page itself.
pub(crate) fn result(measurement: &Measurement, is_whole_page: bool) -> El {
    let state = View::current().get();
    let id = measurement.run_id.to_string();
    // Whether the answer is right is not shown here: it would need what only the server's rows need.
    let figures = RunFigures::of(&measurement.facts, None, None);
    let line = Line::of_run(measurement, &figures, None);
    let Some(repetition) = measurement.facts.repetitions.first() else {
        return text("p", "ended", "The record holds no repetition.");
    };
    let is_random = measurement.facts.model.weights == Weights::Random;
    let inside = figures
        .boundary
        .and_then(|boundary| PartEnergy::of(&measurement.facts, |domain| boundary.contains(domain)));
    let phases = inside.and_then(|inside| Some((inside.prefill_j?.mean, inside.decode_j?.mean)));
    let boundary = figures.boundary.map(|boundary| {
        el("p", "boundary")
            .add(text("b", "", display::boundary(boundary)))
            .text(": ")
            .text(display::boundary_parts(boundary))
    });
    // What it took stands over the answer and its curve, which stay where they stood while they were made.
    let took = el("div", "duo headline")
        .add(
            el("div", "energy-side")
                .add(
                    el("div", "energy-top")
                        .add(label_badge(figures.label, is_random))
                        .add(unit_toggle(&state, &id)),
                )
                .add(energy_figure(line.as_ref(), &state)),
        )
        .add(el("div", "energy-side").maybe(boundary).add(verdict(&figures.verdict)));
    let below = line.as_ref().map(|line| {
        el("div", "duo").add(figure_row(line, phases, &id)).add(emissions(line, &measurement.grid))
    });
    let machine = &measurement.machine.name;
    let to = View::current().link(&format!("/machines/{machine}"));
    let about = format!(
        " on {}, {}. Asked by {}; {}. ",
        display::compute(&measurement.machine.hardware),
        display::instant(measurement.facts.started_at),
        display::origin(measurement.origin),
        display::watched(measurement.facts.conditions.streamed)
    );
    let own = ViewState {
        model: Some(measurement.facts.model.id.to_string()),
        run: id.clone(),
        ..ViewState::default()
    };
    let beside = is_whole_page.then(|| {
        text("a", "", "Its time beside the idealized one").set("href", &format!("/runtime{}", own.query()))
    });
    let about = quiet("").add(text("a", "", machine.as_str()).set("href", &to)).text(&about).maybe(beside);
    group([took, answer(repetition, &measurement.facts.baselines, &id)])
        .maybe(below)
        .add(about)
        .maybe(is_whole_page.then(|| run_facts(measurement, &figures)))
}

/// The answer, and beside it the power while it was made.
fn answer(repetition: &Repetition, baselines: &[Baseline], id: &str) -> El {
    let answer = if repetition.output_text.trim().is_empty() {
        text("p", "answer answer-none", "The model ended without a word.")
    } else {
        text("pre", "answer", &repetition.output_text).set("tabindex", "0")
    };
    let counts = format!(
        "{} tokens read, {} written; {}.",
        repetition.prompt_tokens,
        repetition.output_tokens,
        display::finish(repetition.finish)
    );
    let curve = Curve::of(repetition, baselines);
    let side = el("div", "answer-side")
        .add(answer.set("data-testid", "answer"))
        .add(quiet(counts))
        .maybe((!repetition.others.is_empty()).then(|| quiet(at_once(repetition))))
        .maybe((!repetition.again.is_empty()).then(|| quiet(in_a_row(repetition))));
    let power = if curve.is_empty() {
        text("p", "blank", "The instrument gives no power readings, so there is no curve.")
    } else {
        el("div", "answer-side")
            .add(power_chart(&curve, "Power while answering", 544.0))
            .add(power_table(&curve, id))
    };
    el("div", "duo").add(side).add(power)
}

/// What a batch is: how many answers share the figures, and how long each request took.
fn at_once(repetition: &Repetition) -> String {
    let mut ends: Vec<Duration> =
        repetition.answers().filter_map(|answer| answer.token_times.last().copied()).collect();
    ends.sort_unstable();
    let took = ends.first().zip(ends.last()).map(|(least, most)| {
        format!("; the requests took {} to {}", display::span(*least), display::span(*most))
    });
    format!(
        "The first of {} answers computed at once, each with an equal part of the energy{}.",
        repetition.batch(),
        took.unwrap_or_default()
    )
}

/// That one answer was too short for the instruments.
fn in_a_row(repetition: &Repetition) -> String {
    format!(
        "Answered {} times in a row in one window, because one answer is shorter than an instrument resolves; each has an equal part of the energy.",
        repetition.responses()
    )
}

/// A grade with its reasons in words.
pub(crate) fn verdict(verdict: &Verdict) -> El {
    let class = match verdict.grade {
        Grade::Valid => "verdict verdict-valid",
        Grade::Flagged => "verdict verdict-flagged",
        Grade::Redo | Grade::Rejected => "verdict verdict-bad",
    };
    let reasons = verdict.reasons.iter().map(|reason| text("li", "", display::reason(*reason)));
    el("div", class)
        .set("data-testid", "verdict")
        .set("data-grade", verdict.grade.name())
        .add(text("p", "", format!("Verdict: {}", display::grade(verdict.grade))))
        .maybe((!verdict.reasons.is_empty()).then(|| el("ul", "").all(reasons)))
}

fn figure_row(line: &Line, phases: Option<(f64, f64)>, id: &str) -> El {
    let state = ViewState::default();
    let per_token = ViewState { per: Per::OutputToken, ..ViewState::default() };
    let fact = |figure: Figure, name: &str, state: &ViewState| {
        let value = figure.of(line, state).map_or_else(
            || display::MISSING.to_owned(),
            |estimate| display::plain(figure.quantity(state), estimate.mean),
        );
        Fact::new(name, value, figure.definition(state))
    };
    let mut row = vec![
        fact(Figure::Throughput, "Throughput", &state),
        fact(Figure::Ttft, "First token", &state),
        fact(Figure::Latency, "Whole answer", &state),
        fact(Figure::Energy, "Per output token", &per_token),
    ];
    if let Some((prefill, decode)) = phases {
        let joules = Column::of(Quantity::Joules, [prefill, decode]);
        let value = format!("{} / {}", joules.cell(prefill), joules.with_unit(decode));
        let meaning = "Energy of each phase, integrated from the power readings: it may differ a little from the headline.";
        row.push(Fact::new("Prefill / decode", value, meaning));
    }
    let meaning: Vec<(String, String)> =
        row.iter().map(|fact| (fact.name.clone(), fact.definition.clone())).collect();
    el("div", "figure-row").add(facts(&row)).add(meanings(
        &format!("{id}-meanings"),
        "What these figures mean",
        meaning,
    ))
}

/// Emissions of a run and the shares of its SCI.
fn emissions(line: &Line, grid: &GridIntensity) -> El {
    let Some(sci) = line.sci() else { return group([]) };
    let state = ViewState::default();
    let grams = |value: f64| display::plain(Quantity::Grams, value);
    el("div", "emissions")
        .add(facts(&[
            Fact::new(
                "CO₂e of the energy",
                grams(sci.operational.grams()),
                Figure::Carbon.definition(&state),
            ),
            Fact::new("SCI per response", grams(sci.total().grams()), Figure::Sci.definition(&state)),
        ]))
        .add(share_bar(sci.operational.grams(), sci.embodied.grams()))
        .add(quiet(grid_sentence(grid)))
}

/// Operational and embodied shares of an SCI, drawn to scale.
pub(crate) fn share_bar(operational: f64, embodied: f64) -> El {
    let total = operational + embodied;
    let share = if total > 0.0 { operational / total } else { 0.0 };
    let width = share * 100.0;
    let sentence = format!(
        "Energy {} ({}), making the machine {} ({})",
        display::plain(Quantity::Grams, operational),
        display::share(share),
        display::plain(Quantity::Grams, embodied),
        display::share(1.0 - share)
    );
    let part = |class: &str, from: f64, wide: f64| {
        svg("rect", class).set("height", "8").at([("x", from), ("width", wide.max(0.0))])
    };
    el("figure", "shares")
        .add(
            svg("svg", "")
                .set("viewBox", "0 0 100 8")
                .set("preserveAspectRatio", "none")
                .set("role", "img")
                .set("aria-label", &sentence)
                .add(part("share-operational", 0.0, width))
                .add(part("share-embodied", width, 100.0 - width)),
        )
        .add(
            el("figcaption", "")
                .add(key("key-box share-operational-key", &format!("energy {}", display::share(share))))
                .add(key(
                    "key-box share-embodied-key",
                    &format!("making the machine {}", display::share(1.0 - share)),
                )),
        )
}

/// Which grid is assumed, how good the figure is and who says so.
pub(crate) fn grid_sentence(grid: &GridIntensity) -> String {
    let when = match (grid.year, grid.at) {
        (Some(year), _) => format!(", {year}"),
        (None, Some(at)) => format!(", for {}", display::instant(at)),
        (None, None) => String::new(),
    };
    let later = if grid.is_back_filled() { ", filled in later" } else { "" };
    format!(
        "{}: {:.0}\u{a0}g\u{a0}CO₂e/kWh, {}{when}{later}. Source: {}, {} factors.",
        grid.zone_name,
        grid.intensity.grams_per_kwh(),
        display::grid_quality(grid.quality),
        grid.source,
        grid.factor_type
    )
}
