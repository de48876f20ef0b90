//! The Windows of one Lease: a Repetition each, and as many as the instruments need to see enough.
//!
//! Watchers see the first one while it is open. Must not: prepare the machine, or judge what was found.

use std::time::Duration;

use common::lease::{Lease, Step};
use common::measurement::Repetition;
use common::units::Power;
use common::wall::Span;
use meter::{LiveTrace, Measured, Options, Tail};
use time::OffsetDateTime;

use crate::carry_out::Attempt;
use crate::clock;
use crate::error::Error;
use crate::lease_loop::Worker;
use crate::live_tokens::LiveTokens;
use crate::repetitions::{self, MOST_REPETITIONS, MOST_ROUNDS, Rounds, enough_for};
use crate::streaming::Stream;
use crate::watched::Watched;

/// Samples shown to watchers of one Repetition at most.
const LIVE_SAMPLES: usize = 20_000;
/// Longest wait after a Repetition until boards are idle again, while somebody watches and else.
const TAILS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));

/// What was found in them.
pub(crate) struct Windows {
    pub(crate) started_at: OffsetDateTime,
    pub(crate) repetitions: Vec<Repetition>,
    /// When each was open.
    pub(crate) spans: Vec<Span>,
    pub(crate) watched: Watched,
}

/// How each of them is measured.
struct Plan<'a> {
    options: Options,
    rounds: Rounds,
    tail: Tail<'a>,
    /// Update period of the slowest instrument, zero where none is slow: starts are spread over it.
    slowest: Duration,
    /// Bodies last so long together at least.
    together: Duration,
}

impl<'a> Plan<'a> {
    /// For answers that take `answer`, where the slow ones among the instruments update every `slowest`.
    fn new(
        attempt: &Attempt<'_>,
        options: Options,
        slowest: Option<Duration>,
        idle: &'a [Option<Power>],
        answer: Duration,
    ) -> Self {
        let lease = attempt.lease;
        let least = attempt.protocol.least_together;
        // What all parts that are read draw together is the least that the machine draws.
        let at_least = idle.iter().copied().flatten().reduce(|sum, power| sum + power);
        let pad = lease.wall.map(|wall| wall.pad(at_least)).unwrap_or_default();
        let together = slowest.map(|_| least).max(lease.wall.map(|wall| wall.together())).unwrap_or_default();
        // An answer alone is too short for what is slow here: one Window holds several.
        let is_alone = lease.streamed || lease.batch.get() > 1 || together.is_zero();
        let count = if is_alone { 1 } else { enough_for(answer, least, MOST_ROUNDS) };
        let slowest = slowest.unwrap_or_default();
        Self {
            options: options.padded(pad),
            rounds: Rounds { count, period: slowest },
            tail: Tail { idle, most: if lease.streamed { TAILS.0 } else { TAILS.1 } },
            slowest,
            together,
        }
    }
}

impl Worker {
    /// Measures every Repetition of a Lease whose last warm-up took `answer`. `idle` is each instrument's power before.
    pub(crate) fn windows(
        &mut self,
        attempt: &Attempt<'_>,
        idle: &[Option<Power>],
        answer: Duration,
    ) -> Result<Windows, Error> {
        let slowest = self.instruments.slowest_period();
        let plan = Plan::new(attempt, self.settings.options, slowest, idle, answer);
        let mut done = Windows {
            started_at: clock::date(),
            repetitions: Vec::new(),
            spans: Vec::new(),
            watched: Watched::default(),
        };
        let mut wanted = attempt.lease.repetitions.max(1);
        let mut nth = 0;
        while nth < wanted {
            nth += 1;
            attempt.check()?;
            attempt.keeper.step(Step::Measuring { repetition: nth, of: wanted })?;
            let (found, measured) = self.window(attempt, &plan, nth)?;
            tracing::debug!(
                sampler.looks = measured.sampler.looks,
                sampler.max_lateness_s = measured.sampler.max_lateness.as_secs_f64(),
                sampler.cpu_s = measured.sampler.cpu.map(|time| time.as_secs_f64()),
                "a window was measured"
            );
            if nth == 1 && !attempt.lease.streamed {
                wanted = wanted.max(enough_for(found.window.body(), plan.together, MOST_REPETITIONS));
            }
            done.watched.add(&measured);
            done.spans.push(attempt.calendar.span(measured.opened, measured.opened + found.window.length));
            done.repetitions.push(found);
        }
        Ok(done)
    }

    /// Measures the `nth` Repetition, from 1.
    fn window(
        &mut self,
        attempt: &Attempt<'_>,
        plan: &Plan<'_>,
        nth: u32,
    ) -> Result<(Repetition, Measured), Error> {
        let Attempt { lease, keeper, .. } = attempt;
        // Watchers see the first Repetition; the others would only repeat it.
        let stream = (lease.streamed && nth == 1).then(|| self.stream(lease));
        let options = plan.options.spread(plan.slowest, nth - 1);
        let engine = self.shelf.engine(&lease.model_id)?;
        let (instruments, clock) = (&mut self.instruments, self.clock);
        let rounds = (options, plan.rounds);
        let watcher = stream.as_ref();
        let mut run =
            || repetitions::measure(engine, attempt.asked(), instruments, clock, rounds, plan.tail, watcher);
        keeper.set_quiet(stream.is_none());
        let found = match &stream {
            Some(stream) => stream.send_during(&self.client, lease.id, keeper, run),
            None => run(),
        };
        keeper.set_quiet(false);
        found
    }

    /// Where tokens and power of one Repetition wait to be sent.
    fn stream(&self, lease: &Lease) -> Stream {
        let domains = self.instruments.meters.iter().map(|meter| meter.card().domain).collect();
        let tokens = usize::try_from(lease.prompt.decoding.max_output_tokens).unwrap_or(0);
        Stream::new(LiveTokens::with_capacity(tokens), LiveTrace::new(domains, LIVE_SAMPLES))
    }
}
