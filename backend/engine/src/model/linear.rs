//! A linear map: weights `[out, in]` in the dtype of the model, as Hugging Face stores them.
//!
//! Must not: round a weight beyond its dtype; transpose anything in memory.

use std::sync::Arc;

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use common::model::Dtype;
use half::{bf16, f16};

use super::pack;
use crate::ops::panels::{PanelBuilder, Panels, Row};
use crate::ops::{self, Memory};

/// A matrix `[out, in]` as it lies in memory.
#[derive(Debug, Clone)]
pub(crate) enum Weight {
    /// f32, f16 or bf16.
    Dense(Tensor<2>),
    /// Bytes in blocks of 32 along `in`, and a half-precision scale for each block.
    #[cfg_attr(
        not(any(test, feature = "cuda")),
        expect(dead_code, reason = "the CPU, the only device so far, reads panels")
    )]
    Int8 { values: Tensor<2, Int>, scales: Tensor<2> },
    /// The same with two numbers a byte.
    #[cfg_attr(
        not(any(test, feature = "cuda")),
        expect(dead_code, reason = "the CPU, the only device so far, reads panels")
    )]
    Int4 { values: Tensor<2, Int>, scales: Tensor<2> },
    /// Any format in the order that the CPU's kernels read; tensors of other devices and of the
    /// reference are the ones above.
    Panels(Arc<Panels>),
}

/// A matrix and its bias.
#[derive(Debug, Clone)]
pub(crate) struct Linear {
    pub(crate) weight: Weight,
    pub(crate) bias: Option<Tensor<1>>,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
}

impl Linear {
    /// `x · Wᵀ + b` for each row of `x`.
    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        ops::linear(x, self)
    }

    /// Bytes that a product reads.
    pub(crate) fn bytes(&self) -> usize {
        let packed = |width: usize| self.outputs * pack::blocks(self.inputs) * (width + 2);
        match &self.weight {
            Weight::Dense(weight) => self.outputs * self.inputs * weight.dtype().size(),
            Weight::Int8 { .. } => packed(ops::BLOCK),
            Weight::Int4 { .. } => packed(ops::BLOCK / 2),
            Weight::Panels(panels) => panels.bytes(),
        }
    }

    /// The rows of these ids, as an embedding.
    pub(crate) fn embed(&self, ids: &[u32]) -> Tensor<2> {
        ops::embed(self, ids)
    }
}

/// How matrices lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Row after row in tensors: for other devices and for the reference.
    Rows,
    /// In panels, for the CPU's kernels.
    Panels,
    /// The same where the first half of the rows gates the second.
    Pairs,
}

/// Builds a matrix row by row.
pub(crate) struct WeightBuilder {
    inputs: usize,
    outputs: usize,
    /// All rows so far, or the last one on its way into a panel.
    rows: Rows,
    panels: Option<PanelBuilder>,
}

enum Rows {
    F32(Vec<f32>),
    F16(Vec<f16>),
    Bf16(Vec<bf16>),
    Int8(Vec<i8>, Vec<f16>),
    Int4(Vec<u8>, Vec<f16>),
}

/// A number that the dtype cannot hold.
pub(crate) struct OutOfRange(pub(crate) f32);

impl WeightBuilder {
    pub(crate) fn new(
        dtype: Dtype,
        order: Order,
        outputs: usize,
        inputs: usize,
        memory: &mut Memory,
    ) -> Self {
        let panels = (order != Order::Rows)
            .then(|| PanelBuilder::new(dtype, (outputs, inputs), order == Order::Pairs, memory));
        let held = if panels.is_some() { 1 } else { outputs };
        let count = held * inputs;
        let blocks = held * pack::blocks(inputs);
        let rows = match dtype {
            Dtype::F32 => Rows::F32(Vec::with_capacity(count)),
            Dtype::F16 => Rows::F16(Vec::with_capacity(count)),
            Dtype::Bf16 => Rows::Bf16(Vec::with_capacity(count)),
            Dtype::Int8 => Rows::Int8(Vec::with_capacity(blocks * ops::BLOCK), Vec::with_capacity(blocks)),
            Dtype::Int4 => {
                Rows::Int4(Vec::with_capacity(blocks * ops::BLOCK / 2), Vec::with_capacity(blocks))
            }
        };
        Self { inputs, outputs, rows, panels }
    }

