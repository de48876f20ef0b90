//! What the energy of an answer emits, here and elsewhere.
//!
//! Must not: show an intensity without its source and year.

use common::api::leaderboard::GetLeaderboard;
use common::carbon::GridIntensity;
use common::leaderboard::Leaderboard;
use leptos::prelude::*;
use std::sync::Arc;

use crate::board;
use crate::browser;
use crate::components::badge::label_badge;
use crate::components::controls::pick;
use crate::components::download::download;
use crate::components::energy::big;
use crate::components::facts::quiet;
use crate::components::ground::lead;
use crate::components::run_result::{grid_sentence, share_bar};
use crate::components::states::{empty, fetched};
use crate::components::table;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, drawn, el, group, svg, text};
use crate::export::{Field, Table};
use crate::figures::Line;
use crate::remote::Source;
use crate::scale;
use crate::view::View;
use crate::view_state::ViewState;

/// `/carbon`
#[component]
pub(crate) fn CarbonPage() -> impl IntoView {
    browser::set_title("Carbon");
    let source = Source::new(GetLeaderboard);
    let start = || {
        lead(
            "Carbon",
            "The same joules emit more or less, depending on the grid they come from. Pick a row and see what its answers would emit elsewhere.",
        )
    };
    view! {
        <div class="page">
            {drawn(start)}
            {fetched(source, "the grids", |board| carbon(&board))}
            {drawn(counted)}
        </div>
    }
}

/// The boundary of the figures, in words.
fn counted() -> El {
    el("section", "ground prose")
        .add(text("h2", "", "What is counted"))
        .add(text("p", "", "Emissions of the energy are the gross energy of the window, which includes the idle share of the reserved machine, times the building's overhead (PUE), times the location-based intensity of the grid. Idle power before and after, cooling down and warming up are reported beside each run as measuring overhead; they are never charged to the prompt."))
        .add(text("p", "", "The Software Carbon Intensity (ISO/IEC 21031:2024) adds the share of making the machine: all of its embodied emissions, times the time the answer took, over the machine's expected time in use. The machine does nothing else meanwhile, so all of it is counted. R is one response."))
}

fn called(line: &Line) -> String {
    format!("{} {} on {}", line.model.name, line.model.dtype, line.machine.name)
}

fn carbon(board: &Arc<Leaderboard>) -> El {
    if board.zones.is_empty() {
        return empty(
            "No grid is known",
            "The server has neither a table of yearly intensities nor a live source.",
        );
    }
    let state = View::current().get();
    // The rows that can be picked, measured ones first; each where it really stands.
    let mut lines: Vec<Line> =
        board::sections(board, &ViewState::default()).into_iter().flat_map(|section| section.lines).collect();
    lines.retain(|line| line.row.sums.energy_j.n > 0);
    let options: Vec<(String, String)> = lines
        .iter()
        .map(|line| {
            let key = &line.row.key;
            let about =
                format!("{}, {} ({})", called(line), display::task(key.task), display::label(key.label));
            (line.link_key(), about)
        })
        .collect();
    let position = options.iter().position(|option| Some(&option.0) == state.open.as_ref()).unwrap_or(0);
    let now = options.get(position).map(|option| option.0.clone()).unwrap_or_default();
    let line = lines.into_iter().nth(position);
    let intensities: Vec<f64> = board.zones.iter().map(|zone| zone.intensity.grams_per_kwh()).collect();
    let zones: Vec<GridIntensity> =
        scale::order(&intensities).into_iter().filter_map(|place| board.zones.get(place).cloned()).collect();
    let shown = line.as_ref().map(shares);
    let elsewhere = zone_table(&zones, line.as_ref());
    let pick = (!options.is_empty())
        .then(|| pick("Row", options, &now, |state, value| state.open = Some(value.to_owned())));
    let bar = el("div", "bar")
        .maybe(pick)
        .add(download("jouleboard-carbon", move || table_of(&zones, line.as_ref())));
    group([bar]).maybe(shown).add(elsewhere)
}

/// The picked row where it really stands.
fn shares(line: &Line) -> El {
    let Some(sci) = line.sci() else {
        return quiet(
            "The intensity of this machine's zone is not known, so there is no figure for where it stands.",
        );
    };
    let written = display::figure(Quantity::Grams, sci.total().grams(), None);
    let embodied = &line.machine.embodied;
    let making = format!(
        "Making the machine: {}, used for {}. Source: {}. Building (PUE): {}.",
        display::plain(Quantity::Grams, embodied.total.grams()),
        display::span(embodied.lifetime),
        embodied.source,
        line.machine.pue
    );
    let is_random = line.model.weights == common::model::Weights::Random;
    el("section", "duo carbon-here")
        .add(
            el("div", "")
                .add(el("p", "").add(label_badge(line.row.key.label, is_random)))
                .add(big(&written.number, &written.unit))
                .add(text("p", "energy-note", format!("SCI per response, {}", called(line)))),
        )
        .add(
            el("div", "")
                .add(share_bar(sci.operational.grams(), sci.embodied.grams()))
                .maybe(line.grid.as_deref().map(|grid| quiet(grid_sentence(grid))))
                .add(quiet(making)),
        )
}

