//! Feed-forward: up, through the activation, down; gated or not; one or a choice of experts.
//!
//! The CPU chooses experts on the host and computes only those. Where weights lie in rows, for a device that records its
//! steps, all experts are one matrix and the choice never leaves the device.
//!
//! Must not: compute experts that no token chose, but where many tokens together choose nearly all.

use burn::tensor::{DType, Tensor, TensorData};

use super::linear::Linear;
#[cfg(any(test, feature = "cuda"))]
use super::linear::Order;
use super::load::{Loader, Piece};
use crate::error::Error;
use crate::numeric::{count_f64, share};
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
    experts: Experts,
    active: usize,
}

/// Where the experts' weights are.
enum Experts {
    Each(Vec<Mlp>),
    /// One after another in the rows of one matrix.
    #[cfg(any(test, feature = "cuda"))]
    Stacked {
        all: Box<Mlp>,
        count: usize,
    },
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
        let router = loader.router(&format!("{prefix}{}", choice.router), choice.count, hidden)?;
        let prefixes: Vec<String> = (0..choice.count)
            .map(|expert| format!("{prefix}{}", choice.prefix.replace("{}", &expert.to_string())))
            .collect();
        let experts = match loader.order {
            #[cfg(any(test, feature = "cuda"))]
            Order::Rows => {
                let all = Box::new(Mlp::load_stacked(spec, &prefixes, hidden, loader)?);
                Experts::Stacked { all, count: choice.count }
            }
            _ => {
                let load = |prefix: &String| Mlp::load(spec, prefix, hidden, loader);
                Experts::Each(prefixes.iter().map(load).collect::<Result<_, _>>()?)
            }
        };
        Ok(Self::Choice(Box::new(Choice { router, experts, active: choice.active })))
    }

    /// Bytes of weights that so many rows read: of experts, as many as they choose together when each
    /// is as likely as the others.
    pub(crate) fn read_bytes(&self, rows: usize) -> usize {
        match self {
            Self::One(mlp) => mlp.bytes(),
            Self::Choice(choice) => {
                let (all, count): (usize, usize) = match &choice.experts {
                    Experts::Each(experts) => (experts.iter().map(Mlp::bytes).sum(), experts.len()),
                    #[cfg(any(test, feature = "cuda"))]
                    Experts::Stacked { all, count } => (all.bytes(), *count),
                };
                let idle = 1.0 - count_f64(choice.active) / count_f64(count.max(1));
                let asked = 1.0 - (0..rows).fold(1.0, |idle_so_far, _| idle_so_far * idle);
                choice.router.bytes() + share(all, asked)
            }
        }
    }

    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::One(mlp) => mlp.forward(x),
            Self::Choice(choice) => {
                let logits = choice.router.forward(x.clone());
                match &choice.experts {
                    Experts::Each(experts) => choose(&x, &logits, experts, choice.active),
                    #[cfg(any(test, feature = "cuda"))]
                    Experts::Stacked { all, count } => {
                        let Mlp { up, down, activation, gated } = &**all;
                        let experts = ops::experts::Experts {
                            up,
                            down,
                            kind: *activation,
                            gated: *gated,
                            count: *count,
                            active: choice.active,
                        };
                        ops::experts::mixed(x, logits, &experts)
                    }
                }
            }
        }
    }
}

impl Mlp {
    fn load(spec: &MlpSpec, prefix: &str, hidden: usize, loader: &mut Loader<'_>) -> Result<Self, Error> {
        Self::load_all(spec, &[prefix], hidden, loader)
    }

    /// Several as one, whose rows stand one after another.
    #[cfg(any(test, feature = "cuda"))]
    fn load_stacked(
        spec: &MlpSpec,
        prefixes: &[String],
        hidden: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
        Self::load_all(spec, &prefixes, hidden, loader)
    }

