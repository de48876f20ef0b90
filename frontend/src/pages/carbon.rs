//! What the energy of an answer emits, here and elsewhere.
//!
//! Must not: show an intensity without its source and year.

use common::api::carbon::{Hours, ListHours};
use common::api::leaderboard::GetLeaderboard;
use common::carbon::GridIntensity;
use common::leaderboard::Leaderboard;
use leptos::prelude::*;
use std::sync::Arc;

use crate::browser;
use crate::called::called;
use crate::components::badge::label_badge;
use crate::components::controls::per_toggle;
use crate::components::crossover_chart::{Crossover, crossover_chart};
use crate::components::download::download;
use crate::components::energy::{big, certainty, off};
use crate::components::facts::quiet;
use crate::components::ground::lead;
use crate::components::row_pick::{pickable, row_pick};
use crate::components::run_result::{grid_sentence, share_bar};
use crate::components::states::{fetched, leading, unasked};
use crate::components::table;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, drawn, el, group, page, svg, text};
use crate::events;
use crate::export::emitted::emitted;
use crate::export::{Field, Table, keys};
use crate::figures::{Figure, Line, per_words};
use crate::pages::carbon_hours::by_hour;
use crate::remote::Source;
use crate::scale;
use crate::view::View;
use crate::view_state::{Per, ViewState};

/// `/carbon`
pub(crate) fn carbon() -> AnyView {
    browser::set_title("Carbon");
    let source = Source::new(GetLeaderboard);
    let hours = Source::new(ListHours);
    events::keep_up_with_the_board(vec![source.asked(), hours.asked()]);
    let start = || {
        lead(
            "Carbon",
            "The same joules emit more or less, depending on the grid they come from. Pick a row and see what its answers would emit elsewhere.",
        )
    };
    page(
        "page",
        vec![
            drawn(start),
            fetched(source, "the grids", move |board| emissions(&board, hours)),
            drawn(counted),
        ],
    )
}

/// The boundary of the figures, in words.
fn counted() -> El {
    el("section", "ground prose")
        .add(text("h2", "", "What is counted"))
        .add(text("p", "", "Emissions of the energy are the gross energy of the window, which includes the idle share of the reserved machine, times the building's overhead (PUE), times the location-based intensity of the grid. Idle power before and after, cooling down and warming up are reported beside each run as measuring overhead; they are never charged to the prompt."))
        .add(text("p", "", "The Software Carbon Intensity (ISO/IEC 21031:2024) adds the share of making the machine: all of its embodied emissions, times the time the answer took, over the machine's expected time in use. The machine does nothing else meanwhile, so all of it is counted. R is one response, or one token of it."))
}

fn emissions(board: &Arc<Leaderboard>, hours: Source<Hours>) -> El {
    if board.zones.is_empty() {
        return leading(
            "No grid is known",
            "The server has neither a table of yearly intensities nor a live source. Energies are in the leaderboard.",
            ("Open the leaderboard", "/leaderboard"),
        );
    }
    let state = View::current().get();
    let (pick, line) = row_pick(&pickable(board), &state);
    let intensities: Vec<f64> = board.zones.iter().map(|zone| zone.intensity.grams_per_kwh()).collect();
    let zones: Vec<GridIntensity> =
        scale::order(&intensities).into_iter().filter_map(|place| board.zones.get(place).cloned()).collect();
    let per = state.per;
    let shown = line.as_deref().map(|line| shares(line, &state));
    let crossing = line.as_deref().and_then(|line| what_if(&zones, line));
    let at_hours = by_hour(hours, line.as_ref(), &state);
    let unshown = line.is_none().then(|| {
        unasked(
            "Nothing has been measured yet",
            "As soon as a model is measured, what its answers emit stands here, on this grid and on every other.",
        )
    });
    let elsewhere = zone_table(&zones, line.as_deref(), per);
    let bar = el("div", "bar")
        .maybe(pick)
        .add(per_toggle(&state))
        .add(download("jouleboard-carbon", move || table_of(&zones, line.as_deref(), &state)));
    group([bar]).maybe(unshown).maybe(shown).maybe(crossing).add(at_hours).add(elsewhere)
}

/// The picked row where it really stands.
fn shares(line: &Line, state: &ViewState) -> El {
    let per = state.per;
    let parts = line.grid.as_deref().and_then(|grid| line.emitted(grid, per));
    let Some((sci, total)) = parts.zip(Figure::Sci.of(line, state)) else {
        return quiet(
            "There is no figure: the intensity of this machine's zone is not known, or this row has no right answer.",
        );
    };
    let written = display::figure(Quantity::Grams, total.mean, total.half_width);
    let row = text("a", "", called(line)).set("href", &line.opened(state));
    let stands_on = format!(
        "n\u{a0}=\u{a0}{}. {} The interval is that of the energy; the grid and the share of making the machine are taken as known.",
        display::compact(total.n),
        display::boundary_parts(line.row.key.boundary)
    );
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
                .add(
                    text(
                        "p",
                        "energy-note",
                        format!("{}SCI {}{}, ", off(&written), per_words(per), certainty(&total)),
                    )
                    .add(row),
                )
                .add(quiet(stands_on)),
        )
        .add(
            el("div", "")
                .add(share_bar(sci.operational.grams(), sci.embodied.grams()))
                .maybe(line.grid.as_deref().map(|grid| quiet(grid_sentence(grid))))
                .add(quiet(making)),
        )
}

