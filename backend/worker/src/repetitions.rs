//! Executing a Prompt, alone or so many at once: warm-up Repetitions that are discarded, and Repetitions in a Window each.
//!
//! Must not: do anything inside a Window but let the engine run.

use std::time::Duration;

use common::lease::LeasedPrompt;
use common::measurement::{Answer, Repetition};
use common::prompt::{Decoding, Task};
use common::protocol::Protocol;
use engine::{Engine, EnginePrompt, Generation};
use meter::{Clock, Instruments, Measured, Monotonic, Options, Tail};

use crate::error::Error;
use crate::streaming::Stream;

/// Two warm-ups that differ by less than this share are the same.
const STABLE: f64 = 0.02;

/// Bodies of a quiet Run last so long together, where an instrument of the machine updates slowly.
pub(crate) const LEAST_TOGETHER: Duration = Duration::from_secs(5);
/// But nobody waits for more Repetitions than this.
const MOST_REPETITIONS: u32 = 64;

/// How many Repetitions of a body this long last so long `together`.
pub(crate) fn enough_for(body: Duration, together: Duration) -> u32 {
    let nanos = body.as_nanos().max(1);
    u32::try_from(together.as_nanos().div_ceil(nanos)).unwrap_or(u32::MAX).min(MOST_REPETITIONS)
}

/// The prompt `batch` times, each with a seed of its own: where chance decides, the answers differ.
fn questions(prompt: &LeasedPrompt, decoding: Decoding, batch: u32) -> Vec<EnginePrompt<'_>> {
    let question = |nth: u32| EnginePrompt {
        system: prompt.system(),
        earlier: &prompt.conversation.earlier,
        text: &prompt.text,
        is_raw: prompt.task == Task::Completion,
        decoding: Decoding { seed: decoding.seed.wrapping_add(nth), ..decoding },
    };
    (0..batch.max(1)).map(question).collect()
}

/// Warms up until two run times in a row agree; returns how many Repetitions that took. `between` is called
/// after each and may end it.
pub(crate) fn warm_up(
    engine: &mut Engine,
    (prompt, batch): (&LeasedPrompt, u32),
    protocol: Protocol,
    clock: Monotonic,
    mut between: impl FnMut() -> Result<(), Error>,
) -> Result<u32, Error> {
    let mut decoding = prompt.decoding;
    decoding.max_output_tokens = decoding.max_output_tokens.min(protocol.warm_up_tokens);
    let most = protocol.most_warm_ups.max(protocol.least_warm_ups);
    let mut last: Option<Duration> = None;
    for done in 1..=most {
        let start = clock.now();
        engine.generate_batch(&questions(prompt, decoding, batch), &mut |_, _| {})?;
        let took = clock.now().saturating_sub(start);
        between()?;
        let is_stable = last.is_some_and(|last| took.abs_diff(last) < last.mul_f64(STABLE));
        if done >= protocol.least_warm_ups && is_stable {
            return Ok(done);
        }
        last = Some(took);
    }
    Ok(most)
}

/// One Repetition in its own Window. Watchers see the first answer.
pub(crate) fn measure(
    engine: &mut Engine,
    (prompt, batch): (&LeasedPrompt, u32),
    instruments: &mut Instruments,
    clock: Monotonic,
    options: Options,
    tail: Tail<'_>,
    stream: Option<&Stream>,
) -> Result<(Repetition, Measured), Error> {
    let questions = questions(prompt, prompt.decoding, batch);
    let live = stream.map(|stream| &stream.samples);
    let (answers, measured) =
        meter::measure_until_idle(&mut instruments.meters, clock, options, live, tail, |marks| {
            let start = clock.now();
            let answers = engine.generate_batch(&questions, &mut |number, token| {
                if let Some(stream) = stream.filter(|_| number == 0) {
                    stream.tokens.push(token.index, token.text, clock.at(token.at).saturating_sub(start));
                }
            });
            if let Some(first) = answers.as_ref().ok().and_then(|answers| answers.first()) {
                marks.start_at(first.started);
            }
            answers
        })?;
    let mut answers = answers?.into_iter().map(|answer| {
        let Generation { text, finish, prompt_tokens, output_tokens, token_times, .. } = answer;
        Answer { output_text: text, finish, prompt_tokens, output_tokens, token_times }
    });
    let Some(first) = answers.next() else {
        return Err(Error::retry("no_answer", "the engine gave no answer"));
    };
    let Answer { output_text, finish, prompt_tokens, output_tokens, token_times } = first;
    let repetition = Repetition {
        output_text,
        finish,
        prompt_tokens,
        output_tokens,
        token_times,
        window: measured.window,
        readings: measured.readings.clone(),
        others: answers.collect(),
    };
    Ok((repetition, measured))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_bodies_are_repeated_until_they_last_five_seconds_together_and_no_more_than_64_times() {
        let enough = |ms| enough_for(Duration::from_millis(ms), LEAST_TOGETHER);
        assert_eq!((enough(9000), enough(5000), enough(400), enough(0)), (1, 1, 13, 64));
        let plug = common::wall::WallPace { update_period: Duration::from_secs(1), resolution: None };
        assert_eq!(enough_for(Duration::from_secs(2), plug.together()), 30, "a minute beside a plug");
    }
}
