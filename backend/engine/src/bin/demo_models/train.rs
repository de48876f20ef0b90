//! Training: Muon and AdamW under a cosine schedule, each batch in two halves side by side, loss on the answers
//! only.
//!
//! Must not: write files (the caller gets the network now and then and keeps it), or read the clock (it is an
//! argument).

use std::collections::BTreeMap;
use std::num::NonZero;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use burn::module::{Module, ParamGroup};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{
    AdamWConfig, AdjustLrFn, GradientsAccumulator, GradientsParams, ModuleOptimizer, MuonConfig,
};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokenizers::Tokenizer;

use crate::batches::{Batch, Batches};
use crate::dice::Dice;
use crate::folder::{self, Stored};
use crate::network::{Network, Positions};
use crate::sizes::Size;

/// How long training goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Until {
    /// So many tokens, padding included: the same weights every time.
    Tokens(u64),
    /// So much time: as much as this machine can.
    Elapsed(Duration),
}

/// What a training is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plan {
    /// The shape.
    pub(crate) size: Size,
    /// Of first weights and examples.
    pub(crate) seed: u64,
    /// When it ends.
    pub(crate) until: Until,
    /// Tokens of a batch.
    pub(crate) batch: usize,
    /// Highest learning rate.
    pub(crate) rate: f64,
}

/// Where a training stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Progress {
    /// Steps done.
    pub(crate) steps: u64,
    /// Tokens seen.
    pub(crate) tokens: u64,
    /// Share of the plan that is done.
    pub(crate) share: f64,
    /// Mean loss of the last step's taught tokens.
    pub(crate) loss: f32,
    /// Since the start.
    pub(crate) elapsed: Duration,
}

/// Share of the training during which the rate rises.
const WARM_UP: f64 = 0.02;

/// The rate at that share of the training: up in a line, down along a cosine to a fiftieth.
fn rate(highest: f64, share: f64) -> f64 {
    if share < WARM_UP {
        return highest * (0.05 + 0.95 * share / WARM_UP);
    }
    let way = ((share - WARM_UP) / (1.0 - WARM_UP)).clamp(0.0, 1.0);
    highest * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * way).cos()))
}

fn ints<const D: usize>(values: &[i64], shape: [usize; D], device: &Device) -> Tensor<D, Int> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

/// Sum of the losses of a half batch, divided by the taught tokens of the whole one; and its gradients.
fn half(
    network: Network,
    size: Size,
    batch: &Batch,
    taught: f32,
    positions: &Positions,
    device: &Device,
) -> Result<(f32, GradientsParams)> {
    let network = network.fork(device);
    let tokens = ints(&batch.tokens, [batch.sequences, batch.length], device);
    let rows = ints(&batch.rows, [batch.rows.len()], device);
    let targets = ints(&batch.targets, [batch.targets.len(), 1], device);
    let logits = network.logits(size, tokens, &rows, positions);
    let loss = log_softmax(logits, 1).gather(1, targets).sum().neg().div_scalar(taught);
    let gradients = loss.backward();
    let loss: f32 =
        loss.try_into_scalar().map_err(|error| anyhow!("the loss could not be read: {error:?}"))?;
    Ok((loss, GradientsParams::from_grads(gradients, &network)))
}

/// Muon for the layers' matrices, which learn about twice as much from a token as under AdamW; AdamW for the rest.
fn optimizer() -> ModuleOptimizer {
    let adam = AdamWConfig::new().with_beta_2(0.98).with_epsilon(1e-8).with_weight_decay(0.01);
    let muon = MuonConfig::new()
        .with_weight_decay(Some(WeightDecayConfig::new(0.1)))
        .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW);
    ModuleOptimizer::from(adam.build()).with_group(ParamGroup::from_predicate("layers"), muon.build(), None)
}

