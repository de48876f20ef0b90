//! Two figures against each other, with the front of what nothing else dominates, now and over time.
//!
//! Must not: mix grounds, or guess a missing figure: such rows are listed apart.

use common::api::leaderboard::GetLeaderboard;
use common::leaderboard::Leaderboard;
use leptos::prelude::*;
use std::sync::Arc;
use time::OffsetDateTime;
use wasm_bindgen::JsValue;

use crate::board;
use crate::browser;
use crate::called::Apart;
use crate::components::controls::{per_toggle, pick, segmented, switch, unit_toggle};
use crate::components::download::download;
use crate::components::front::{Axes, apart, compared};
use crate::components::ground::{lead, section, zone_pick};
use crate::components::own_columns::own_columns;
use crate::components::states::{fetched, leading, unasked};
use crate::display;
use crate::dom::{El, drawn, el, group, number_of, page, slot, text};
use crate::events;
use crate::export::{Field, Table, keys};
use crate::figures::{self, Figure, Line};
use crate::front::{self, Front};
use crate::pages::leaderboard::{batch_pick, origin_pick, task_pick};
use crate::remote::Source;
use crate::view::View;
use crate::view_state::{Told, ViewState};

/// `/trade-offs`
pub(crate) fn trade_offs() -> AnyView {
    browser::set_title("Trade-offs");
    let source = Source::new(GetLeaderboard);
    events::keep_up_with_the_board(vec![source.asked()]);
    let draft = RwSignal::new(String::new());
    // A slider that is being drawn must not be replaced under the hand.
    let view = View::current();
    let but_for_time = Memo::new(move |_| ViewState { until: None, ..view.get() });
    let start = || {
        lead(
            "Trade-offs",
            "No model wins everywhere. On the line stand those that nothing else beats in both figures at once: the Pareto front.",
        )
    };
    page(
        "page",
        vec![
            drawn(start),
            fetched(source, "the leaderboard", move |board| weighed(&board, draft, &but_for_time.get())),
        ],
    )
}

/// The figures that are compared: those of the link, or energy against the first error there is, else against latency; and
/// the third, where the link names one.
fn axes(figures: &[Figure], state: &ViewState) -> Axes {
    let named = |id: &Option<String>| figures::find(figures, id.as_ref()?);
    let error = || figures.iter().find(|figure| matches!(figure, Figure::Error(_))).cloned();
    Axes {
        x: named(&state.x).unwrap_or(Figure::Energy),
        y: named(&state.y).or_else(error).unwrap_or(Figure::Latency),
        z: named(&state.z),
    }
}

fn weighed(board: &Arc<Leaderboard>, draft: RwSignal<String>, state: &ViewState) -> El {
    if board.cells.is_empty() {
        return unasked(
            "Nothing has been measured yet",
            "As soon as two models are measured, they can be compared here.",
        );
    }
    let view = View::current();
    let state = board::like_with_like(board, state);
    let figures = Figure::all_with_formulas(board, &state);
    let axes = axes(&figures, &state);
    let options: Vec<(String, String)> =
        figures.iter().map(|figure| (figure.id(), figure.title(&state))).collect();
    let listed = Arc::clone(board);
    let bars = [
        el("div", "filters")
            .add(pick("Across", options.clone(), &axes.x.id(), |state, id| state.x = Some(id.to_owned())))
            .add(pick("Up", options.clone(), &axes.y.id(), |state, id| state.y = Some(id.to_owned())))
            .add(third_pick(options, &axes, &state))
            .add(task_pick(&state, false))
            .add(origin_pick(&state, false))
            .maybe(batch_pick(board, &state, false))
            .add(zone_pick(&board.zones, &state)),
        el("div", "bar")
            .add(unit_toggle(&state, "list"))
            .add(per_toggle(&state))
            .add(switch("only the front", state.front_only, |state| state.front_only = !state.front_only))
            .add(switch("layers", state.shows_layers, |state| state.shows_layers = !state.shows_layers))
            .add(download("jouleboard-trade-offs", move || {
                let state = board::like_with_like(&listed, &view.get());
                table_of(&listed, &state)
            })),
        own_columns(draft, &Figure::all(board), &state, false),
    ];
    let sections = board::sections(board, &state);
    if sections.is_empty() {
        return group(bars).add(leading(
            "No row fits these filters",
            "Pick another task, origin or batch.",
            ("The task with most runs", &view.link("/trade-offs")),
        ));
    }
    let mut changes: Vec<OffsetDateTime> = Vec::new();
    for date in sections.iter().flat_map(|part| front::changes(&part.lines, &axes.x, &axes.y, &state)) {
        if let Err(at) = changes.binary_search(&date) {
            changes.insert(at, date);
        }
    }
    let until = (changes.len() > 1).then(|| time_slider(&changes));
    let drawing = slot(move || {
        let state = ViewState { until: view.with(|state| state.until), ..state.clone() };
        group(sections.iter().map(|part| {
            let front = Front::of(&part.lines, &axes.x, &axes.y, &state);
            section(&part.ground, part.lines.len())
                .all(compared(&part.ground, &front, &axes, &state))
                .maybe(apart(&part.ground, &front, &axes, &state))
        }))
    });
    group(bars).maybe(until).add(drawing)
}

