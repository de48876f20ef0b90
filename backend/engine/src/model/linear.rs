//! A linear map: weights `[out, in]` in the dtype of the model, as Hugging Face stores them.
//!
//! Must not: round a weight beyond its dtype; transpose anything in memory.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use common::model::Dtype;
use half::{bf16, f16};

use super::pack;
use crate::ops;

/// A matrix `[out, in]` as it lies in memory.
#[derive(Debug, Clone)]
pub(crate) enum Weight {
    /// f32, f16 or bf16.
    Dense(Tensor<2>),
    /// Bytes in blocks of 32 along `in`, and a half-precision scale for each block.
    Int8 { values: Tensor<2, Int>, scales: Tensor<2> },
    /// The same with two numbers a byte.
    Int4 { values: Tensor<2, Int>, scales: Tensor<2> },
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

    /// The rows of these ids, as an embedding.
    pub(crate) fn embed(&self, ids: &[u32], device: &Device) -> Tensor<2> {
        ops::embed(self, ids, device)
    }
}

/// Builds a matrix row by row.
pub(crate) struct WeightBuilder {
    inputs: usize,
    outputs: usize,
    rows: Rows,
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
    pub(crate) fn new(dtype: Dtype, outputs: usize, inputs: usize) -> Self {
        let count = outputs * inputs;
        let blocks = outputs * pack::blocks(inputs);
        let rows = match dtype {
            Dtype::F32 => Rows::F32(Vec::with_capacity(count)),
            Dtype::F16 => Rows::F16(Vec::with_capacity(count)),
            Dtype::Bf16 => Rows::Bf16(Vec::with_capacity(count)),
            Dtype::Int8 => Rows::Int8(Vec::with_capacity(blocks * ops::BLOCK), Vec::with_capacity(blocks)),
            Dtype::Int4 => {
                Rows::Int4(Vec::with_capacity(blocks * ops::BLOCK / 2), Vec::with_capacity(blocks))
            }
        };
        Self { inputs, outputs, rows }
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
        Ok(())
    }

    /// The matrix and the bytes it takes.
    pub(crate) fn finish(self, device: &Device) -> (Weight, usize) {
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