    fn load_all(
        spec: &MlpSpec,
        prefixes: &[&str],
        hidden: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Self, Error> {
        let inner = spec.inner;
        let (up, bias, gated): (Vec<(&LinearSpec, usize)>, bool, bool) = match &spec.up {
            UpSpec::Plain(up) => (vec![(up, inner)], up.bias, false),
            UpSpec::Gated { gate, up } => (vec![(gate, inner), (up, inner)], up.bias, true),
            UpSpec::GatedStacked(both) => (vec![(both, 2 * inner)], both.bias, true),
        };
        let pieces = |of: &[(&LinearSpec, usize)]| -> Vec<Piece> {
            let of = |prefix: &&str| {
                let prefix = (*prefix).to_owned();
                of.iter()
                    .map(|(linear, rows)| {
                        Piece::whole(format!("{prefix}{}", linear.name), *rows, linear.transposed)
                    })
                    .collect::<Vec<_>>()
            };
            prefixes.iter().flat_map(of).collect()
        };
        let up = pieces(&up);
        Ok(Self {
            up: if gated { loader.gated(&up, hidden, bias)? } else { loader.linear(&up, hidden, bias)? },
            down: loader.linear(&pieces(&[(&spec.down, hidden)]), inner, spec.down.bias)?,
            activation: spec.activation,
            gated,
        })
    }

    fn bytes(&self) -> usize {
        self.up.bytes() + self.down.bytes()
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let inner = if self.gated {
            ops::gated(x, &self.up, self.activation)
        } else {
            ops::activate(self.up.forward(x), self.activation)
        };
        self.down.forward(inner)
    }
}

/// Each token through its best experts, weighted by their share of the chosen ones. An expert sees all
/// tokens that chose it at once.
fn choose(x: &Tensor<2>, logits: &Tensor<2>, experts: &[Mlp], active: usize) -> Tensor<2> {
    let [tokens, hidden] = x.dims();
    let device = x.device();
    let tensor = |numbers: Vec<f32>, rows: usize| -> Tensor<2> {
        Tensor::from_data(TensorData::new(numbers, [rows, hidden]), (&device, DType::F32))
    };
    let numbers = ops::to_vec(x.clone());
    let scores = ops::to_vec(logits.clone());
    let choices: Vec<Vec<(usize, f32)>> =
        scores.chunks(experts.len().max(1)).map(|scores| best(scores, active)).collect();
    // What each token's choices answered, in the order of its choices: the sum must not depend on
    // which tokens came together.
    let mut answers = vec![0.0f32; tokens * active * hidden];
    for (index, expert) in experts.iter().enumerate() {
        let askers: Vec<(usize, usize)> = choices
            .iter()
            .enumerate()
            .flat_map(|(token, chosen)| {
                let rank = chosen.iter().position(|&(choice, _)| choice == index)?;
                Some((token, rank))
            })
            .collect();
        if askers.is_empty() {
            continue;
        }
        let mut rows = Vec::with_capacity(askers.len() * hidden);
        for &(token, _) in &askers {
            rows.extend_from_slice(&numbers[token * hidden..(token + 1) * hidden]);
        }
        let answer = ops::to_vec(expert.forward(tensor(rows, askers.len())));
        for (row, (token, rank)) in answer.chunks(hidden).zip(askers) {
            let at = (token * active + rank) * hidden;
            answers[at..at + hidden].copy_from_slice(row);
        }
    }
    let mut mixed = vec![0.0f32; tokens * hidden];
    for ((out, answers), chosen) in
        mixed.chunks_mut(hidden).zip(answers.chunks(active * hidden)).zip(&choices)
    {
        for (answer, &(_, weight)) in answers.chunks(hidden).zip(chosen) {
            out.iter_mut().zip(answer).for_each(|(out, &number)| *out += number * weight);
        }
    }
    tensor(mixed, tokens)
}

/// The likeliest experts, best first, with their shares.
fn best(scores: &[f32], active: usize) -> Vec<(usize, f32)> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order.truncate(active);
    let greatest = order.first().map_or(0.0, |&first| scores[first]);
    let weights: Vec<f32> = order.iter().map(|&expert| (scores[expert] - greatest).exp()).collect();
    let sum: f32 = weights.iter().sum();
    order.into_iter().zip(weights).map(|(expert, weight)| (expert, weight / sum)).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use common::model::Dtype;

    use super::*;
    use crate::hf::random::RandomWeights;
    use crate::model::{Source, Weight};
    use crate::spec::ExpertsSpec;

    #[test]
    fn what_chooses_experts_is_not_rounded_where_weights_are_packed() {
        let (count, hidden) = (4, 64);
        let experts = Some(ExpertsSpec { count, active: 2, router: "gate", prefix: "{}." });
        let up = UpSpec::Plain(LinearSpec::new("up", false));
        let one = MlpSpec::new(32, up, LinearSpec::new("down", false), Activation::Silu);
        let random = RandomWeights { seed: 7 };
        let exact = random.matrix("gate.weight", count, hidden).to_vec();
        for dtype in [Dtype::Int8, Dtype::Int4] {
            let mut loader = Loader {
                source: &Source::Random(RandomWeights { seed: 7 }),
                renames: &[],
                dtype,
                order: Order::Rows,
                device: &Device::flex(),
                memory: ops::Memory::default(),
                parameters: 0,
                weight_bytes: 0,
            };
            let spec = MlpSpec { experts: experts.clone(), ..one.clone() };
            let loaded = FeedForward::load(&spec, "", hidden, &mut loader).unwrap();
            let FeedForward::Choice(choice) = loaded else { panic!("no choice") };
            let Weight::Dense(router) = choice.router.weight else { panic!("{dtype}: packed") };
            assert_eq!(ops::to_vec(router), exact, "{dtype}");
            assert_eq!(loader.dtype, dtype, "what follows is packed again");
        }
    }
}
