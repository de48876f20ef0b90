//! The ranking as a view wants it: lines filtered, put into sections that may be ranked, and sorted.
//!
//! Two origins, labels, boundaries, method versions, batches or kinds of weights never share a section. Must not: know the
//! page.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::carbon::{GridIntensity, for_zone};
use common::leaderboard::{Boundary, Cell, Key, Leaderboard, rows};
use common::machine::MachineProfile;
use common::meter::Label;
use common::model::{Model, Weights};
use common::prompt::{Kind, Origin};

use crate::display;
use crate::figures::{self, Broken, Figure, Line, Written};
use crate::scale;
use crate::view_state::{Direction, Sort, ViewState};

/// What all lines of one ranking share. Fixed questions come before visitors' prompts, one answer at a time before batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ground {
    /// Who asked.
    origin: Reverse<Origin>,
    /// Where the energy comes from.
    pub label: Label,
    /// Whether the weights are random.
    pub has_random_weights: bool,
    /// What the energy sums.
    pub boundary: Boundary,
    /// Version of the measuring method.
    pub method_version: u32,
    /// How many sequences were computed at once.
    pub batch: u32,
}

impl Ground {
    /// The ground that a line stands on.
    pub fn of(line: &Line) -> Self {
        let key = &line.row.key;
        Self {
            origin: Reverse(key.origin),
            label: key.label,
            has_random_weights: line.model.weights == Weights::Random,
            boundary: key.boundary,
            method_version: key.method_version,
            batch: key.batch,
        }
    }

    /// Who asked.
    pub const fn origin(&self) -> Origin {
        self.origin.0
    }

    /// What its energy sums, who asked, and how many answers were computed at once.
    pub fn about(&self) -> String {
        format!(
            "{}, {}, {}",
            display::boundary(self.boundary),
            display::asked(self.origin()),
            display::batch(self.batch)
        )
    }

    /// Says what the figures below are.
    pub fn heading(&self) -> String {
        let random = if self.has_random_weights { ", random weights" } else { "" };
        format!("{}{random}, {}, method {}", display::label(self.label), self.about(), self.method_version)
    }

    /// Its name within the page and in links: no other ground has it.
    pub fn place(&self) -> String {
        let random = if self.has_random_weights { "-random" } else { "" };
        let Self { label, boundary, method_version, batch, .. } = self;
        format!(
            "{}{random}-{}-{}-{batch}-{method_version}",
            label.name(),
            boundary.name(),
            self.origin().name()
        )
    }
}

/// One ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What its lines share.
    pub ground: Ground,
    /// Its lines, sorted.
    pub lines: Vec<Arc<Line>>,
}

fn lines_of(
    board: &Leaderboard,
    cells: &[&Cell],
    view: &ViewState,
    project: impl Fn(&Key) -> Key,
) -> Vec<Line> {
    // Every line of a machine shares one copy of it and of its grid, every line of a model one copy of that.
    let machines: Vec<(Arc<MachineProfile>, Option<Arc<GridIntensity>>)> = board
        .machines
        .iter()
        .map(|machine| {
            let zone = view.zone.as_ref().unwrap_or(&machine.zone);
            let grid = for_zone(&board.zones, zone).cloned().map(Arc::new);
            (Arc::new(machine.clone()), grid)
        })
        .collect();
    let find = view.find.to_ascii_lowercase();
    // Rows come in the order of their models.
    let mut last: Option<Arc<Model>> = None;
    rows(cells.iter().copied(), project)
        .into_iter()
        .filter_map(|row| {
            let model = match last.take().filter(|model| model.id == row.key.model_id) {
                Some(model) => model,
                None => Arc::new(board.models.iter().find(|model| model.id == row.key.model_id)?.clone()),
            };
            last = Some(Arc::clone(&model));
            let (machine, grid) = machines.iter().find(|(machine, _)| machine.id == row.key.machine_id)?;
            Some(Line { model, grid: grid.clone(), machine: Arc::clone(machine), uncertainty: None, row })
        })
        .filter(|line| is_named(line, view) && (find.is_empty() || holds(line, &find)))
        .collect()
}

/// Whether a line is of the machine, the number format and the size that the view names.
fn is_named(line: &Line, view: &ViewState) -> bool {
    view.machine.as_ref().is_none_or(|machine| line.machine.name.as_str() == machine)
        && view.dtype.is_none_or(|dtype| line.model.dtype == dtype)
        && view.size.is_none_or(|size| size.holds(line.model.parameters))
}

