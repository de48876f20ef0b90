//! What the energy of an answer emits, here and elsewhere.
//!
//! Must not: show an intensity without its source and year.

use common::api::leaderboard::GetLeaderboard;
use common::carbon::GridIntensity;
use common::leaderboard::Leaderboard;
use leptos::prelude::*;
use serde_json::json;
use std::sync::Arc;

use crate::board;
use crate::browser;
use crate::components::badge::label_badge;
use crate::components::controls::pick;
use crate::components::download::download;
use crate::components::run_result::{grid_sentence, share_bar};
use crate::components::states::{empty, fetched};
use crate::display::{self, Column, MISSING, Quantity};
use crate::export::Table;
use crate::figures::Line;
use crate::remote::Source;
use crate::view::View;
use crate::view_state::ViewState;

/// `/carbon`
#[component]
pub(crate) fn CarbonPage() -> impl IntoView {
    browser::set_title("Carbon");
    let source = Source::new(GetLeaderboard);
    view! {
        <div class="page">
            <div class="lead">
                <h1>"Carbon"</h1>
                <p>"The same joules emit more or less, depending on the grid they come from. Pick a row and see what its answers would emit elsewhere."</p>
            </div>
            {fetched(source, "the grids", carbon)}
            <section class="ground prose">
                <h2>"What is counted"</h2>
                <p>"Emissions of the energy are the gross energy of the window, which includes the idle share of the reserved machine, times the building's overhead (PUE), times the location-based intensity of the grid. Idle power before and after, cooling down and warming up are reported beside each run as measuring overhead; they are never charged to the prompt."</p>
                <p>"The Software Carbon Intensity (ISO/IEC 21031:2024) adds the share of making the machine: all of its embodied emissions, times the time the answer took, over the machine's expected time in use. The machine does nothing else meanwhile, so all of it is counted. R is one response."</p>
            </section>
        </div>
    }
}

/// The rows that can be picked: measured first.
fn lines(board: &Leaderboard, state: &ViewState) -> Vec<Line> {
    board::sections(board, state)
        .into_iter()
        .flat_map(|section| section.lines)
        .filter(|line| line.row.sums.energy_j.n > 0)
        .collect()
}

fn carbon(board: Arc<Leaderboard>) -> AnyView {
    let view = View::current();
    if board.zones.is_empty() {
        return empty("No grid is known", "The server has neither a table of yearly intensities nor a live source.");
    }
    let own = lines(&board, &ViewState::default());
    let options: Vec<(String, String)> = own
        .iter()
        .map(|line| {
            let text = format!(
                "{} {} on {}, {} ({})",
                line.model.name,
                line.model.dtype,
                line.machine.name,
                display::task(line.row.key.task),
                display::label(line.row.key.label)
            );
            (line.link_key(), text)
        })
        .collect();
    let first = options.first().map(|option| option.0.clone()).unwrap_or_default();
    let picked = {
        let own = own.clone();
        Memo::new(move |_| {
            let open = view.with(|state| state.open.clone());
            own.iter().find(|line| Some(line.link_key()) == open).or_else(|| own.first()).cloned()
        })
    };
    let mut zones = board.zones.clone();
    zones.sort_by(|a, b| a.intensity.grams_per_kwh().total_cmp(&b.intensity.grams_per_kwh()));
    let zones = Arc::new(zones);
    let (listed, exported) = (Arc::clone(&zones), Arc::clone(&zones));
    view! {
        <div class="bar">
            {(!options.is_empty()).then(|| pick("Row", options, move |state| state.open.clone().unwrap_or_else(|| first.clone()),
                |state, value| state.open = Some(value.to_owned())))}
            <div class="bar-end">{download("jouleboard-carbon", move || table(&exported, picked.get().as_ref()))}</div>
        </div>
        {move || picked.get().map(|line| shares(&line))}
        {move || zone_table(&listed, picked.get().as_ref())}
    }
    .into_any()
}

