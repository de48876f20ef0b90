//! Every level of kernels against double precision and against the plain one.

use common::model::Dtype;
use half::{bf16, f16};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::panels::{BYTES, PanelBuilder, Panels, Row};
use super::*;

fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut chance = SmallRng::seed_from_u64(seed);
    (0..count).map(|_| 2.0 * chance.random::<f32>() - 1.0).collect()
}

/// A matrix of extreme and ordinary numbers of its format.
fn matrix(dtype: Dtype, outputs: usize, inputs: usize) -> Panels {
    let mut chance = SmallRng::seed_from_u64(7);
    let padded = inputs.next_multiple_of(BLOCK);
    let mut builder = PanelBuilder::new(dtype, (outputs, inputs), false, &mut Memory::default());
    for row in 0..outputs {
        let wide = numbers(100 + u64::try_from(row).unwrap(), inputs);
        let scales: Vec<f16> = (0..padded / BLOCK).map(|_| f16::from_f32(chance.random::<f32>())).collect();
        let bytes: Vec<i8> = (0..padded).map(|_| chance.random_range(-127..=127)).collect();
        let halves: Vec<u8> = (0..padded).map(|_| chance.random_range(0..16)).collect();
        match dtype {
            Dtype::F32 => builder.push(Row::F32(&wide)),
            Dtype::F16 => builder.push(Row::F16(&wide.iter().map(|&n| f16::from_f32(n)).collect::<Vec<_>>())),
            Dtype::Bf16 => {
                builder.push(Row::Bf16(&wide.iter().map(|&n| bf16::from_f32(n)).collect::<Vec<_>>()));
            }
            Dtype::Int8 => builder.push(Row::Int8(&bytes, &scales)),
            Dtype::Int4 => builder.push(Row::Int4(&halves, &scales)),
        }
    }
    builder.finish()
}

/// What the kernels see of tokens: packed weights meet bytes with a scale.
fn as_seen(dtype: Dtype, x: &[f32], inputs: usize) -> Vec<f32> {
    if !matches!(dtype, Dtype::Int8 | Dtype::Int4) {
        return x.to_vec();
    }
    let seen = x.chunks(inputs).flat_map(|row| row.chunks(BLOCK)).flat_map(|block| {
        let most = block.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let inverse = if most > 0.0 { 127.0 / most } else { 0.0 };
        block.iter().map(move |x| (x * inverse).round_ties_even() * (most / 127.0)).collect::<Vec<_>>()
    });
    seen.collect()
}

/// All products, tile by tile.
fn products(level: Level, panels: &Panels, x: &[f32], tokens: usize) -> Vec<f32> {
    let outputs = panels.outputs;
    let mut out = vec![f32::NAN; tokens * outputs];
    for place in tiles(level, tokens) {
        let tile = Tile::new(level, panels, x, place);
        let mut panel = 0;
        while panel < panels.count() {
            panel += multiply(level, panels, panel, panels.count(), &tile, &mut |token, next, numbers| {
                let start = (panel + next) * LANES;
                let end = outputs.min(start + LANES);
                let row = (tile.start + token) * outputs;
                out[row + start..row + end].copy_from_slice(&numbers[..end - start]);
            });
        }
    }
    out
}

