//! Executing a Prompt, alone or so many at once: warm-up Repetitions that are discarded, and Repetitions in a Window each.
//!
//! Must not: do anything inside a Window but let the engine run.

use std::time::Duration;

use common::lease::LeasedPrompt;
use common::measurement::{Answer, Repetition, Round};
use common::prompt::{Decoding, Task};
use common::protocol::Protocol;
use engine::{Engine, EnginePrompt, Generation};
use meter::{Clock, Instruments, Measured, Monotonic, Options, Tail, spread};

use crate::error::Error;
use crate::streaming::Stream;

/// Two warm-ups that differ by less than this share are the same.
const STABLE: f64 = 0.02;

/// Nobody waits for more Repetitions than this,
pub(crate) const MOST_REPETITIONS: u32 = 64;
/// or for more Rounds of one.
pub(crate) const MOST_ROUNDS: u32 = 250;

/// How many bodies of this length last so long `together`, and no more than `most`.
pub(crate) fn enough_for(body: Duration, together: Duration, most: u32) -> u32 {
    let nanos = body.as_nanos().max(1);
    u32::try_from(together.as_nanos().div_ceil(nanos)).unwrap_or(u32::MAX).clamp(1, most)
}

/// How often a Prompt is answered in one Window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rounds {
    pub(crate) count: u32,
    /// Each begins at another phase of a sensor that updates so often; all of them are spread evenly over it.
    pub(crate) period: Duration,
}

impl Rounds {
    /// Once.
    pub(crate) const ONE: Self = Self { count: 1, period: Duration::ZERO };

    /// How long to wait before the `nth` further Round may begin, so long after the first began.
    fn wait(self, nth: u32, since: Duration) -> Duration {
        let period = self.period.as_nanos();
        if period == 0 {
            return Duration::ZERO;
        }
        let phase = spread(self.period, nth).as_nanos();
        let nanos = (phase + period - since.as_nanos() % period) % period;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
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

/// Warms up until two run times in a row agree; returns how many Repetitions that took, and how long the last did.
/// `between` is called after each and may end it.
pub(crate) fn warm_up(
    engine: &mut Engine,
    (prompt, batch): (&LeasedPrompt, u32),
    protocol: Protocol,
    clock: Monotonic,
    mut between: impl FnMut() -> Result<(), Error>,
) -> Result<(u32, Duration), Error> {
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
            return Ok((done, took));
        }
        last = Some(took);
    }
    Ok((most, last.unwrap_or_default()))
}

/// One Repetition in its own Window, of as many Rounds as are wanted. Watchers see the first answer.
pub(crate) fn measure(
    engine: &mut Engine,
    (prompt, batch): (&LeasedPrompt, u32),
    instruments: &mut Instruments,
    clock: Monotonic,
    (options, rounds): (Options, Rounds),
    tail: Tail<'_>,
    stream: Option<&Stream>,
) -> Result<(Repetition, Measured), Error> {
    let questions = questions(prompt, prompt.decoding, batch);
    let live = stream.map(|stream| &stream.samples);
    let (mut again, mut gaps) =
        (Vec::with_capacity(usize::try_from(rounds.count).unwrap_or(0)), Duration::ZERO);
    let (answers, mut measured) =
        meter::measure_until_idle(&mut instruments.meters, clock, options, live, tail, |marks| {
            let start = clock.now();
            let answers = engine.generate_batch(&questions, &mut |number, token| {
                if let Some(stream) = stream.filter(|_| number == 0) {
                    stream.tokens.push(token.index, token.text, clock.at(token.at).saturating_sub(start));
                }
            });
            let answers = answers?;
            let Some(began) = answers.first().map(|first| first.started) else { return Ok(answers) };
            marks.start_at(began);
            let began = clock.at(began);
            let mut ended = clock.now();
            for nth in 1..rounds.count {
                clock.sleep(rounds.wait(nth, ended.saturating_sub(began)));
                let answers = engine.generate_batch(&questions, &mut |_, _| {})?;
                if let Some(Generation { started, token_times, .. }) = answers.into_iter().next() {
                    let started = clock.at(started);
                    gaps += started.saturating_sub(ended);
                    again.push(Round { start: started.saturating_sub(began), token_times });
                }
                ended = clock.now();
            }
            Ok::<_, engine::Error>(answers)
        })?;
    measured.window.gaps = gaps;
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
        again,
    };
    Ok((repetition, measured))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_bodies_are_repeated_until_they_last_five_seconds_together_and_no_more_often_than_said() {
        let enough =
            |ms| enough_for(Duration::from_millis(ms), Protocol::QUIET.least_together, MOST_REPETITIONS);
        assert_eq!((enough(9000), enough(5000), enough(400), enough(0)), (1, 1, 13, 64));
        assert_eq!(enough_for(Duration::from_millis(40), Protocol::QUIET.least_together, MOST_ROUNDS), 125);
        let plug = common::wall::WallPace { update_period: Duration::from_secs(1), resolution: None };
        let beside = enough_for(Duration::from_secs(2), plug.together(), MOST_REPETITIONS);
        assert_eq!(beside, 30, "a minute beside a plug");
        assert_eq!(enough_for(Duration::from_secs(2), Duration::ZERO, MOST_ROUNDS), 1);
    }

    #[test]
    fn rounds_begin_at_phases_that_are_spread_evenly_over_the_sensors_period() {
        let period = Duration::from_millis(100);
        let rounds = Rounds { count: 9, period };
        let mut at = Duration::ZERO;
        let mut phases: Vec<u128> = (1..rounds.count)
            .map(|nth| {
                at += Duration::from_millis(40);
                at += rounds.wait(nth, at);
                at.as_millis() % 100
            })
            .collect();
        phases.sort_unstable();
        let steps: Vec<u128> = phases.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| (5..=20).contains(step)), "{phases:?}");
        assert!(at < (period + Duration::from_millis(40)) * 9);
        assert_eq!(Rounds::ONE.wait(1, at), Duration::ZERO);
    }
}
