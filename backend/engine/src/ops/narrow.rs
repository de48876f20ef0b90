//! Products with weights of 16 bits as burn computes them: in the weights' own format, so that tensor cores do.
//!
//! Must not: lose a number that single precision holds because half precision ends at 65,504.

use burn::tensor::{DType, Tensor};

/// `x · W`, in single precision again. For weights in half precision each row of `x` is divided by its greatest number and
/// the result multiplied by it, so that neither leaves what half precision holds.
pub(crate) fn product<const D: usize>(x: Tensor<D>, weight: Tensor<D>) -> Tensor<D> {
    let format = weight.dtype();
    if format != DType::F16 {
        return x.cast(format).matmul(weight).cast(DType::F32);
    }
    // A row of zeros stays one.
    let greatest = x.clone().abs().max_dim(D - 1).clamp_min(f32::MIN_POSITIVE);
    (x / greatest.clone()).cast(format).matmul(weight).cast(DType::F32) * greatest
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::numeric::count_f32;
    use crate::ops::to_vec;

    #[test]
    fn inputs_and_results_beyond_half_precision_stay_what_they_are() {
        let device = Device::flex();
        let (rows, inputs, outputs) = (4usize, 64usize, 3usize);
        // From rows that half precision could not hold at all down to one that is zero.
        let sizes = [1e6f32, 3e-9, 1.0, 0.0];
        let wave = |at: usize| (count_f32(at * 37 % 101) - 50.0) / 50.0;
        let x: Vec<f32> = (0..rows * inputs).map(|at| sizes[at / inputs] * wave(at)).collect();
        let weight: Vec<f32> = (0..inputs * outputs).map(|at| wave(at + 7) * 0.5).collect();
        for format in [DType::F16, DType::BF16, DType::F32] {
            let x = Tensor::<2>::from_data(TensorData::new(x.clone(), [rows, inputs]), (&device, DType::F32));
            let weight = TensorData::new(weight.clone(), [inputs, outputs]);
            let weight = Tensor::<2>::from_data(weight, (&device, DType::F32)).cast(format);
            let exact = to_vec(x.clone().matmul(weight.clone().cast(DType::F32)));
            let ours = to_vec(product(x, weight));
            for (row, size) in sizes.iter().enumerate() {
                for (ours, exact) in ours.iter().zip(&exact).skip(row * outputs).take(outputs) {
                    assert!(
                        (ours - exact).abs() <= 0.2 * size,
                        "{format:?}, row {row}: {ours} is not {exact}"
                    );
                }
            }
        }
    }
}
