//! The kernels against the reference bodies, over odd shapes.

use std::sync::Arc;

use burn::tensor::{DType, Device, Tensor, TensorData};
use common::model::Dtype;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::{Memory, Team, flex, reference};
use crate::model::attention::Heads;
use crate::model::cache::{Alibi, LayerCache, Tables, Turn};
use crate::model::linear::{Order, WeightBuilder};
use crate::model::norm::Norm;
use crate::model::rope::RopeTable;
use crate::model::{Linear, Weight};
use crate::spec::{Activation, RopeSpec};

fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut chance = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| 2.0 * chance.random::<f32>() - 1.0).collect()
}

fn matrix(seed: u64, rows: usize, columns: usize) -> Tensor<2> {
    Tensor::from_data(
        TensorData::new(numbers(seed, rows * columns), [rows, columns]),
        (&Device::flex(), DType::F32),
    )
}

fn vector(seed: u64, length: usize) -> Tensor<1> {
    Tensor::from_data(TensorData::new(numbers(seed, length), [length]), (&Device::flex(), DType::F32))
}

fn assert_same(what: &str, a: Tensor<2>, b: Tensor<2>, bound: f32) {
    assert_eq!(a.dims(), b.dims(), "{what}");
    for (at, (a, b)) in flex::to_vec(a).iter().zip(flex::to_vec(b)).enumerate() {
        assert!((a - b).abs() <= bound * (1.0 + b.abs()), "{what} at {at}: {a} is not {b}");
    }
}

/// The same matrix in the order of the kernels and in that of the reference.
fn linear(dtype: Dtype, outputs: usize, inputs: usize, bias: bool) -> (Linear, Linear) {
    (ordered(dtype, Order::Panels, outputs, inputs, bias), ordered(dtype, Order::Rows, outputs, inputs, bias))
}

fn ordered(dtype: Dtype, order: Order, outputs: usize, inputs: usize, bias: bool) -> Linear {
    let mut builder = WeightBuilder::new(dtype, order, outputs, inputs, &mut Memory::default());
    for row in numbers(9, outputs * inputs).chunks(inputs) {
        assert!(builder.push(row).is_ok());
    }
    let (weight, _) = builder.finish(&Device::flex());
    Linear { weight, bias: bias.then(|| vector(8, outputs)), inputs, outputs }
}

#[test]
fn products_equal_the_reference_in_every_dtype_for_few_and_many_tokens() {
    for dtype in Dtype::ALL {
        for (outputs, inputs) in [(1, 1), (33, 48), (130, 65), (64, 576)] {
            let (ours, theirs) = linear(dtype, outputs, inputs, inputs % 2 == 0);
            assert_eq!(ours.bytes(), theirs.bytes());
            for tokens in [1, 3, 4, 17] {
                let x = matrix(5, tokens, inputs);
                let what = format!("{dtype} {outputs}x{inputs}, {tokens} tokens");
                assert_same(&what, flex::linear(x.clone(), &ours), reference::linear(x, &theirs), 2e-5);
            }
            let ids = [u32::try_from(outputs - 1).unwrap(), 0];
            let device = Device::flex();
            let what = format!("rows of {dtype} {outputs}x{inputs}");
            assert_same(&what, flex::embed(&ours, &ids), reference::embed(&theirs, &ids, &device), 1e-6);
        }
    }
}

#[test]
fn what_followed_a_product_once_is_expected_after_it_again() {
    let all = [64, 128, 192].map(|outputs| ordered(Dtype::Int4, Order::Panels, outputs, 1024, false));
    let (x, team) = (matrix(5, 1, 1024), Arc::new(Team::new(2).unwrap()));
    Team::lead(&team, || {
        for linear in all.iter().chain(&all[..1]) {
            let _ = flex::linear(x.clone(), linear);
        }
    });
    let panels = |at: usize| match &all[at % 3].weight {
        Weight::Panels(panels) => panels,
        _ => panic!("they were made as panels"),
    };
    for at in 0..3 {
        assert_eq!(panels(at).follower.get().unwrap().end, panels(at + 1).last_bytes(1).end, "after {at}");
    }
}

#[test]
fn a_product_of_a_view_equals_that_of_its_copy() {
    let (ours, theirs) = linear(Dtype::Bf16, 20, 16, false);
    let view = matrix(3, 5, 48).slice([1..2, 16..32]);
    assert_same("a slice", flex::linear(view.clone(), &ours), reference::linear(view, &theirs), 2e-5);
}

#[test]
fn norms_equal_the_reference_with_and_without_groups() {
    for (width, group, weights) in [(64, 64, 64), (64, 16, 16), (64, 16, 64), (7, 7, 7)] {
        for centred in [false, true] {
            for bias in [false, true] {
                let norm = Norm {
                    weight: vector(1, weights),
                    bias: bias.then(|| vector(2, weights)),
                    eps: 1e-5,
                    centred,
                    group,
                };
                let x = matrix(4, 3, width);
                let what = format!("norm {width}/{group}/{weights} {centred} {bias}");
                assert_same(&what, flex::norm(x.clone(), &norm), reference::norm(x, &norm), 1e-5);
            }
        }
    }
}

#[test]
fn a_sum_with_its_norm_equals_one_after_the_other_for_few_rows_and_many() {
    for (rows, width) in [(1, 64), (3, 7), (1100, 64)] {
        let norm = Norm {
            weight: vector(1, width),
            bias: Some(vector(2, width)),
            eps: 1e-5,
            centred: true,
            group: width,
        };
        let (x, y) = (matrix(4, rows, width), matrix(5, rows, width));
        let (both, normed) = flex::sum_norm(x.clone(), y.clone(), &norm);
        assert_same("sum", both, x.clone() + y.clone(), 1e-6);
        assert_same("norm", normed, reference::norm(x + y, &norm), 1e-5);
    }
}

