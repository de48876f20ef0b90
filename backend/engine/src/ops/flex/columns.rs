//! The columns of a matrix shared out among threads: each piece has its own, of all rows.
//!
//! Must not: lend a column twice.
#![expect(unsafe_code, reason = "columns of one matrix lie apart in memory, which slices cannot say")]

use std::ops::Range;

use super::team::{self, Work};

/// Some columns of all rows of a matrix.
pub(crate) struct Columns<'a> {
    matrix: &'a Matrix,
    from: usize,
    to: usize,
}

struct Matrix {
    numbers: *mut f32,
    rows: usize,
    width: usize,
}

// SAFETY: it is only used to lend columns that no other thread has.
unsafe impl Sync for Matrix {}

impl Columns<'_> {
    /// Which they are.
    pub(crate) fn range(&self) -> Range<usize> {
        self.from..self.to
    }

    /// Their part of a row.
    pub(crate) fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.matrix.rows, "there are {} rows", self.matrix.rows);
        // SAFETY: the row exists, the columns are inside it, and no other piece has them; the matrix
        // is borrowed for as long as the pieces live.
        unsafe {
            let start = self.matrix.numbers.add(row * self.matrix.width + self.from);
            std::slice::from_raw_parts_mut(start, self.to - self.from)
        }
    }
}

/// Calls `body` for some units of so many columns at a time, of a matrix with rows of `width` numbers.
pub(crate) fn each_columns(
    numbers: &mut [f32],
    width: usize,
    unit: usize,
    work: Work,
    body: &(dyn Fn(&mut Columns<'_>) + Sync),
) {
    let width = width.max(1);
    let matrix = Matrix { numbers: numbers.as_mut_ptr(), rows: numbers.len() / width, width };
    let matrix = &matrix;
    team::each(work, &|units| {
        let (from, to) = (units.start * unit, width.min(units.end * unit));
        body(&mut Columns { matrix, from, to });
    });
}
