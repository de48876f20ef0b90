//! How weights lie in memory: panels of sixteen rows, so that the numbers that meet the same input
//! stand side by side and a panel is one stream.
//!
//! Dense formats keep, for each input, the sixteen weights of that input. Packed formats keep blocks
//! of 32 inputs: in 64 bytes the weights of four inputs, four for each row, which is what one integer
//! dot product of sixteen lanes takes; bytes are stored 128 above, half bytes 8 above their value, and
//! each row of a block has its scale. Rows that a last panel lacks are zero. Of a matrix whose first half gates the
//! second, panels of the two stand in turns, so that who computes one has the other.
//!
//! Must not: round; a row comes out as it went in.

use std::sync::OnceLock;

use half::{bf16, f16};

use super::memory::Numbers;
use super::{Ahead, BLOCK, LANES, Memory};

/// One input's weights in single precision.
#[repr(C, align(64))]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Singles(pub(crate) [f32; LANES]);

/// One input's weights, or a block's scales, in sixteen bits.
#[repr(C, align(32))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Halves(pub(crate) [u16; LANES]);

/// Four inputs' weights of each row; as half bytes eight inputs', the first four in the low halves.
#[repr(C, align(64))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quads(pub(crate) [u8; 4 * LANES]);

/// Stored 64-byte groups of a block.
pub(crate) const BYTES: usize = BLOCK / 4;
/// The same as half bytes.
pub(crate) const NIBBLES: usize = BLOCK / 8;
/// What stored bytes lie above their value.
pub(crate) const BYTE_OFFSET: u8 = 128;
/// What stored half bytes lie above their value.
pub(crate) const NIBBLE_OFFSET: u8 = 8;

/// A matrix in panels.
#[derive(Debug)]
pub(crate) struct Panels {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) rows: Stored,
    /// Whether panels of the first half of all rows and of the second stand in turns.
    pub(crate) paired: bool,
    /// What is read after these, where that has shown.
    pub(crate) follower: OnceLock<Ahead>,
}

/// The numbers of all panels, one panel after another.
#[derive(Debug)]
pub(crate) enum Stored {
    F32(Numbers<Singles>),
    F16(Numbers<Halves>),
    Bf16(Numbers<Halves>),
    Int8 { values: Numbers<Quads>, scales: Numbers<Halves> },
    Int4 { values: Numbers<Quads>, scales: Numbers<Halves> },
}

impl Panels {
    /// Bytes that the matrix takes, without what fills up panels.
    pub(crate) fn bytes(&self) -> usize {
        let packed = |block: usize| self.outputs * self.inputs.div_ceil(BLOCK) * (block + 2);
        match self.rows {
            Stored::F32(_) => 4 * self.outputs * self.inputs,
            Stored::F16(_) | Stored::Bf16(_) => 2 * self.outputs * self.inputs,
            Stored::Int8 { .. } => packed(BLOCK),
            Stored::Int4 { .. } => packed(BLOCK / 2),
        }
    }

    /// The last bytes of the numbers, so many at most.
    pub(crate) fn last_bytes(&self, bytes: usize) -> Ahead {
        match &self.rows {
            Stored::F32(rows) => Ahead::last_of(rows, bytes),
            Stored::F16(rows) | Stored::Bf16(rows) => Ahead::last_of(rows, bytes),
            Stored::Int8 { values, .. } | Stored::Int4 { values, .. } => Ahead::last_of(values, bytes),
        }
    }

    /// How many panels there are.
    pub(crate) fn count(&self) -> usize {
        panels(self.outputs, self.paired)
    }

    /// The panel of a row and its lane there.
    const fn place(&self, row: usize) -> (usize, usize) {
        if !self.paired {
            return (row / LANES, row % LANES);
        }
        let half = self.outputs / 2;
        (2 * (row % half / LANES) + row / half, row % half % LANES)
    }

