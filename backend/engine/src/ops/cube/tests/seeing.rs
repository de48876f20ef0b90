//! Attention on the host against plain loops: rotation, norms, places in the cache, and who sees what.

use super::arithmetic::{assert_near, floats, nothing, numbers, stored};
use super::*;
use crate::model::attention::Heads;
use crate::model::resident::Seen;
use crate::numeric::count_f32;

fn whole(numbers: &[usize]) -> Vec<u8> {
    let numbers: Vec<i32> = numbers.iter().map(|&number| i32::try_from(number).unwrap()).collect();
    bytes(&numbers, i32::to_le_bytes)
}

/// Keys and values of some sequences, and queries at their positions.
struct Scene {
    heads: Heads,
    capacity: usize,
    /// Which sequence and which position each row is at.
    rows: Vec<(usize, usize)>,
    alibi: Option<Vec<f32>>,
    kind: DType,
}

impl Scene {
    fn sequences(&self) -> usize {
        self.rows.iter().map(|row| row.0).max().unwrap() + 1
    }

    /// What each row mixes, score by score.
    fn meant(&self, queries: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
        let Heads { heads, kv_heads, head_dim, scale, softcap, window } = self.heads;
        let mut mixed = Vec::new();
        for (row, &(sequence, position)) in self.rows.iter().enumerate() {
            for head in 0..heads {
                let query = &queries[(row * heads + head) * head_dim..][..head_dim];
                let line = |of: &[f32], at: usize| {
                    let start =
                        ((sequence * self.capacity + at) * kv_heads + head * kv_heads / heads) * head_dim;
                    of[start..start + head_dim].to_vec()
                };
                let first = window.map_or(0, |window| (position + 1).saturating_sub(window));
                let scores: Vec<f32> = (first..=position)
                    .map(|at| {
                        let dot: f32 = query.iter().zip(line(keys, at)).map(|(q, k)| q * k).sum();
                        let score = softcap.map_or(dot * scale, |cap| (dot * scale / cap).tanh() * cap);
                        score + self.alibi.as_ref().map_or(0.0, |alibi| alibi[head * self.capacity + at])
                    })
                    .collect();
                let top = scores.iter().copied().fold(f32::MIN, f32::max);
                let shares: Vec<f32> = scores.iter().map(|score| (score - top).exp()).collect();
                let all: f32 = shares.iter().sum();
                mixed.extend((0..head_dim).map(|at| {
                    let sum: f32 =
                        shares.iter().zip(first..).map(|(share, key)| share * line(values, key)[at]).sum();
                    sum / all
                }));
            }
        }
        mixed
    }

    /// Runs the kernels as they would be launched and compares.
    fn check(&self, what: &str, seen: &Seen) {
        let Heads { heads, kv_heads, head_dim, scale, softcap, .. } = self.heads;
        let (rows, width) = (self.rows.len(), heads * head_dim);
        let shape = Shape::of(&self.heads, seen, rows, self.alibi.is_some());
        // A kernel spells out each query of its cube: two rows show what more would, in a shorter text.
        let shape = Shape { rows: shape.rows.min(2), ..shape };
        let places = self.sequences() * self.capacity;
        let queries = numbers(rows * width, 21);
        // What lies beyond a position is no number: whoever looks there shows it.
        let mut cache =
            [numbers(places * kv_heads * head_dim, 22), numbers(places * kv_heads * head_dim, 23)];
        for (place, row) in
            cache.iter_mut().flat_map(|cache| cache.chunks_mut(kv_heads * head_dim).enumerate())
        {
            let (sequence, position) = (place / self.capacity, place % self.capacity);
            if !self.rows.iter().any(|&(own, last)| own == sequence && position <= last) {
                row.fill(f32::NAN);
            }
        }
        let (keys, keys_rounded) = stored(self.kind, &cache[0]);
        let (values, values_rounded) = stored(self.kind, &cache[1]);
        let positions: Vec<usize> = self.rows.iter().map(|row| row.1).collect();
        let lines: Vec<usize> = self.rows.iter().map(|row| row.0 * self.capacity + row.1).collect();
        let alibi = self.alibi.clone().unwrap_or_else(|| vec![0.0]);
        let launch = Launch {
            kernel: Kernel::Look { shape, cache: self.kind },
            cubes: (rows.div_ceil(shape.rows), heads / shape.group, shape.splits),
            buffers: vec![
                floats(&queries),
                keys,
                values,
                whole(&positions),
                whole(&lines),
                floats(&alibi),
                nothing(shape.splits * rows * width),
                nothing(shape.splits * rows * heads * 2),
            ],
            whole: vec![rows, self.capacity],
            single: vec![scale, softcap.unwrap_or(1.0)],
        };
        let mut out = launch.run();
        let (peaks, parts) = (out.remove(7), out.remove(6));
        let mixed = match shape.splits {
            1 => parts,
            splits => {
                let join = Launch {
                    kernel: Kernel::Join { splits },
                    cubes: ((rows * width).div_ceil(PLANE * PLANES), 1, 1),
                    buffers: vec![parts, peaks, nothing(rows * width)],
                    whole: vec![rows * heads, head_dim],
                    single: vec![],
                };
                join.run().remove(2)
            }
        };
        assert_near(what, &singles(&mixed), &self.meant(&queries, &keys_rounded, &values_rounded), 2e-4);
    }
}

