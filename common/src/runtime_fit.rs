//! Idealized and denoised runtime: `T(p, o) = α(p) + β·(o − 1)`, fitted to a few profiled cells.
//!
//! The form and the fit are those of Narayanan et al., *Cheaply Estimating Inference Efficiency Metrics for
//! Autoregressive Transformer Models* (2023), as HELM uses them: for each prompt length a least-squares line over the output
//! lengths gives α(p) as its value at o = 1; one pooled slope gives β. *Idealized* means fitted on a named
//! reference stack, *denoised* fitted on minima over trials of the stack at hand: the caller says which. The same
//! form fitted to joules is Jouleboard's own *idealized energy*.
//!
//! Unlike HELM, α is interpolated linearly between knots (HELM's saw-tooth is up to eight times off for short
//! prompts). Must not: predict outside the profiled lengths without saying so.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// One profiled cell: seconds, or joules, for a prompt and an output length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written, at least 1.
    pub output_tokens: u32,
    /// Seconds, or joules.
    pub value: f64,
}

/// A fitted table of α and one β, in the unit of the trials.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeFit {
    /// α at each profiled prompt length, in order.
    pub alpha: Vec<(u32, f64)>,
    /// The profiled output lengths, from the shortest to the longest.
    pub outputs: RangeInclusive<u32>,
    /// Per further output token.
    pub beta: f64,
    /// Half-width of β's 95 % interval.
    pub beta_half_width: f64,
    /// Share of the variance that the fit explains.
    pub r_squared: f64,
    /// The largest relative error over the trials.
    pub worst_error: f64,
}

/// A predicted value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Seconds, or joules.
    pub value: f64,
    /// Whether the prompt length lies outside the profiled ones.
    pub extrapolates_prompt: bool,
    /// Whether the output length does.
    pub extrapolates_output: bool,
}

/// Why trials cannot be fitted; says what to measure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// A line needs two output lengths.
    #[error("prompt length {0} was profiled at fewer than two output lengths; profile one more")]
    OneOutputLength(u32),
    /// There is nothing to fit.
    #[error("there are no trials; profile at least one prompt length at two output lengths")]
    NoTrials,
    /// A value cannot be true.
    #[error("a trial of {0} prompt tokens has no output token or a value that is not a positive number")]
    Invalid(u32),
}

/// Slope and intercept by ordinary least squares.
fn line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = f64::from(u32::try_from(points.len()).ok()?);
    let (mean_x, mean_y) =
        (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sxx: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let sxy: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    (sxx > 0.0).then(|| (sxy / sxx, mean_y - mean_x * sxy / sxx))
}

impl RuntimeFit {
    /// Fits the form to trials.
    ///
    /// # Errors
    /// [`FitError`] says which trial is missing or wrong.
    pub fn of(trials: &[Trial]) -> Result<Self, FitError> {
        let mut by_prompt = BTreeMap::<u32, Vec<(f64, f64)>>::new();
        for trial in trials {
            if trial.output_tokens == 0 || !(trial.value.is_finite() && trial.value > 0.0) {
                return Err(FitError::Invalid(trial.prompt_tokens));
            }
            let further = f64::from(trial.output_tokens - 1);
            by_prompt.entry(trial.prompt_tokens).or_default().push((further, trial.value));
        }
        if by_prompt.is_empty() {
            return Err(FitError::NoTrials);
        }
        let mut alpha = Vec::with_capacity(by_prompt.len());
        let mut pooled = Vec::with_capacity(trials.len());
        for (prompt_tokens, points) in &by_prompt {
            let (_, at_one) = line(points).ok_or(FitError::OneOutputLength(*prompt_tokens))?;
            // A longer prompt cannot cost less than the shortest one: noise may say so, physics does not.
            let floor = alpha.first().map_or(f64::MIN, |&(_, first): &(u32, f64)| first);
            let at_one = at_one.max(floor);
            alpha.push((*prompt_tokens, at_one));
            pooled.extend(points.iter().map(|&(further, value)| (further, value - at_one)));
        }
        let (beta, rest) = line(&pooled).ok_or(FitError::NoTrials)?;
        let lengths = || trials.iter().map(|trial| trial.output_tokens);
        let outputs = lengths().min().unwrap_or(1)..=lengths().max().unwrap_or(1);
        let mut fit = Self { alpha, outputs, beta, beta_half_width: 0.0, r_squared: 0.0, worst_error: 0.0 };
        fit.judge(trials, &pooled, rest);
        Ok(fit)
    }

    fn judge(&mut self, trials: &[Trial], pooled: &[(f64, f64)], rest: f64) {
        let degrees = u64::try_from(pooled.len().saturating_sub(2)).unwrap_or(0);
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let mean_x = pooled.iter().map(|p| p.0).sum::<f64>() / count(pooled.len());
        let sxx: f64 = pooled.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
        let squares: f64 = pooled.iter().map(|p| (p.1 - rest - self.beta * p.0).powi(2)).sum();
        if degrees > 0 {
            let variance = squares / count(pooled.len() - 2);
            self.beta_half_width = crate::stats::t95(degrees) * (variance / sxx).sqrt();
        } else {
            self.beta_half_width = f64::INFINITY;
        }
        let mean = trials.iter().map(|t| t.value).sum::<f64>() / count(trials.len());
        let (mut residual, mut whole) = (0.0, 0.0);
        for trial in trials {
            let predicted = self.predict(trial.prompt_tokens, trial.output_tokens).value;
            residual += (trial.value - predicted).powi(2);
            whole += (trial.value - mean).powi(2);
            self.worst_error = self.worst_error.max((predicted / trial.value - 1.0).abs());
        }
        self.r_squared = if whole > 0.0 { 1.0 - residual / whole } else { 0.0 };
    }