/// Trains, from `first` where given, else from random weights. `now` gives the time since the start; `report` sees every step's progress and the network.
pub(crate) fn train(
    plan: Plan,
    first: Option<&[Stored]>,
    tokenizer: &Tokenizer,
    mut now: impl FnMut() -> Duration,
    mut report: impl FnMut(Progress, &Network) -> Result<()>,
) -> Result<Network> {
    let device = Device::flex().autodiff();
    let size = plan.size;
    let mut network = match first {
        Some(stored) => folder::network(stored, size.layers, &device)?,
        None => Network::new(size, &mut Dice::new(plan.seed), &device),
    };
    let mut batches = Batches::new(tokenizer, plan.seed.wrapping_add(1), plan.batch)?;
    let mut optimizer = optimizer();
    let pools = pools()?;
    let mut tables: BTreeMap<usize, Positions> = BTreeMap::new();
    let mut progress = Progress { steps: 0, tokens: 0, share: 0.0, loss: f32::NAN, elapsed: now() };
    while progress.share < 1.0 {
        let batch = batches.draw()?;
        let positions =
            tables.entry(batch.length).or_insert_with(|| Positions::new(size, batch.length, &device));
        let positions = &*positions;
        let taught = f32::from(u16::try_from(batch.rows.len()).context("a batch is too large")?);
        let [first, last] = batch.halves();
        let theirs = network.clone();
        let (first, last) = std::thread::scope(|scope| {
            let other =
                scope.spawn(|| pools[1].install(|| half(theirs, size, &last, taught, positions, &device)));
            let first = pools[0].install(|| half(network.clone(), size, &first, taught, positions, &device));
            (first, other.join().unwrap_or_else(|_| Err(anyhow!("half of a training step panicked"))))
        });
        let ((first_loss, first), (last_loss, last)) = (first?, last?);
        let mut both = GradientsAccumulator::new();
        both.accumulate(&network, first);
        both.accumulate(&network, last);
        network = optimizer.step(rate(plan.rate, progress.share), network, both.grads());
        progress.steps += 1;
        progress.tokens += u64::try_from(batch.tokens.len())?;
        progress.loss = first_loss + last_loss;
        if !progress.loss.is_finite() {
            bail!("the loss is no number after {} steps; train with a lower --rate", progress.steps);
        }
        progress.elapsed = now();
        progress.share = share(plan.until, &progress);
        report(progress, &network)?;
    }
    Ok(network)
}

/// One pool of threads for each half of a batch, so that the halves never wait for one another inside a step:
/// on a busy machine that is most of the time.
fn pools() -> Result<[ThreadPool; 2]> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let pool = || {
        ThreadPoolBuilder::new()
            .num_threads((cores / 2).max(1))
            .build()
            .context("threads could not be started")
    };
    Ok([pool()?, pool()?])
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "token counts are far below 2^53")]
fn share(until: Until, progress: &Progress) -> f64 {
    match until {
        Until::Tokens(tokens) => progress.tokens as f64 / tokens.max(1) as f64,
        Until::Elapsed(time) => progress.elapsed.as_secs_f64() / time.as_secs_f64().max(1e-9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes::SIZES;

    #[test]
    fn twenty_steps_lower_the_loss_and_repeat_to_the_bit() {
        let tokenizer = crate::vocabulary::train(1).unwrap();
        let plan = Plan { size: SIZES[0], seed: 1, until: Until::Tokens(20 * 400), batch: 512, rate: 4e-3 };
        let losses = || -> Vec<f32> {
            let mut losses = Vec::new();
            let keep = |progress: Progress, _: &Network| {
                losses.push(progress.loss);
                Ok(())
            };
            train(plan, None, &tokenizer, || Duration::ZERO, keep).unwrap();
            losses
        };
        let first = losses();
        assert!((6.5..7.5).contains(&first[0]), "the first guess is not even: {}", first[0]);
        assert!(first[first.len() - 1] < first[0] - 0.8, "{first:?}");
        assert_eq!(first, losses());
    }

    #[test]
    fn the_rate_rises_then_falls_and_never_ends_at_nought() {
        assert!(rate(1.0, 0.0) < 0.1);
        assert!((rate(1.0, WARM_UP) - 1.0).abs() < 1e-9);
        assert!(rate(1.0, 0.5) < 0.6 && rate(1.0, 0.5) > 0.4);
        assert!((rate(1.0, 1.0) - 0.02).abs() < 1e-9);
        assert!((rate(1.0, 1.5) - 0.02).abs() < 1e-9);
    }
}