fn zone_table(zones: &[GridIntensity], line: Option<&Line>) -> El {
    let emitted = |zone: &GridIntensity| {
        line.and_then(|line| line.row.carbon(&line.machine, zone)).map(|carbon| carbon.grams())
    };
    let column = Column::of(Quantity::Grams, zones.iter().filter_map(emitted));
    let most = zones.iter().map(|zone| zone.intensity.grams_per_kwh()).fold(0.0, f64::max);
    let home = line.map(|line| &line.machine.zone);
    let head = [
        table::head("", "Grid"),
        table::head("num", "g\u{a0}CO₂e/kWh"),
        table::head("num", &format!("Per response, {}", column.unit)),
        table::head("wide", "").add(text("span", "hidden", "Drawn to scale")),
        table::head("p2", "Quality"),
    ];
    let mut sources: Vec<&str> = Vec::new();
    for zone in zones {
        if !sources.contains(&zone.source.as_str()) {
            sources.push(&zone.source);
        }
    }
    // One source needs no marks; several are told apart by their number.
    let mark = |source: &str| match sources.iter().position(|known| *known == source) {
        Some(place) if sources.len() > 1 => format!(" ({})", place + 1),
        _ => String::new(),
    };
    let rows = zones.iter().map(|zone| {
        let grams = zone.intensity.grams_per_kwh();
        let is_home = home == Some(&zone.zone);
        let when = zone.year.map(|year| year.to_string()).or_else(|| zone.at.map(display::instant));
        let width = if most > 0.0 { grams / most * 100.0 } else { 0.0 };
        let bar = svg("svg", "gauge gauge-tall")
            .set("viewBox", "0 0 100 8")
            .set("preserveAspectRatio", "none")
            .set("aria-hidden", "true")
            .add(
                svg("rect", if is_home { "gauge-value" } else { "gauge-other" })
                    .set("height", "8")
                    .at([("width", width)]),
            );
        el("tr", if is_home { "front" } else { "" })
            .add(
                table::row_head(&zone.zone_name)
                    .text(" ")
                    .add(text("code", "", zone.zone.as_str()))
                    .maybe(is_home.then(|| text("small", "", "the machine stands here"))),
            )
            .add(table::number(format!("{grams:.0}")))
            .add(table::number(column.cell_or_missing(emitted(zone))))
            .add(el("td", "wide").add(bar))
            .add(
                text("td", "p2", display::grid_quality(zone.quality))
                    .text(&mark(&zone.source))
                    .maybe(when.map(|when| text("small", "", when))),
            )
    });
    let caption = "Each grid with its intensity, and what the energy of one response of the picked row would emit there";
    el("section", "ground")
        .add(text("h2", "", "The same energy elsewhere"))
        .add(table::table("zones", "zones", caption, head, rows))
        .all(sources.iter().map(|source| quiet(format!("Source{}: {source}.", mark(source)))))
}

/// What is shown, as a table of full digits.
fn table_of(zones: &[GridIntensity], line: Option<&Line>) -> Table {
    let fields = [
        "zone",
        "zone_name",
        "intensity_g_per_kwh",
        "quality",
        "source",
        "year",
        "factor_type",
        "model_id",
        "machine",
        "emissions_g_per_response",
    ];
    let rows = zones
        .iter()
        .map(|zone| {
            let emitted =
                line.and_then(|line| line.row.carbon(&line.machine, zone)).map(|carbon| carbon.grams());
            vec![
                zone.zone.as_str().into(),
                zone.zone_name.as_str().into(),
                Field::Number(zone.intensity.grams_per_kwh()),
                display::grid_quality(zone.quality).into(),
                zone.source.as_str().into(),
                zone.year.map_or(Field::Missing, |year| Field::Count(year.into())),
                zone.factor_type.as_str().into(),
                line.map(|line| line.row.key.model_id.as_str()).into(),
                line.map(|line| line.machine.name.as_str()).into(),
                emitted.into(),
            ]
        })
        .collect();
    Table { fields: fields.map(str::to_owned).to_vec(), rows }
}
