//! From examples to batches of token ids: sequences of like length side by side, padded at the right, with the
//! rows whose next token is taught.
//!
//! Must not: touch tensors.

use anyhow::Result;
use tokenizers::Tokenizer;

use crate::chat::{self, END, PAD};
use crate::corpus;
use crate::dice::Dice;
use crate::vocabulary::{encode, mark};

/// Longer examples are left out; there are next to none.
const LONGEST: usize = 96;
/// Batches that are cut from one pool of examples.
const POOL: usize = 16;

/// A rectangle of token ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Sequences.
    pub(crate) sequences: usize,
    /// Tokens of each, padding included.
    pub(crate) length: usize,
    /// `sequences · length` ids.
    pub(crate) tokens: Vec<i64>,
    /// Rows of the flattened batch whose next token belongs to an answer.
    pub(crate) rows: Vec<i64>,
    /// That next token.
    pub(crate) targets: Vec<i64>,
}

/// An endless seeded stream of batches.
pub(crate) struct Batches<'a> {
    tokenizer: &'a Tokenizer,
    dice: Dice,
    budget: usize,
    end: u32,
    pad: u32,
    ready: Vec<Batch>,
}

/// One example as ids, and where its answer begins.
type Sequence = (Vec<u32>, usize);

impl<'a> Batches<'a> {
    /// Batches of about `budget` tokens each.
    pub(crate) fn new(tokenizer: &'a Tokenizer, seed: u64, budget: usize) -> Result<Self> {
        let (end, pad) = (mark(tokenizer, END)?, mark(tokenizer, PAD)?);
        Ok(Self { tokenizer, dice: Dice::new(seed), budget, end, pad, ready: Vec::new() })
    }

    /// The next batch.
    pub(crate) fn draw(&mut self) -> Result<Batch> {
        loop {
            if let Some(batch) = self.ready.pop() {
                return Ok(batch);
            }
            self.refill()?;
        }
    }

    fn sequence(&mut self) -> Result<Sequence> {
        loop {
            let example = corpus::draw(&mut self.dice);
            let mut ids = encode(self.tokenizer, &chat::prompt(example.task.system_prompt(), &example.text))?;
            let begin = ids.len();
            ids.extend(encode(self.tokenizer, &example.answer)?);
            ids.push(self.end);
            if ids.len() <= LONGEST {
                return Ok((ids, begin));
            }
        }
    }

    fn refill(&mut self) -> Result<()> {
        let mut pool = Vec::new();
        let mut tokens = 0;
        while tokens < POOL * self.budget {
            let sequence = self.sequence()?;
            tokens += sequence.0.len();
            pool.push(sequence);
        }
        // Longest first, so that a batch's first sequence gives its length.
        pool.sort_by_key(|(ids, _)| std::cmp::Reverse(ids.len()));
        let mut rest = pool.as_slice();
        while let Some((longest, _)) = rest.first() {
            let length = longest.len().next_multiple_of(4);
            let (now, later) = rest.split_at((self.budget / length).clamp(1, rest.len()));
            self.ready.push(packed(now, length, self.pad));
            rest = later;
        }
        for at in (1..self.ready.len()).rev() {
            self.ready.swap(at, self.dice.below(at + 1));
        }
        Ok(())
    }
}

fn packed(sequences: &[Sequence], length: usize, pad: u32) -> Batch {
    let mut batch = Batch {
        sequences: sequences.len(),
        length,
        tokens: Vec::new(),
        rows: Vec::new(),
        targets: Vec::new(),
    };
    for (ids, begin) in sequences {
        let first = batch.tokens.len();
        for (at, &id) in ids.iter().enumerate().skip(*begin) {
            batch.rows.extend(i64::try_from(first + at - 1));
            batch.targets.push(i64::from(id));
        }
        batch.tokens.extend(ids.iter().copied().map(i64::from));
        batch.tokens.resize(first + length, i64::from(pad));
    }
    batch
}

impl Batch {
    /// The batch in two halves, for two cores.
    pub(crate) fn halves(&self) -> [Self; 2] {
        let middle = self.sequences.div_ceil(2);
        let cut = middle * self.length;
        let border = i64::try_from(cut).unwrap_or(i64::MAX);
        let rows = self.rows.partition_point(|&row| row < border);
        let (first_tokens, last_tokens) = self.tokens.split_at(cut);
        let (first_rows, last_rows) = self.rows.split_at(rows);
        let (first_targets, last_targets) = self.targets.split_at(rows);
        [
            Self {
                sequences: middle,
                length: self.length,
                tokens: first_tokens.to_vec(),
                rows: first_rows.to_vec(),
                targets: first_targets.to_vec(),
            },
            Self {
                sequences: self.sequences - middle,
                length: self.length,
                tokens: last_tokens.to_vec(),
                rows: last_rows.iter().map(|row| row - border).collect(),
                targets: last_targets.to_vec(),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taught_is_the_answer_and_its_end() {
        let batch = packed(&[(vec![9, 8, 7, 6, 0], 3), (vec![9, 5, 0], 2)], 8, 1);
        assert_eq!(batch.tokens, [9, 8, 7, 6, 0, 1, 1, 1, 9, 5, 0, 1, 1, 1, 1, 1]);
        assert_eq!(batch.rows, [2, 3, 9]);
        assert_eq!(batch.targets, [6, 0, 0]);
        let [first, last] = batch.halves();
        assert_eq!((first.sequences, first.rows, first.targets), (1, vec![2, 3], vec![6, 0]));
        assert_eq!((last.tokens.len(), last.rows, last.targets), (8, vec![1], vec![0]));
    }

    #[test]
    fn the_same_seed_gives_the_same_batches() {
        let tokenizer = crate::vocabulary::train(1).unwrap();
        let first = |seed| Batches::new(&tokenizer, seed, 512).unwrap().draw().unwrap();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
        assert!(first(1).tokens.len() <= 512);
    }
}
