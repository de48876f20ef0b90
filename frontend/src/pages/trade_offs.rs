//! Two figures against each other, with the front of what nothing else dominates.
//!
//! Must not: mix grounds, or guess a missing figure: such rows are listed apart.

use common::api::leaderboard::GetLeaderboard;
use common::leaderboard::Leaderboard;
use common::pareto;
use leptos::prelude::*;
use serde_json::json;
use std::sync::Arc;

use crate::board;
use crate::browser;
use crate::components::controls::{per_toggle, pick, unit_toggle};
use crate::components::download::download;
use crate::components::scatter::{Point, Scatter, scatter};
use crate::components::states::{empty, fetched};
use crate::display::{self, Column, MISSING};
use crate::export::Table;
use crate::figures::{Figure, Line};
use crate::pages::leaderboard::{ground_heading, zone_pick};
use crate::remote::Source;
use crate::view::View;
use crate::view_state::ViewState;

/// `/trade-offs`
#[component]
pub(crate) fn TradeOffsPage() -> impl IntoView {
    browser::set_title("Trade-offs");
    let source = Source::new(GetLeaderboard);
    view! {
        <div class="page">
            <div class="lead">
                <h1>"Trade-offs"</h1>
                <p>"No model wins everywhere. On the line stand those that nothing else beats in both figures at once: the Pareto front."</p>
            </div>
            {fetched(source, "the leaderboard", trade_offs)}
        </div>
    }
}

/// The two figures that are compared: those of the link, or energy against the first error there is, else against latency.
fn axes(figures: &[Figure], state: &ViewState) -> (Figure, Figure) {
    let named = |id: &Option<String>| figures.iter().find(|figure| Some(figure.id()) == *id).cloned();
    let error = || figures.iter().find(|figure| matches!(figure, Figure::Error(_))).cloned();
    (
        named(&state.x).unwrap_or(Figure::Energy),
        named(&state.y).or_else(error).unwrap_or(Figure::Latency),
    )
}

fn trade_offs(board: Arc<Leaderboard>) -> AnyView {
    if board.cells.is_empty() {
        return empty("Nothing has been measured yet", "As soon as two models are measured, they can be compared here.");
    }
    let view = View::current();
    let figures = Arc::new(Figure::all(&board));
    let (drawn, listed) = (Arc::clone(&board), Arc::clone(&board));
    let (for_x, for_y, chosen, exported) = (Arc::clone(&figures), Arc::clone(&figures), Arc::clone(&figures), Arc::clone(&figures));
    let options: Vec<(String, String)> =
        figures.iter().map(|figure| (figure.id(), figure.title(&ViewState::default()))).collect();
    view! {
        <div class="bar">
            {pick("Across", options.clone(), move |state| axes(&for_x, state).0.id(), |state, id| state.x = Some(id.to_owned()))}
            {pick("Up", options, move |state| axes(&for_y, state).1.id(), |state, id| state.y = Some(id.to_owned()))}
            {unit_toggle()}
            {per_toggle()}
            {zone_pick(&board)}
            <label class="switch">
                <input type="checkbox" prop:checked=move || view.with(|state| state.front_only)
                    on:change=move |event| view.change(|state| state.front_only = event_target_checked(&event))/>
                "only the front"
            </label>
            <div class="bar-end">{download("jouleboard-trade-offs", move || table(&listed, &exported, &view.get()))}</div>
        </div>
        {move || {
            let state = view.get();
            let (x, y) = axes(&chosen, &state);
            board::sections(&drawn, &state)
                .into_iter()
                .map(|section| view! {
                    <section class="ground">
                        {ground_heading(&section.ground, section.lines.len())}
                        {compared(&section.lines, &x, &y, &state)}
                    </section>
                })
                .collect_view()
        }}
    }
    .into_any()
}

/// A line with both figures.
struct Placed<'a> {
    line: &'a Line,
    at: [f64; 2],
}

/// Places lines by two figures, and names for each the one that dominates it. A figure of which more is better counts
/// the other way round.
fn place<'a>(lines: &'a [Line], x: &Figure, y: &Figure, state: &ViewState) -> (Vec<Placed<'a>>, Vec<Option<usize>>, Vec<&'a Line>) {
    let mut placed = Vec::new();
    let mut apart = Vec::new();
    for line in lines {
        let value = |figure: &Figure| figure.of(line, state).map(|estimate| estimate.mean).filter(|value| value.is_finite());
        match (value(x), value(y)) {
            (Some(x), Some(y)) => placed.push(Placed { line, at: [x, y] }),
            _ => apart.push(line),
        }
    }
    let cost = |value: f64, figure: &Figure| if figure.more_is_better() { -value } else { value };
    let costs: Vec<[f64; 2]> = placed.iter().map(|each| [cost(each.at[0], x), cost(each.at[1], y)]).collect();
    (placed, pareto::dominators(&costs), apart)
}

