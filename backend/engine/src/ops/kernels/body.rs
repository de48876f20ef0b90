//! The kernels, written once over vectors of sixteen numbers and made for each level of instructions.
//!
//! A row's sum runs over its inputs in order, in one lane, whatever else is computed beside it: so the
//! result for one token is the same bit for bit in any batch.
//!
//! Must not: sum in an order that depends on how many tokens come together.

macro_rules! kernels {
    ($level:ident, $numbers:ident $(, $feature:literal)?) => {
        pub(super) mod $level {
            use super::super::$numbers as n;
            use crate::ops::kernels::math;
            use crate::ops::kernels::panels::{BYTES, Halves, NIBBLES, Quads, Singles};
            use crate::ops::kernels::{BLOCK, LANES, Packed};

            kernels!(@dense f32, Singles, load $(, $feature)?);
            kernels!(@dense f16, Halves, load_f16 $(, $feature)?);
            kernels!(@dense bf16, Halves, load_bf16 $(, $feature)?);

            /// One panel of bytes times `T` tokens.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn int8<const T: usize>(
                values: &[Quads],
                scales: &[Halves],
                x: Packed<'_, T>,
                out: &mut [[f32; LANES]; T],
            ) {
                let mut sums = [n::zero(); T];
                let values = values.as_chunks::<BYTES>().0;
                let blocks = x.quads.iter().zip(x.sums).zip(x.scales);
                for ((values, scale), ((quads, of_x), scales)) in values.iter().zip(scales).zip(blocks) {
                    let mut whole = [n::splat_i32(0); T];
                    for token in 0..T {
                        whole[token] = n::splat_i32(of_x[token] * -n::BYTE_OFFSET);
                    }
                    for quad in 0..BYTES {
                        let bytes = n::bytes(&values[quad].0);
                        for token in 0..T {
                            whole[token] = n::dot_bytes(whole[token], bytes, quads[quad][token]);
                        }
                    }
                    let scale = n::load_f16(&scale.0);
                    for token in 0..T {
                        let scale = n::times(scale, n::splat(scales[token]));
                        sums[token] = n::fused(n::float(whole[token]), scale, sums[token]);
                    }
                }
                for token in 0..T {
                    n::store(&mut out[token], sums[token]);
                }
            }

            /// One panel of half bytes times `T` tokens.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn int4<const T: usize>(
                values: &[Quads],
                scales: &[Halves],
                x: Packed<'_, T>,
                out: &mut [[f32; LANES]; T],
            ) {
                let mut sums = [n::zero(); T];
                let values = values.as_chunks::<NIBBLES>().0;
                let blocks = x.quads.iter().zip(x.sums).zip(x.scales);
                for ((values, scale), ((quads, of_x), scales)) in values.iter().zip(scales).zip(blocks) {
                    let mut whole = [n::splat_i32(0); T];
                    for token in 0..T {
                        whole[token] = n::splat_i32(of_x[token] * -8);
                    }
                    for pair in 0..NIBBLES {
                        let (low, high) = n::nibbles(&values[pair].0);
                        for token in 0..T {
                            whole[token] = n::dot_nibbles(whole[token], low, quads[2 * pair][token]);
                        }
                        for token in 0..T {
                            whole[token] = n::dot_nibbles(whole[token], high, quads[2 * pair + 1][token]);
                        }
                    }
                    let scale = n::load_f16(&scale.0);
                    for token in 0..T {
                        let scale = n::times(scale, n::splat(scales[token]));
                        sums[token] = n::fused(n::float(whole[token]), scale, sums[token]);
                    }
                }
                for token in 0..T {
                    n::store(&mut out[token], sums[token]);
                }
            }

            /// 32 numbers as bytes; returns their scale.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn quantise(x: &[f32; BLOCK], out: &mut [i8; BLOCK]) -> f32 {
                let (mut most, mut wrong) = ([0.0f32; LANES], [0.0f32; LANES]);
                for lane in 0..LANES {
                    let (a, b) = (x[lane].abs(), x[LANES + lane].abs());
                    most[lane] = if a > b { a } else { b };
                    wrong[lane] = a * 0.0 + b * 0.0;
                }
                let most = most.iter().copied().fold(0.0f32, f32::max);
                // What is not finite must stay so: it makes the scale no number.
                let scale = most / 127.0 + wrong.iter().sum::<f32>();
                let inverse = if most > 0.0 { 127.0 / most } else { 0.0 };
                for (out, &x) in out.iter_mut().zip(x) {
                    *out = math::rounded_byte(x * inverse);
                }
                scale
            }

            /// The product of a query with each key.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn scores(query: &[f32], keys: &[f32], out: &mut [f32]) {
                let width = query.len();
                let (q, q_rest) = query.as_chunks::<LANES>();
                for (out, key) in out.iter_mut().zip(keys.chunks_exact(width)) {
                    let (k, k_rest) = key.as_chunks::<LANES>();
                    let mut sum = n::zero();
                    for (q, k) in q.iter().zip(k) {
                        sum = n::fused(n::load(q), n::load(k), sum);
                    }
                    let mut rest = 0.0;
                    for (q, k) in q_rest.iter().zip(k_rest) {
                        rest += q * k;
                    }
                    *out = n::total(sum) + rest;
                }
            }

            /// The sum of values by their weights.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn mix(weights: &[f32], values: &[f32], out: &mut [f32]) {
                const WIDE: usize = 4 * LANES;
                let width = out.len();
                let mut from = 0;
                while from + WIDE <= width {
                    let mut sums = [n::zero(); 4];
                    for (&weight, value) in weights.iter().zip(values.chunks_exact(width)) {
                        let weight = n::splat(weight);
                        let value = value[from..from + WIDE].as_chunks::<LANES>().0;
                        for part in 0..4 {
                            sums[part] = n::fused(weight, n::load(&value[part]), sums[part]);
                        }
                    }
                    for (out, sum) in out[from..].as_chunks_mut::<LANES>().0.iter_mut().zip(sums) {
                        n::store(out, sum);
                    }
                    from += WIDE;
                }
                out[from..].fill(0.0);
                for (&weight, value) in weights.iter().zip(values.chunks_exact(width)) {
                    for (out, value) in out[from..].iter_mut().zip(&value[from..]) {
                        *out += weight * value;
                    }
                }
            }

            /// Scores into weights that sum to one.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn softmax(row: &mut [f32]) {
                let mut most = [f32::NEG_INFINITY; LANES];
                let (steps, rest) = row.as_chunks::<LANES>();
                for step in steps {
                    for (most, &score) in most.iter_mut().zip(step) {
                        *most = if score > *most { score } else { *most };
                    }
                }
                let most = most.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
                for score in row.iter_mut() {
                    *score = math::exp(*score - most);
                }
                let mut sums = [0.0f32; LANES];
                let (steps, rest) = row.as_chunks::<LANES>();
                for step in steps {
                    for (sum, weight) in sums.iter_mut().zip(step) {
                        *sum += weight;
                    }
                }
                let factor = 1.0 / (sums.iter().sum::<f32>() + rest.iter().sum::<f32>());
                for weight in row.iter_mut() {
                    *weight *= factor;
                }
            }
        }
    };

    (@dense $name:ident, $stored:ident, $load:ident $(, $feature:literal)?) => {
        /// `P` panels of one dense format times `T` tokens; `x` has the tokens of each input together.
        $(#[target_feature(enable = $feature)])?
        pub(crate) fn $name<const T: usize, const P: usize>(
            panels: [&[$stored]; P],
            x: &[[f32; T]],
            out: &mut [[[f32; LANES]; P]; T],
        ) {
            let mut sums = [[n::zero(); P]; T];
            let mut streams = panels;
            for stream in &mut streams {
                *stream = &stream[..x.len()];
            }
            for (input, x) in x.iter().enumerate() {
                let mut weights = [n::zero(); P];
                for panel in 0..P {
                    weights[panel] = n::$load(&streams[panel][input].0);
                }
                for token in 0..T {
                    let x = n::splat(x[token]);
                    for panel in 0..P {
                        sums[token][panel] = n::fused(weights[panel], x, sums[token][panel]);
                    }
                }
            }
            for token in 0..T {
                for panel in 0..P {
                    n::store(&mut out[token][panel], sums[token][panel]);
                }
            }
        }
    };
}

kernels!(plain, plain);
#[cfg(target_arch = "x86_64")]
kernels!(avx2, avx2, "avx2,fma,f16c");
#[cfg(target_arch = "x86_64")]
kernels!(avx512, avx512, "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c");