fn holds(line: &Line, find: &str) -> bool {
    [line.row.key.model_id.as_str(), line.machine.name.as_str()]
        .iter()
        .any(|text| text.to_ascii_lowercase().contains(find))
        || line.machine.hardware.compute().to_ascii_lowercase().contains(find)
}

fn wanted<'a>(board: &'a Leaderboard, view: &ViewState) -> Vec<&'a Cell> {
    let is_wanted = |cell: &&Cell| {
        view.label.is_none_or(|label| cell.key.label == label)
            // Answers of given lengths are for runtimes; a ranking holds them only where they are asked for.
            && view.origin.map_or(cell.key.origin != Origin::Profile, |origin| cell.key.origin == origin)
            && view.task.is_none_or(|task| cell.key.task == task)
            && view.kind.is_none_or(|kind| cell.key.kind == Some(kind))
            && view.batch.is_none_or(|batch| cell.key.batch == batch)
    };
    board.cells.iter().filter(is_wanted).collect()
}

/// Lines merged and filtered, a group a ground: what stays while units, columns and sorting change.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    /// What of the view decides which lines there are.
    filters: ViewState,
    groups: Vec<(Ground, Vec<Arc<Line>>)>,
}

/// What of a view decides which lines there are.
fn filters(view: &ViewState) -> ViewState {
    ViewState {
        zone: view.zone.clone(),
        label: view.label,
        origin: view.origin,
        task: view.task,
        kind: view.kind,
        machine: view.machine.clone(),
        dtype: view.dtype,
        size: view.size,
        batch: view.batch,
        find: view.find.clone(),
        keep: view.keep.clone(),
        // A condition may be about a column that the visitor wrote.
        formulas: if view.keep.is_empty() { Vec::new() } else { view.formulas.clone() },
        ..ViewState::default()
    }
}

/// What rows must meet to be kept, where the view says something; its columns are those of the board and those that the
/// visitor wrote.
pub fn condition(board: &Leaderboard, view: &ViewState) -> Option<Result<Written, Broken>> {
    (!view.keep.trim().is_empty())
        .then(|| figures::parse(&view.keep, &Figure::all_with_formulas(board, view)))
}

impl Grouped {
    /// Merges kinds and filters: the costly part of a ranking.
    pub fn of(board: &Leaderboard, view: &ViewState) -> Self {
        let lines = lines_of(board, &wanted(board, view), view, |key| Key { kind: None, ..key.clone() });
        // A condition that is not understood keeps all; the page says what is wrong with it.
        let keep = condition(board, view).and_then(Result::ok);
        let mut groups = BTreeMap::<Ground, Vec<Arc<Line>>>::new();
        for line in lines {
            let is_kept =
                keep.as_ref().is_none_or(|keep| keep.of(&line).is_some_and(|found| found.mean != 0.0));
            if is_kept {
                groups.entry(Ground::of(&line)).or_default().push(Arc::new(line));
            }
        }
        Self { filters: filters(view), groups: groups.into_iter().collect() }
    }

    /// Whether a view has these very lines.
    pub fn is_of(&self, view: &ViewState) -> bool {
        self.filters == filters(view)
    }

    /// The leaderboard: each ground its own section, each section sorted.
    pub fn sections(&self, board: &Leaderboard, view: &ViewState) -> Vec<Section> {
        let sort = sort_of(view);
        let figure = figures::find(&Figure::all_with_formulas(board, view), &sort.figure);
        self.groups
            .iter()
            .map(|(ground, lines)| Section {
                ground: *ground,
                lines: order(lines, &sort, figure.as_ref(), view),
            })
            .collect()
    }
}

/// The sections of a view that are not kept.
pub fn sections(board: &Leaderboard, view: &ViewState) -> Vec<Section> {
    Grouped::of(board, view).sections(board, view)
}

/// The view with one task, one origin and one batch: dots on a chart are compared at a glance, so that only like may stand
/// beside like. Where the link does not say, the task, then the origin and then the batch with most runs.
pub fn like_with_like(board: &Leaderboard, view: &ViewState) -> ViewState {
    let mut view = view.clone();
    if view.task.is_none() {
        view.task = commonest(wanted(board, &view).iter().map(|cell| (cell.key.task, cell.sums.runs)));
    }
    if view.origin.is_none() {
        view.origin = commonest(wanted(board, &view).iter().map(|cell| (cell.key.origin, cell.sums.runs)));
    }
    if view.batch.is_none() {
        // Of batches with as many runs, the smallest.
        let counts = wanted(board, &view);
        let batch = commonest(counts.iter().map(|cell| (Reverse(cell.key.batch), cell.sums.runs)));
        view.batch = batch.map(|batch| batch.0);
    }
    view
}

