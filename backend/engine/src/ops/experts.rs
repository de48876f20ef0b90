//! A mixture of experts on a device that never asks the host: who is chosen, and what they answer.
//!
//! Few tokens read the weights of the experts they chose and no others, with a kernel of ours on a GPU; many tokens choose
//! nearly all of them together, so all are computed and the shares of those not chosen are zero. Must not: read anything
//! back; know layers.

use burn::tensor::{Int, Tensor, activation};

use super::reference::widened;
use super::route::halves;
use super::{activate, linear, narrow};
use crate::model::Linear;
use crate::spec::Activation;

/// Experts whose weights stand one after another in the rows of two matrices.
pub(crate) struct Experts<'a> {
    /// `[count × inner, hidden]`, or twice as many rows where it is gated.
    pub(crate) up: &'a Linear,
    /// `[count × hidden, inner]`.
    pub(crate) down: &'a Linear,
    pub(crate) kind: Activation,
    pub(crate) gated: bool,
    pub(crate) count: usize,
    /// How many answer a token.
    pub(crate) active: usize,
}

impl Experts<'_> {
    /// What the first matrix gave through the activation, gated where it is.
    fn through(&self, up: Tensor<2>) -> Tensor<2> {
        if self.gated { halves(up, self.kind) } else { activate(up, self.kind) }
    }
}

/// Each token through its best experts, weighted by their share of the chosen ones. `logits` are the router's.
pub(crate) fn mixed(x: Tensor<2>, logits: Tensor<2>, experts: &Experts<'_>) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if super::cube::has(&x) && super::cube::can_choose(x.dims()[0], experts) {
        return chosen(x, logits, experts);
    }
    all(x, &shares(logits, experts.active), experts)
}

/// The chosen experts only.
#[cfg(feature = "cuda")]
fn chosen(x: Tensor<2>, logits: Tensor<2>, experts: &Experts<'_>) -> Tensor<2> {
    use super::cube;
    let [tokens, hidden] = x.dims();
    let active = experts.active;
    let (who, shares) = cube::best(logits, active);
    let up = cube::of_chosen(x, experts.up, &who, active, experts.count);
    let answers = cube::of_chosen(experts.through(up), experts.down, &who, 1, experts.count);
    let weighed = answers.reshape([tokens, active, hidden]) * shares.reshape([tokens, active, 1]);
    weighed.sum_dim(1).reshape([tokens, hidden])
}

/// The share of every expert in every token's answer, zero where it was not chosen: `[tokens, experts]`. Of equals the first
/// is better.
fn shares(logits: Tensor<2>, active: usize) -> Tensor<2> {
    let [tokens, count] = logits.dims();
    let shape = [tokens, count, count];
    let own = logits.clone().reshape([tokens, count, 1]).expand(shape);
    let other = logits.clone().reshape([tokens, 1, count]).expand(shape);
    let numbers = Tensor::<1, Int>::arange(0..i64::try_from(count).unwrap_or(i64::MAX), &logits.device());
    let earlier = numbers
        .clone()
        .reshape([1, 1, count])
        .expand(shape)
        .lower(numbers.reshape([1, count, 1]).expand(shape));
    let better = other.clone().greater(own.clone()).bool_or(other.equal(own).bool_and(earlier));
    let rank: Tensor<2, Int> = better.int().sum_dim(2).reshape([tokens, count]);
    let active = i64::try_from(active).unwrap_or(i64::MAX);
    activation::softmax(logits.mask_fill(rank.greater_equal_elem(active), f32::NEG_INFINITY), 1)
}

/// All experts, each weighed by its share.
fn all(x: Tensor<2>, shares: &Tensor<2>, experts: &Experts<'_>) -> Tensor<2> {
    let [tokens, hidden] = x.dims();
    let count = experts.count;
    let up = linear(x, experts.up);
    let [_, width] = up.dims();
    let inner = experts.through(up.reshape([tokens * count, width / count]));
    let [_, width] = inner.dims();
    // The share may as well be taken before the last product, which is then summed over experts.
    let inner = inner * shares.clone().reshape([tokens * count, 1]);
    let inner = inner.reshape([tokens, count, width]).swap_dims(0, 1);
    let down = for_many_rows(experts.down).reshape([count, hidden, width]).swap_dims(1, 2);
    let answers = narrow::product(inner, down).sum_dim(0).reshape([tokens, hidden]);
    match &experts.down.bias {
        Some(bias) => answers + shares.clone().matmul(bias.clone().reshape([count, hidden])),
        None => answers,
    }
}

/// Weights as burn's products of many rows read them.
fn for_many_rows(linear: &Linear) -> Tensor<2> {
    #[cfg(feature = "cuda")]
    if let Some(weight) = super::cube::for_many_rows(linear) {
        return weight;
    }
    widened(linear)
}