    /// The next row. Refuses numbers that would not stay finite.
    pub(crate) fn push(&mut self, row: &[f32]) -> Result<(), OutOfRange> {
        match &mut self.rows {
            Rows::F32(rows) => rows.extend_from_slice(row),
            Rows::F16(rows) => {
                for &number in row {
                    let rounded = f16::from_f32(number);
                    if !rounded.is_finite() {
                        return Err(OutOfRange(number));
                    }
                    rows.push(rounded);
                }
            }
            Rows::Bf16(rows) => rows.extend(row.iter().map(|&number| bf16::from_f32(number))),
            Rows::Int8(values, scales) => pack::int8(row, values, scales)?,
            Rows::Int4(values, scales) => pack::int4(row, values, scales)?,
        }
        if let Some(panels) = &mut self.panels {
            self.rows.hand_over(panels);
        }
        Ok(())
    }

    /// The matrix and the bytes it takes.
    pub(crate) fn finish(self, device: &Device) -> (Weight, usize) {
        if let Some(panels) = self.panels {
            let panels = panels.finish();
            let bytes = panels.bytes();
            return (Weight::Panels(Arc::new(panels)), bytes);
        }
        let shape = [self.outputs, self.inputs];
        let count = self.outputs * self.inputs;
        let blocks = pack::blocks(self.inputs);
        let packed_bytes = |width: usize| self.outputs * blocks * (width + 2);
        let scaled = |scales: Vec<f16>| {
            Tensor::from_data(TensorData::new(scales, [self.outputs, blocks]), (device, DType::F16))
        };
        match self.rows {
            Rows::F32(rows) => (
                Weight::Dense(Tensor::from_data(TensorData::new(rows, shape), (device, DType::F32))),
                count * 4,
            ),
            Rows::F16(rows) => (
                Weight::Dense(Tensor::from_data(TensorData::new(rows, shape), (device, DType::F16))),
                count * 2,
            ),
            Rows::Bf16(rows) => (
                Weight::Dense(Tensor::from_data(TensorData::new(rows, shape), (device, DType::BF16))),
                count * 2,
            ),
            Rows::Int8(values, scales) => {
                let values = TensorData::new(values, [self.outputs, blocks * ops::BLOCK]);
                let values = Tensor::from_data(values, (device, DType::I8));
                (Weight::Int8 { values, scales: scaled(scales) }, packed_bytes(ops::BLOCK))
            }
            Rows::Int4(values, scales) => {
                let values = TensorData::new(values, [self.outputs, blocks * ops::BLOCK / 2]);
                let values = Tensor::from_data(values, (device, DType::U8));
                (Weight::Int4 { values, scales: scaled(scales) }, packed_bytes(ops::BLOCK / 2))
            }
        }
    }
}

impl Rows {
    /// Gives the only row to a panel, and is empty afterwards.
    fn hand_over(&mut self, panels: &mut PanelBuilder) {
        match self {
            Self::F32(row) => {
                panels.push(Row::F32(row));
                row.clear();
            }
            Self::F16(row) => {
                panels.push(Row::F16(row));
                row.clear();
            }
            Self::Bf16(row) => {
                panels.push(Row::Bf16(row));
                row.clear();
            }
            Self::Int8(row, scales) => {
                panels.push(Row::Int8(row, scales));
                row.clear();
                scales.clear();
            }
            Self::Int4(row, scales) => {
                panels.push(Row::Int4(&pack::halves(row), scales));
                row.clear();
                scales.clear();
            }
        }
    }
}
