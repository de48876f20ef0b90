//! The next token: the likeliest, or one drawn by a seeded generator of our own.
//!
//! Must not: use chance that the seed does not fix; choose among logits that are not numbers.

use common::prompt::Decoding;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::numeric::{count_u32, single};

/// Chooses the tokens of one answer.
pub(crate) struct Decoder {
    temperature: f32,
    top_p: f32,
    chance: StdRng,
    /// Kept between tokens so that none is allocated.
    order: Vec<(f32, u32)>,
}

/// Logits that hold no choice.
pub(crate) struct NotFinite;

impl Decoder {
    pub(crate) fn new(decoding: &Decoding) -> Self {
        Self {
            temperature: single(decoding.temperature),
            top_p: single(decoding.top_p),
            chance: StdRng::seed_from_u64(u64::from(decoding.seed)),
            order: Vec::new(),
        }
    }

    /// The next token; of equals the one with the lower id.
    pub(crate) fn next(&mut self, logits: &[f32]) -> Result<u32, NotFinite> {
        let best = greedy(logits)?;
        if self.temperature <= 0.0 {
            return Ok(best.1);
        }
        let warmth = 1.0 / self.temperature;
        self.order.clear();
        self.order.extend(logits.iter().enumerate().filter_map(|(id, &logit)| {
            let weight = ((logit - best.0) * warmth).exp();
            (weight > 0.0).then(|| (weight, count_u32(id)))
        }));
        let total: f32 = self.order.iter().map(|&(weight, _)| weight).sum();
        let kept = if self.top_p < 1.0 { self.keep_likeliest(total) } else { total };
        let mut left = self.chance.random::<f32>() * kept;
        for &(weight, id) in &self.order {
            left -= weight;
            if left < 0.0 {
                return Ok(id);
            }
        }
        Ok(self.order.last().map_or(best.1, |&(_, id)| id))
    }

    /// Drops all but the likeliest tokens that together reach `top_p`, and returns their weight.
    fn keep_likeliest(&mut self, total: f32) -> f32 {
        self.order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (mut sum, mut count) = (0.0, 0);
        for &(weight, _) in &self.order {
            sum += weight;
            count += 1;
            if sum >= self.top_p * total {
                break;
            }
        }
        self.order.truncate(count);
        sum
    }
}

/// The likeliest token with its logit.
pub(crate) fn greedy(logits: &[f32]) -> Result<(f32, u32), NotFinite> {
    /// Enough to look at in vectors, few enough to look through once more for the place.
    const PIECE: usize = 512;
    let (mut most, mut from) = (f32::NEG_INFINITY, 0);
    for (piece, logits) in logits.chunks(PIECE).enumerate() {
        let mut wrong = false;
        let mut lanes = [f32::NEG_INFINITY; 16];
        let (steps, rest) = logits.as_chunks::<16>();
        for step in steps.iter().map(<[f32; 16]>::as_slice).chain([rest]) {
            for (lane, &logit) in lanes.iter_mut().zip(step) {
                wrong |= logit.is_nan() || logit == f32::INFINITY;
                *lane = if logit > *lane { logit } else { *lane };
            }
        }
        if wrong {
            return Err(NotFinite);
        }
        let here = lanes.into_iter().fold(f32::NEG_INFINITY, f32::max);
        if here > most {
            (most, from) = (here, piece * PIECE);
        }
    }
    let place = logits.iter().skip(from).position(|&logit| logit == most);
    match place {
        Some(place) if most.is_finite() => Ok((most, count_u32(from + place))),
        _ => Err(NotFinite),
    }
}

/// The log-likelihood of a token by its logits; not a number where the logits are none.
pub(crate) fn log_softmax(logits: &[f32], id: u32) -> f64 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|logit| f64::from(logit - most).exp()).sum();
    logits.get(crate::numeric::index(id)).map_or(f64::NAN, |logit| f64::from(logit - most) - sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(temperature: f64, top_p: f64, seed: u32, logits: &[f32]) -> Vec<u32> {
        let mut decoder =
            Decoder::new(&Decoding { max_output_tokens: 1, temperature, top_p, seed, ..Decoding::default() });
        (0..200).map(|_| decoder.next(logits).map_err(|_| "not finite").unwrap()).collect()
    }

    #[test]
    fn without_temperature_the_first_of_the_likeliest_is_taken() {
        assert_eq!(drawn(0.0, 1.0, 1, &[0.5, 2.0, 2.0])[0], 1);
    }

    #[test]
    fn the_same_seed_draws_the_same_tokens_and_another_seed_others() {
        let logits = [1.0, 1.1, 0.9, 1.0];
        assert_eq!(drawn(1.0, 1.0, 5, &logits), drawn(1.0, 1.0, 5, &logits));
        assert_ne!(drawn(1.0, 1.0, 5, &logits), drawn(1.0, 1.0, 6, &logits));
    }

    #[test]
    fn draws_follow_the_softmax_of_the_logits() {
        let mut decoder = Decoder::new(&Decoding { temperature: 0.5, seed: 3, ..Decoding::default() });
        let logits = [0.0, 0.5f32];
        let ones = (0..20_000).filter(|_| decoder.next(&logits).is_ok_and(|id| id == 1)).count();
        let expected = 20_000.0 * 1.0f64.exp() / (1.0 + 1.0f64.exp());
        assert!(
            (f64::from(u32::try_from(ones).unwrap()) - expected).abs() < 300.0,
            "{ones} against {expected}"
        );
    }

    #[test]
    fn top_p_leaves_only_the_likeliest_that_reach_it() {
        let logits = [3.0, 2.9, -1.0, -1.0];
        assert!(drawn(1.0, 0.6, 2, &logits).iter().all(|&id| id < 2));
        assert!(drawn(1.0, 0.3, 2, &logits).iter().all(|&id| id == 0));
    }

    #[test]
    fn logits_that_are_not_numbers_are_refused() {
        assert!(greedy(&[0.0, f32::NAN]).is_err());
        assert!(greedy(&[0.0, f32::INFINITY]).is_err());
        assert!(greedy(&[f32::NEG_INFINITY]).is_err());
        assert!(greedy(&[]).is_err());
        assert!(greedy(&[f32::NEG_INFINITY, -3.0]).is_ok());
    }
}
