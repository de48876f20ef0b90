//! Carrying out one Lease: everything between taking it and reporting.
//!
//! Load → calm and cool → Baseline → warm-up → a Window a Repetition → Baseline → facts. Must not: go on with a Run whose
//! Lease is not ours any more, or deliver anything.

use std::time::Duration;

use common::lease::{Lease, Step};
use common::measurement::{Conditions, Facts, Overhead};
use common::protocol::Protocol;
use common::units::{Power, Temperature};
use common::wall::{LEAST_PERIODS, Span, Timeline};
use meter::idle::{self, Idle, Load};
use meter::preflight::Preflight;
use meter::tally::Tally;
use meter::{Clock as _, LiveTrace, Tail};

use crate::assemble::{self, Found};
use crate::calendar::Calendar;
use crate::cooldown::Look;
use crate::error::Error;
use crate::keeper::Keeper;
use crate::lease_loop::Worker;
use crate::live_tokens::LiveTokens;
use crate::repetitions::{self, MOST_REPETITIONS, MOST_ROUNDS, Rounds, enough_for};
use crate::stop;
use crate::streaming::Stream;
use crate::watched::Watched;
use crate::{clock, hardware};

/// Samples shown to watchers of one Repetition at most.
const LIVE_SAMPLES: usize = 20_000;
/// Time between two words to the server while cooling.
const COOLING_NEWS: Duration = Duration::from_secs(2);

/// Idle power that is not steady, or not what it was in the days before, is read again, so many times in all.
const BASELINES: u32 = 3;
/// Longest wait after a Repetition until boards are idle again, while somebody watches and else.
const TAILS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));

impl Worker {
    /// Carries out one Lease.
    pub(crate) fn carry_out(&mut self, lease: &Lease) -> Result<Facts, Error> {
        let calendar = Calendar::start(self.clock);
        let keeper = Keeper::start(self.client.clone(), self.clock, calendar, lease.id, lease.lasts)
            .map_err(|error| Error::unfit("no_thread", error.to_string()))?;
        let clock = self.clock;
        let protocol = self.settings.protocol.of(lease.streamed);
        let stop = self.stop.clone();
        let check = || if stop.is_asked() { Err(Error::Stopped(stop::given_back())) } else { keeper.check() };
        let mut overhead = Overhead::default();
        if !self.shelf.is_loaded(&lease.model_id) {
            keeper.step(Step::Loading)?;
            let start = clock.now();
            self.shelf.engine(&lease.model_id)?;
            overhead.load = clock.now().saturating_sub(start);
            self.gate.note_work(clock.now());
        }
        let cores = hardware::cores();
        let mut told: Option<Duration> = None;
        let cool = self.gate.wait(&mut self.instruments, clock, cores, self.settings.limits, |look| {
            check()?;
            let now = clock.now();
            if told.is_none_or(|told| now.saturating_sub(told) >= COOLING_NEWS) {
                told = Some(now);
                let Look { expected, temperature } = look;
                return keeper.step(Step::Cooling { expected, temperature });
            }
            Ok(())
        })?;
        overhead.cool_down = cool.took;
        if let Some(cooling) = self.gate.cooling() {
            self.state.keep_cooling(&cooling);
        }
        let is_cold = self.warm_if_cold(lease, &keeper, &check, cool.temperature)?;
        let preflight = Preflight::look(&mut self.instruments, &clock);
        let account_before = Load::now(&self.instruments.account, &clock);

        let mut timeline = Timeline::default();
        let from = clock.now();
        let mut before = self.baseline(lease, &keeper, protocol.idle_before)?;
        for _ in 1..BASELINES {
            let is_off = |idle: &Idle| {
                idle.is_unsteady() || idle.power.is_some_and(|power| lease.is_unusual(idle.domain, power))
            };
            // Whoever watches is told what idle power was like; else it is waited for.
            if lease.streamed || !before.iter().any(is_off) {
                break;
            }
            check()?;
            before = self.baseline(lease, &keeper, protocol.idle_before)?;
        }
        timeline.idle_before = Some(calendar.span(from, clock.now()));
        check()?;
        keeper.step(Step::WarmingUp)?;
        let idle: Vec<Option<Power>> = before.iter().map(|idle| idle.power).collect();
        // What all parts that are read draw together is the least that the machine draws.
        let at_least = idle.iter().copied().flatten().reduce(|sum, power| sum + power);
        let pad = lease.wall.map(|wall| wall.pad(at_least)).unwrap_or_default();
        let options = self.settings.options.padded(pad);
        let asked = (&lease.prompt, lease.batch.get());
        let engine = self.shelf.engine(&lease.model_id)?;
        let start = clock.now();
        let mut tally = Tally::start(&mut self.instruments.meters, &clock);
        let meters = &mut self.instruments.meters;
        let between = || {
            tally.look(meters, &clock);
            check()
        };
        let (warm_ups, took) = repetitions::warm_up(engine, asked, protocol, clock, between)?;
        overhead.warm_up_repetitions = warm_ups;
        overhead.warm_up = clock.now().saturating_sub(start);

        let (model, device, threads) = (engine.model().clone(), engine.device().to_owned(), engine.threads());
        // Warm-up has recorded and tuned what the Windows use.
        let computing = engine.computing();
        let started_at = clock::date();
        let mut done = Vec::new();
        let mut watched = Watched::default();
        let slowest = self.instruments.slowest_period();
        let tail = Tail { idle: &idle, most: if lease.streamed { TAILS.0 } else { TAILS.1 } };
        let mut wanted = lease.repetitions.max(1);
        let slow = slowest.map(|_| protocol.least_together);
        let together = slow.max(lease.wall.map(|wall| wall.together())).unwrap_or_default();
        // An answer alone is too short for what is slow here: one Window holds several.
        let is_alone = lease.streamed || lease.batch.get() > 1 || together.is_zero();
        let rounds = Rounds {
            count: if is_alone { 1 } else { enough_for(took, protocol.least_together, MOST_ROUNDS) },
            period: slowest.unwrap_or_default(),
        };
        let mut repetition = 0;
        while repetition < wanted {
            repetition += 1;
            check()?;
            keeper.step(Step::Measuring { repetition, of: wanted })?;
            let options = options.spread(slowest.unwrap_or_default(), repetition - 1);
            // Watchers see the first Repetition; the others would only repeat it.
            let stream = (lease.streamed && repetition == 1).then(|| {
                let domains = self.instruments.meters.iter().map(|meter| meter.card().domain).collect();
                let tokens = usize::try_from(lease.prompt.decoding.max_output_tokens).unwrap_or(0);
                Stream::new(LiveTokens::with_capacity(tokens), LiveTrace::new(domains, LIVE_SAMPLES))
            });
            let instruments = &mut self.instruments;
            keeper.set_quiet(stream.is_none());
            let mut run = || {
                repetitions::measure(
                    engine,
                    asked,
                    instruments,
                    clock,
                    (options, rounds),
                    tail,
                    stream.as_ref(),
                )
            };
            let found = match &stream {
                Some(stream) => stream.send_during(&self.client, lease.id, &keeper, run),
                None => run(),
            };
            keeper.set_quiet(false);
            let (found, measured) = found?;
            watched.add(&measured);
            tracing::debug!(
                sampler.looks = measured.sampler.looks,
                sampler.max_lateness_s = measured.sampler.max_lateness.as_secs_f64(),
                sampler.cpu_s = measured.sampler.cpu.map(|time| time.as_secs_f64()),
                "a window was measured"
            );
            if repetition == 1 && !lease.streamed {
                wanted = wanted.max(enough_for(found.window.body(), together, MOST_REPETITIONS));
            }
            timeline.windows.push(calendar.span(measured.opened, measured.opened + found.window.length));
            done.push(found);
        }
        let from = clock.now();
        let after = self.baseline(lease, &keeper, protocol.idle_after)?;
        timeline.idle_after = Some(calendar.span(from, clock.now()));
        timeline.server = keeper.server();
        check()?;
        keeper.step(Step::Reporting)?;
        let conditions = Conditions {
            foreign_load: account_before
                .zip(Load::now(&self.instruments.account, &clock))
                .and_then(|(from, now)| from.foreign_share(now, cores)),
            was_calm: cool.was_calm && !is_cold,
            was_cool: cool.was_cool,
            temperature_before: cool.temperature,
            temperature_after: self.instruments.temperature(),
            streamed: lease.streamed,
            spread_starts: slowest.is_some(),
            sampler: watched.sampler,
            control: self.controls.told(),
            // Nothing that somebody watches is repeated.
            attempt: (!lease.streamed).then_some(lease.attempt),
            ..Conditions::default()
        };
        let conditions = preflight.conclude(&mut self.instruments, &watched.held_back, conditions);
        let lasted = |span: Option<Span>| span.map(|span| span.lasts).unwrap_or_default();
        let idle = [(&*before, lasted(timeline.idle_before)), (&*after, lasted(timeline.idle_after))];
        overhead.baseline = idle.iter().map(|(_, span)| *span).sum();
        overhead.energies = assemble::overhead_energies(&cool.energies, &idle, &tally.energies());
        let meters = self.instruments.cards();
        let baselines = idle::baselines(&before, &after);
        assemble::facts(Found {
            model,
            device,
            threads,
            batch: asked.1,
            computing,
            meters,
            started_at,
            repetitions: done,
            baselines,
            overhead,
            conditions,
            timeline,
        })
    }