fn called(line: &Line) -> String {
    format!("{} {} on {}", line.model.name, line.model.dtype, line.machine.name)
}

fn compared(lines: &[Line], x: &Figure, y: &Figure, state: &ViewState) -> AnyView {
    let (placed, dominators, apart) = place(lines, x, y, state);
    let columns = (
        Column::of(x.quantity(state), placed.iter().map(|each| each.at[0])),
        Column::of(y.quantity(state), placed.iter().map(|each| each.at[1])),
    );
    let titles = (title(x, &columns.0, state), title(y, &columns.1, state));
    let is_shown = |index: usize| !state.front_only || dominators.get(index).is_none_or(Option::is_none);
    let points: Vec<Point> = placed
        .iter()
        .enumerate()
        .filter(|(index, _)| is_shown(*index))
        .map(|(index, each)| Point {
            name: format!("{} {}", each.line.model.name, each.line.model.dtype),
            about: format!("{}: {} {}, {} {}", called(each.line), x.title(state), columns.0.with_unit(each.at[0]), y.title(state), columns.1.with_unit(each.at[1])),
            at: (each.at[0], each.at[1]),
            is_on_front: dominators.get(index).is_none_or(Option::is_none),
        })
        .collect();
    let mut order: Vec<usize> = (0..placed.len()).filter(|index| is_shown(*index)).collect();
    order.sort_by_key(|index| dominators.get(*index).is_some_and(Option::is_some));
    let ranked = order.into_iter().filter_map(|index| Some((placed.get(index)?, dominators.get(index)?)));
    let drawing = Scatter {
        points,
        titles: titles.clone(),
        columns: columns.clone(),
        more_is_better: (x.more_is_better(), y.more_is_better()),
    };
    let is_drawable = !drawing.points.is_empty();
    view! {
        {is_drawable.then(|| view! { {move || scatter(&drawing)} })}
        <div class="scroll" tabindex="0" role="region" aria-label="The same as a table">
            <table>
                <caption>"The front first; below, who dominates each other row"</caption>
                <thead><tr>
                    <th scope="col">"Model"</th><th scope="col" class="num" title=x.definition(state)>{titles.0}</th>
                    <th scope="col" class="num" title=y.definition(state)>{titles.1}</th><th scope="col">"Dominated by"</th>
                </tr></thead>
                <tbody>
                    {ranked.map(|(each, dominator)| view! {
                        <tr class:front=dominator.is_none()>
                            <th scope="row">{each.line.model.name.clone()}" "<code>{each.line.model.dtype.name()}</code>
                                <small>{each.line.machine.hardware.compute()}{display::NBSP}"· "{display::task(each.line.row.key.task)}</small></th>
                            <td class="num">{columns.0.cell(each.at[0])}</td>
                            <td class="num">{columns.1.cell(each.at[1])}</td>
                            <td>{match dominator.and_then(|index| placed.get(index)) {
                                Some(front) => called(front.line),
                                None => "on the front".to_owned(),
                            }}</td>
                        </tr>
                    }).collect_view()}
                    {apart.into_iter().map(|line| view! {
                        <tr><th scope="row">{line.model.name.clone()}" "<code>{line.model.dtype.name()}</code>
                                <small>{line.machine.hardware.compute()}{display::NBSP}"· "{display::task(line.row.key.task)}</small></th>
                            <td class="num">{columns.0.cell_or_missing(x.of(line, state).map(|e| e.mean))}</td>
                            <td class="num">{columns.1.cell_or_missing(y.of(line, state).map(|e| e.mean))}</td>
                            <td class="quiet">"not ranked: a figure is missing "{MISSING}</td></tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn title(figure: &Figure, column: &Column, state: &ViewState) -> String {
    match column.unit {
        "" => figure.title(state),
        unit => format!("{}, {unit}", figure.title(state)),
    }
}

/// What is shown, as a table of full digits.
fn table(board: &Leaderboard, figures: &[Figure], state: &ViewState) -> Table {
    let (x, y) = axes(figures, state);
    let mut fields: Vec<String> = ["label", "boundary", "model_id", "machine", "task"].map(str::to_owned).to_vec();
    fields.extend([x.field(state), y.field(state), "dominated_by".to_owned()]);
    let mut rows = Vec::new();
    for section in board::sections(board, state) {
        let (placed, dominators, _) = place(&section.lines, &x, &y, state);
        for (each, dominator) in placed.iter().zip(&dominators) {
            let key = &each.line.row.key;
            let by = dominator.and_then(|index| placed.get(index)).map(|front| called(front.line));
            rows.push(vec![
                json!(key.label),
                json!(key.boundary),
                json!(key.model_id),
                json!(each.line.machine.name),
                json!(key.task),
                json!(each.at[0]),
                json!(each.at[1]),
                json!(by),
            ]);
        }
    }
    Table { fields, rows }
}
