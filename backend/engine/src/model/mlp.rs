//! Feed-forward: up, through the activation, down; gated or not; one or a choice of experts.
//!
//! Must not: compute experts that no token chose.

use burn::tensor::{DType, Tensor, TensorData};

use super::linear::Linear;
use super::load::{Loader, Piece};
use crate::error::Error;
use crate::ops;
use crate::spec::{Activation, LinearSpec, MlpSpec, UpSpec};

/// One feed-forward.
pub(crate) struct Mlp {
    up: Linear,
    down: Linear,
    activation: Activation,
    gated: bool,
}

/// A layer's feed-forward.
pub(crate) enum FeedForward {
    One(Box<Mlp>),
    Choice(Box<Choice>),
}

/// Experts, and who chooses among them.
pub(crate) struct Choice {
    router: Linear,
    experts: Vec<Mlp>,
    active: usize,
}

impl FeedForward {
    pub(crate) fn load(
        spec: &MlpSpec,
        prefix: &str,
        hidden: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let Some(choice) = &spec.experts else {
            return Ok(Self::One(Box::new(Mlp::load(spec, prefix, hidden, loader)?)));
        };
        let router = Piece::whole(format!("{prefix}{}", choice.router), choice.count, false);
        let router = loader.linear(&[router], hidden, false)?;
        let experts = (0..choice.count)
            .map(|expert| {
                let prefix = format!("{prefix}{}", choice.prefix.replace("{}", &expert.to_string()));
                Mlp::load(spec, &prefix, hidden, loader)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Choice(Box::new(Choice { router, experts, active: choice.active })))
    }

    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::One(mlp) => mlp.forward(x),
            Self::Choice(choice) => {
                let logits = choice.router.forward(x.clone());
                choose(&x, &logits, &choice.experts, choice.active)
            }
        }
    }
}

impl Mlp {
    fn load(spec: &MlpSpec, prefix: &str, hidden: usize, loader: &mut Loader<'_>) -> Result<Self, Error> {
        let whole = |linear: &LinearSpec, rows| {
            Piece::whole(format!("{prefix}{}", linear.name), rows, linear.transposed)
        };
        let inner = spec.inner;
        let (pieces, bias, gated) = match &spec.up {
            UpSpec::Plain(up) => (vec![whole(up, inner)], up.bias, false),
            UpSpec::Gated { gate, up } => (vec![whole(gate, inner), whole(up, inner)], up.bias, true),
            UpSpec::GatedStacked(both) => (vec![whole(both, 2 * inner)], both.bias, true),
        };
        Ok(Self {
            up: loader.linear(&pieces, hidden, bias)?,
            down: loader.linear(&[whole(&spec.down, hidden)], inner, spec.down.bias)?,
            activation: spec.activation,
            gated,
        })
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let inner = ops::activate(self.up.forward(x), self.activation, self.gated);
        self.down.forward(inner)
    }
}

/// Each token through its best experts, weighted by their share of the chosen ones.
fn choose(x: &Tensor<2>, logits: &Tensor<2>, experts: &[Mlp], active: usize) -> Tensor<2> {
    let [tokens, hidden] = x.dims();
    let device = x.device();
    let scores = ops::to_vec(logits.clone());
    let mut parts = Vec::with_capacity(tokens);
    for (token, scores) in scores.chunks(experts.len().max(1)).enumerate() {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        order.truncate(active);
        let best = order.first().map_or(0.0, |&first| scores[first]);
        let weights: Vec<f32> = order.iter().map(|&expert| (scores[expert] - best).exp()).collect();
        let sum: f32 = weights.iter().sum();
        let row = x.clone().slice([token..token + 1, 0..hidden]);
        let mut mixed: Tensor<2> =
            Tensor::from_data(TensorData::new(vec![0.0f32; hidden], [1, hidden]), (&device, DType::F32));
        for (expert, weight) in order.into_iter().zip(weights) {
            mixed = mixed + experts[expert].forward(row.clone()) * (weight / sum);
        }
        parts.push(mixed);
    }
    Tensor::cat(parts, 0)
}