    /// A machine that is far colder than where it rests is warmed with the very work that it will do, for as long as
    /// may be waited for it to be calm. Says whether it is still cold.
    fn warm_if_cold(
        &mut self,
        lease: &Lease,
        keeper: &Keeper,
        check: &impl Fn() -> Result<(), Error>,
        temperature: Option<Temperature>,
    ) -> Result<bool, Error> {
        let start = self.clock.now();
        let mut is_cold = self.gate.is_cold(temperature);
        while is_cold && self.clock.now().saturating_sub(start) < self.settings.limits.timeout {
            keeper.step(Step::WarmingUp)?;
            let engine = self.shelf.engine(&lease.model_id)?;
            let own = self.settings.protocol.of(lease.streamed);
            let once = Protocol { least_warm_ups: 1, most_warm_ups: 1, ..own };
            let asked = (&lease.prompt, lease.batch.get());
            repetitions::warm_up(engine, asked, once, self.clock, check)?;
            is_cold = self.gate.is_cold(self.instruments.temperature());
        }
        Ok(is_cold)
    }

    /// Reads idle power for so long at least.
    fn baseline(&mut self, lease: &Lease, keeper: &Keeper, span: Duration) -> Result<Vec<Idle>, Error> {
        keeper.step(Step::Baseline)?;
        // The meter at the socket reads idle power meanwhile.
        let wall = lease.wall.map(|wall| wall.update_period * LEAST_PERIODS).unwrap_or_default();
        let (meters, options) = (&mut self.instruments.meters, self.settings.options);
        Ok(idle::baseline(meters, self.clock, options, span.max(wall))?)
    }
}