fn commonest<T: Ord>(counted: impl Iterator<Item = (T, u64)>) -> Option<T> {
    let mut counts = BTreeMap::<T, u64>::new();
    for (value, count) in counted {
        *counts.entry(value).or_default() += count;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}

/// How the list is sorted where the link does not say: least energy first.
pub fn sort_of(view: &ViewState) -> Sort {
    view.sort.clone().unwrap_or_else(|| Sort { figure: Figure::Energy.id(), direction: Direction::Ascending })
}

fn order(lines: &[Arc<Line>], sort: &Sort, figure: Option<&Figure>, view: &ViewState) -> Vec<Arc<Line>> {
    let is_descending = sort.direction == Direction::Descending;
    let places = match figure {
        // A missing figure stands last, whichever way the list runs.
        Some(figure) => scale::order(
            &lines
                .iter()
                .map(|line| {
                    let value = figure.of(line, view).map_or(f64::INFINITY, |estimate| estimate.mean);
                    if is_descending && value.is_finite() { -value } else { value }
                })
                .collect::<Vec<f64>>(),
        ),
        None => {
            let name = |line: &Line| match sort.figure.as_str() {
                "model" => format!("{} {}", line.model.name, line.model.dtype),
                "task" => line.row.key.task.name().to_owned(),
                "dtype" => line.model.dtype.name().to_owned(),
                "engine" => line.row.key.engine_version.clone(),
                _ => format!("{} {}", line.machine.hardware.compute(), line.machine.name),
            };
            let mut names = BTreeSet::<(String, usize)>::new();
            for (place, line) in lines.iter().enumerate() {
                names.insert((name(line), place));
            }
            let mut places: Vec<usize> = names.into_iter().map(|(_, place)| place).collect();
            if is_descending {
                places.reverse();
            }
            places
        }
    };
    places.into_iter().filter_map(|place| lines.get(place).map(Arc::clone)).collect()
}

/// A line and those that differ from it in the engine's version only, the oldest first.
pub fn history(board: &Leaderboard, of: &Line, view: &ViewState) -> Vec<Line> {
    let key = &of.row.key;
    let cells: Vec<&Cell> = board
        .cells
        .iter()
        .filter(|cell| {
            let same =
                Key { kind: cell.key.kind, engine_version: cell.key.engine_version.clone(), ..key.clone() };
            cell.key == same && view.kind.is_none_or(|kind| cell.key.kind == Some(kind))
        })
        .collect();
    let view = ViewState { zone: view.zone.clone(), ..ViewState::default() };
    let mut lines = lines_of(board, &cells, &view, |key| Key { kind: None, ..key.clone() });
    lines.sort_by_key(|line| line.row.sums.first_measured_at);
    lines
}

/// One model on one machine over the kinds of question.
#[derive(Debug, Clone, PartialEq)]
pub struct KindsRow {
    /// The line of each kind in the order of [`Kind::ALL`]; `None` where nothing was measured.
    pub cells: Vec<Option<Line>>,
    /// All kinds together, for what the row is about.
    pub whole: Line,
}

/// The Kinds view: a section a ground, a row a model, a cell a kind.
pub fn kinds(board: &Leaderboard, view: &ViewState) -> Vec<(Ground, Vec<KindsRow>)> {
    let cells: Vec<&Cell> = wanted(board, view).into_iter().filter(|cell| cell.key.kind.is_some()).collect();
    let whole = lines_of(board, &cells, view, |key| Key { kind: None, ..key.clone() });
    let parts = lines_of(board, &cells, view, Key::clone);
    let mut sections = BTreeMap::<Ground, Vec<KindsRow>>::new();
    for line in whole {
        let of_kind = |kind: Kind| {
            let key = Key { kind: Some(kind), ..line.row.key.clone() };
            parts.iter().find(|part| part.row.key == key && part.row.sums.energy_j.n > 0).cloned()
        };
        let cells = Kind::ALL.into_iter().map(of_kind).collect();
        sections.entry(Ground::of(&line)).or_default().push(KindsRow { cells, whole: line });
    }
    sections.into_iter().collect()
}

#[cfg(test)]
pub(crate) mod tests;
