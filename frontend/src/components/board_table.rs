//! One ranking as a table: sortable by every column, each row opens to what it stands on.
//!
//! One listener serves a whole table, so that a long list costs little.

use std::sync::Arc;

use crate::board::{self, Section};
use crate::called::Apart;
use crate::components::board_detail::{Behind, detail};
use crate::components::own_columns::WORDS;
use crate::components::table::model_name;
use crate::display::{self, Column, MISSING};
use crate::dom::{El, el, group, nearest, svg, text};
use crate::figures::{Figure, Line};
use crate::view::View;
use crate::view_state::{Direction, Page, Sort, ViewState};

/// Rows of all lists that are drawn at once: so many that a toggle takes no longer than a frame.
const ROWS: usize = 80;
/// Values by which the unit of a column is chosen.
const SAMPLED: usize = 200;

/// How many rows of each list are drawn, where there are so many lists.
pub(crate) fn rows_of_a_page(lists: usize) -> usize {
    // A screen of them; most of what a toggle takes is laying them out.
    (ROWS / lists.max(1)).clamp(10, 16)
}

/// One figure's column: how its cells are written.
struct Drawn<'a> {
    figure: &'a Figure,
    column: Column,
    most: f64,
}

/// Draws a section of the leaderboard.
pub(crate) fn board_table(
    section: &Section,
    figures: &[Figure],
    state: &ViewState,
    rows_of_a_page: usize,
    behind: &Behind,
) -> El {
    let view = View::current();
    let step = section.lines.len().div_ceil(SAMPLED).max(1);
    let mean = |figure: &Figure, line: &Line| figure.of(line, state).map(|estimate| estimate.mean);
    let columns: Vec<Drawn> = figures
        .iter()
        .filter(|figure| section.lines.iter().any(|line| figure.of(line, state).is_some()))
        .map(|figure| {
            let sample = section.lines.iter().step_by(step).filter_map(|line| mean(figure, line));
            let column = Column::of(figure.quantity(state), sample);
            // Only the energy's gauges are drawn to the scale of the largest.
            let most = match figure {
                Figure::Energy => {
                    section.lines.iter().filter_map(|line| mean(figure, line)).fold(0.0, f64::max)
                }
                _ => 0.0,
            };
            Drawn { figure, column, most }
        })
        .collect();
    let (name, place) = (section.ground.heading(), section.ground.place());
    let sort = board::sort_of(state);
    let head = |id: &str, title: &str, unit: &str, definition: &str, class: &str| {
        sort_head(&format!("sort-{place}-{id}"), id, title, unit, &sort)
            .set("class", class)
            .set("title", definition)
    };
    let heads = el("tr", "")
        .add(text("th", "num", "#").set("scope", "col"))
        .add(head("model", "Model", "", "Weights at one revision in one number format.", ""))
        .add(head(
            "machine",
            "Machine",
            "",
            "Accelerators of the machine, or its processor where there are none.",
            "p2",
        ))
        .add(head("task", "Task", "", "Under which system prompt.", "p2"))
        .all(words(state).map(|(id, title)| head(id, title, "", title, "")))
        .all(columns.iter().map(|drawn| {
            let figure = drawn.figure;
            let class = format!("num {}", priority(figure));
            head(&figure.id(), &figure.title(state), drawn.column.unit, &figure.definition(state), &class)
        }));
    let mut rows = Vec::new();
    let pages = section.lines.len().div_ceil(rows_of_a_page).max(1);
    let page = state.page.as_ref().filter(|page| page.list == place).map_or(1, |page| page.number.min(pages));
    let first = (page - 1) * rows_of_a_page;
    let apart = Apart::of(section.lines.iter().skip(first).take(rows_of_a_page).map(Arc::as_ref));
    for (rank, line) in (1..).zip(&section.lines).skip(first).take(rows_of_a_page) {
        let key = line.link_key();
        let is_open = state.open.as_ref() == Some(&key);
        rows.push(row(rank, line, &key, is_open, &apart, &columns, state));
        if is_open {
            let wide = (columns.len() + 4 + words(state).count()).to_string();
            rows.push(
                el("tr", "detail")
                    .set("id", &format!("detail-{key}"))
                    .add(el("td", "").set("colspan", &wide).add(detail(line, behind, state))),
            );
        }
    }
    let table = el("table", "board")
        // Of a long list a page is drawn; who cannot see the pager's words hears the same from the rows.
        .set("aria-rowcount", &(section.lines.len() + 1).to_string())
        .add(text("caption", "hidden", &name))
        .add(el("thead", "").add(heads))
        .add(el("tbody", "").all(rows))
        .on("click", move |event| {
            if let Some(figure) = nearest(&event, "data-sort") {
                view.change(|state| sort_by(state, figure));
            } else if let Some(key) = nearest(&event, "data-open") {
                view.change(|state| {
                    state.open = if state.open.as_ref() == Some(&key) { None } else { Some(key) }
                });
            }
        });
    let frame = el("div", "scroll")
        .set("id", &format!("scroll-{place}"))
        .set("tabindex", "0")
        .set("role", "group")
        .set("aria-label", &name)
        .add(table);
    group([frame])
        .maybe((pages > 1).then(|| pager(&place, (page, pages), rows_of_a_page, section.lines.len())))
}

