//! Products, norms and activations on the host against plain loops.

use half::{bf16, f16};

use super::*;
use crate::numeric::count_f32;

/// Rows that share one pass over the weights here. A kernel spells out each, so that three show what eight do in a
/// text half as long; NVRTC compiles all numbers of them.
const SHARED: usize = 3;

/// Numbers of no pattern from -1 to 1.
pub(super) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f32::from(u16::try_from(state >> 48).unwrap()) / 32768.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Numbers as they are stored in this format, and what they are afterwards.
pub(super) fn stored(kind: DType, numbers: &[f32]) -> (Vec<u8>, Vec<f32>) {
    match kind {
        DType::BF16 => {
            let rounded: Vec<bf16> = numbers.iter().map(|&number| bf16::from_f32(number)).collect();
            (bytes(&rounded, bf16::to_le_bytes), rounded.iter().map(|number| number.to_f32()).collect())
        }
        DType::F16 => {
            let rounded: Vec<f16> = numbers.iter().map(|&number| f16::from_f32(number)).collect();
            (bytes(&rounded, f16::to_le_bytes), rounded.iter().map(|number| number.to_f32()).collect())
        }
        _ => (bytes(numbers, f32::to_le_bytes), numbers.to_vec()),
    }
}

pub(super) fn floats(numbers: &[f32]) -> Vec<u8> {
    bytes(numbers, f32::to_le_bytes)
}

/// Room that holds no number.
pub(super) fn nothing(count: usize) -> Vec<u8> {
    floats(&vec![f32::NAN; count])
}

pub(super) fn assert_near(what: &str, ours: &[f32], meant: &[f32], bound: f32) {
    assert_eq!(ours.len(), meant.len(), "{what}");
    for (at, (ours, meant)) in ours.iter().zip(meant).enumerate() {
        assert!((ours - meant).abs() <= bound * (1.0 + meant.abs()), "{what}, {at}: {ours} is not {meant}");
    }
}

/// `x · Wᵀ + b` as it is meant.
fn meant(x: &[f32], weight: &[f32], bias: &[f32], inputs: usize) -> Vec<f32> {
    let of = |x: &[f32], weight: &[f32]| x.iter().zip(weight).map(|(x, w)| f64::from(x * w)).sum::<f64>();
    let rows = x
        .chunks(inputs)
        .flat_map(|x| weight.chunks(inputs).enumerate().map(move |(row, weight)| (of(x, weight), row)));
    rows.map(|(sum, row)| single(sum) + bias.get(row).copied().unwrap_or_default()).collect()
}

fn single(number: f64) -> f32 {
    crate::numeric::single(number)
}

#[test]
fn products_of_few_rows_are_what_is_meant_in_every_format_and_number_of_rows() {
    if !is_possible() {
        return;
    }
    for kind in FLOATS {
        let format = Format::Dense(kind);
        let width = format.width();
        // More vectors than a plane has units; rows that do not fill the last cube.
        let (inputs, outputs) = (width * 35, 11);
        for rows in [1, SHARED] {
            let (x, bias) = (numbers(rows * inputs, 1), numbers(outputs, 2));
            let (weight, rounded) = stored(kind, &numbers(outputs * inputs, 3));
            let has_bias = rows > 1;
            let buffers =
                vec![floats(&x), weight.clone(), weight, floats(&bias), vec![0; 4], nothing(rows * outputs)];
            let launch = Launch {
                kernel: Kernel::Product { format, tokens: rows, has_bias, sharing: 0 },
                cubes: (outputs.div_ceil(PLANES), 1, 1),
                buffers,
                whole: vec![inputs / width, outputs, rows],
                single: vec![],
            };
            let bias = if has_bias { bias } else { vec![] };
            let out = singles(&launch.run()[5]);
            assert_near(&format!("{kind:?} of {rows}"), &out, &meant(&x, &rounded, &bias, inputs), 1e-5);
        }
    }
}

