//! Attention on a GPU: keys and values written where positions on the device say, and queries that look at as much of the
//! cache as those positions allow, however much is set aside. Nothing of the host changes from step to step, so that a
//! recorded step plays for every token.
//!
//! Several queries share each key that is read: those of the heads over one key head, and in prefill those of a few tokens.
//! Scores are never stored: each plane keeps a running maximum and sum, planes are joined in shared memory, and parts of a
//! long text by a second kernel. Sums are single precision. Must not: read the cache beyond the last position; write
//! outside the place of a row.
#![expect(clippy::as_conversions, reason = "the language of kernels converts so")]
#![expect(
    clippy::collapsible_if,
    reason = "the outer condition is decided when a kernel is compiled, the inner one when it runs"
)]

use cubecl::prelude::*;

use super::plan::{PLANE, Shape, Turned};

/// A score lower than any.
const LEAST: f32 = -1e30;

/// Mixes the values that each row sees: `mixed` is `[rows, heads × head_dim]`, or with splits, `[splits, rows, heads,
/// head_dim]` not yet divided, and `peaks` `[splits, rows, heads, 2]` the greatest score and the sum that belong to it.
#[cube(launch_unchecked)]
pub(super) fn look<C: Numeric>(
    queries: &[f32],
    keys: &[C],
    values: &[C],
    positions: &[i32],
    places: &[i32],
    alibi: &[f32],
    mixed: &mut [f32],
    peaks: &mut [f32],
    rows: usize,
    columns: usize,
    scale: f32,
    softcap: f32,
    #[comptime] shape: Shape,
    #[define(C)] _dtype: ElemType,
) {
    let head_dim = comptime!(shape.head_dim);
    // Numbers of a head in each unit, and queries of a cube.
    let each = comptime!(shape.head_dim.div_ceil(PLANE));
    let asked = comptime!(shape.rows * shape.group);
    let width = comptime!(shape.kv_heads * shape.head_dim);
    let (lane, plane) = (UNIT_POS_X as usize, UNIT_POS_Y as usize);
    let first_row = CUBE_POS_X as usize * comptime!(shape.rows);
    let first_head = CUBE_POS_Y as usize * comptime!(shape.group);
    let kv_head = first_head / comptime!(shape.heads / shape.kv_heads);
    let part = CUBE_POS_Z as usize;

    let mut query = Array::<f32>::new(comptime!(asked * each));
    let mut sums = Array::<f32>::new(comptime!(asked * each));
    let mut peak = Array::<f32>::new(asked);
    let mut total = Array::<f32>::new(asked);
    let mut place = Array::<usize>::new(comptime!(shape.rows));
    #[unroll]
    for row in 0..comptime!(shape.rows) {
        let from = last_of(first_row + row, rows);
        place[row] = positions[from] as usize;
        #[unroll]
        for head in 0..comptime!(shape.group) {
            let nth = comptime!(row * shape.group + head);
            peak[nth] = f32::new(LEAST);
            total[nth] = 0.0f32;
            let start = (from * comptime!(shape.heads) + first_head + head) * head_dim;
            #[unroll]
            for n in 0..each {
                let at = lane + comptime!(n * PLANE);
                let mut number = 0.0f32;
                if at < head_dim {
                    number = queries[start + at] * scale;
                }
                query[comptime!(nth * each + n)] = number;
                sums[comptime!(nth * each + n)] = 0.0f32;
            }
        }
    }

    // Rows of a cube are of one sequence, their positions rise.
    let start = places[first_row] as usize - positions[first_row] as usize;
    let end = place[comptime!(shape.rows - 1)] + 1;
    let mut begin = 0usize;
    if comptime!(shape.window > 0) {
        let least = positions[first_row] as usize + 1;
        if least > comptime!(shape.window) {
            begin = least - comptime!(shape.window);
        }
    }
    let length = (end - begin).div_ceil(comptime!(shape.splits));
    let from = begin + part * length;
    let mut to = from + length;
    if to > end {
        to = end;
    }
    let mut at = from + plane;
    while at < to {
        let line = (start + at) * width + kv_head * head_dim;
        let mut key = Array::<f32>::new(each);
        let mut value = Array::<f32>::new(each);
        #[unroll]
        for n in 0..each {
            let column = lane + comptime!(n * PLANE);
            let mut k = 0.0f32;
            let mut v = 0.0f32;
            if column < head_dim {
                k = f32::cast_from(keys[line + column]);
                v = f32::cast_from(values[line + column]);
            }
            key[n] = k;
            value[n] = v;
        }
        #[unroll]
        for row in 0..comptime!(shape.rows) {
            let mut is_seen = at <= place[row];
            if comptime!(shape.window > 0) {
                is_seen = is_seen && place[row] < at + comptime!(shape.window);
            }
            if is_seen {
                #[unroll]
                for head in 0..comptime!(shape.group) {
                    let nth = comptime!(row * shape.group + head);
                    let mut score = 0.0f32;
                    #[unroll]
                    for n in 0..each {
                        score += query[comptime!(nth * each + n)] * key[n];
                    }
                    score = plane_sum(score);
                    if comptime!(shape.has_softcap) {
                        score = f32::tanh(score / softcap) * softcap;
                    }
                    if comptime!(shape.has_alibi) {
                        score += alibi[(first_head + head) * columns + at];
                    }
                    let top = f32::max(peak[nth], score);
                    let (fade, share) = (f32::exp(peak[nth] - top), f32::exp(score - top));
                    peak[nth] = top;
                    total[nth] = total[nth] * fade + share;
                    #[unroll]
                    for n in 0..each {
                        let place = comptime!(nth * each + n);
                        sums[place] = sums[place] * fade + share * value[n];
                    }
                }
            }
        }
        at += comptime!(shape.planes);
    }

    // The planes together, query after query.
    let mut peaks_of = Shared::<[f32]>::new_slice(comptime!(shape.planes));
    let mut totals_of = Shared::<[f32]>::new_slice(comptime!(shape.planes));
    let mut sums_of = Shared::<[f32]>::new_slice(comptime!(shape.planes * shape.head_dim));
    #[unroll]
    for row in 0..comptime!(shape.rows) {
        #[unroll]
        for head in 0..comptime!(shape.group) {
            let nth = comptime!(row * shape.group + head);
            if lane == 0 {
                peaks_of[plane] = peak[nth];
                totals_of[plane] = total[nth];
            }
            #[unroll]
            for n in 0..each {
                let column = lane + comptime!(n * PLANE);
                if column < head_dim {
                    sums_of[plane * head_dim + column] = sums[comptime!(nth * each + n)];
                }
            }
            sync_cube();
            let mut top = f32::new(LEAST);
            #[unroll]
            for other in 0..comptime!(shape.planes) {
                top = f32::max(top, peaks_of[other]);
            }
            let mut all = 0.0f32;
            #[unroll]
            for other in 0..comptime!(shape.planes) {
                all += totals_of[other] * f32::exp(peaks_of[other] - top);
            }
            if first_row + row < rows {
                let cell = (part * rows + first_row + row) * comptime!(shape.heads) + first_head + head;
                let mut column = plane * PLANE + lane;
                while column < head_dim {
                    let mut sum = 0.0f32;
                    #[unroll]
                    for other in 0..comptime!(shape.planes) {
                        sum += sums_of[other * head_dim + column] * f32::exp(peaks_of[other] - top);
                    }
                    if comptime!(shape.splits == 1) {
                        sum /= all;
                    }
                    mixed[cell * head_dim + column] = sum;
                    column += comptime!(shape.planes * PLANE);
                }
                if comptime!(shape.splits > 1) {
                    if plane == 0 && lane == 0 {
                        peaks[cell * 2] = top;
                        peaks[cell * 2 + 1] = all;
                    }
                }
            }
            sync_cube();
        }
    }
}

