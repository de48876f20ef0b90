//! A linear map: weights `[out, in]` in the dtype of the model, as Hugging Face stores them.
//!
//! Must not: round a weight beyond its dtype; transpose anything in memory.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use common::model::Dtype;
use half::{bf16, f16};

use crate::ops;

/// A matrix `[out, in]` as it lies in memory.
#[derive(Debug, Clone)]
pub(crate) enum Weight {
    /// f32, f16 or bf16.
    Dense(Tensor<2>),
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
        let Weight::Dense(table) = &self.weight;
        let ids: Vec<i32> = ids.iter().map(|&id| i32::try_from(id).unwrap_or(i32::MAX)).collect();
        let count = ids.len();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), (device, DType::I32));
        table.clone().select(0, ids).cast(DType::F32)
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
}

/// A number that the dtype cannot hold.
pub(crate) struct OutOfRange(pub(crate) f32);

impl WeightBuilder {
    pub(crate) fn new(dtype: Dtype, outputs: usize, inputs: usize) -> Self {
        let count = outputs * inputs;
        let rows = match dtype {
            Dtype::F16 => Rows::F16(Vec::with_capacity(count)),
            Dtype::Bf16 => Rows::Bf16(Vec::with_capacity(count)),
            _ => Rows::F32(Vec::with_capacity(count)),
        };
        Self { inputs, outputs, rows }
    }

    /// The next row. Refuses finite numbers that would become infinite.
    pub(crate) fn push(&mut self, row: &[f32]) -> Result<(), OutOfRange> {
        match &mut self.rows {
            Rows::F32(rows) => rows.extend_from_slice(row),
            Rows::F16(rows) => {
                for &number in row {
                    let rounded = f16::from_f32(number);
                    if number.is_finite() && !rounded.is_finite() {
                        return Err(OutOfRange(number));
                    }
                    rows.push(rounded);
                }
            }
            Rows::Bf16(rows) => rows.extend(row.iter().map(|&number| bf16::from_f32(number))),
        }
        Ok(())
    }

    /// The matrix and the bytes it takes.
    pub(crate) fn finish(self, device: &Device) -> (Weight, usize) {
        let shape = [self.outputs, self.inputs];
        let count = self.outputs * self.inputs;
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
        }
    }
}
