//! The ranking as a view wants it: lines filtered, put into sections that may be ranked, and sorted.
//!
//! Two labels, boundaries, method versions or kinds of weights never share a section. Must not: know the page.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use common::carbon::GridIntensity;
use common::ids::{MachineId, ModelId};
use common::leaderboard::{Boundary, Cell, Key, Leaderboard, rows};
use common::machine::MachineProfile;
use common::meter::Label;
use common::model::{Model, Weights};
use common::prompt::Kind;

use crate::display;
use crate::figures::{Figure, Line};
use crate::view_state::{Direction, Sort, ViewState};

/// What all lines of one ranking share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ground {
    /// Where the energy comes from.
    pub label: Label,
    /// Whether the weights are random.
    pub has_random_weights: bool,
    /// What the energy sums.
    pub boundary: Boundary,
    /// Version of the measuring method.
    pub method_version: u32,
}

impl Ground {
    /// The ground that a line stands on.
    pub fn of(line: &Line) -> Self {
        Self {
            label: line.row.key.label,
            has_random_weights: line.model.weights == Weights::Random,
            boundary: line.row.key.boundary,
            method_version: line.row.key.method_version,
        }
    }

    /// Says what the figures below are.
    pub fn heading(&self) -> String {
        let mut heading = capitalised(display::label(self.label));
        heading.push_str(", ");
        heading.push_str(display::boundary(self.boundary));
        if self.has_random_weights {
            heading.push_str(", random weights");
        }
        heading
    }
}

/// One ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What its lines share.
    pub ground: Ground,
    /// Its lines, sorted.
    pub lines: Vec<Line>,
}

/// Finds models, machines and grids by name.
struct Index {
    models: HashMap<ModelId, Arc<Model>>,
    machines: HashMap<MachineId, Arc<MachineProfile>>,
    zones: HashMap<common::ids::Zone, Arc<GridIntensity>>,
}

impl Index {
    fn of(board: &Leaderboard) -> Self {
        Self {
            models: board.models.iter().map(|model| (model.id.clone(), Arc::new(model.clone()))).collect(),
            machines: board.machines.iter().map(|machine| (machine.id, Arc::new(machine.clone()))).collect(),
            zones: board.zones.iter().map(|zone| (zone.zone.clone(), Arc::new(zone.clone()))).collect(),
        }
    }
}

fn lines_of(board: &Leaderboard, cells: &[Cell], view: &ViewState, project: impl Fn(&Key) -> Key) -> Vec<Line> {
    let index = Index::of(board);
    let find = view.find.to_lowercase();
    rows(cells, project)
        .into_iter()
        .filter_map(|row| {
            let machine = index.machines.get(&row.key.machine_id)?;
            Some(Line {
                model: Arc::clone(index.models.get(&row.key.model_id)?),
                grid: index.zones.get(view.zone.as_ref().unwrap_or(&machine.zone)).map(Arc::clone),
                machine: Arc::clone(machine),
                uncertainty: None,
                row,
            })
        })
        .filter(|line| find.is_empty() || holds(line, &find))
        .collect()
}

fn holds(line: &Line, find: &str) -> bool {
    [line.row.key.model_id.as_str(), line.machine.name.as_str()].iter().any(|text| text.to_lowercase().contains(find))
        || line.machine.hardware.compute().to_lowercase().contains(find)
}

fn wanted(board: &Leaderboard, view: &ViewState) -> Vec<Cell> {
    let is_wanted = |cell: &&Cell| {
        view.label.is_none_or(|label| cell.key.label == label)
            && view.origin.is_none_or(|origin| cell.key.origin == origin)
            && view.task.is_none_or(|task| cell.key.task == task)
            && view.kind.is_none_or(|kind| cell.key.kind == Some(kind))
    };
    board.cells.iter().filter(is_wanted).cloned().collect()
}

/// The leaderboard: kinds merged, each ground its own section, each section sorted.
pub fn sections(board: &Leaderboard, view: &ViewState) -> Vec<Section> {
    let lines = lines_of(board, &wanted(board, view), view, |key| Key { kind: None, ..key.clone() });
    let mut sections = BTreeMap::<Ground, Vec<Line>>::new();
    for line in lines {
        sections.entry(Ground::of(&line)).or_default().push(line);
    }
    let sort = sort_of(view);
    let figure = Figure::all(board).into_iter().find(|figure| figure.id() == sort.figure);
    sections
        .into_iter()
        .map(|(ground, mut lines)| {
            order(&mut lines, &sort, figure.as_ref(), view);
            Section { ground, lines }
        })
        .collect()
}

/// How the list is sorted where the link does not say: least energy first.
pub fn sort_of(view: &ViewState) -> Sort {
    view.sort
        .clone()
        .unwrap_or_else(|| Sort { figure: Figure::Energy.id(), direction: Direction::Ascending })
}

fn order(lines: &mut [Line], sort: &Sort, figure: Option<&Figure>, view: &ViewState) {
    let is_descending = sort.direction == Direction::Descending;
    match figure {
        // A missing figure stands last, whichever way the list runs.
        Some(figure) => lines.sort_by(|a, b| {
            let value = |line: &Line| figure.of(line, view).map(|estimate| estimate.mean);
            match (value(a), value(b)) {
                (Some(a), Some(b)) if is_descending => b.total_cmp(&a),
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            }
        }),
        None => {
            let text = |line: &Line| match sort.figure.as_str() {
                "model" => (line.model.name.clone(), line.model.dtype.name().to_owned()),
                "task" => (line.row.key.task.name().to_owned(), String::new()),
                _ => (line.machine.hardware.compute(), line.machine.name.to_string()),
            };
            lines.sort_by_key(text);
            if is_descending {
                lines.reverse();
            }
        }
    }
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
    let cells: Vec<Cell> = wanted(board, view).into_iter().filter(|cell| cell.key.kind.is_some()).collect();
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

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
