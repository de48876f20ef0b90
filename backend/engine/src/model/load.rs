//! Weights from a source into tensors of the model's dtype, counted as they come.
//!
//! Must not: know what a tensor is for.

use std::borrow::Cow;
use std::ops::Range;

use burn::tensor::{DType, Device, Tensor, TensorData};
use common::model::Dtype;

use super::linear::{Linear, Order, OutOfRange, WeightBuilder};
use crate::dtype::{of_routers, of_tables};
use crate::error::Error;
use crate::hf::checkpoint::Checkpoint;
use crate::hf::random::RandomWeights;
use crate::hf::raw::RawTensor;
use crate::numeric::count_u64;
use crate::ops::Memory;

/// Where weights come from.
pub(crate) enum Source {
    Files(Checkpoint),
    Random(RandomWeights),
}

/// Reads weights and keeps count.
pub(crate) struct Loader<'a> {
    pub(crate) source: &'a Source,
    pub(crate) renames: &'a [(&'static str, &'static str)],
    pub(crate) dtype: Dtype,
    /// How the device reads matrices.
    pub(crate) order: Order,
    pub(crate) device: &'a Device,
    /// Where matrices in panels lie.
    pub(crate) memory: Memory,
    /// Numbers read so far, each stored tensor once.
    pub(crate) parameters: u64,
    /// Bytes they take in memory.
    pub(crate) weight_bytes: u64,
}

/// Part of a matrix: a stored tensor and which of its rows to take, in order.
pub(crate) struct Piece {
    pub(crate) name: String,
    /// Rows that the stored tensor has.
    pub(crate) rows: usize,
    pub(crate) transposed: bool,
    pub(crate) take: Vec<Range<usize>>,
}

impl Piece {
    /// A whole tensor.
    pub(crate) fn whole(name: String, rows: usize, transposed: bool) -> Self {
        Self { name, rows, transposed, take: vec![Range { start: 0, end: rows }] }
    }
}

impl Loader<'_> {
    /// One matrix `[out, inputs]` from pieces stacked on each other.
    pub(crate) fn linear(&mut self, pieces: &[Piece], inputs: usize, bias: bool) -> Result<Linear, Error> {
        self.scaled_linear(pieces, inputs, bias, 1.0)
    }

    /// The same where the first half of the rows gates the second.
    pub(crate) fn gated(&mut self, pieces: &[Piece], inputs: usize, bias: bool) -> Result<Linear, Error> {
        let order = self.order;
        if order == Order::Panels {
            self.order = Order::Pairs;
        }
        let linear = self.linear(pieces, inputs, bias);
        self.order = order;
        linear
    }

    /// A table of embeddings or an output head.
    pub(crate) fn table(
        &mut self,
        name: &str,
        rows: usize,
        inputs: usize,
        bias: bool,
    ) -> Result<Linear, Error> {
        self.whole_in(of_tables(self.dtype), name, rows, inputs, bias)
    }

    /// What chooses among `rows` experts.
    pub(crate) fn router(&mut self, name: &str, rows: usize, inputs: usize) -> Result<Linear, Error> {
        self.whole_in(of_routers(self.dtype), name, rows, inputs, false)
    }

    /// One whole tensor in a format that need not be the model's.
    fn whole_in(
        &mut self,
        format: Dtype,
        name: &str,
        rows: usize,
        inputs: usize,
        bias: bool,
    ) -> Result<Linear, Error> {
        let own = std::mem::replace(&mut self.dtype, format);
        let whole = self.linear(&[Piece::whole(name.to_owned(), rows, false)], inputs, bias);
        self.dtype = own;
        whole
    }

    /// The same with every weight multiplied by `factor`.
    pub(crate) fn scaled_linear(
        &mut self,
        pieces: &[Piece],
        inputs: usize,
        bias: bool,
        factor: f32,
    ) -> Result<Linear, Error> {
        let outputs = pieces.iter().flat_map(|piece| &piece.take).map(ExactSizeIterator::len).sum();
        let mut builder = WeightBuilder::new(self.dtype, self.order, outputs, inputs, &mut self.memory);
        let mut row = vec![0.0f32; inputs];
        let mut biases = Vec::new();
        for piece in pieces {
            let name = format!("{}.weight", piece.name);
            let sides = if piece.transposed { (inputs, piece.rows) } else { (piece.rows, inputs) };
            let raw = self.matrix(&name, sides.0, sides.1)?;
            for index in piece.take.iter().cloned().flatten() {
                if piece.transposed {
                    raw.column(index, &mut row);
                } else {
                    raw.row(index, &mut row);
                }
                if factor != 1.0 {
                    row.iter_mut().for_each(|number| *number *= factor);
                }
                builder.push(&row).map_err(|OutOfRange(number)| {
                    Error::unsupported(
                        format!("{name:?} holds {number}, which {} cannot", self.dtype),
                        "use bf16 or f32 for this checkpoint, or look for damage",
                    )
                })?;
            }
            self.parameters += count_u64(raw.rows * raw.columns);
            if bias {
                let all = self.vector(&format!("{}.bias", piece.name), piece.rows, 0.0)?;
                biases
                    .extend(piece.take.iter().cloned().flatten().filter_map(|index| all.get(index).copied()));
            }
        }
        let (weight, bytes) = builder.finish(self.device);
        self.weight_bytes += count_u64(bytes);
        let bias = if bias { Some(self.tensor(biases)) } else { None };
        Ok(Linear { weight, bias, inputs, outputs })
    }

    /// A vector, always kept in single precision. `centre` is where random ones lie.
    pub(crate) fn vector(&mut self, name: &str, length: usize, centre: f32) -> Result<Vec<f32>, Error> {
        let numbers = match self.source {
            Source::Files(files) => files.tensor(&self.resolve(files, name), 1, length)?.to_vec(),
            Source::Random(random) => random.vector(name, length, centre).to_vec(),
        };
        self.parameters += count_u64(length);
        self.weight_bytes += count_u64(4 * length);
        Ok(numbers)
    }

    /// Numbers as a tensor in single precision.
    pub(crate) fn tensor(&self, numbers: Vec<f32>) -> Tensor<1> {
        let length = numbers.len();
        Tensor::from_data(TensorData::new(numbers, [length]), (self.device, DType::F32))
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<RawTensor<'_>, Error> {
        match self.source {
            Source::Files(files) => files.tensor(&self.resolve(files, name), rows, columns),
            Source::Random(random) => Ok(random.matrix(name, rows, columns)),
        }
    }

    /// The name as this checkpoint writes it.
    fn resolve<'n>(&self, files: &Checkpoint, name: &'n str) -> Cow<'n, str> {
        if files.has(name) {
            return Cow::Borrowed(name);
        }
        self.renames
            .iter()
            .filter_map(|(from, to)| name.strip_prefix(from).map(|rest| format!("{to}{rest}")))
            .find(|other| files.has(other))
            .map_or(Cow::Borrowed(name), Cow::Owned)
    }
}