/// A third figure, and whether size or colour tells it; the front is that of the first two.
fn third_pick(options: Vec<(String, String)>, axes: &Axes, state: &ViewState) -> El {
    let none = std::iter::once((String::new(), "none".to_owned()));
    let now = axes.z.as_ref().map(Figure::id).unwrap_or_default();
    let third = pick("Third", none.chain(options).collect(), &now, |state, id| {
        state.z = (!id.is_empty()).then(|| id.to_owned());
    });
    let how = axes.z.is_some().then(|| {
        let ways = [(Told::Size, "by size"), (Told::Colour, "by colour")];
        segmented("Third figure", &ways, state.told, |state, told| state.told = told)
    });
    group([third]).maybe(how)
}

/// Walks through the dates at which a front changed; at the right end stands today.
fn time_slider(changes: &[OffsetDateTime]) -> El {
    let view = View::current();
    let last = changes.len().saturating_sub(1);
    let dates = StoredValue::new(changes.to_vec());
    let place = move || {
        let until = view.with(|state| state.until);
        dates.with_value(|dates| {
            until
                .and_then(|until| dates.iter().rposition(|date| date.unix_timestamp() <= until))
                .unwrap_or(if until.is_some() { 0 } else { last })
        })
    };
    let date = move || dates.with_value(|dates| dates.get(place()).copied()).map(display::instant);
    let said = move || match (date(), place() == last) {
        (Some(date), false) => format!("as of {date}"),
        (Some(date), true) => format!("today; last change {date}"),
        (None, _) => String::new(),
    };
    el("label", "pick slider slider-dates")
        .add(text("span", "", "Over time: the front as it changed"))
        .add(
            el("input", "")
                .set("type", "range")
                .set("id", "until")
                .set("min", "0")
                .set("max", &last.to_string())
                .set("step", "1")
                .bind("aria-valuetext", move || Some(said()))
                .hold("value", move || JsValue::from_str(&place().to_string()))
                .on("input", move |event| {
                    let at = number_of(&event);
                    let date = dates.with_value(|dates| {
                        dates
                            .iter()
                            .enumerate()
                            .find(|(index, _)| crate::scale::float(*index) >= at)
                            .filter(|(index, _)| *index < last)
                            .map(|(_, date)| date.unix_timestamp())
                    });
                    view.change(|state| state.until = date);
                }),
        )
        .add(slot(move || text("output", "", said())))
}

/// What is shown, as a table of full digits; rows that are not placed have no layer.
fn table_of(board: &Leaderboard, state: &ViewState) -> Table {
    let Axes { x, y, z } = axes(&Figure::all_with_formulas(board, state), state);
    let mut figures: Vec<Figure> = Vec::new();
    for figure in [x.clone(), y.clone()].into_iter().chain(z).chain([Figure::Bits]) {
        // Nothing stands in two fields of one name.
        if !figure.is_of_key() && figures::find(&figures, &figure.id()).is_none() {
            figures.push(figure);
        }
    }
    let mut fields = keys::line_fields();
    fields.extend(keys::figure_fields(&figures, state));
    fields.extend(keys::named(&["layer", "dominated_by", "statistically_tied"]));
    let row = |line: &Line, place: [Field; 3]| {
        let figures = keys::of_figures(&figures, line, state);
        keys::of_line(line).into_iter().chain(figures).chain(place).collect()
    };
    let mut rows = Vec::new();
    for section in board::sections(board, state) {
        let front = Front::of(&section.lines, &x, &y, state);
        let apart = Apart::of(front.lines());
        for each in &front.placed {
            let by = each.dominator.and_then(|index| front.placed.get(index)).map(|by| apart.called(by.line));
            rows.push(row(each.line, [each.layer.into(), by.as_deref().into(), Field::Flag(each.is_tied)]));
        }
        let nowhere = || [Field::Missing, Field::Missing, Field::Missing];
        rows.extend(front.apart.iter().map(|line| row(line, nowhere())));
    }
    Table { fields, rows }
}
