//! The fields that say what a figure stands on: the same names, in the same order, in every download.
//!
//! Must not: hold a figure.

use common::leaderboard::Key;
use common::machine::MachineProfile;
use common::model::{Model, Weights};

use super::Field;
use crate::figures::{Figure, Line};
use crate::view_state::ViewState;

/// What names a stack: a model on a machine under one engine, and where its figures come from.
pub const STACK: [&str; 11] = [
    "label",
    "boundary",
    "random_weights",
    "method_version",
    "model_id",
    "dtype",
    "machine",
    "compute",
    "origin",
    "batch",
    "engine_version",
];

/// What names a line of a ranking besides, the grid that is assumed, and how many runs it stands on.
pub const LINE: [&str; 10] = [
    "task",
    "kind",
    "zone",
    "intensity_g_per_kwh",
    "intensity_source",
    "intensity_year",
    "first_measured_at_unix_s",
    "runs",
    "flagged_runs",
    "excluded_runs",
];

/// The values of [`STACK`].
pub fn of_stack(key: &Key, model: &Model, machine: &MachineProfile) -> Vec<Field> {
    vec![
        key.label.name().into(),
        key.boundary.name().into(),
        Field::Flag(model.weights == Weights::Random),
        Field::Count(key.method_version.into()),
        key.model_id.as_str().into(),
        model.dtype.name().into(),
        machine.name.as_str().into(),
        machine.hardware.compute().as_str().into(),
        key.origin.name().into(),
        Field::Count(key.batch.into()),
        key.engine_version.as_str().into(),
    ]
}

/// Names as fields.
pub fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The names of [`of_stack`], and these after them.
pub fn stack_fields(more: &[&str]) -> Vec<String> {
    let mut fields = named(&STACK);
    fields.extend(named(more));
    fields
}

/// The names of [`of_line`].
pub fn line_fields() -> Vec<String> {
    stack_fields(&LINE)
}

/// What a line stands on, all of [`STACK`] and [`LINE`].
pub fn of_line(line: &Line) -> Vec<Field> {
    let (key, sums, grid) = (&line.row.key, &line.row.sums, line.grid.as_deref());
    let mut fields = of_stack(key, &line.model, &line.machine);
    let first = sums.first_measured_at.and_then(|at| u64::try_from(at.unix_timestamp()).ok());
    fields.extend([
        key.task.name().into(),
        key.kind.map(common::prompt::Kind::name).into(),
        grid.map(|grid| grid.zone.as_str()).into(),
        grid.map(|grid| grid.intensity.grams_per_kwh()).into(),
        grid.map(|grid| grid.source.as_str()).into(),
        grid.and_then(|grid| grid.year).map(u64::from).into(),
        first.into(),
        Field::Count(sums.runs),
        Field::Count(sums.flagged_runs),
        Field::Count(sums.excluded_runs),
    ]);
    fields
}

/// The fields of figures: each, and after it the half-width of its 95 % interval where it can have one.
pub fn figure_fields(figures: &[Figure], view: &ViewState) -> Vec<String> {
    let mut fields = Vec::new();
    for figure in figures {
        let name = figure.field(view);
        if figure.has_interval() {
            fields.extend([name.clone(), format!("{name}_half_width_95")]);
        } else {
            fields.push(name);
        }
    }
    fields
}

/// The values of [`figure_fields`] on a line.
pub fn of_figures(figures: &[Figure], line: &Line, view: &ViewState) -> Vec<Field> {
    let mut fields = Vec::new();
    for figure in figures {
        let estimate = figure.of(line, view);
        fields.push(estimate.map(|estimate| estimate.mean).into());
        if figure.has_interval() {
            fields.push(estimate.and_then(|estimate| estimate.half_width).into());
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board;

    #[test]
    fn a_line_has_a_value_for_every_field_and_no_field_twice() {
        let board = board::tests::board();
        let view = ViewState::default();
        let line = &board::sections(&board, &view)[0].lines[0];
        let mut names = line_fields();
        let values = of_line(line);
        assert_eq!(names.len(), values.len());
        let of = |name: &str| values[names.iter().position(|field| field == name).unwrap()].clone();
        assert_eq!((of("zone"), of("intensity_g_per_kwh")), ("FR".into(), Field::Number(50.0)));
        assert_eq!((of("intensity_year"), of("kind")), (Field::Count(2024), Field::Missing));
        assert_eq!((of("dtype"), of("random_weights")), ("f32".into(), Field::Flag(false)));
        let figures: Vec<Figure> =
            Figure::all(&board).into_iter().filter(|figure| !figure.is_of_key()).collect();
        assert_eq!(figure_fields(&figures, &view).len(), of_figures(&figures, line, &view).len());
        names.extend(figure_fields(&figures, &view));
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_figure_with_an_interval_has_a_field_for_it() {
        let board = board::tests::board();
        let view = ViewState::default();
        for section in board::sections(&board, &view) {
            for line in section.lines {
                for figure in Figure::all(&board) {
                    let half = figure.of(&line, &view).and_then(|estimate| estimate.half_width);
                    assert!(figure.has_interval() || half.is_none(), "{figure:?}");
                }
            }
        }
    }
}
