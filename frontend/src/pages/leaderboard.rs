//! The ranking: one table a ground, so that only what may be compared stands in one list.
//!
//! Must not: call the server for a toggle.

use common::api::leaderboard::GetLeaderboard;
use common::api::machines::{ListMachines, Machines};
use common::leaderboard::Leaderboard;
use common::meter::Label;
use common::model::Dtype;
use common::prompt::{Origin, Task};
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::board::{self, Grouped, Section};
use crate::browser;
use crate::components::board_detail::Behind;
use crate::components::board_table::{board_table, rows_of_a_page};
use crate::components::controls::{any_of, find_box, per_toggle, pick, unit_toggle};
use crate::components::download::download;
use crate::components::facts::meanings;
use crate::components::ground::{lead, section, zone_pick};
use crate::components::own_columns::own_columns;
use crate::components::states::{fetched, leading, unasked};
use crate::display;
use crate::dom::{El, drawn, el, group, page, text, value_of};
use crate::events;
use crate::export::{Table, keys};
use crate::figures::Figure;
use crate::remote::Source;
use crate::view::View;
use crate::view_state::{Choice, SizeClass, ViewState};

/// `/leaderboard`
pub(crate) fn leaderboard() -> AnyView {
    browser::set_title("Leaderboard");
    let source = Source::new(GetLeaderboard);
    let machines = Source::new(ListMachines::default());
    events::keep_up_with_the_board(vec![source.asked(), machines.asked()]);
    // What is typed into the formula box and not yet a column.
    let draft = RwSignal::new(String::new());
    let kept = StoredValue::new(None);
    let start = || {
        lead(
            "Leaderboard",
            "What an answer costs, by model and machine. Fixed questions of campaigns and visitors' prompts stand apart. Measured, modelled and simulated figures never share a list, nor do boundaries or batches.",
        )
    };
    let shown = Shown { machines, draft, kept };
    let view = View::current();
    page(
        "page",
        vec![
            drawn(start),
            fetched(source, "the leaderboard", move |board| ranking(&board, &view.get(), shown)),
        ],
    )
}

/// What outlives a redrawing.
#[derive(Clone, Copy)]
struct Shown {
    machines: Source<Machines>,
    draft: RwSignal<String>,
    /// The lines of the last drawing, and of which board they are.
    kept: StoredValue<Option<(Arc<Leaderboard>, Grouped)>>,
}

impl Shown {
    /// The sections of a view; a toggle that changes no filter merges nothing anew.
    fn sections(self, board: &Arc<Leaderboard>, state: &ViewState) -> Vec<Section> {
        let is_kept = self.kept.with_value(|kept| {
            kept.as_ref().is_some_and(|(of, grouped)| Arc::ptr_eq(of, board) && grouped.is_of(state))
        });
        if !is_kept {
            self.kept.set_value(Some((Arc::clone(board), Grouped::of(board, state))));
        }
        self.kept.with_value(|kept| {
            kept.as_ref().map(|(_, grouped)| grouped.sections(board, state)).unwrap_or_default()
        })
    }
}

#[inline(never)]
fn ranking(board: &Arc<Leaderboard>, state: &ViewState, shown: Shown) -> El {
    if board.cells.is_empty() {
        return unasked(
            "Nothing has been measured yet",
            "Ask a model on the first page, or queue a campaign: a row appears as soon as its first run is measured.",
        );
    }
    let view = View::current();
    let listed = Arc::clone(board);
    let switches = el("div", "bar")
        .add(unit_toggle(state, "list"))
        .add(per_toggle(state))
        .add(download("jouleboard-leaderboard", move || table(&listed, &view.get())));
    let sections = shown.sections(board, state);
    let is_empty = sections.is_empty();
    let columns = Figure::columns(board, state);
    let known = Figure::all(board);
    let behind = Behind { board: Arc::clone(board), machines: shown.machines };
    let lists = sections.iter().map(|part| {
        section(&part.ground, part.lines.len()).add(board_table(
            part,
            &columns,
            state,
            rows_of_a_page(sections.len()),
            &behind,
        ))
    });
    let meaning = columns.iter().map(|figure| (figure.title(state), figure.definition(state)));
    let own = own_columns(shown.draft, &known, state, true);
    group([filters(board, state), switches, own])
        .all(lists)
        .maybe(is_empty.then(|| {
            leading(
                "No row fits these filters",
                "Take a filter back to see more.",
                ("All rows", &view.link("/leaderboard")),
            )
        }))
        .add(meanings("columns", "What the columns mean", meaning))
}

fn filters(board: &Leaderboard, state: &ViewState) -> El {
    let labels = Label::ALL.into_iter().map(|label| (label.name(), display::label(label).to_owned()));
    el("div", "filters")
        .set("role", "group")
        .set("aria-label", "Filters")
        .add(find_box(state))
        .add(pick("Label", any_of(labels), state.label.map_or("", Choice::name), |state, value| {
            state.label = Choice::named(value);
        }))
        .add(task_pick(state, true))
        .add(origin_pick(state, true))
        .maybe(machine_pick(board, state))
        .maybe(size_pick(board, state))
        .maybe(dtype_pick(board, state))
        .maybe(batch_pick(board, state, true))
        .add(zone_pick(&board.zones, state))
        .add(keep_box(board, state))
}

