//! Tables of sine and cosine for the positions that a state has room for.
//!
//! Must not: be built inside a measured phase.

use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::numeric::count_f32;
use crate::spec::RopeSpec;

/// `[positions, pairs]` each.
#[derive(Debug, Clone)]
pub(crate) struct RopeTable {
    pub(crate) cos: Tensor<2>,
    pub(crate) sin: Tensor<2>,
    pub(crate) pairs: usize,
}

impl RopeTable {
    /// `far` takes the frequencies for texts beyond the original context, where the rotation has them.
    pub(crate) fn new(spec: &RopeSpec, positions: usize, far: bool, device: &Device) -> Self {
        let beyond = spec.beyond.as_ref().filter(|_| far);
        let frequencies = beyond.map_or(&spec.frequencies, |beyond| &beyond.frequencies);
        let pairs = frequencies.len();
        let (mut cos, mut sin) =
            (Vec::with_capacity(positions * pairs), Vec::with_capacity(positions * pairs));
        for position in 0..positions {
            for frequency in frequencies {
                // In single precision, as the reference computes angles.
                let angle = count_f32(position) * frequency;
                cos.push(angle.cos() * spec.factor);
                sin.push(angle.sin() * spec.factor);
            }
        }
        let table =
            |numbers| Tensor::from_data(TensorData::new(numbers, [positions, pairs]), (device, DType::F32));
        Self { cos: table(cos), sin: table(sin), pairs }
    }
}
