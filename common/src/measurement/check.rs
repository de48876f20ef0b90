//! Facts that contradict each other.
//!
//! Must not: judge how good a Measurement is; that is [`verdict`](crate::verdict).

use super::{Facts, Repetition};

/// A report whose facts contradict each other: refused, and the reason goes back to the worker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the report is not usable: {0}")]
pub struct Contradiction(String);

fn refuse(message: impl Into<String>) -> Result<(), Contradiction> {
    Err(Contradiction(message.into()))
}

impl Facts {
    /// Refuses what cannot be true, so that nothing derived from the record can be nonsense.
    ///
    /// # Errors
    /// [`Contradiction`] says which fact and why.
    pub fn check(&self) -> Result<(), Contradiction> {
        if self.repetitions.is_empty() {
            return refuse("it has no repetition");
        }
        if self.software.batch == 0 {
            return refuse("it computed no sequence at all: its batch is 0");
        }
        for (index, repetition) in self.repetitions.iter().enumerate() {
            let (batch, asked) = (repetition.batch(), self.software.batch);
            if batch != asked {
                return refuse(format!("repetition {index} has {batch} answers of a batch of {asked}"));
            }
            if !repetition.window.is_ordered() {
                return refuse(format!("the window of repetition {index} closes before it opens"));
            }
            check_answers(index, repetition)?;
            check_rounds(index, repetition)?;
            self.check_readings(index, repetition)?;
        }
        Ok(())
    }

    fn check_readings(&self, index: usize, repetition: &Repetition) -> Result<(), Contradiction> {
        for reading in &repetition.readings {
            let domain = reading.domain;
            if reading.energy.is_some_and(|energy| !energy.is_finite()) {
                return refuse(format!("{domain} of repetition {index} is not a number"));
            }
            if reading.energy.is_none() == reading.null_reason.is_none() {
                return refuse(format!(
                    "{domain} of repetition {index} needs either an energy or a reason for having none"
                ));
            }
            if reading.trace.0.iter().any(|sample| !sample.power.is_finite())
                || !reading.trace.0.is_sorted_by_key(|sample| sample.at)
            {
                return refuse(format!("the trace of {domain} in repetition {index} is not in order"));
            }
            if !self.meters.iter().any(|card| card.domain == domain && card.label == reading.label) {
                return refuse(format!("{domain} of repetition {index} has no meter card"));
            }
        }
        Ok(())
    }
}

fn check_answers(index: usize, repetition: &Repetition) -> Result<(), Contradiction> {
    for (number, answer) in repetition.answers().enumerate() {
        let which = match number {
            0 => format!("repetition {index}"),
            _ => format!("answer {number} of repetition {index}"),
        };
        let timed = u32::try_from(answer.token_times.len()).unwrap_or(u32::MAX);
        if timed != answer.output_tokens {
            let counted = answer.output_tokens;
            return refuse(format!("{which} counts {counted} output tokens but times {timed}"));
        }
        if !answer.token_times.is_sorted() {
            return refuse(format!("the token times of {which} go back"));
        }
        if answer.token_times.last().is_some_and(|&last| last > repetition.window.body()) {
            return refuse(format!("{which} has a token after its window's body"));
        }
    }
    Ok(())
}

fn check_rounds(index: usize, repetition: &Repetition) -> Result<(), Contradiction> {
    let mut free = repetition.decode_end().unwrap_or_default();
    for round in &repetition.again {
        if round.start < free {
            return refuse(format!("a round of repetition {index} begins before the one before has ended"));
        }
        free = round.start + round.token_times.last().copied().unwrap_or_default();
    }
    if free > repetition.window.body() + repetition.window.gaps {
        return refuse(format!("the last round of repetition {index} ends after its window's body"));
    }
    if !repetition.again.is_empty() && repetition.batch() > 1 {
        return refuse(format!("repetition {index} has a batch and further rounds"));
    }
    Ok(())
}
