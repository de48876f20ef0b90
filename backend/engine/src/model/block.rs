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

    pub(crate) fn forward(&self, x: Tensor<2>, turns: &mut [Turn<'_>]) -> Tensor<2> {
        self.forward_with(x, |attention, x| attention.forward(x, turns))
    }

    /// The same with attention called by somebody who knows another way.
    pub(crate) fn forward_with(
        &self,
        x: Tensor<2>,
        attend: impl FnOnce(&Attention, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let seen = through(self.attention_in.as_ref(), x.clone());
        let attended = attend(&self.attention, seen.clone());
        let attended = through(self.attention_out.as_ref(), attended);
        if self.parallel {
            let read = self.mlp_in.as_ref().map_or(seen, |norm| norm.forward(x.clone()));
            let fed = through(self.mlp_out.as_ref(), self.mlp.forward(read));
            return ops::sum(ops::sum(attended, x), fed);
        }
        let x = ops::sum(attended, x);
        let read = through(self.mlp_in.as_ref(), x.clone());
        ops::sum(through(self.mlp_out.as_ref(), self.mlp.forward(read)), x)
    }
}

fn through(norm: Option<&Norm>, x: Tensor<2>) -> Tensor<2> {
    match norm {
        Some(norm) => norm.forward(x),
        None => x,
    }
}
