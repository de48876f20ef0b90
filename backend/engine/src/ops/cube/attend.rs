//! Launching attention on a GPU.
//!
//! Must not: read anything back; take a shape from a number that changes from step to step.

use burn::backend::Cube;
use burn::tensor::{DType, Tensor};
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::{ElemType, FloatKind};
use cubecl::prelude::{BufferArg, CubeCount, CubeDim};

use super::attention;
use super::launch::{bias_or, cubes, lent, lent_int, room};
use super::plan::{PLANE, PLANES, Shape, Turned};
use crate::model::attention::Heads;
use crate::model::norm::Norm;
use crate::model::resident::{Cache, Places, Seen};
use crate::model::rope::RopeTable;
use crate::numeric::count_u32;

/// Whether one kernel norms, rotates and writes: where each head is normed by itself.
pub(crate) fn can_remember(heads: &Heads, norms: Option<(&Norm, &Norm)>) -> bool {
    norms.is_none_or(|(on_q, on_k)| {
        on_q.group == heads.head_dim
            && on_k.group == heads.head_dim
            && on_q.centred == on_k.centred
            && on_q.bias.is_some() == on_k.bias.is_some()
    })
}

fn elem(dtype: DType) -> ElemType {
    ElemType::Float(match dtype {
        DType::BF16 => FloatKind::BF16,
        DType::F16 => FloatKind::F16,
        _ => FloatKind::F32,
    })
}

/// Weights, biases, their number and the least square of a norm; where there is none, something that is not read.
fn of_norm(norm: Option<&Norm>, instead: &CubeTensor) -> (BufferArg, BufferArg, usize, f32) {
    match norm {
        Some(norm) => (
            lent(norm.weight.clone()).into_buffer_arg(),
            bias_or(norm.bias.as_ref(), instead),
            norm.weight.dims()[0],
            norm.eps,
        ),
        None => (instead.clone().into_buffer_arg(), instead.clone().into_buffer_arg(), 1, 0.0),
    }
}

/// Norms and rotates queries and keys of each row at its position, writes keys and values to its place in the cache.
/// Queries `[rows, heads, head_dim]`.
pub(crate) fn remember(
    qkv: Tensor<2>,
    heads: &Heads,
    norms: Option<(&Norm, &Norm)>,
    rope: Option<&RopeTable>,
    cache: &mut Cache,
    places: &Places,
) -> Tensor<3> {
    let [rows, _] = qkv.dims();
    let dtype = cache.keys.dtype();
    let qkv = lent(qkv);
    let queries = room(&qkv, rows, heads.heads * heads.head_dim);
    let client = qkv.client.clone();
    let table = |of: fn(&RopeTable) -> &Tensor<2>| {
        rope.map_or_else(|| qkv.clone(), |rope| lent(of(rope).clone())).into_buffer_arg()
    };
    let (query_weight, query_bias, query_weights, query_eps) = of_norm(norms.map(|(on_q, _)| on_q), &qkv);
    let (key_weight, key_bias, key_weights, key_eps) = of_norm(norms.map(|(_, on_k)| on_k), &qkv);
    let turned = Turned {
        heads: heads.heads,
        kv_heads: heads.kv_heads,
        head_dim: heads.head_dim,
        pairs: rope.map_or(0, |rope| rope.pairs),
        has_norm: norms.is_some(),
        is_centred: norms.is_some_and(|(on_q, _)| on_q.centred),
        has_bias: norms.is_some_and(|(on_q, _)| on_q.bias.is_some()),
    };
    let count = CubeCount::Static(count_u32(rows), count_u32(heads.heads + 2 * heads.kv_heads), 1);
    // SAFETY: a cube stays within its head; positions and places of every row lie within the tables and the cache, which is
    // written in place and belongs to whoever lends it mutably.
    #[expect(unsafe_code, reason = "a kernel that checks its bounds itself")]
    unsafe {
        attention::remember::launch_unchecked(
            &client,
            count,
            CubeDim::new_1d(count_u32(PLANE)),
            qkv.clone().into_buffer_arg(),
            table(|rope| &rope.cos),
            table(|rope| &rope.sin),
            query_weight,
            query_bias,
            key_weight,
            key_bias,
            lent_int(places.positions.clone()).into_buffer_arg(),
            lent_int(places.rows.clone()).into_buffer_arg(),
            queries.clone().into_buffer_arg(),
            lent(cache.keys.clone()).into_buffer_arg(),
            lent(cache.values.clone()).into_buffer_arg(),
            query_weights,
            key_weights,
            query_eps,
            key_eps,
            turned,
            elem(dtype),
        );
    }
    Tensor::<2>::from_primitive::<Cube>(queries).reshape([rows, heads.heads, heads.head_dim])
}

/// Mixes the values that each row sees: `[rows, heads × head_dim]`.
pub(crate) fn look(
    queries: Tensor<3>,
    heads: &Heads,
    alibi: Option<&Tensor<2>>,
    cache: &Cache,
    places: &Places,
    seen: &Seen,
) -> Tensor<2> {
    let [rows, _, _] = queries.dims();
    let shape = Shape::of(heads, seen, rows, alibi.is_some());
    let queries = lent(queries);
    let client = queries.client.clone();
    let width = heads.heads * heads.head_dim;
    let mixed = room(&queries, rows, width);
    let (parts, peaks) = match shape.splits {
        1 => (mixed.clone(), mixed.clone()),
        splits => (room(&queries, splits * rows, width), room(&queries, splits * rows, 2 * heads.heads)),
    };
    let columns = alibi.map_or(0, |alibi| alibi.dims()[1]);
    let alibi = alibi.map_or_else(|| queries.clone(), |alibi| lent(alibi.clone()));
    let count = CubeCount::Static(
        count_u32(rows.div_ceil(shape.rows)),
        count_u32(heads.heads / shape.group),
        count_u32(shape.splits),
    );
    // SAFETY: rows beyond the last are replaced by it and not written, and no unit looks further than the position of a row,
    // which lies within its part of the cache.
    #[expect(unsafe_code, reason = "kernels that check their bounds themselves")]
    unsafe {
        attention::look::launch_unchecked(
            &client,
            count,
            CubeDim::new_2d(count_u32(PLANE), count_u32(PLANES)),
            queries.clone().into_buffer_arg(),
            lent(cache.keys.clone()).into_buffer_arg(),
            lent(cache.values.clone()).into_buffer_arg(),
            lent_int(places.positions.clone()).into_buffer_arg(),
            lent_int(places.rows.clone()).into_buffer_arg(),
            alibi.into_buffer_arg(),
            parts.clone().into_buffer_arg(),
            peaks.clone().into_buffer_arg(),
            rows,
            columns,
            heads.scale,
            heads.softcap.unwrap_or(1.0),
            shape,
            elem(cache.keys.dtype()),
        );
        if shape.splits > 1 {
            let units = PLANES * PLANE;
            attention::join::launch_unchecked(
                &client,
                cubes((rows * width).div_ceil(units)),
                CubeDim::new_1d(count_u32(units)),
                parts.into_buffer_arg(),
                peaks.into_buffer_arg(),
                mixed.clone().into_buffer_arg(),
                rows * heads.heads,
                heads.head_dim,
                shape.splits,
            );
        }
    }
    Tensor::from_primitive::<Cube>(mixed)
}