fn heads(heads: usize, kv_heads: usize, head_dim: usize) -> Heads {
    Heads { heads, kv_heads, head_dim, scale: 0.3, softcap: None, window: None }
}

#[test]
fn one_row_of_each_sequence_sees_its_own_past_whole_and_in_parts() {
    if !is_possible() {
        return;
    }
    // One text of three is much longer, one has just begun.
    let rows = vec![(0, 200), (1, 0), (2, 37)];
    for (what, heads, kind) in [
        ("groups of two", heads(4, 2, 64), DType::BF16),
        ("one head a key head, an odd width", heads(2, 2, 12), DType::F32),
        ("one key head for three", heads(3, 1, 40), DType::F16),
    ] {
        let scene = Scene { heads, capacity: 256, rows: rows.clone(), alibi: None, kind };
        let seen = Seen::All { sequences: 3, capacity: 256 };
        assert!(Shape::of(&scene.heads, &seen, 3, false).splits > 1, "{what}");
        scene.check(what, &seen);
        let short = Scene { capacity: 64, rows: vec![(0, 63), (1, 5)], ..scene };
        let seen = Seen::All { sequences: 2, capacity: 64 };
        assert_eq!(Shape::of(&short.heads, &seen, 2, false).splits, 1, "{what}");
        short.check(what, &seen);
    }
}

#[test]
fn a_window_a_cap_and_penalties_hold_in_decode_and_in_prefill() {
    if !is_possible() {
        return;
    }
    let windowed = Heads { window: Some(9), softcap: Some(2.0), ..heads(4, 2, 32) };
    let scene =
        Scene { heads: windowed, capacity: 128, rows: vec![(0, 100), (1, 3)], alibi: None, kind: DType::F32 };
    scene.check("a step in a window", &Seen::All { sequences: 2, capacity: 128 });
    let rows: Vec<(usize, usize)> = (5..24).map(|position| (1, position)).collect();
    let seen = Seen::One { first_row: 32, length: 24 };
    let scene = Scene { capacity: 32, rows, ..scene };
    assert!(Shape::of(&scene.heads, &seen, 19, false).rows > 1, "rows share what is read");
    scene.check("a piece of a prompt in a window", &seen);
    let penalties = numbers(4 * 32, 24);
    let scene = Scene { heads: heads(4, 4, 16), alibi: Some(penalties), ..scene };
    scene.check("a piece of a prompt with penalties", &seen);
}

