//! One ranking as a table: sortable by every column, each row opens to what it stands on.

use common::api::machines::Machines;
use common::leaderboard::Leaderboard;
use common::prompt::Origin;
use leptos::prelude::*;

use crate::board::{self, Section};
use crate::display::{self, Column, MISSING};
use crate::figures::{Figure, Line};
use crate::pages::leaderboard_detail::detail;
use crate::remote::Source;
use crate::view::View;
use crate::view_state::{Direction, Sort, ViewState};

/// One figure's column: how its cells are written.
struct Drawn {
    figure: Figure,
    column: Column,
    most: f64,
}

/// Draws a section of the leaderboard.
pub(crate) fn board_table(board: &Leaderboard, section: &Section, machines: Source<Machines>) -> AnyView {
    let view = View::current();
    let state = untrack(|| view.get());
    let columns: Vec<Drawn> = Figure::columns(board)
        .into_iter()
        .filter(|figure| section.lines.iter().any(|line| figure.of(line, &state).is_some()))
        .map(|figure| {
            let values = || section.lines.iter().filter_map(|line| figure.of(line, &state)).map(|estimate| estimate.mean);
            let column = Column::of(figure.quantity(&state), values());
            let most = values().fold(0.0, f64::max);
            Drawn { figure, column, most }
        })
        .collect();
    let width = columns.len() + 4;
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=section.ground.heading()>
            <table class="board">
                <caption class="hidden">{section.ground.heading()}</caption>
                <thead><tr>
                    <th scope="col" class="num">"#"</th>
                    {head("model".to_owned(), "Model".to_owned(), "", "Weights at one revision in one number format.".to_owned(), false, "")}
                    {head("machine".to_owned(), "Machine".to_owned(), "", "Accelerators of the machine, or its processor where there are none.".to_owned(), false, "p2")}
                    {head("task".to_owned(), "Task".to_owned(), "", "Under which system prompt, and who asked.".to_owned(), false, "p2")}
                    {columns.iter().map(|drawn| {
                        let figure = &drawn.figure;
                        head(figure.id(), figure.title(&state), drawn.column.unit, figure.definition(&state), true, priority(figure))
                    }).collect_view()}
                </tr></thead>
                <tbody>
                    {section.lines.iter().enumerate().map(|(index, line)| row(index, line, &columns, &state, width, machines)).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How much room a screen needs before this column is shown; a row's detail shows all.
const fn priority(figure: &Figure) -> &'static str {
    match figure {
        Figure::Energy | Figure::Throughput => "",
        Figure::Latency | Figure::Quality(_) | Figure::Correct | Figure::Runs => "p2",
        _ => "p3",
    }
}

fn head(id: String, title: String, unit: &'static str, definition: String, is_number: bool, priority: &str) -> AnyView {
    let view = View::current();
    let own = id.clone();
    let order = Memo::new(move |_| {
        view.with(|state| {
            let sort = board::sort_of(state);
            (sort.figure == own).then_some(sort.direction)
        })
    });
    let sort = move |_| {
        let direction = match order.get_untracked() {
            Some(Direction::Ascending) => Direction::Descending,
            _ => Direction::Ascending,
        };
        view.change(|state| state.sort = Some(Sort { figure: id.clone(), direction }));
    };
    let arrow = move || match order.get() {
        Some(Direction::Ascending) => " ↑",
        Some(Direction::Descending) => " ↓",
        None => "",
    };
    let spoken = move || match order.get() {
        Some(Direction::Ascending) => "ascending",
        Some(Direction::Descending) => "descending",
        None => "none",
    };
    let class = format!("{priority}{}", if is_number { " num" } else { "" });
    view! {
        <th scope="col" class=class aria-sort=spoken title=definition>
            <button type="button" class="sort" on:click=sort>{title}<span aria-hidden="true">{arrow}</span></button>
            {(!unit.is_empty()).then(|| view! { <small class="unit">{unit}</small> })}
        </th>
    }
    .into_any()
}

fn row(index: usize, line: &Line, columns: &[Drawn], state: &ViewState, width: usize, machines: Source<Machines>) -> AnyView {
    let view = View::current();
    let key = line.link_key();
    let (own, toggled, id) = (key.clone(), key.clone(), format!("detail-{key}"));
    let is_open = Memo::new(move |_| view.with(|state| state.open.as_ref() == Some(&own)));
    let toggle = move |_| {
        view.change(|state| state.open = if state.open.as_ref() == Some(&toggled) { None } else { Some(toggled.clone()) });
    };
    let asked_by_person = line.row.key.origin == Origin::Interactive;
    let shown = line.clone();
    let controls = id.clone();
    view! {
        <tr data-testid="leaderboard-row" data-model=line.row.key.model_id.to_string() class:open=is_open>
            <td class="num rank">{index + 1}</td>
            <th scope="row">
                <button type="button" class="opens" aria-expanded=move || is_open.get().to_string() aria-controls=controls on:click=toggle>
                    <b>{line.model.name.clone()}</b>" "<code>{line.model.dtype.name()}</code>
                </button>
                <small class="only-narrow">{format!("{} · {}", line.machine.hardware.compute(), display::task(line.row.key.task))}</small>
            </th>
            <td class="p2 machine">{line.machine.hardware.compute()}<small>{line.machine.name.to_string()}</small></td>
            <td class="p2">{display::task(line.row.key.task)}<small>{if asked_by_person { "asked by a person" } else { "campaign" }}</small></td>
            {columns.iter().map(|drawn| cell(line, drawn, state)).collect_view()}
        </tr>
        {move || is_open.get().then(|| view! {
            <tr class="detail" id=id.clone()><td colspan=width>{detail(&shown, machines)}</td></tr>
        })}
    }
    .into_any()
}

fn cell(line: &Line, drawn: &Drawn, state: &ViewState) -> AnyView {
    let Drawn { figure, column, most } = drawn;
    let class = format!("num {}", priority(figure));
    let Some(estimate) = figure.of(line, state) else {
        return view! { <td class=class>{MISSING}</td> }.into_any();
    };
    match figure {
        Figure::Energy => {
            let width = if *most > 0.0 { estimate.mean / most * 100.0 } else { 0.0 };
            let spread = estimate.half_width.map_or_else(|| "one run".to_owned(), |half| format!("±\u{a0}{}", column.cell(half)));
            view! {
                <td class=class>
                    {column.cell(estimate.mean)}<small>{spread}</small>
                    <svg class="gauge" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
                        <rect width="100" height="3" class="gauge-ground"/><rect width=width height="3" class="gauge-value"/>
                    </svg>
                </td>
            }
            .into_any()
        }
        Figure::Runs => {
            let left_out = line.row.sums.excluded_runs;
            view! {
                <td class=class>{display::compact(line.row.sums.runs)}
                    {(left_out > 0).then(|| view! { <small>{format!("{left_out} left out")}</small> })}</td>
            }
            .into_any()
        }
        _ => view! { <td class=class>{column.cell(estimate.mean)}</td> }.into_any(),
    }
}