/// What is found, each once, after "any".
fn distinct(found: &mut dyn Iterator<Item = String>) -> Vec<(String, String)> {
    let mut options = any_of([]);
    for name in found {
        if options.iter().all(|known| known.0 != name) {
            options.push((name.clone(), name));
        }
    }
    options
}

/// On which machine; where there is a choice.
fn machine_pick(board: &Leaderboard, state: &ViewState) -> Option<El> {
    let options = distinct(&mut board.machines.iter().map(|machine| machine.name.to_string()));
    (options.len() > 2 || state.machine.is_some()).then(|| {
        pick("Machine", options, state.machine.as_deref().unwrap_or_default(), |state, value| {
            state.machine = (!value.is_empty()).then(|| value.to_owned());
        })
    })
}

/// Of which size; where there is a choice.
fn size_pick(board: &Leaderboard, state: &ViewState) -> Option<El> {
    let is_there = |size: &SizeClass| {
        state.size == Some(*size) || board.models.iter().any(|model| size.holds(model.parameters))
    };
    let sizes = SizeClass::ALL.into_iter().filter(is_there);
    let options = any_of(sizes.map(|size| (size.name, display::size(size))));
    (options.len() > 2 || state.size.is_some()).then(|| {
        pick("Parameters", options, state.size.map_or("", |size| size.name), |state, value| {
            state.size = SizeClass::named(value);
        })
    })
}

/// In which number format; where there is a choice.
fn dtype_pick(board: &Leaderboard, state: &ViewState) -> Option<El> {
    let options = distinct(&mut board.models.iter().map(|model| model.dtype.name().to_owned()));
    (options.len() > 2 || state.dtype.is_some()).then(|| {
        pick("Number format", options, state.dtype.map_or("", Dtype::name), |state, value| {
            state.dtype = value.parse().ok();
        })
    })
}

/// How many sequences at once, where there is a choice; with or without "any".
pub(crate) fn batch_pick(board: &Leaderboard, state: &ViewState, has_any: bool) -> Option<El> {
    let batches: BTreeSet<u32> = board.cells.iter().map(|cell| cell.key.batch).chain(state.batch).collect();
    let options = distinct(&mut batches.iter().map(u32::to_string));
    let now = state.batch.map(|batch| batch.to_string()).unwrap_or_default();
    (options.len() > 2 || (has_any && state.batch.is_some())).then(|| {
        let options = options.into_iter().skip(usize::from(!has_any)).collect();
        pick("Batch", options, &now, |state, value| state.batch = value.parse().ok())
    })
}

/// A condition that rows must meet, such as `energy_j < 5`; what is wrong with it stands below.
fn keep_box(board: &Leaderboard, state: &ViewState) -> El {
    let view = View::current();
    let broken = board::condition(board, state)
        .and_then(Result::err)
        .map(|broken| text("small", "broken", broken.why.to_string()).set("id", "keep-says"));
    el("label", "pick find")
        .add(text("span", "", "Keep rows where"))
        .add(
            el("input", "")
                .set("type", "search")
                .set("id", "keep")
                .set("placeholder", "energy_j < 5")
                .set("spellcheck", "false")
                .set("value", &state.keep)
                .set_if("aria-invalid", broken.is_some().then_some("true"))
                .set_if("aria-describedby", broken.is_some().then_some("keep-says"))
                .on("change", move |event| view.change(|state| state.keep = value_of(&event))),
        )
        .maybe(broken)
}

/// Under which system prompt; with or without "any".
pub(crate) fn task_pick(state: &ViewState, has_any: bool) -> El {
    let tasks = any_of(Task::WORDED.into_iter().map(|task| (task.name(), display::task(task).to_owned())));
    let options = tasks.into_iter().skip(usize::from(!has_any)).collect();
    pick("Task", options, state.task.map_or("", Task::name), |state, value| state.task = value.parse().ok())
}

/// Who asked; with or without "any".
pub(crate) fn origin_pick(state: &ViewState, has_any: bool) -> El {
    let origins =
        any_of(Origin::ALL.into_iter().map(|origin| (origin.name(), display::origin(origin).to_owned())));
    let options = origins.into_iter().skip(usize::from(!has_any)).collect();
    pick("Asked by", options, state.origin.map_or("", Choice::name), |state, value| {
        state.origin = Choice::named(value);
    })
}

/// What is shown, as a table of full digits.
fn table(board: &Leaderboard, state: &ViewState) -> Table {
    let figures: Vec<Figure> =
        Figure::all_with_formulas(board, state).into_iter().filter(|figure| !figure.is_of_key()).collect();
    let mut fields = keys::line_fields();
    fields.extend(keys::figure_fields(&figures, state));
    let rows = board::sections(board, state)
        .iter()
        .flat_map(|section| &section.lines)
        .map(|line| {
            let mut row = keys::of_line(line);
            row.extend(keys::of_figures(&figures, line, state));
            row
        })
        .collect();
    Table { fields, rows }
}