/// Packed weights of this shape: values, scales, and the numbers they stand for.
fn pack(packing: Packing, outputs: usize, inputs: usize) -> (Vec<u8>, Vec<u8>, Vec<f32>) {
    let scales: Vec<f16> =
        numbers(outputs * inputs / BLOCK, 5).iter().map(|&scale| f16::from_f32(scale)).collect();
    let drawn: Vec<i8> = numbers(outputs * inputs, 6)
        .iter()
        .map(|number| {
            let most = if packing == Packing::Int8 { 127.0 } else { 7.0 };
            format!("{:.0}", number * most).parse().unwrap()
        })
        .collect();
    let wide = drawn
        .iter()
        .enumerate()
        .map(|(at, &number)| f32::from(number) * scales[at / BLOCK].to_f32())
        .collect();
    let values = match packing {
        Packing::Int8 => bytes(&drawn, i8::to_le_bytes),
        _ => drawn
            .chunks(BLOCK)
            .flat_map(|block| {
                let half = |number: i8| u8::try_from(number + 8).unwrap();
                (0..BLOCK / 2).map(move |at| half(block[at]) | half(block[at + BLOCK / 2]) << 4)
            })
            .collect(),
    };
    (values, bytes(&scales, f16::to_le_bytes), wide)
}

#[test]
fn products_of_packed_weights_are_what_is_meant_beyond_one_layer_of_cubes() {
    if !is_possible() {
        return;
    }
    let (inputs, outputs) = (BLOCK * 11, 9);
    for packing in PACKED {
        let format = Format::Packed(packing);
        let (values, scales, wide) = pack(packing, outputs, inputs);
        for rows in [1, SHARED + 1] {
            let x = numbers(rows * inputs, 7);
            let tokens = rows.min(SHARED);
            let launch = Launch {
                kernel: Kernel::Product { format, tokens, has_bias: false, sharing: 0 },
                cubes: (outputs.div_ceil(PLANES), rows.div_ceil(tokens), 1),
                buffers: vec![
                    floats(&x),
                    values.clone(),
                    scales.clone(),
                    floats(&[0.0]),
                    vec![0; 4],
                    nothing(rows * outputs),
                ],
                whole: vec![inputs / format.each(), outputs, rows],
                single: vec![],
            };
            let out = singles(&launch.run()[5]);
            assert_near(&format!("{packing:?} of {rows}"), &out, &meant(&x, &wide, &[], inputs), 1e-4);
        }
        let count = outputs * inputs;
        let launch = Launch {
            kernel: Kernel::Widen { packing },
            cubes: (count.div_ceil(PLANE * PLANES), 1, 1),
            buffers: vec![values, scales, vec![255; count * 2]],
            whole: vec![count],
            single: vec![],
        };
        let out = &launch.run()[2];
        for (at, (bits, wide)) in out.as_chunks::<2>().0.iter().zip(&wide).enumerate() {
            assert_eq!(f16::from_le_bytes(*bits), f16::from_f32(*wide), "{packing:?} {at}");
        }
    }
}

#[test]
fn norms_are_what_is_meant_with_groups_shorter_and_longer_than_a_cube_alone_and_of_a_sum() {
    if !is_possible() {
        return;
    }
    let cases =
        [(48, 48, false, false), (300, 600, true, false), (16, 16, true, true), (600, 600, false, true)];
    for (group, weights, is_centred, has_more) in cases {
        let groups = 4;
        let (x, more) = (numbers(groups * group, 8), numbers(groups * group, 12));
        let (weight, bias) = (numbers(weights, 9), numbers(weights, 10));
        let launch = Launch {
            kernel: Kernel::Norm { is_centred, has_bias: is_centred, has_more },
            cubes: (groups, 1, 1),
            buffers: vec![
                floats(&x),
                floats(&more),
                floats(&weight),
                floats(&bias),
                nothing(groups * group),
                nothing(groups * group),
            ],
            whole: vec![group, weights],
            single: vec![1e-5],
        };
        let out = launch.run();
        let sums: Vec<f32> =
            x.iter().zip(&more).map(|(x, more)| if has_more { x + more } else { *x }).collect();
        if has_more {
            assert_eq!(singles(&out[5]), sums, "the sum is written too");
        } else {
            assert_eq!(out[5], nothing(groups * group), "no sum is written");
        }
        let mut expected = Vec::new();
        for (nth, x) in sums.chunks(group).enumerate() {
            let count = count_f32(group);
            let mean = if is_centred { x.iter().sum::<f32>() / count } else { 0.0 };
            let square = x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / count;
            expected.extend(x.iter().enumerate().map(|(at, x)| {
                let place = (nth * group + at) % weights;
                let bias = if is_centred { bias[place] } else { 0.0 };
                (x - mean) / (square + 1e-5).sqrt() * weight[place] + bias
            }));
        }
        assert_near(&format!("groups of {group}"), &singles(&out[4]), &expected, 1e-4);
    }
}

