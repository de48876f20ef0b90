//! One stored tensor: bytes as they lie in the file, read row by row as single precision.
//!
//! Must not: copy a whole tensor; it is as large as the file it comes from.

use std::borrow::Cow;

use half::{bf16, f16};

/// Number formats that files may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    F32,
    F16,
    Bf16,
}

impl Stored {
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }
}

/// A stored matrix (or a vector as one row).
pub(crate) struct RawTensor<'a> {
    pub(crate) stored: Stored,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) bytes: Cow<'a, [u8]>,
}

impl RawTensor<'_> {
    /// Writes one row; `out` has `columns` elements.
    pub(crate) fn row(&self, row: usize, out: &mut [f32]) {
        let width = self.stored.bytes();
        let start = row * self.columns * width;
        let bytes = &self.bytes[start..start + self.columns * width];
        match self.stored {
            Stored::F32 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *out = f32::from_le_bytes(*bytes);
                }
            }
            Stored::F16 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *out = f16::from_le_bytes(*bytes).to_f32();
                }
            }
            Stored::Bf16 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *out = bf16::from_le_bytes(*bytes).to_f32();
                }
            }
        }
    }

    /// Writes one column; `out` has `rows` elements. For files that store `[in, out]`.
    pub(crate) fn column(&self, column: usize, out: &mut [f32]) {
        for (row, out) in out.iter_mut().enumerate() {
            *out = self.element(row * self.columns + column);
        }
    }

    /// Everything, for vectors.
    pub(crate) fn to_vec(&self) -> Vec<f32> {
        (0..self.rows * self.columns).map(|index| self.element(index)).collect()
    }

    fn element(&self, index: usize) -> f32 {
        let width = self.stored.bytes();
        let bytes = &self.bytes[index * width..(index + 1) * width];
        match (self.stored, bytes) {
            (Stored::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (Stored::F16, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
            (Stored::Bf16, &[a, b]) => bf16::from_le_bytes([a, b]).to_f32(),
            _ => f32::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_columns_and_elements_agree_in_each_format() {
        let numbers = [1.0f32, -2.5, 0.125, 96.0, 0.0, -7.0];
        let cases: [(Stored, Vec<u8>); 3] = [
            (Stored::F32, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()),
            (Stored::F16, numbers.iter().flat_map(|n| f16::from_f32(*n).to_le_bytes()).collect()),
            (Stored::Bf16, numbers.iter().flat_map(|n| bf16::from_f32(*n).to_le_bytes()).collect()),
        ];
        for (stored, bytes) in cases {
            let raw = RawTensor { stored, rows: 2, columns: 3, bytes: Cow::Owned(bytes) };
            assert_eq!(raw.to_vec(), numbers);
            let mut row = [0.0; 3];
            raw.row(1, &mut row);
            assert_eq!(row, [96.0, 0.0, -7.0]);
            let mut column = [0.0; 2];
            raw.column(2, &mut column);
            assert_eq!(column, [0.125, -7.0]);
        }
    }
}
