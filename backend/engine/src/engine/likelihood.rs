//! How likely the model finds a text that is given, not made.
//!
//! Must not: keep what was computed for one question for the next.

use super::{Engine, no_prompt};
use crate::decoding;
use crate::error::Error;
use crate::generate;
use crate::model::{CHUNK, Feed, Room, Rows};
use crate::ops;

impl Engine {
    /// The sum of the log-likelihoods of these tokens from place `from` on, each after all that stand before it.
    ///
    /// # Errors
    /// As [`Engine::logits`]; [`Error::Prompt`] where no token stands before place `from`, [`Error::NotFinite`].
    pub fn log_likelihood(&self, ids: &[u32], from: usize) -> Result<f64, Error> {
        let sums = self.log_likelihoods(&[(ids, from)])?;
        sums.into_iter().next().ok_or_else(no_prompt)
    }

    /// The same of several texts, of which what all begin with is computed once: the answers to one question. What was
    /// computed is forgotten with the call.
    ///
    /// # Errors
    /// As [`Engine::log_likelihood`]; one bad text refuses all.
    pub fn log_likelihoods(&self, texts: &[(&[u32], usize)]) -> Result<Vec<f64>, Error> {
        for &(ids, from) in texts {
            if from == 0 || from >= ids.len() {
                return Err(Error::Prompt {
                    what: "there is no token before or in what is to be likely".to_owned(),
                });
            }
            // The last token is only foretold.
            self.check_ids(&ids[..ids.len() - 1], 0)?;
            self.check_ids(&ids[from..], 0)?;
        }
        let mut sums = vec![0.0; texts.len()];
        // Texts on either side of a length at which rotations change have nothing in common.
        let is_far = |&(ids, _): &(&[u32], usize)| {
            self.network.changes_beyond().is_some_and(|length| ids.len() - 1 > length)
        };
        for far in [false, true] {
            let numbered = texts.iter().enumerate().filter(|(_, text)| is_far(text) == far);
            let (places, alike): (Vec<usize>, Vec<(&[u32], usize)>) = numbered.unzip();
            for (place, sum) in places.into_iter().zip(self.likelihoods_of_alike(&alike)?) {
                sums[place] = sum;
            }
        }
        Ok(sums)
    }

    fn likelihoods_of_alike(&self, texts: &[(&[u32], usize)]) -> Result<Vec<f64>, Error> {
        let Some(longest) = texts.iter().map(|(ids, _)| ids.len() - 1).max() else { return Ok(Vec::new()) };
        let mut state = self.state(Room { prompt: longest, capacity: longest })?;
        let shared = shared(texts);
        if !shared.is_empty() {
            generate::prefill(self, shared, &mut state);
        }
        let mark = state.mark();
        let mut sums = Vec::with_capacity(texts.len());
        for &(ids, from) in texts {
            state.go_back(&mark);
            let (before, rest) = ids[..ids.len() - 1].split_at(from - 1);
            let own = &before[shared.len()..];
            if !own.is_empty() {
                generate::prefill(self, own, &mut state);
            }
            let (mut sum, mut told) = (0.0, ids[from..].iter());
            for ids in rest.chunks(CHUNK) {
                let feed = Feed { ids, state: &mut state };
                let logits =
                    self.cpu.run(ids.len(), || ops::to_vec(self.network.forward(&mut [feed], Rows::All)));
                let width = logits.len() / ids.len().max(1);
                for (row, id) in logits.chunks(width.max(1)).zip(told.by_ref()) {
                    sum += decoding::log_softmax(row, *id);
                }
            }
            if !sum.is_finite() {
                return Err(Error::NotFinite { index: 0, dtype: self.model.dtype });
            }
            sums.push(sum);
        }
        Ok(sums)
    }
}

/// What all of these texts begin with, before the token that foretells the first of interest.
fn shared<'a>(texts: &[(&'a [u32], usize)]) -> &'a [u32] {
    let mut before = texts.iter().map(|&(ids, from)| &ids[..from - 1]);
    let first = before.next().unwrap_or_default();
    before.fold(first, |shared, other| {
        let alike = shared.iter().zip(other).take_while(|(one, other)| one == other).count();
        &shared[..alike]
    })
}