/// What the picked row emits over the intensity of the grid, and where running and making the machine weigh the same.
fn what_if(zones: &[GridIntensity], line: &Line) -> Option<El> {
    let crossover = line.row.crossover(&line.machine)?.grams_per_kwh();
    let sci = zones.first().and_then(|zone| line.row.sci(&line.machine, zone))?;
    let dirtier = zones.iter().filter(|zone| zone.intensity.grams_per_kwh() > crossover).count();
    let sentence = format!(
        "On a grid of {crossover:.0}\u{a0}g\u{a0}CO₂e/kWh one response emits as much for its energy as for its share of making the machine. {dirtier} of the {} grids below are dirtier: there saving energy counts most. On the others a machine that is used longer counts more.",
        zones.len()
    );
    let spots = zones
        .iter()
        .map(|zone| (zone.zone.to_string(), zone.intensity.grams_per_kwh(), zone.zone == line.machine.zone))
        .collect::<Vec<_>>();
    let per_gram =
        line.row.carbon(&line.machine, zones.first()?)?.grams() / zones.first()?.intensity.grams_per_kwh();
    Some(
        el("section", "ground")
            .add(text("h2", "", "Running it or making it"))
            .add(text("p", "", &sentence))
            .maybe(per_gram.is_finite().then(|| {
                crossover_chart(&Crossover { per_gram, embodied: sci.embodied.grams(), crossover, spots })
            })),
    )
}

fn zone_table(zones: &[GridIntensity], line: Option<&Line>, per: Per) -> El {
    let emitted = |zone: &GridIntensity| line.and_then(|line| line.emitted(zone, per));
    let totals = || zones.iter().filter_map(emitted).map(|sci| sci.total().grams());
    let column = Column::of(Quantity::Grams, totals());
    let most = totals().fold(0.0, f64::max);
    let home = line.map(|line| &line.machine.zone);
    let head = [
        table::head("", "Grid"),
        table::head("num", "g\u{a0}CO₂e/kWh"),
        table::head("num", &format!("Energy, {}", column.unit)),
        table::head("num", &format!("SCI, {}", column.unit)),
        table::head("wide", "").add(text("span", "hidden", "Energy and making the machine, drawn to scale")),
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
        let is_home = home == Some(&zone.zone);
        let when = zone.year.map(|year| year.to_string()).or_else(|| zone.at.map(display::instant));
        let sci = emitted(zone);
        let part = |class: &str, from: f64, grams: f64| {
            svg("rect", class)
                .set("height", "8")
                .at([("x", from / most * 100.0), ("width", (grams / most * 100.0).max(0.0))])
        };
        let bar = sci.filter(|_| most > 0.0).map(|sci| {
            let (operational, embodied) = (sci.operational.grams(), sci.embodied.grams());
            svg("svg", "gauge gauge-tall")
                .set("viewBox", "0 0 100 8")
                .set("preserveAspectRatio", "none")
                .set("aria-hidden", "true")
                .add(part("share-operational", 0.0, operational))
                .add(part("share-embodied", operational, embodied))
        });
        el("tr", if is_home { "front" } else { "" })
            .add(
                table::row_head(&zone.zone_name)
                    .text(" ")
                    .add(text("code", "", zone.zone.as_str()))
                    .maybe(is_home.then(|| text("small", "", "the machine stands here"))),
            )
            .add(table::number(format!("{:.0}", zone.intensity.grams_per_kwh())))
            .add(table::number(column.cell_or_missing(sci.map(|sci| sci.operational.grams()))))
            .add(table::number(column.cell_or_missing(sci.map(|sci| sci.total().grams()))))
            .add(el("td", "wide").maybe(bar))
            .add(
                text("td", "p2", display::grid_quality(zone.quality))
                    .text(&mark(&zone.source))
                    .maybe(when.map(|when| text("small", "", when))),
            )
    });
    let caption = format!(
        "Each grid with its intensity, and what the picked row would emit there {}: for its energy, and with its share of making the machine",
        per_words(per)
    );
    el("section", "ground")
        .add(text("h2", "", "The same energy elsewhere"))
        .add(table::table("zones", "zones", &caption, head, rows))
        .all(sources.iter().map(|source| quiet(format!("Source{}: {source}.", mark(source)))))
}

/// What is shown, as a table of full digits; the grids alone where there is no row.
fn table_of(zones: &[GridIntensity], line: Option<&Line>, view: &ViewState) -> Table {
    if let Some(line) = line {
        return emitted(line, zones, view);
    }
    let fields = [
        "zone",
        "zone_name",
        "intensity_g_per_kwh",
        "quality",
        "intensity_source",
        "intensity_year",
        "factor_type",
    ];
    let rows = zones.iter().map(|zone| {
        vec![
            zone.zone.as_str().into(),
            zone.zone_name.as_str().into(),
            Field::Number(zone.intensity.grams_per_kwh()),
            display::grid_quality(zone.quality).into(),
            zone.source.as_str().into(),
            zone.year.map(u64::from).into(),
            zone.factor_type.as_str().into(),
        ]
    });
    Table { fields: keys::named(&fields), rows: rows.collect() }
}
