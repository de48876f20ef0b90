//! What a row emits on a grid, as fields: the row, the grid, the building, and both figures with their intervals.
//!
//! Must not: hold a formula.

use std::sync::Arc;

use common::carbon::GridIntensity;
use time::format_description::well_known::Rfc3339;

use super::{Field, Table, keys};
use crate::display;
use crate::figures::{Figure, Line};
use crate::view_state::ViewState;

/// Which figures.
const FIGURES: [Figure; 2] = [Figure::Carbon, Figure::Sci];
/// What is told of a grid besides what [`keys::LINE`] tells.
const GRID: [&str; 7] = ["zone_name", "quality", "factor_type", "at", "span_s", "is_back_filled", "pue"];

/// One row of the board on each of these grids; `at` is RFC 3339 and empty for the mean of a year.
pub fn emitted(line: &Line, grids: &[GridIntensity], view: &ViewState) -> Table {
    let mut fields = keys::line_fields();
    fields.extend(keys::named(&GRID));
    fields.extend(keys::figure_fields(&FIGURES, view));
    let row = |grid: &GridIntensity| {
        let there = Line { grid: Some(Arc::new(grid.clone())), ..line.clone() };
        let at = grid.at.and_then(|at| at.format(&Rfc3339).ok());
        let mut row = keys::of_line(&there);
        row.extend([
            grid.zone_name.as_str().into(),
            display::grid_quality(grid.quality).into(),
            grid.factor_type.as_str().into(),
            at.as_deref().into(),
            grid.span.map(|span| span.as_secs_f64()).into(),
            Field::Flag(grid.is_back_filled()),
            Field::Number(line.machine.pue),
        ]);
        row.extend(keys::of_figures(&FIGURES, &there, view));
        row
    };
    Table { rows: grids.iter().map(row).collect(), fields }
}

#[cfg(test)]
mod tests {
    use common::stats::Moments;
    use time::macros::datetime;

    use super::*;
    use crate::board;

    #[test]
    fn each_grid_is_a_row_with_its_hour_and_an_interval() {
        let board = board::tests::board();
        let view = ViewState::default();
        let mut line = Line::clone(&board::sections(&board, &view)[0].lines[0]);
        line.row.sums.energy_j = Moments::of([10.0, 12.0, 14.0]);
        let mut grids = board.zones.clone();
        grids[0].at = Some(datetime!(2026-11-21 07:30:00 UTC));
        let table = emitted(&line, &grids, &view);
        let of = |row: usize, field: &str| {
            table.rows[row][table.fields.iter().position(|name| name == field).unwrap()].clone()
        };
        assert!(table.rows.iter().all(|row| row.len() == table.fields.len()));
        assert_eq!((of(0, "at"), of(1, "at")), ("2026-11-21T07:30:00Z".into(), Field::Missing));
        assert_eq!((of(0, "zone"), of(1, "zone")), ("FR".into(), "PL".into()));
        assert_eq!((of(0, "label"), of(0, "pue")), ("measured".into(), Field::Number(1.0)));
        let number = |row, field: &str| match of(row, field) {
            Field::Number(number) => number,
            other => panic!("{field} is {other:?}"),
        };
        assert!((number(0, "carbon_g_per_response") - 12.0 * 50.0 / 3.6e6).abs() < 1e-12);
        assert!(number(0, "sci_g_per_response_half_width_95") > 0.0);
        assert!(
            (number(1, "carbon_g_per_response") / number(0, "carbon_g_per_response") - 12.0).abs() < 1e-9
        );
    }
}
