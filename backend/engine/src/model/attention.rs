//! Attention of new tokens over the cache: project, norm, rotate, remember, look.
//!
//! Must not: repeat keys for the queries that share them.

use burn::tensor::Tensor;

use super::cache::Turn;
use super::linear::Linear;
use super::load::{Loader, Piece};
use super::norm::Norm;
use crate::error::Error;
use crate::numeric::single;
use crate::ops;
use crate::spec::{AttentionSpec, LayerPlan, LinearSpec, QkNorm, QkvSpec};

/// Numbers of one attention that do not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heads {
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_dim: usize,
    pub(crate) scale: f32,
    pub(crate) softcap: Option<f32>,
    pub(crate) window: Option<usize>,
}

/// One layer's attention.
pub(crate) struct Attention {
    qkv: Linear,
    out: Linear,
    /// On queries and on keys.
    norms: Option<(Norm, Norm)>,
    heads: Heads,
    rope: Option<usize>,
}

impl Attention {
    pub(crate) fn load(
        spec: &AttentionSpec,
        plan: LayerPlan,
        prefix: &str,
        hidden: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let (pieces, bias) = qkv_pieces(spec, prefix);
        let qkv = loader.linear(&pieces, hidden, bias)?;
        let out = Piece::whole(format!("{prefix}{}", spec.out.name), hidden, spec.out.transposed);
        let out = loader.linear(&[out], spec.heads * spec.head_dim, spec.out.bias)?;
        let (heads, kv_heads, head_dim) = (spec.heads, spec.kv_heads, spec.head_dim);
        let norms = match &spec.qk_norm {
            QkNorm::None => None,
            QkNorm::PerHead { q, k } => {
                Some((Norm::load(q, prefix, head_dim, loader)?, Norm::load(k, prefix, head_dim, loader)?))
            }
            QkNorm::Full { q, k } => Some((
                Norm::load(q, prefix, heads * head_dim, loader)?,
                Norm::load(k, prefix, kv_heads * head_dim, loader)?,
            )),
            QkNorm::EachHead { q, k } => Some((
                Norm::load_each(q, prefix, heads, head_dim, loader)?,
                Norm::load_each(k, prefix, kv_heads, head_dim, loader)?,
            )),
        };
        let heads = Heads {
            heads,
            kv_heads,
            head_dim,
            scale: single(spec.scale),
            softcap: spec.softcap.map(single),
            window: plan.window,
        };
        Ok(Self { qkv, out, norms, heads, rope: plan.rope })
    }

    pub(crate) fn read_bytes(&self) -> usize {
        self.qkv.bytes() + self.out.bytes()
    }

    /// Attends from `x` (the new tokens of each turn in rows) over everything so far, each turn over
    /// its own cache.
    pub(crate) fn forward(&self, x: Tensor<2>, turns: &mut [Turn<'_>]) -> Tensor<2> {
        self.forward_with(x, |qkv, heads, norms, rope| ops::attention(qkv, heads, norms, rope, turns))
    }

    /// The same, looking in another way.
    pub(crate) fn forward_with(
        &self,
        x: Tensor<2>,
        look: impl FnOnce(Tensor<2>, &Heads, Option<(&Norm, &Norm)>, Option<usize>) -> Tensor<2>,
    ) -> Tensor<2> {
        let norms = self.norms.as_ref().map(|(q, k)| (q, k));
        self.out.forward(look(self.qkv.forward(x), &self.heads, norms, self.rope))
    }
}

/// The rows of query, key and value in that order, however they are stored.
fn qkv_pieces(spec: &AttentionSpec, prefix: &str) -> (Vec<Piece>, bool) {
    let (q_rows, kv_rows) = (spec.heads * spec.head_dim, spec.kv_heads * spec.head_dim);
    let whole =
        |linear: &LinearSpec, rows| Piece::whole(format!("{prefix}{}", linear.name), rows, linear.transposed);
    match &spec.qkv {
        QkvSpec::Separate { q, k, v } => {
            (vec![whole(q, q_rows), whole(k, kv_rows), whole(v, kv_rows)], q.bias)
        }
        QkvSpec::Stacked(linear) => (vec![whole(linear, q_rows + 2 * kv_rows)], linear.bias),
        QkvSpec::Grouped(linear) => {
            let queries = spec.heads / spec.kv_heads * spec.head_dim;
            let group = queries + 2 * spec.head_dim;
            let parts = [(0, queries), (queries, spec.head_dim), (queries + spec.head_dim, spec.head_dim)];
            let take = parts
                .into_iter()
                .flat_map(|(offset, length)| {
                    (0..spec.kv_heads).map(move |head| {
                        let start = head * group + offset;
                        start..start + length
                    })
                })
                .collect();
            let piece = Piece { take, ..whole(linear, q_rows + 2 * kv_rows) };
            (vec![piece], linear.bias)
        }
    }
}
