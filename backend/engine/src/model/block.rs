//! One layer: attention and feed-forward on the residual stream, in the order its spec gives.
//!
//! Must not: know a family.

use burn::tensor::Tensor;

use super::attention::Attention;
use super::cache::Turn;
use super::load::Loader;
use super::mlp::FeedForward;
use super::norm::Norm;
use crate::error::Error;
use crate::ops;
use crate::spec::{BlockSpec, LayerPlan, NormSpec};

/// One layer.
pub(crate) struct Block {
    attention_in: Option<Norm>,
    attention_out: Option<Norm>,
    mlp_in: Option<Norm>,
    mlp_out: Option<Norm>,
    parallel: bool,
    attention: Attention,
    mlp: FeedForward,
}

impl Block {
    pub(crate) fn load(
        spec: &BlockSpec,
        plan: LayerPlan,
        prefix: &str,
        hidden: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let mut norm = |spec: &Option<NormSpec>| {
            spec.as_ref().map(|spec| Norm::load(spec, prefix, hidden, loader)).transpose()
        };
        Ok(Self {
            attention_in: norm(&spec.attention_in)?,
            attention_out: norm(&spec.attention_out)?,
            mlp_in: norm(&spec.mlp_in)?,
            mlp_out: norm(&spec.mlp_out)?,
            parallel: spec.parallel,
            attention: Attention::load(&spec.attention, plan, prefix, hidden, loader)?,
            mlp: FeedForward::load(&spec.mlp, prefix, hidden, loader)?,
        })
    }

    /// Bytes of weights that a pass over so many rows reads, at the most likely choice of experts.
    pub(crate) fn read_bytes(&self, rows: usize) -> usize {
        self.attention.read_bytes() + self.mlp.read_bytes(rows)
    }

    pub(crate) fn forward(&self, stream: Stream, next: Option<&Self>, turns: &mut [Turn<'_>]) -> Stream {
        self.forward_with(stream, next, |attention, x| attention.forward(x, turns))
    }

    /// The same with attention called by somebody who knows another way. `next` is the layer after this one.
    pub(crate) fn forward_with(
        &self,
        stream: Stream,
        next: Option<&Self>,
        attend: impl FnOnce(&Attention, Tensor<2>) -> Tensor<2>,
    ) -> Stream {
        let Stream { x, normed } = stream;
        let seen = normed.unwrap_or_else(|| through(self.attention_in.as_ref(), x.clone()));
        let after = next.and_then(|next| next.attention_in.as_ref());
        if self.parallel {
            let attended = through(self.attention_out.as_ref(), attend(&self.attention, seen.clone()));
            let read = self.mlp_in.as_ref().map_or(seen, |norm| norm.forward(x.clone()));
            let fed = through(self.mlp_out.as_ref(), self.mlp.forward(read));
            return Stream::of(ops::sum(attended, x), fed, after);
        }
        let attended = through(self.attention_out.as_ref(), attend(&self.attention, seen));
        let Stream { x, normed } = Stream::of(attended, x, self.mlp_in.as_ref());
        let read = normed.unwrap_or_else(|| x.clone());
        Stream::of(through(self.mlp_out.as_ref(), self.mlp.forward(read)), x, after)
    }
}

/// What flows from layer to layer.
pub(crate) struct Stream {
    pub(crate) x: Tensor<2>,
    /// The same as the next layer's first norm leaves it, where that was made along with the sum.
    normed: Option<Tensor<2>>,
}

impl Stream {
    /// What flows into the first layer.
    pub(crate) fn from(x: Tensor<2>) -> Self {
        Self { x, normed: None }
    }

    /// Two tensors together, and normed where somebody wants that.
    fn of(x: Tensor<2>, y: Tensor<2>, norm: Option<&Norm>) -> Self {
        match norm {
            Some(norm) => {
                let (x, normed) = ops::sum_norm(x, y, norm);
                Self { x, normed: Some(normed) }
            }
            None => Self { x: ops::sum(x, y), normed: None },
        }
    }
}

fn through(norm: Option<&Norm>, x: Tensor<2>) -> Tensor<2> {
    match norm {
        Some(norm) => norm.forward(x),
        None => x,
    }
}