    /// One row in single precision; `out` has `inputs` elements.
    pub(crate) fn row(&self, row: usize, out: &mut [f32]) {
        let (panel, lane) = self.place(row);
        let blocks = self.inputs.div_ceil(BLOCK);
        let start = panel * self.inputs;
        match &self.rows {
            Stored::F32(rows) => {
                out.iter_mut().zip(&rows[start..]).for_each(|(out, numbers)| *out = numbers.0[lane]);
            }
            Stored::F16(rows) => {
                for (out, bits) in out.iter_mut().zip(&rows[start..]) {
                    *out = f16::from_bits(bits.0[lane]).to_f32();
                }
            }
            Stored::Bf16(rows) => {
                for (out, bits) in out.iter_mut().zip(&rows[start..]) {
                    *out = bf16::from_bits(bits.0[lane]).to_f32();
                }
            }
            Stored::Int8 { values, scales } => {
                for (block, out) in out.chunks_mut(BLOCK).enumerate() {
                    let at = panel * blocks + block;
                    let scale = f16::from_bits(scales[at].0[lane]).to_f32();
                    for (place, out) in out.iter_mut().enumerate() {
                        let byte = values[at * BYTES + place / 4].0[4 * lane + place % 4];
                        *out = (f32::from(byte) - f32::from(BYTE_OFFSET)) * scale;
                    }
                }
            }
            Stored::Int4 { values, scales } => {
                for (block, out) in out.chunks_mut(BLOCK).enumerate() {
                    let at = panel * blocks + block;
                    let scale = f16::from_bits(scales[at].0[lane]).to_f32();
                    for (place, out) in out.iter_mut().enumerate() {
                        let byte = values[at * NIBBLES + place / 8].0[4 * lane + place % 4];
                        let half = if place % 8 < 4 { byte & 15 } else { byte >> 4 };
                        *out = (f32::from(half) - f32::from(NIBBLE_OFFSET)) * scale;
                    }
                }
            }
        }
    }
}

/// Panels of so many rows.
const fn panels(outputs: usize, paired: bool) -> usize {
    if paired { 2 * (outputs / 2).div_ceil(LANES) } else { outputs.div_ceil(LANES) }
}

/// Rows on their way into panels.
pub(crate) struct PanelBuilder {
    panels: Panels,
    next: usize,
}