/// The last row where there are not so many; its result is not used.
#[cube]
fn last_of(row: usize, rows: usize) -> usize {
    if row < rows { row } else { rows - 1 }
}

/// Joins the parts of long texts: one number for each unit.
#[cube(launch_unchecked)]
pub(super) fn join(
    parts: &[f32],
    peaks: &[f32],
    mixed: &mut [f32],
    cells: usize,
    head_dim: usize,
    #[comptime] splits: usize,
) {
    if ABSOLUTE_POS >= cells * head_dim {
        terminate!();
    }
    let cell = ABSOLUTE_POS / head_dim;
    let mut top = f32::new(LEAST);
    #[unroll]
    for part in 0..splits {
        top = f32::max(top, peaks[(part * cells + cell) * 2]);
    }
    let mut sum = 0.0f32;
    let mut all = 0.0f32;
    #[unroll]
    for part in 0..splits {
        let share = f32::exp(peaks[(part * cells + cell) * 2] - top);
        sum += parts[part * cells * head_dim + ABSOLUTE_POS] * share;
        all += peaks[(part * cells + cell) * 2 + 1] * share;
    }
    mixed[ABSOLUTE_POS] = sum / all;
}

/// Norms and rotates one head of one row in each cube, and writes it to the queries or to its place in the cache.
#[cube(launch_unchecked)]
pub(super) fn remember<C: Numeric>(
    qkv: &[f32],
    cos: &[f32],
    sin: &[f32],
    query_weight: &[f32],
    query_bias: &[f32],
    key_weight: &[f32],
    key_bias: &[f32],
    positions: &[i32],
    places: &[i32],
    queries: &mut [f32],
    keys: &mut [C],
    values: &mut [C],
    query_weights: usize,
    key_weights: usize,
    query_eps: f32,
    key_eps: f32,
    #[comptime] turned: Turned,
    #[define(C)] _dtype: ElemType,
) {
    let head_dim = comptime!(turned.head_dim);
    let (row, head, lane) = (CUBE_POS_X as usize, CUBE_POS_Y as usize, UNIT_POS_X as usize);
    let heads = comptime!(turned.heads + 2 * turned.kv_heads);
    let start = (row * heads + head) * head_dim;
    let line = places[row] as usize * comptime!(turned.kv_heads * turned.head_dim);
    if head >= comptime!(turned.heads + turned.kv_heads) {
        let to = line + (head - comptime!(turned.heads + turned.kv_heads)) * head_dim;
        let mut at = lane;
        while at < head_dim {
            values[to + at] = C::cast_from(qkv[start + at]);
            at += PLANE;
        }
        terminate!();
    }
    let is_query = head < comptime!(turned.heads);
    let mut numbers = Shared::<[f32]>::new_slice(head_dim);
    if comptime!(turned.has_norm) {
        let mut mean = 0.0f32;
        if comptime!(turned.is_centred) {
            let mut sum = 0.0f32;
            let mut at = lane;
            while at < head_dim {
                sum += qkv[start + at];
                at += PLANE;
            }
            mean = plane_sum(sum) / f32::cast_from(head_dim);
        }
        let mut squares = 0.0f32;
        let mut at = lane;
        while at < head_dim {
            let number = qkv[start + at] - mean;
            squares += number * number;
            at += PLANE;
        }
        let mut eps = key_eps;
        if is_query {
            eps = query_eps;
        }
        let scale = 1.0f32 / f32::sqrt(plane_sum(squares) / f32::cast_from(head_dim) + eps);
        let mut at = lane;
        while at < head_dim {
            let number = (qkv[start + at] - mean) * scale;
            if is_query {
                let place = (head * head_dim + at) % query_weights;
                let mut normed = number * query_weight[place];
                if comptime!(turned.has_bias) {
                    normed += query_bias[place];
                }
                numbers[at] = normed;
            } else {
                let place = ((head - comptime!(turned.heads)) * head_dim + at) % key_weights;
                let mut normed = number * key_weight[place];
                if comptime!(turned.has_bias) {
                    normed += key_bias[place];
                }
                numbers[at] = normed;
            }
            at += PLANE;
        }
    } else {
        let mut at = lane;
        while at < head_dim {
            numbers[at] = qkv[start + at];
            at += PLANE;
        }
    }
    sync_cube();
    let pairs = comptime!(turned.pairs);
    let angles = positions[row] as usize * pairs;
    let mut at = lane;
    while at < head_dim {
        let mut number = numbers[at];
        if comptime!(turned.pairs > 0) {
            if at < pairs {
                number = number * cos[angles + at] - numbers[at + pairs] * sin[angles + at];
            } else if at < comptime!(2 * turned.pairs) {
                number = number * cos[angles + at - pairs] + numbers[at - pairs] * sin[angles + at - pairs];
            }
        }
        if is_query {
            queries[(row * comptime!(turned.heads) + head) * head_dim + at] = number;
        } else {
            keys[line + (head - comptime!(turned.heads)) * head_dim + at] = C::cast_from(number);
        }
        at += PLANE;
    }
}