#[test]
fn every_level_multiplies_every_format_at_every_number_of_tokens() {
    for dtype in Dtype::ALL {
        for (outputs, inputs) in [(1, 1), (16, 32), (33, 48), (50, 65), (70, 320)] {
            let panels = matrix(dtype, outputs, inputs);
            let mut wide = vec![0.0; inputs];
            let x = numbers(2, 30 * inputs);
            for tokens in [1, 2, 3, 5, 9, 12, 13, 30] {
                let x = &x[..tokens * inputs];
                let seen = as_seen(dtype, x, inputs);
                let found: Vec<Vec<f32>> =
                    Level::all().into_iter().map(|level| products(level, &panels, x, tokens)).collect();
                for row in 0..outputs {
                    panels.row(row, &mut wide);
                    for token in 0..tokens {
                        let pairs = || wide.iter().zip(&seen[token * inputs..]);
                        let exact: f64 = pairs().map(|(&w, &x)| f64::from(w) * f64::from(x)).sum();
                        let size: f64 = pairs().map(|(&w, &x)| f64::from(w * x).abs()).sum();
                        for (level, found) in Level::all().iter().zip(&found) {
                            let got = f64::from(found[token * outputs + row]);
                            assert!(
                                (got - exact).abs() <= 2e-6 * size + 1e-6,
                                "{dtype} {outputs}x{inputs} at {level:?}, token {token} of {tokens}, row {row}: {got} is not {exact}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_token_gives_the_same_bits_in_any_company() {
    for dtype in Dtype::ALL {
        let panels = matrix(dtype, 50, 96);
        let x = numbers(3, 25 * 96);
        for level in Level::all() {
            let together = products(level, &panels, &x, 25);
            for token in 0..25 {
                let alone = products(level, &panels, &x[token * 96..(token + 1) * 96], 1);
                assert_eq!(alone, together[token * 50..(token + 1) * 50], "{dtype} at {level:?}");
            }
        }
    }
}

#[test]
fn extreme_bytes_do_not_overflow_at_any_level() {
    let ones = vec![f16::ONE; 2];
    for sign in [-1i8, 1] {
        let mut builder = PanelBuilder::new(Dtype::Int8, (16, 64), false, &mut Memory::default());
        (0..16).for_each(|_| builder.push(Row::Int8(&[127 * sign; 64], &ones)));
        let panels = builder.finish();
        for level in Level::all() {
            let got = products(level, &panels, &[-1.0; 64], 1);
            let exact = -127.0 * 64.0 * f32::from(sign);
            assert!(got.iter().all(|got| (got - exact).abs() < 0.01), "{level:?}: {got:?} is not {exact}");
        }
    }
}

#[test]
fn what_is_not_finite_is_not_hidden_by_rounding_to_bytes() {
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let panels = matrix(Dtype::Int8, 16, 64);
        let mut x = [0.5f32; 64];
        x[20] = wrong;
        for level in Level::all() {
            let got = products(level, &panels, &x, 1);
            assert!(got.iter().all(|got| got.is_nan()), "{wrong} at {level:?}: {got:?}");
            assert!(products(level, &panels, &[0.0; 64], 1).iter().all(|&got| got == 0.0), "{level:?}");
        }
    }
}

#[test]
fn every_level_attends_alike() {
    for level in Level::all() {
        for (width, seen) in [(4, 1), (16, 5), (64, 33), (80, 7), (96, 40), (20, 17)] {
            let (query, keys) = (numbers(5, width), numbers(6, width * seen));
            let mut row = vec![0.0; seen];
            scores(level, 1, &query, &keys, 0.5, &mut row);
            for (score, key) in row.iter().zip(keys.chunks(width)) {
                let exact: f64 =
                    key.iter().zip(&query).map(|(&k, &q)| 0.5 * f64::from(k) * f64::from(q)).sum();
                assert!((f64::from(*score) - exact).abs() < 1e-5, "{level:?}: {score} is not {exact}");
            }
            let all: f64 = row.iter().map(|&score| f64::from(score).exp()).sum();
            let exact: Vec<f64> = row.iter().map(|&score| f64::from(score).exp() / all).collect();
            let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let (most, sum) = weigh(level, &mut row);
            assert_eq!(most, greatest, "{level:?}");
            let close = |got: &f32, exact: f64| (f64::from(got / sum) - exact).abs() < 1e-6;
            assert!(row.iter().zip(&exact).all(|(got, &exact)| close(got, exact)), "{level:?}: {row:?}");
            let (mut mixed, mut out) = (vec![f32::NAN; width], vec![0.0; width]);
            mix(level, 1, &row, &keys, width, &mut mixed);
            add_times(level, &mut out, &mixed, 1.0 / sum);
            for (at, got) in out.iter().enumerate() {
                let exact: f64 =
                    exact.iter().zip(keys.chunks(width)).map(|(w, key)| w * f64::from(key[at])).sum();
                assert!(
                    (f64::from(*got) - exact).abs() < 1e-5,
                    "{level:?} {width}x{seen}: {got} is not {exact}"
                );
            }
        }
    }
}

#[test]
fn queries_that_are_looked_at_together_give_the_bits_that_each_gives_alone() {
    for level in Level::all() {
        for (width, seen) in [(4, 1), (16, 5), (64, 33), (80, 7), (128, 64)] {
            let keys = numbers(6, width * seen);
            for heads in [2, 3] {
                let queries = numbers(5, heads * width);
                let (mut rows, mut mixed) = (vec![0.0; heads * seen], vec![0.0; heads * (width + 2)]);
                scores(level, heads, &queries, &keys, 0.5, &mut rows);
                mix(level, heads, &rows, &keys, width, &mut mixed);
                for head in 0..heads {
                    let (mut row, mut alone) = (vec![0.0; seen], vec![0.0; width]);
                    scores(level, 1, &queries[head * width..][..width], &keys, 0.5, &mut row);
                    mix(level, 1, &row, &keys, width, &mut alone);
                    let what = format!("{level:?}, {width} x {seen}, query {head} of {heads}");
                    assert_eq!(row, rows[head * seen..][..seen], "{what}");
                    assert_eq!(alone, mixed[head * (width + 2)..][..width], "{what}");
                }
            }
        }
    }
}

#[test]
fn every_level_rounds_a_token_to_the_same_bytes() {
    let (inputs, places) = (BLOCK * 3 - 5, 2);
    let mut row = numbers(8, inputs);
    // Halves, which go to the even number, and a block of nothing.
    row[..8].copy_from_slice(&[127.0, 0.5, 1.5, -0.5, -1.5, 2.5, -2.5, -127.0]);
    row[BLOCK..2 * BLOCK].fill(0.0);
    let rounded = |level: Level| {
        let (mut quads, mut starts) = (vec![0; 3 * BYTES * places], vec![0; 3 * places]);
        let mut scales = vec![0.0; 3 * places];
        let (bytes, sums, of_blocks) = (&mut quads, &mut starts, &mut scales);
        pack(level, &row, 3, Place { token: 1, places, quads: bytes, starts: sums, scales: of_blocks });
        (quads, starts, scales)
    };
    let plain = rounded(Level::Plain);
    let first: Vec<i8> =
        [1, 3].iter().flat_map(|&at| plain.0[at].to_le_bytes()).map(u8::cast_signed).collect();
    assert_eq!(first, [127, 0, 2, 0, -2, 2, -2, -127], "of two equals the even one");
    assert_eq!((plain.1[3], plain.2[3]), (0, 0.0), "an empty block");
    for level in Level::all() {
        assert_eq!(rounded(level), plain, "{level:?}");
    }
}