/// Leafs through a long list.
fn pager(list: &str, (page, pages): (usize, usize), rows_of_a_page: usize, rows: usize) -> El {
    let view = View::current();
    let button = |label: &str, id: &str, to: Option<usize>| {
        let list = list.to_owned();
        text("button", "", label)
            .set("type", "button")
            .set("id", &format!("{id}-{list}"))
            .set_if("disabled", to.is_none().then_some(""))
            .on("click", move |_| {
                if let Some(number) = to {
                    view.change(|state| state.page = Some(Page { list: list.clone(), number }));
                }
            })
    };
    let (from, to) = ((page - 1) * rows_of_a_page + 1, (page * rows_of_a_page).min(rows));
    el("nav", "pager")
        .set("aria-label", &format!("Pages of the list {list}"))
        .add(button("← Before", "before", (page > 1).then(|| page - 1)))
        .add(text("span", "quiet", format!("Rows {from} to {to} of {rows}")).set("aria-live", "polite"))
        .add(button("Next →", "next", (page < pages).then_some(page + 1)))
}

/// The columns of words that are asked for.
fn words(state: &ViewState) -> impl Iterator<Item = (&'static str, &'static str)> {
    WORDS.into_iter().filter(|(id, _)| state.columns.iter().any(|column| column == id))
}

/// Sorts by a figure, the best first; by the same once more, the other way round.
fn sort_by(state: &mut ViewState, figure: String) {
    let now = board::sort_of(state);
    let best_first =
        if Figure::is_better_with_more(&figure) { Direction::Descending } else { Direction::Ascending };
    let direction = match now.direction {
        _ if now.figure != figure => best_first,
        Direction::Ascending => Direction::Descending,
        Direction::Descending => Direction::Ascending,
    };
    state.sort = Some(Sort { figure, direction });
    // The best stands on the first page.
    state.page = None;
}

/// How much room a screen needs before this column is shown; a row's detail shows all.
fn priority(figure: &Figure) -> &'static str {
    match figure {
        Figure::Energy | Figure::Throughput | Figure::Formula(_) => "",
        // Whoever asks for a column wants to see it.
        chosen if chosen.is_optional() => "",
        Figure::Latency | Figure::Quality(_) | Figure::Correct | Figure::Runs => "p2",
        _ => "p3",
    }
}