/// A row in its format; packed rows end in whole blocks, half bytes one to a byte and as stored.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Row<'a> {
    F32(&'a [f32]),
    F16(&'a [f16]),
    Bf16(&'a [bf16]),
    Int8(&'a [i8], &'a [f16]),
    Int4(&'a [u8], &'a [f16]),
}

impl PanelBuilder {
    /// Room for a matrix of this format; `paired` where its first half gates the second.
    pub(crate) fn new(
        dtype: common::model::Dtype,
        (outputs, inputs): (usize, usize),
        paired: bool,
        memory: &mut Memory,
    ) -> Self {
        use common::model::Dtype;
        let panels = panels(outputs, paired);
        let (count, blocks) = (panels * inputs, panels * inputs.div_ceil(BLOCK));
        let mut quads = |count, filled: u8| {
            let mut quads = memory.take::<Quads>(count);
            quads.fill(Quads([filled; 4 * LANES]));
            quads
        };
        let rows = match dtype {
            Dtype::F32 => Stored::F32(memory.take(count)),
            Dtype::F16 => Stored::F16(memory.take(count)),
            Dtype::Bf16 => Stored::Bf16(memory.take(count)),
            Dtype::Int8 => {
                Stored::Int8 { values: quads(blocks * BYTES, BYTE_OFFSET), scales: memory.take(blocks) }
            }
            Dtype::Int4 => Stored::Int4 {
                values: quads(blocks * NIBBLES, NIBBLE_OFFSET * 17),
                scales: memory.take(blocks),
            },
        };
        Self { panels: Panels { inputs, outputs, rows, paired, follower: OnceLock::new() }, next: 0 }
    }

    /// The next row, in the builder's format.
    pub(crate) fn push(&mut self, row: Row<'_>) {
        let (panel, lane) = self.panels.place(self.next);
        self.next += 1;
        let blocks = self.panels.inputs.div_ceil(BLOCK);
        let start = panel * self.panels.inputs;
        let put_scales = |stored: &mut [Halves], scales: &[f16]| {
            for (stored, scale) in stored[panel * blocks..].iter_mut().zip(scales) {
                stored.0[lane] = scale.to_bits();
            }
        };
        match (&mut self.panels.rows, row) {
            (Stored::F32(stored), Row::F32(row)) => {
                stored[start..].iter_mut().zip(row).for_each(|(stored, &number)| stored.0[lane] = number);
            }
            (Stored::F16(stored), Row::F16(row)) => {
                for (stored, number) in stored[start..].iter_mut().zip(row) {
                    stored.0[lane] = number.to_bits();
                }
            }
            (Stored::Bf16(stored), Row::Bf16(row)) => {
                for (stored, number) in stored[start..].iter_mut().zip(row) {
                    stored.0[lane] = number.to_bits();
                }
            }
            (Stored::Int8 { values, scales }, Row::Int8(row, of_row)) => {
                put_scales(scales, of_row);
                for (quads, row) in values[panel * blocks * BYTES..].iter_mut().zip(row.as_chunks::<4>().0) {
                    for (place, &value) in row.iter().enumerate() {
                        quads.0[4 * lane + place] = value.cast_unsigned() ^ BYTE_OFFSET;
                    }
                }
            }
            (Stored::Int4 { values, scales }, Row::Int4(row, of_row)) => {
                put_scales(scales, of_row);
                for (quads, row) in values[panel * blocks * NIBBLES..].iter_mut().zip(row.as_chunks::<8>().0)
                {
                    for place in 0..4 {
                        quads.0[4 * lane + place] = row[place] | (row[place + 4] << 4);
                    }
                }
            }
            _ => unreachable!("a row is made in the format of its builder"),
        }
    }

    /// The matrix.
    pub(crate) fn finish(self) -> Panels {
        self.panels
    }
}

#[cfg(test)]
mod tests {
    use common::model::Dtype;

    use super::*;

    #[test]
    fn rows_come_out_of_panels_as_they_went_in() {
        for (outputs, inputs) in [(1usize, 1usize), (16, 32), (17, 40), (34, 40), (35, 65)] {
            let number = |row: usize, at: usize| f32::from(u8::try_from((row * 7 + at * 3) % 251).unwrap());
            let padded = inputs.next_multiple_of(BLOCK);
            let scales: Vec<f16> = (0..padded / BLOCK).map(|b| f16::from_f32(0.5 + number(b, 1))).collect();
            for dtype in Dtype::ALL {
                let paired = outputs == 34;
                let mut builder = PanelBuilder::new(dtype, (outputs, inputs), paired, &mut Memory::default());
                let mut wanted = Vec::new();
                for row in 0..outputs {
                    let wide: Vec<f32> = (0..inputs).map(|at| number(row, at)).collect();
                    let small: Vec<i8> = (0..padded)
                        .map(|at| if at < inputs { i8::try_from(row * 5 % 100).unwrap() - 50 } else { 0 })
                        .collect();
                    let half: Vec<u8> =
                        (0..padded).map(|at| u8::try_from((row + at) % 16).unwrap()).collect();
                    match dtype {
                        Dtype::F32 => builder.push(Row::F32(&wide)),
                        Dtype::F16 => {
                            builder
                                .push(Row::F16(&wide.iter().map(|&n| f16::from_f32(n)).collect::<Vec<_>>()));
                        }
                        Dtype::Bf16 => {
                            builder.push(Row::Bf16(
                                &wide.iter().map(|&n| bf16::from_f32(n)).collect::<Vec<_>>(),
                            ));
                        }
                        Dtype::Int8 => builder.push(Row::Int8(&small, &scales)),
                        Dtype::Int4 => builder.push(Row::Int4(&half, &scales)),
                    }
                    wanted.push(match dtype {
                        Dtype::Int8 => {
                            (0..inputs).map(|at| f32::from(small[at]) * scales[at / BLOCK].to_f32()).collect()
                        }
                        Dtype::Int4 => (0..inputs)
                            .map(|at| (f32::from(half[at]) - 8.0) * scales[at / BLOCK].to_f32())
                            .collect(),
                        _ => wide,
                    });
                }
                let panels = builder.finish();
                assert_eq!(panels.count(), if paired { 4 } else { outputs.div_ceil(16) });
                let mut row = vec![0.0; inputs];
                for (index, wanted) in wanted.iter().enumerate() {
                    panels.row(index, &mut row);
                    assert_eq!(&row, wanted, "{dtype} {outputs}x{inputs}, row {index}");
                }
            }
        }
    }
}
