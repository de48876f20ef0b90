//! What answers took by how many tokens were read and written: what an idealized runtime is fitted to.
//!
//! Must not: hold prompts of visitors. Only campaigns' questions are here, whose lengths are known to everybody.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::boundary::{BodyEnergy, Boundary, prefill_energy};
use crate::measurement::Facts;
use crate::runtime_fit::Trial;
use crate::stats::Moments;
use crate::units::Energy;

/// Most pairs of lengths that one Cell keeps; further ones are left out, so that a ranking stays small. A grid of 56 pairs and
/// a campaign of 15 fit into one, with room for a model that ends some answers early.
const MOST: usize = 128;

/// All answers with one number of tokens read and one of tokens written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Profiled {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written, at least 1.
    pub output_tokens: u32,
    /// Start of prefill to the first token.
    pub ttft_s: Moments,
    /// Start of prefill to the last token.
    pub latency_s: Moments,
    /// The shortest time to the first token.
    pub least_ttft_s: f64,
    /// The shortest time to the last token.
    pub least_latency_s: f64,
    /// Energy inside the boundary, gross; in a batch an equal part of it.
    pub energy_j: Moments,
    /// Of this until the first token, integrated; fewer values where power was not read.
    pub prefill_energy_j: Moments,
}

impl Profiled {
    fn merge(self, other: Self) -> Self {
        Self {
            ttft_s: self.ttft_s.merge(other.ttft_s),
            latency_s: self.latency_s.merge(other.latency_s),
            least_ttft_s: self.least_ttft_s.min(other.least_ttft_s),
            least_latency_s: self.least_latency_s.min(other.least_latency_s),
            energy_j: self.energy_j.merge(other.energy_j),
            prefill_energy_j: self.prefill_energy_j.merge(other.prefill_energy_j),
            ..self
        }
    }

    /// The answers of one Run that have a token.
    pub(super) fn of(facts: &Facts, boundary: Option<Boundary>) -> Vec<Self> {
        let mut all = Vec::new();
        for repetition in &facts.repetitions {
            let known = |energy: Option<f64>| energy.map(Moments::one).unwrap_or_default();
            let energies = BodyEnergy::of(facts, repetition).of_each(repetition.responses());
            let whole = energies.headline().filter(|h| Some(h.0) == boundary);
            let prefill = boundary.and_then(|boundary| prefill_energy(facts, repetition, boundary));
            for answer in repetition.answers() {
                let times = answer.token_times;
                let (Some(first), Some(last)) = (times.first(), times.last()) else { continue };
                let (ttft, latency) = (first.as_secs_f64(), last.as_secs_f64());
                all.push(Self {
                    prompt_tokens: answer.prompt_tokens,
                    output_tokens: answer.output_tokens,
                    ttft_s: Moments::one(ttft),
                    latency_s: Moments::one(latency),
                    least_ttft_s: ttft,
                    least_latency_s: latency,
                    energy_j: known(whole.map(|(_, energy)| energy.joules())),
                    prefill_energy_j: known(prefill.map(Energy::joules)),
                });
            }
        }
        join(Vec::new(), &all)
    }
}

/// Both lists as one, by their lengths.
pub fn join(mut list: Vec<Profiled>, more: &[Profiled]) -> Vec<Profiled> {
    for &new in more {
        let lengths = (new.prompt_tokens, new.output_tokens);
        match list.binary_search_by_key(&lengths, |known| (known.prompt_tokens, known.output_tokens)) {
            Ok(at) => list[at] = list[at].merge(new),
            Err(at) if list.len() < MOST => list.insert(at, new),
            Err(_) => {}
        }
    }
    list
}

/// What is fitted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fitted {
    /// Mean times: what the stack takes alone on its machine.
    Mean,
    /// Least times over the trials: what it takes without any disturbance.
    Least,
    /// Mean joules.
    Energy,
}

/// The trials of a fit. Each pair of lengths gives two: the whole answer, and its first token, which is an answer of one
/// token. Energy until the first token is known only where power was read.
pub fn trials(profiled: &[Profiled], fitted: Fitted) -> Vec<Trial> {
    let mean = |moments: Moments| (moments.n > 0).then_some(moments.mean);
    let mut trials = Vec::new();
    for each in profiled {
        let (first, whole) = match fitted {
            Fitted::Mean => (mean(each.ttft_s), mean(each.latency_s)),
            Fitted::Least => (Some(each.least_ttft_s), Some(each.least_latency_s)),
            Fitted::Energy => (mean(each.prefill_energy_j), mean(each.energy_j)),
        };
        let mut add = |output_tokens: u32, value: Option<f64>| {
            if let Some(value) = value.filter(|value| *value > 0.0) {
                trials.push(Trial { prompt_tokens: each.prompt_tokens, output_tokens, value });
            }
        };
        if each.output_tokens > 1 {
            add(1, first);
        }
        add(each.output_tokens, whole);
    }
    // A line through one output length says nothing of a further token.
    let lengths = |prompt: u32| {
        let of = |trial: &&Trial| trial.prompt_tokens == prompt;
        let first = trials.iter().find(of).map(|trial| trial.output_tokens);
        trials.iter().filter(of).any(|trial| Some(trial.output_tokens) != first)
    };
    let usable: Vec<bool> = trials.iter().map(|trial| lengths(trial.prompt_tokens)).collect();
    trials.into_iter().zip(usable).filter(|(_, is_usable)| *is_usable).map(|(trial, _)| trial).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime_fit::RuntimeFit;

    fn profiled(prompt_tokens: u32, output_tokens: u32, first: f64, last: f64) -> Profiled {
        Profiled {
            prompt_tokens,
            output_tokens,
            ttft_s: Moments::one(first),
            latency_s: Moments::one(last),
            least_ttft_s: first,
            least_latency_s: last,
            energy_j: Moments::one(last * 10.0),
            prefill_energy_j: Moments::default(),
        }
    }

    #[test]
    fn the_same_lengths_become_one_and_keep_their_least_times() {
        let list =
            join(Vec::new(), &[profiled(9, 5, 0.2, 1.0), profiled(4, 5, 0.1, 0.9), profiled(9, 5, 0.4, 0.8)]);
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].prompt_tokens, list[1].prompt_tokens), (4, 9));
        assert_eq!((list[1].least_ttft_s, list[1].least_latency_s), (0.2, 0.8));
        assert_eq!((list[1].latency_s.n, list[1].latency_s.mean), (2, 0.9));
    }

    #[test]
    fn an_answer_gives_its_first_token_as_a_trial_of_its_own() {
        let list = [profiled(10, 11, 0.5, 1.5), profiled(20, 11, 1.0, 2.0)];
        let fit = RuntimeFit::of(&trials(&list, Fitted::Mean)).unwrap();
        assert!((fit.beta - 0.1).abs() < 1e-9);
        assert!((fit.predict(15, 1).value - 0.75).abs() < 1e-9);
    }

    #[test]
    fn energy_without_power_readings_needs_two_output_lengths() {
        let list = [profiled(10, 11, 0.5, 1.5), profiled(20, 11, 1.0, 2.0), profiled(20, 21, 1.0, 3.0)];
        let fit = RuntimeFit::of(&trials(&list, Fitted::Energy)).unwrap();
        assert_eq!(fit.alpha.len(), 1);
        assert!((fit.beta - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_list_stays_short() {
        let many: Vec<Profiled> = (1..200).map(|tokens| profiled(tokens, 2, 0.1, 0.2)).collect();
        assert_eq!(join(Vec::new(), &many).len(), MOST);
    }
}
