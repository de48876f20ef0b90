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
            use crate::ops::kernels::{BLOCK, LANES, Packed, Place};

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
                let blocks = x.quads.iter().zip(x.starts).zip(x.scales);
                for ((values, scale), ((quads, starts), scales)) in values.iter().zip(scales).zip(blocks) {
                    let mut whole = [n::splat_i32(0); T];
                    for token in 0..T {
                        whole[token] = n::splat_i32(starts[token]);
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
                let blocks = x.quads.iter().zip(x.starts).zip(x.scales);
                for ((values, scale), ((quads, starts), scales)) in values.iter().zip(scales).zip(blocks) {
                    let mut whole = [n::splat_i32(0); T];
                    for token in 0..T {
                        whole[token] = n::splat_i32(starts[token]);
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

            /// A row as bytes, each 32 with a scale and a start, in the places of one token of a tile.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn pack(row: &[f32], offset: i32, into: Place<'_>) {
                let Place { token, places, quads, starts, scales } = into;
                let (whole, rest) = row.as_chunks::<BLOCK>();
                let mut last = [0.0f32; BLOCK];
                last[..rest.len()].copy_from_slice(rest);
                let mut wrong = n::zero();
                for (block, quads) in quads.chunks_exact_mut(BYTES * places).enumerate() {
                    let halves = whole.get(block).unwrap_or(&last).as_chunks::<LANES>().0;
                    let (a, b) = (n::load(&halves[0]), n::load(&halves[1]));
                    let most = n::peak(a, b);
                    let inverse = n::splat(if most > 0.0 { 127.0 / most } else { 0.0 });
                    let (a_bytes, a_sum) = n::rounded(n::times(a, inverse));
                    let (b_bytes, b_sum) = n::rounded(n::times(b, inverse));
                    let at = block * places + token;
                    starts[at] = -offset * (a_sum + b_sum);
                    scales[at] = most / 127.0;
                    wrong = n::fused(a, n::zero(), n::fused(b, n::zero(), wrong));
                    let (a_fours, b_fours) = (a_bytes.as_chunks::<4>().0, b_bytes.as_chunks::<4>().0);
                    let (a_quads, b_quads) = quads.split_at_mut(BYTES / 2 * places);
                    for quad in 0..BYTES / 2 {
                        a_quads[quad * places + token] = i32::from_le_bytes(a_fours[quad]);
                        b_quads[quad * places + token] = i32::from_le_bytes(b_fours[quad]);
                    }
                }
                // What is not finite must stay so: it makes a scale no number.
                if let Some(scale) = scales.get_mut(token) {
                    *scale += n::total(wrong);
                }
            }

            /// The products of `H` queries with each key, times a scale: those of the first query first.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn scores<const H: usize>(queries: &[f32], keys: &[f32], scale: f32, out: &mut [f32]) {
                let (width, count) = (queries.len() / H, out.len() / H);
                let whole = width / LANES * LANES;
                let rest = |head: usize, key: &[f32]| math::dot(&queries[head * width..][whole..width], &key[whole..]);
                for first in (0..count / 4 * 4).step_by(4) {
                    // Four keys at once, so that one sum need not wait for the other.
                    let keys = &keys[first * width..][..4 * width];
                    let mut sums = [[n::zero(); 4]; H];
                    for part in (0..whole).step_by(LANES) {
                        let mut four = [n::zero(); 4];
                        for key in 0..4 {
                            let Some(key_part) = keys[key * width + part..].first_chunk() else { continue };
                            four[key] = n::load(key_part);
                        }
                        for head in 0..H {
                            let Some(query) = queries[head * width + part..].first_chunk() else { continue };
                            let query = n::load(query);
                            for key in 0..4 {
                                sums[head][key] = n::fused(query, four[key], sums[head][key]);
                            }
                        }
                    }
                    for head in 0..H {
                        for key in 0..4 {
                            let rest = rest(head, &keys[key * width..][..width]);
                            out[head * count + first + key] = (n::total(sums[head][key]) + rest) * scale;
                        }
                    }
                }
                for at in count / 4 * 4..count {
                    let key = &keys[at * width..][..width];
                    for head in 0..H {
                        let mut sum = n::zero();
                        let query = queries[head * width..][..width].as_chunks().0;
                        for (q, k) in query.iter().zip(key.as_chunks().0) {
                            sum = n::fused(n::load(q), n::load(k), sum);
                        }
                        out[head * count + at] = (n::total(sum) + rest(head, key)) * scale;
                    }
                }
            }

            /// The sums of values by `H` rows of weights, each into the beginning of its stretch of `out`.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn mix<const H: usize>(weights: &[f32], values: &[f32], width: usize, out: &mut [f32]) {
                const WIDE: usize = 4 * LANES;
                let (count, stretch) = (weights.len() / H, out.len() / H);
                let mut from = 0;
                while from + WIDE <= width {
                    // Two values at once, so that one sum need not wait for the other.
                    let mut sums = [[[n::zero(); 4]; 2]; H];
                    for first in (0..count / 2 * 2).step_by(2) {
                        for half in 0..2 {
                            let at = first + half;
                            let Some(value) = values[at * width + from..].first_chunk::<WIDE>() else { continue };
                            let value = value.as_chunks::<LANES>().0;
                            for head in 0..H {
                                let weight = n::splat(weights[head * count + at]);
                                for part in 0..4 {
                                    let sum = &mut sums[head][half][part];
                                    *sum = n::fused(weight, n::load(&value[part]), *sum);
                                }
                            }
                        }
                    }
                    for at in count / 2 * 2..count {
                        let Some(value) = values[at * width + from..].first_chunk::<WIDE>() else { continue };
                        let value = value.as_chunks::<LANES>().0;
                        for head in 0..H {
                            let weight = n::splat(weights[head * count + at]);
                            for part in 0..4 {
                                sums[head][0][part] = n::fused(weight, n::load(&value[part]), sums[head][0][part]);
                            }
                        }
                    }
                    for head in 0..H {
                        let out = out[head * stretch + from..].as_chunks_mut().0;
                        for (part, out) in out.iter_mut().take(4).enumerate() {
                            let [even, odd] = [sums[head][0][part], sums[head][1][part]];
                            n::store(out, n::fused(n::splat(1.0), odd, even));
                        }
                    }
                    from += WIDE;
                }
                for (weights, out) in weights.chunks_exact(count).zip(out.chunks_exact_mut(stretch)) {
                    let out = &mut out[from..width];
                    out.fill(0.0);
                    for (&weight, value) in weights.iter().zip(values.chunks_exact(width)) {
                        for (out, value) in out.iter_mut().zip(&value[from..]) {
                            *out += weight * value;
                        }
                    }
                }
            }

            /// Scores into weights, the greatest into one: returns that score and the sum of the weights.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn weigh(row: &mut [f32]) -> (f32, f32) {
                let mut most = [f32::NEG_INFINITY; LANES];
                let (steps, rest) = row.as_chunks::<LANES>();
                for step in steps {
                    for (most, &score) in most.iter_mut().zip(step) {
                        *most = if score > *most { score } else { *most };
                    }
                }
                for (most, &score) in most.iter_mut().zip(rest) {
                    *most = if score > *most { score } else { *most };
                }
                let most = math::greatest(most);
                for score in row.iter_mut() {
                    *score = math::exp(*score - most);
                }
                (most, math::lane_sum(row, |weight| weight))
            }

            /// Normalises numbers together: the mean taken away where `centred`, then by the root of
            /// their mean square.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn norm(x: &mut [f32], length: f32, eps: f32, centred: bool, weight: &[f32]) {
                let mean = if centred { math::lane_sum(x, |x| x) / length } else { 0.0 };
                let square = math::lane_sum(x, |x| (x - mean) * (x - mean)) / length;
                let factor = 1.0 / (square + eps).sqrt();
                for (x, &weight) in x.iter_mut().zip(weight) {
                    *x = (*x - mean) * factor * weight;
                }
            }

            /// Pairs turned by angles.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn turn(first: &mut [f32], second: &mut [f32], cos: &[f32], sin: &[f32]) {
                for ((a, b), (cos, sin)) in first.iter_mut().zip(second).zip(cos.iter().zip(sin)) {
                    (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                }
            }

            /// `out + x`.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn add(out: &mut [f32], x: &[f32]) {
                for (out, &x) in out.iter_mut().zip(x) {
                    *out += x;
                }
            }

            /// `out · x`, number by number.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn times(out: &mut [f32], x: &[f32]) {
                for (out, &x) in out.iter_mut().zip(x) {
                    *out *= x;
                }
            }

            /// `out + factor · x`.
            $(#[target_feature(enable = $feature)])?
            pub(crate) fn add_times(out: &mut [f32], x: &[f32], factor: f32) {
                for (out, &x) in out.iter_mut().zip(x) {
                    *out += factor * x;
                }
            }

            kernels!(@activation silu, math::silu $(, $feature)?);
            kernels!(@activation gelu, math::gelu $(, $feature)?);
            kernels!(@activation gelu_tanh, math::gelu_tanh $(, $feature)?);
            kernels!(@activation relu, math::relu $(, $feature)?);
        }
    };

    (@activation $name:ident, $of:path $(, $feature:literal)?) => {
        /// The activation of each number.
        $(#[target_feature(enable = $feature)])?
        pub(crate) fn $name(x: &mut [f32]) {
            for x in x {
                *x = $of(*x);
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
#[cfg(target_arch = "aarch64")]
kernels!(neon, neon, "neon,dotprod");