const KINDS: [Activation; 4] = [Activation::Silu, Activation::Gelu, Activation::GeluTanh, Activation::Relu];

#[test]
fn activations_equal_the_reference() {
    for kind in KINDS {
        let x = matrix(6, 5, 34) * 6.0;
        let (a, b) = (flex::activate(x.clone(), kind), reference::activate(x, kind, false));
        assert_same(&format!("{kind:?}"), a, b, 2e-6);
    }
}

#[test]
fn gated_products_equal_the_reference_on_one_thread_and_on_several() {
    let team = Arc::new(Team::new(3).unwrap());
    for dtype in Dtype::ALL {
        for (kind, (inner, inputs)) in KINDS.into_iter().zip([(1, 1), (33, 48), (172, 64), (320, 512)]) {
            let made = |order| ordered(dtype, order, 2 * inner, inputs, inputs % 3 == 0);
            let (ours, theirs) = (made(Order::Pairs), made(Order::Rows));
            assert_eq!(ours.bytes(), theirs.bytes());
            for tokens in [1, 5, 17] {
                let x = matrix(5, tokens, inputs);
                let wanted = reference::activate(reference::linear(x.clone(), &theirs), kind, true);
                let alone = flex::gated(x.clone(), &ours, kind);
                let together = Team::lead(&team, || flex::gated(x.clone(), &ours, kind));
                assert_eq!(flex::to_vec(alone.clone()), flex::to_vec(together), "bits on several threads");
                let what = format!("{dtype} {inner}x{inputs} {kind:?}, {tokens} tokens");
                assert_same(&what, alone, wanted, 3e-5);
            }
        }
    }
}

/// Feeds the same tokens of two sequences to both, in three calls, and compares outputs and caches.
fn compare_attention(what: &str, heads: &Heads, qk_norm: bool, pairs: usize, alibi: bool) {
    let device = Device::flex();
    let capacity = 160;
    let rope = (pairs > 0).then(|| {
        let frequencies =
            (0..pairs).map(|pair| 0.9f32 / (1.0 + f32::from(u8::try_from(pair).unwrap()))).collect();
        RopeTable::new(&RopeSpec { frequencies, factor: 1.1, beyond: None }, capacity, false, &device)
    });
    let alibi = alibi.then(|| Alibi { penalties: numbers(31, heads.heads * capacity), positions: capacity });
    let tables = Tables { ropes: rope.into_iter().collect(), alibi };
    let norm = |seed| Norm {
        weight: vector(seed, heads.head_dim),
        bias: None,
        eps: 1e-5,
        centred: false,
        group: heads.head_dim,
    };
    let norms = (norm(41), norm(42));
    let norms = qk_norm.then_some((&norms.0, &norms.1));
    let mut memory = Memory::default();
    let mut cache = |room| LayerCache::new(heads.kv_heads, room, heads.head_dim, &mut memory);
    let mut ours = [cache(capacity), cache(capacity - 3)];
    let mut theirs = [cache(capacity), cache(capacity - 3)];
    let width = (heads.heads + 2 * heads.kv_heads) * heads.head_dim;
    let mut past = [0, 0];
    for tokens in [[9, 2], [1, 1], [4, 0], [53, 60], [1, 1], [70, 2], [1, 0], [1, 1]] {
        let qkv = matrix(50 + u64::try_from(past[0]).unwrap(), tokens[0] + tokens[1], width);
        let answer = |caches: &mut [LayerCache; 2], ours: bool| {
            let sequences = caches.iter_mut().zip(past).zip(tokens).filter(|(_, tokens)| *tokens > 0);
            let mut turns: Vec<Turn<'_>> = sequences
                .map(|((cache, past), tokens)| Turn { tokens, past, cache, tables: &tables })
                .collect();
            if ours {
                flex::attention(qkv.clone(), heads, norms, Some(0), &mut turns)
            } else {
                reference::attention(qkv.clone(), heads, norms, Some(0), &mut turns)
            }
        };
        let (a, b) = (answer(&mut ours, true), answer(&mut theirs, false));
        assert_same(&format!("{what}, {tokens:?} tokens after {past:?}"), a, b, 1e-5);
        past = [past[0] + tokens[0], past[1] + tokens[1]];
    }
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        for (ours, theirs) in
            ours.keys.iter().zip(&*theirs.keys).chain(ours.values.iter().zip(&*theirs.values))
        {
            assert!((ours - theirs).abs() <= 1e-6 * (1.0 + theirs.abs()), "{what}: {ours} is not {theirs}");
        }
    }
}

#[test]
fn attention_equals_the_reference_in_every_variant() {
    let plain = Heads { heads: 4, kv_heads: 4, head_dim: 12, scale: 0.3, softcap: None, window: None };
    compare_attention("one key head each", &plain, false, 6, false);
    compare_attention("without rotation", &plain, false, 0, false);
    compare_attention("shared keys", &Heads { kv_heads: 2, ..plain }, false, 6, false);
    compare_attention("one key head for all", &Heads { kv_heads: 1, ..plain }, false, 6, false);
    compare_attention("partly rotated", &plain, false, 2, false);
    compare_attention("norms", &Heads { kv_heads: 2, ..plain }, true, 6, false);
    compare_attention("window", &Heads { window: Some(5), ..plain }, false, 6, false);
    compare_attention("cap", &Heads { softcap: Some(0.5), ..plain }, false, 6, false);
    compare_attention("penalties", &plain, false, 0, true);
    compare_attention("window and penalties", &Heads { window: Some(3), ..plain }, false, 0, true);
}