fn sort_head(button: &str, id: &str, title: &str, unit: &str, sort: &Sort) -> El {
    let (arrow, spoken) = match sort.direction {
        _ if sort.figure != id => ("", "none"),
        Direction::Ascending => ("\u{a0}↑", "ascending"),
        Direction::Descending => ("\u{a0}↓", "descending"),
    };
    el("th", "")
        .set("scope", "col")
        .set("aria-sort", spoken)
        .add(
            text("button", "sort", title)
                .set("type", "button")
                .set("id", button)
                .set("data-sort", id)
                .add(text("span", "", arrow).set("aria-hidden", "true")),
        )
        .add(text("small", "unit", if unit.is_empty() { "\u{a0}" } else { unit }))
}

fn row(
    rank: usize,
    line: &Line,
    key: &str,
    is_open: bool,
    apart: &Apart,
    columns: &[Drawn],
    state: &ViewState,
) -> El {
    let compute = display::compute(&line.machine.hardware);
    let task = display::task(line.row.key.task);
    let detail = format!("detail-{key}");
    let button = model_name(el("button", "opens"), &line.model)
        .set("type", "button")
        .set("id", &format!("open-{key}"))
        .set("data-open", key)
        .set("aria-expanded", if is_open { "true" } else { "false" })
        // What is closed is not there to be controlled.
        .set_if("aria-controls", is_open.then_some(detail.as_str()));
    el("tr", if is_open { "open" } else { "" })
        .set("aria-rowindex", &(rank + 1).to_string())
        .set("data-testid", "leaderboard-row")
        .set("data-model", line.row.key.model_id.as_str())
        .add(text("td", "num rank", rank.to_string()))
        .add(
            el("th", "")
                .set("scope", "row")
                .add(button)
                .add(text("small", "only-narrow", format!("{compute} · {task}")))
                .maybe(apart.besides(line).map(|said| text("small", "", said))),
        )
        .add(text("td", "p2 machine", compute).add(text("small", "", line.machine.name.as_str())))
        .add(text("td", "p2", task))
        .all(words(state).map(|(id, _)| {
            text("td", "", if id == "dtype" { line.model.dtype.name() } else { &line.row.key.engine_version })
        }))
        .all(columns.iter().map(|drawn| cell(line, drawn, state)))
}

fn cell(line: &Line, drawn: &Drawn, state: &ViewState) -> El {
    let Drawn { figure, column, most } = drawn;
    let cell = |content: &str| text("td", &format!("num {}", priority(figure)), content);
    let Some(estimate) = figure.of(line, state) else { return cell(MISSING) };
    match figure {
        Figure::Energy => {
            let width = if *most > 0.0 { estimate.mean / most * 100.0 } else { 0.0 };
            let spread = estimate
                .half_width
                .map_or_else(|| "one run".to_owned(), |half| format!("±\u{a0}{}", column.cell(half)));
            let bar = |class: &str, width: f64| {
                svg("rect", class).set("height", "3").at([("width", width.max(0.0))])
            };
            cell(&column.cell(estimate.mean)).add(text("small", "", spread)).add(
                svg("svg", "gauge")
                    .set("viewBox", "0 0 100 3")
                    .set("preserveAspectRatio", "none")
                    .set("aria-hidden", "true")
                    .add(bar("gauge-ground", 100.0))
                    .add(bar("gauge-value", width)),
            )
        }
        Figure::Runs => {
            let left_out = line.row.sums.excluded_runs;
            cell(&display::compact(line.row.sums.runs))
                .maybe((left_out > 0).then(|| text("small", "", format!("{left_out} left out"))))
        }
        Figure::Quality(_) | Figure::Error(_) | Figure::Correct => {
            let half = estimate.half_width.map(|half| format!("±\u{a0}{}, ", column.cell(half)));
            let n = format!("{}n\u{a0}=\u{a0}{}", half.unwrap_or_default(), display::compact(estimate.n));
            cell(&column.cell(estimate.mean)).add(text("small", "", n))
        }
        _ => cell(&column.cell(estimate.mean)),
    }
}