/// The picked row where it really stands.
fn shares(line: &Line) -> AnyView {
    let Some(sci) = line.sci() else {
        return view! { <p class="quiet">"The intensity of this machine's zone is not known, so there is no figure for where it stands."</p> }.into_any();
    };
    let total = sci.total().grams();
    let text = display::figure(Quantity::Grams, total, None);
    let share = if total > 0.0 { sci.operational.grams() / total } else { 0.0 };
    let embodied = &line.machine.embodied;
    view! {
        <section class="duo carbon-here">
            <div>
                <p>{label_badge(line.row.key.label, line.model.weights == common::model::Weights::Random)}</p>
                <p class="energy"><span class="energy-number">{text.number}</span><span class="energy-unit">{display::NBSP}{text.unit.replace(' ', "\u{a0}")}</span></p>
                <p class="energy-note">{format!("SCI per response, {} {} on {}", line.model.name, line.model.dtype, line.machine.name)}</p>
            </div>
            <div>
                {share_bar(share, sci.operational.grams(), sci.embodied.grams())}
                <p class="quiet">{line.grid.as_deref().map(grid_sentence)}</p>
                <p class="quiet">{format!(
                    "Making the machine: {}, used for {}. Source: {}. Building (PUE): {}.",
                    display::plain(Quantity::Grams, embodied.total.grams()),
                    display::span(embodied.lifetime),
                    embodied.source,
                    line.machine.pue
                )}</p>
            </div>
        </section>
    }
    .into_any()
}

fn zone_table(zones: &[GridIntensity], line: Option<&Line>) -> AnyView {
    let emitted = |zone: &GridIntensity| line.and_then(|line| line.row.carbon(&line.machine, zone)).map(|carbon| carbon.grams());
    let column = Column::of(Quantity::Grams, zones.iter().filter_map(emitted));
    let most = zones.iter().map(|zone| zone.intensity.grams_per_kwh()).fold(0.0, f64::max);
    let home = line.map(|line| line.machine.zone.clone());
    view! {
        <section class="ground">
            <h2>"The same energy elsewhere"</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Grids">
                <table class="zones">
                    <caption>"Each grid with its intensity, and what one response of the picked row would emit there through its energy"</caption>
                    <thead><tr>
                        <th scope="col">"Grid"</th><th scope="col" class="num">"g CO₂e/kWh"</th>
                        <th scope="col" class="num">{if column.unit.is_empty() { "Per response".to_owned() } else { format!("Per response, {}", column.unit) }}</th>
                        <th scope="col" class="wide"><span class="hidden">"Drawn to scale"</span></th>
                        <th scope="col" class="p2">"Quality"</th><th scope="col" class="p2">"Source"</th>
                    </tr></thead>
                    <tbody>
                        {zones.iter().map(|zone| {
                            let grams = zone.intensity.grams_per_kwh();
                            let is_home = home.as_ref() == Some(&zone.zone);
                            let width = if most > 0.0 { grams / most * 100.0 } else { 0.0 };
                            let class = if is_home { "gauge-value" } else { "gauge-other" };
                            let when = zone.year.map(|year| year.to_string()).or_else(|| zone.at.map(display::instant)).unwrap_or_default();
                            view! {
                                <tr class:front=is_home>
                                    <th scope="row">{zone.zone_name.clone()}" "<code>{zone.zone.to_string()}</code>
                                        {is_home.then(|| view! { <small>"the machine stands here"</small> })}</th>
                                    <td class="num">{format!("{grams:.0}")}</td>
                                    <td class="num">{emitted(zone).map_or_else(|| MISSING.to_owned(), |grams| column.cell(grams))}</td>
                                    <td class="wide"><svg class="gauge gauge-tall" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                                        <rect width=width height="8" class=class/></svg></td>
                                    <td class="p2">{display::grid_quality(zone.quality)}</td>
                                    <td class="p2">{zone.source.clone()}<small>{when}</small></td>
                                </tr>
                            }
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// What is shown, as a table of full digits.
fn table(zones: &[GridIntensity], line: Option<&Line>) -> Table {
    let fields = ["zone", "zone_name", "intensity_g_per_kwh", "quality", "source", "year", "factor_type", "model_id", "machine", "emissions_g_per_response"];
    let rows = zones
        .iter()
        .map(|zone| {
            let emitted = line.and_then(|line| line.row.carbon(&line.machine, zone)).map(|carbon| carbon.grams());
            vec![
                json!(zone.zone),
                json!(zone.zone_name),
                json!(zone.intensity),
                json!(zone.quality),
                json!(zone.source),
                json!(zone.year),
                json!(zone.factor_type),
                json!(line.map(|line| &line.row.key.model_id)),
                json!(line.map(|line| &line.machine.name)),
                json!(emitted),
            ]
        })
        .collect();
    Table { fields: fields.map(str::to_owned).to_vec(), rows }
}