#[test]
fn queries_keys_and_values_are_normed_turned_and_put_where_they_belong() {
    if !is_possible() {
        return;
    }
    let plain = Turned {
        heads: 4,
        kv_heads: 2,
        head_dim: 24,
        pairs: 0,
        has_norm: false,
        is_centred: false,
        has_bias: false,
    };
    let cases = [
        ("as they are", plain, 1),
        ("turned in part", Turned { pairs: 5, ..plain }, 1),
        ("normed and turned", Turned { pairs: 12, has_norm: true, ..plain }, 24),
        (
            "each head with its own weights",
            Turned { pairs: 12, has_norm: true, is_centred: true, has_bias: true, ..plain },
            4 * 24,
        ),
    ];
    for (what, turned, weights) in cases {
        let Turned { heads, kv_heads, head_dim, pairs, .. } = turned;
        // Each row at another position and place; one place stays as it was.
        let (positions, lines) = ([3, 0, 7], [13, 4, 2]);
        let (rows, capacity, width) = (3, 16, (heads + 2 * kv_heads) * head_dim);
        let key_weights = if weights > head_dim { kv_heads * head_dim } else { weights };
        let qkv = numbers(rows * width, 31);
        let (cos, sin) = (numbers(8 * pairs.max(1), 32), numbers(8 * pairs.max(1), 33));
        let of_q = (numbers(weights, 34), numbers(weights, 35));
        let of_k = (numbers(key_weights, 36), numbers(key_weights, 37));
        let kind = DType::BF16;
        let (untouched, _) = stored(kind, &vec![9.0; capacity * kv_heads * head_dim]);
        let launch = Launch {
            kernel: Kernel::Remember { turned, cache: kind },
            cubes: (rows, heads + 2 * kv_heads, 1),
            buffers: vec![
                floats(&qkv),
                floats(&cos),
                floats(&sin),
                floats(&of_q.0),
                floats(&of_q.1),
                floats(&of_k.0),
                floats(&of_k.1),
                whole(&positions),
                whole(&lines),
                nothing(rows * heads * head_dim),
                untouched.clone(),
                untouched,
            ],
            whole: vec![weights, key_weights],
            single: vec![1e-5, 1e-6],
        };
        let out = launch.run();
        let turn = |x: &[f32],
                    (weight, bias): &(Vec<f32>, Vec<f32>),
                    head: usize,
                    eps: f32,
                    position: usize| {
            let mean = if turned.is_centred { x.iter().sum::<f32>() / count_f32(x.len()) } else { 0.0 };
            let square = x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / count_f32(x.len());
            let normed = |(at, x): (usize, &f32)| {
                let place = (head * head_dim + at) % weight.len();
                let bias = if turned.has_bias { bias[place] } else { 0.0 };
                if turned.has_norm { (x - mean) / (square + eps).sqrt() * weight[place] + bias } else { *x }
            };
            let x: Vec<f32> = x.iter().enumerate().map(normed).collect();
            let angle = |at: usize| (cos[position * pairs + at], sin[position * pairs + at]);
            let new = (0..head_dim).map(|at| match at {
                at if at < pairs => x[at] * angle(at).0 - x[at + pairs] * angle(at).1,
                at if at < 2 * pairs => x[at] * angle(at - pairs).0 + x[at - pairs] * angle(at - pairs).1,
                at => x[at],
            });
            new.collect::<Vec<f32>>()
        };
        let mut queries = Vec::new();
        let mut keys = vec![9.0; capacity * kv_heads * head_dim];
        let mut values = keys.clone();
        for (row, qkv) in qkv.chunks(width).enumerate() {
            for (head, x) in qkv.chunks(head_dim).enumerate() {
                let key = head.wrapping_sub(heads);
                let to = |key: usize| (lines[row] * kv_heads + key) * head_dim;
                if head < heads {
                    queries.extend(turn(x, &of_q, head, 1e-5, positions[row]));
                } else if key < kv_heads {
                    keys[to(key)..][..head_dim].copy_from_slice(&turn(x, &of_k, key, 1e-6, positions[row]));
                } else {
                    values[to(key - kv_heads)..][..head_dim].copy_from_slice(x);
                }
            }
        }
        assert_near(&format!("queries {what}"), &singles(&out[9]), &queries, 1e-4);
        for (name, bits, meant) in [("keys", &out[10], &keys), ("values", &out[11], &values)] {
            let numbers: Vec<f32> = bits
                .as_chunks::<2>()
                .0
                .iter()
                .map(|bits| half::bf16::from_le_bytes(*bits).to_f32())
                .collect();
            // Rounded to eight bits, and one more where the sum fell on the edge.
            assert_near(&format!("{name} {what}"), &numbers, meant, 1.0 / 128.0);
        }
    }
}
