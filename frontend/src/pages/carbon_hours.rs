//! The same answer at another hour: what live sources said of the last two days, and how they stand.
//!
//! Must not: call hours cleaner than they are known to be, or show them without their source.

use std::sync::Arc;

use common::api::carbon::{Hours, LiveSource};
use common::carbon::{self, GridIntensity, GridQuality};
use common::ids::Zone;
use common::sci::Sci;

use crate::components::controls::pick;
use crate::components::download::download;
use crate::components::facts::quiet;
use crate::components::hours_chart::hours_chart;
use crate::components::states::{commanded, empty, problem, skeleton};
use crate::components::table;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, group, text};
use crate::export::emitted;
use crate::figures::{Line, per_words};
use crate::remote::{Remote, Source};
use crate::view_state::{Per, ViewState};

/// Draws the section for the picked row.
pub(super) fn by_hour(source: Source<Hours>, line: Option<&Arc<Line>>, state: &ViewState) -> El {
    let content = match source.get() {
        Remote::Loading => skeleton("the hours"),
        Remote::Failed(error) => problem(&error, move || source.reload()),
        Remote::Ready(hours) => drawn(&hours, line, state),
    };
    el("section", "ground").add(text("h2", "", "The same energy at another hour")).add(content)
}

fn drawn(hours: &Hours, line: Option<&Arc<Line>>, state: &ViewState) -> El {
    let mut zones: Vec<&GridIntensity> = Vec::new();
    for hour in &hours.hours {
        if zones.last().is_none_or(|last| last.zone != hour.zone) {
            zones.push(hour);
        }
    }
    let stand = || hours.sources.iter().map(stands);
    let home = line.map(|line| &line.machine.zone);
    let mut wanted = [state.zone.as_ref(), home].into_iter().flatten();
    let zone = wanted.find(|zone| zones.iter().any(|hour| hour.zone == **zone));
    let Some(zone) = zone.or(zones.first().map(|hour| &hour.zone)) else {
        const TITLE: &str = "No hours are known";
        let none = if hours.sources.is_empty() {
            commanded(
                TITLE,
                "A live source says how clean a grid is hour by hour. The operator of this server names one: Electricity Maps with a token, or the open source of Great Britain. Until then each grid has its yearly mean.",
                "serve --grid ZONE=SOURCE",
            )
        } else {
            empty(TITLE, "A live source is named, but it has not said anything of the last two days yet.")
        };
        return group([none]).all(stand());
    };
    let options = zones
        .iter()
        .map(|hour| (hour.zone.to_string(), format!("{} ({})", hour.zone_name, hour.zone)))
        .collect();
    let choice = (zones.len() > 1).then(|| {
        pick("Grid by the hour", options, zone.as_str(), |state, value| state.zone = value.parse().ok())
    });
    group([]).maybe(choice).add(series(&hours.hours, zone, line, state.per)).all(stand())
}

/// One hour and what the picked row would have emitted in it.
type Emitted<'a> = (&'a GridIntensity, Sci);

fn emitted<'a>(hours: &[&'a GridIntensity], line: &Line, per: Per) -> Vec<Emitted<'a>> {
    let of = |grid: &'a GridIntensity| Some((grid, line.emitted(grid, per)?));
    hours.iter().filter_map(|grid| of(grid)).collect()
}

fn series(all: &[GridIntensity], zone: &Zone, line: Option<&Arc<Line>>, per: Per) -> El {
    let hours = carbon::series(all, zone);
    let Some((line, (cleanest, dirtiest, mean))) = line.zip(carbon::extremes(&hours)) else {
        return quiet("There is no row to show by the hour.");
    };
    let shown = emitted(&hours, line, per);
    let Some(embodied) = shown.first().map(|(_, sci)| sci.embodied.grams()) else {
        return quiet("The picked row has no figure of this kind.");
    };
    let when = |grid: &GridIntensity| grid.at.map(display::instant).unwrap_or_default();
    let grams = |grid: &GridIntensity| {
        let found = shown.iter().find(|(each, _)| each.at == grid.at);
        found.map_or_else(String::new, |(_, sci)| display::plain(Quantity::Grams, sci.total().grams()))
    };
    let saved = 1.0 - cleanest.intensity.grams_per_kwh() / mean.grams_per_kwh();
    let saving = if saved.is_finite() && saved > 0.0 {
        format!(" Its energy emits {} less than in the mean of these hours.", display::share(saved))
    } else {
        String::new()
    };
    let sentence = format!(
        "Cleanest: {}, {} {}.{saving} Dirtiest: {}, {}.",
        when(cleanest),
        grams(cleanest),
        per_words(per),
        when(dirtiest),
        grams(dirtiest)
    );
    let estimated = hours.iter().filter(|hour| hour.quality != GridQuality::Measured).count();
    let about = format!(
        "{}, {} factors; {estimated} of {} steps are estimates of the source. Energy and machine are held as they are. This is accounting by the mean of the grid: it says which hours are cleaner, not how much is avoided by waiting.",
        cleanest.source,
        cleanest.factor_type,
        hours.len()
    );
    let points: Vec<_> = shown.iter().map(|(grid, sci)| (*grid, sci.total().grams())).collect();
    let grids: Vec<GridIntensity> = shown.iter().map(|(grid, _)| (*grid).clone()).collect();
    let (row, view) = (Arc::clone(line), ViewState { per, ..ViewState::default() });
    group([
        text("p", "", sentence),
        hours_chart(&points, embodied, per_words(per)),
        el("div", "bar")
            .add(download("jouleboard-carbon-hours", move || emitted::emitted(&row, &grids, &view))),
        el("details", "meanings")
            .set("id", "hours-behind")
            .add(text("summary", "", "The hours as a table"))
            .add(hour_table(&shown)),
        quiet(about),
    ])
}

fn hour_table(shown: &[Emitted<'_>]) -> El {
    let column = Column::of(Quantity::Grams, shown.iter().map(|(_, sci)| sci.total().grams()));
    let head = [
        table::head("", "From"),
        table::head("num", "g\u{a0}CO₂e/kWh"),
        table::head("num", &format!("Energy, {}", column.unit)),
        table::head("num", &format!("SCI, {}", column.unit)),
        table::head("p2", "Quality"),
    ];
    let rows = shown.iter().map(|(grid, sci)| {
        let later = if grid.is_back_filled() { ", filled in later" } else { "" };
        el("tr", "")
            .add(table::row_head(&grid.at.map(display::instant).unwrap_or_default()))
            .add(table::number(format!("{:.0}", grid.intensity.grams_per_kwh())))
            .add(table::number(column.cell(sci.operational.grams())))
            .add(table::number(column.cell(sci.total().grams())))
            .add(text("td", "p2", format!("{}{later}", display::grid_quality(grid.quality))))
    });
    table::table(
        "hours",
        "",
        "Each hour with its intensity and what the picked row would have emitted",
        head,
        rows,
    )
}

/// How a live source stands.
fn stands(source: &LiveSource) -> El {
    let answered = source.answered_at.map_or_else(
        || "it has not answered yet".to_owned(),
        |at| format!("it answered last {}", display::instant(at)),
    );
    let trouble = source
        .trouble
        .as_ref()
        .map(|trouble| format!(" Now: {trouble} It is asked again {}.", display::instant(source.next_at)));
    quiet(format!("{} for {}: {answered}.{}", source.source, source.zone, trouble.unwrap_or_default()))
}