#[test]
fn the_best_experts_are_chosen_in_order_and_their_shares_are_one_together() {
    if !is_possible() {
        return;
    }
    // The second row has equals, the third is all the same; one unit of the plane has no row.
    let logits = [[0.5, -1.0, 2.0, 0.0], [1.0, 3.0, 3.0, 3.0], [7.0, 7.0, 7.0, 7.0]].concat();
    let (rows, count, active) = (3, 4, 2);
    let launch = Launch {
        kernel: Kernel::Best,
        cubes: (1, 1, 1),
        buffers: vec![floats(&logits), vec![255; rows * active * 4], nothing(rows * active)],
        whole: vec![rows, count, active],
        single: vec![],
    };
    let out = launch.run();
    let chosen: Vec<i32> = out[1].as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
    assert_eq!(chosen, [2, 0, 1, 2, 0, 1]);
    let far = (-1.5f32).exp();
    let expected = [1.0 / (1.0 + far), far / (1.0 + far), 0.5, 0.5, 0.5, 0.5];
    assert_near("shares", &singles(&out[2]), &expected, 1e-6);
}

#[test]
fn a_product_of_chosen_experts_reads_theirs_and_no_others() {
    if !is_possible() {
        return;
    }
    let (inputs, outputs, count) = (BLOCK * 2, 9, 3);
    let chosen = [2i32, 0, 2, 2];
    for (format, sharing) in [(Format::Dense(DType::BF16), 2), (Format::Packed(Packing::Int4), 1)] {
        let rows = chosen.len() / sharing;
        let x = numbers(rows * inputs, 41);
        let (weight, scales, wide) = match format {
            Format::Packed(packing) => pack(packing, count * outputs, inputs),
            Format::Dense(dtype) => {
                let (weight, wide) = stored(dtype, &numbers(count * outputs * inputs, 42));
                (weight.clone(), weight, wide)
            }
        };
        let launch = Launch {
            kernel: Kernel::Product { format, tokens: 1, has_bias: false, sharing },
            cubes: (outputs.div_ceil(PLANES), chosen.len(), 1),
            buffers: vec![
                floats(&x),
                weight,
                scales,
                floats(&[0.0]),
                bytes(&chosen, i32::to_le_bytes),
                nothing(chosen.len() * outputs),
            ],
            whole: vec![inputs / format.each(), outputs, chosen.len()],
            single: vec![],
        };
        let mut expected = Vec::new();
        for (result, expert) in chosen.iter().enumerate() {
            let expert = usize::try_from(*expert).unwrap() * outputs * inputs;
            let x = &x[result / sharing * inputs..][..inputs];
            expected.extend(meant(x, &wide[expert..expert + outputs * inputs], &[], inputs));
        }
        assert_near(&format!("{format:?}"), &singles(&launch.run()[5]), &expected, 1e-4);
    }
}

#[test]
fn activations_are_what_is_meant_gated_and_not() {
    if !is_possible() {
        return;
    }
    let silu = |x: f32| x / (1.0 + (-x).exp());
    let tanh = |x: f32| 0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x.powi(3))).tanh());
    let relu = |x: f32| x.max(0.0);
    let cases: [(Activation, &dyn Fn(f32) -> f32); 3] =
        [(Activation::Silu, &silu), (Activation::GeluTanh, &tanh), (Activation::Relu, &relu)];
    let (rows, inner) = (3, 100);
    for (kind, of) in cases {
        for gated in [false, true] {
            let width = if gated { 2 * inner } else { inner };
            let x: Vec<f32> = numbers(rows * width, 11).iter().map(|number| number * 5.0).collect();
            let launch = Launch {
                kernel: Kernel::Activate { kind, gated },
                cubes: ((rows * inner).div_ceil(PLANE * PLANES), 1, 1),
                buffers: vec![floats(&x), nothing(rows * inner)],
                whole: vec![inner, rows * inner],
                single: vec![],
            };
            let expected: Vec<f32> = x
                .chunks(width)
                .flat_map(|row| {
                    (0..inner).map(move |at| of(row[at]) * if gated { row[inner + at] } else { 1.0 })
                })
                .collect();
            assert_near(&format!("{kind:?} {gated}"), &singles(&launch.run()[1]), &expected, 1e-5);
        }
    }
}