    /// α(p): linear between knots, flat below the first, along the last segment above the last.
    fn alpha_at(&self, prompt_tokens: u32) -> (f64, bool) {
        let p = f64::from(prompt_tokens);
        let (Some(&first), Some(&last)) = (self.alpha.first(), self.alpha.last()) else { return (0.0, true) };
        if prompt_tokens <= first.0 {
            return (first.1, prompt_tokens < first.0);
        }
        let on = |a: (u32, f64), b: (u32, f64)| {
            a.1 + (b.1 - a.1) * (p - f64::from(a.0)) / (f64::from(b.0) - f64::from(a.0))
        };
        match self.alpha.windows(2).find(|pair| prompt_tokens <= pair[1].0) {
            Some(pair) => (on(pair[0], pair[1]), false),
            None => match self.alpha.iter().rev().nth(1) {
                Some(&before) => (on(before, last), true),
                None => (last.1, true),
            },
        }
    }

    /// The predicted value; an answer without tokens costs as much as its first.
    pub fn predict(&self, prompt_tokens: u32, output_tokens: u32) -> Prediction {
        let (alpha, extrapolates_prompt) = self.alpha_at(prompt_tokens);
        let output_tokens = output_tokens.max(1);
        Prediction {
            value: alpha + self.beta * f64::from(output_tokens - 1),
            extrapolates_prompt,
            extrapolates_output: !self.outputs.contains(&output_tokens),
        }
    }
}

/// Money for `seconds` on `accelerators` at a price per accelerator-hour.
pub fn cost(seconds: f64, accelerators: u32, price_per_hour: f64) -> f64 {
    seconds * f64::from(accelerators) * price_per_hour / 3600.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid(alpha: &[(u32, f64)], beta: f64) -> Vec<Trial> {
        alpha
            .iter()
            .flat_map(|&(p, a)| {
                [1u32, 8, 32, 64].map(|o| Trial {
                    prompt_tokens: p,
                    output_tokens: o,
                    value: a + beta * f64::from(o - 1),
                })
            })
            .collect()
    }

    #[test]
    fn the_published_davinci_profile_gives_the_published_runtime_and_cost() {
        let fit = RuntimeFit::of(&grid(&[(1, 0.084), (512, 0.178), (1024, 0.323)], 0.081)).unwrap();
        let runtime = fit.predict(512, 64);
        assert!((runtime.value - 5.281).abs() < 1e-9);
        assert!(!runtime.extrapolates_prompt && !runtime.extrapolates_output);
        assert!((cost(runtime.value, 8, 4.096) * 100.0 - 4.807).abs() < 1e-3);
        assert!(fit.r_squared > 0.999_999 && fit.worst_error < 1e-9);
    }

    #[test]
    fn between_knots_it_interpolates_and_beyond_them_it_says_so() {
        let fit = RuntimeFit::of(&grid(&[(100, 1.0), (200, 2.0)], 0.5)).unwrap();
        assert!((fit.predict(150, 1).value - 1.5).abs() < 1e-9);
        assert_eq!((fit.predict(10, 1).value, fit.predict(10, 1).extrapolates_prompt), (1.0, true));
        let beyond = fit.predict(300, 3);
        assert!((beyond.value - 4.0).abs() < 1e-9 && beyond.extrapolates_prompt);
    }

    #[test]
    fn answers_longer_or_shorter_than_any_that_was_profiled_are_extrapolated_too() {
        let mut trials = grid(&[(100, 1.0), (200, 2.0)], 0.5);
        let says = |fit: &RuntimeFit, output_tokens| fit.predict(150, output_tokens).extrapolates_output;
        let fit = RuntimeFit::of(&trials).unwrap();
        assert_eq!([0, 1, 64, 65].map(|tokens| says(&fit, tokens)), [false, false, false, true]);
        trials.retain(|trial| trial.output_tokens > 1);
        let fit = RuntimeFit::of(&trials).unwrap();
        assert_eq!([1, 8, 64].map(|tokens| says(&fit, tokens)), [true, false, false]);
    }

    #[test]
    fn too_few_trials_say_what_to_measure() {
        let one = Trial { prompt_tokens: 7, output_tokens: 4, value: 1.0 };
        assert_eq!(RuntimeFit::of(&[]), Err(FitError::NoTrials));
        assert_eq!(RuntimeFit::of(&[one, one]), Err(FitError::OneOutputLength(7)));
        assert_eq!(RuntimeFit::of(&[Trial { value: f64::NAN, ..one }]), Err(FitError::Invalid(7)));
    }

    proptest! {
        #[test]
        fn the_fit_recovers_known_coefficients_from_noisy_trials(
            beta in 0.01f64..0.2,
            start in 0.02f64..0.2,
            noise in prop::collection::vec(-1.0f64..1.0, 12),
        ) {
            let alpha = [(1, start), (256, start * 1.5), (1024, start * 4.0)];
            let mut trials = grid(&alpha, beta);
            for (trial, noise) in trials.iter_mut().zip(&noise) {
                trial.value *= 1.0 + 0.002 * noise;
            }
            let fit = RuntimeFit::of(&trials).unwrap();
            prop_assert!((fit.beta / beta - 1.0).abs() < 0.02, "{} {}", fit.beta, beta);
            prop_assert!(fit.r_squared > 0.99);
        }
    }
}
