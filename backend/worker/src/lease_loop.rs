//! The worker's life: ask for a Lease, carry it out, report, again.
//!
//! Load → calm and cool → Baseline → warm-up → a Window a Repetition → Baseline → report. Must not: work on a
//! Run whose Lease is not ours any more.

use std::num::NonZeroU32;
use std::time::Duration;

use common::api::leases::AskLease;
use common::lease::{Lease, Report, Step};
use common::machine::Announcement;
use common::measurement::{Conditions, Facts, Overhead};
use common::meter::Label;
use common::run::Failure;
use common::units::{Power, Temperature};
use common::verdict::{ATTEMPTS, Grade, Verdict};
use common::wall::{LEAST_PERIODS, Timeline};
use meter::idle::{self, Idle, Load};
use meter::preflight::Preflight;
use meter::tally::Tally;
use meter::{Clock, Instruments, LiveTrace, Monotonic, Options, Tail};

use crate::assemble::{self, Found};
use crate::calendar::Calendar;
use crate::client::{CallError, Client};
use crate::control::Controls;
use crate::cooldown::{Gate, Limits, Look};
use crate::error::{Error, failure};
use crate::keeper::Keeper;
use crate::live_tokens::LiveTokens;
use crate::models::Shelf;
use crate::outbox::{Delivery, Outbox};
use crate::repetitions::{self, WarmUp};
use crate::state::State;
use crate::stop::{self, Stop};
use crate::streaming::Stream;
use crate::watched::Watched;
use crate::{clock, hardware};

/// Longest wait for work in one call; short, so that stopping is quick.
const ASK_FOR: Duration = Duration::from_secs(2);
/// First and longest pause while the server is away.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));
/// Samples shown to watchers of one Repetition at most.
const LIVE_SAMPLES: usize = 20_000;
/// Time between two words to the server while cooling.
const COOLING_NEWS: Duration = Duration::from_secs(2);

/// Idle power that is not steady is read again, so many times in all.
const BASELINES: u32 = 3;
/// Longest wait after a Repetition until boards are idle again, while somebody watches and else.
const TAILS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(10));
/// Sequences that are computed at once at most. Whether they fit into memory is seen when they are asked for.
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(63);

/// How this worker measures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) warm_up: WarmUp,
    pub(crate) baseline: Duration,
    pub(crate) options: Options,
    /// How often the control workload is done; `None` is never.
    pub(crate) control_every: Option<Duration>,
}

/// A worker and all that it owns.
pub(crate) struct Worker {
    pub(crate) client: Client,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Monotonic,
    pub(crate) stop: Stop,
    pub(crate) instruments: Instruments,
    pub(crate) shelf: Shelf,
    pub(crate) gate: Gate,
    pub(crate) state: State,
    pub(crate) controls: Controls,
    pub(crate) settings: Settings,
}

impl Worker {
    /// Says who we are, until the server hears it.
    pub(crate) fn announce(&self, announcement: &Announcement) -> Result<(), CallError> {
        let mut pause = PAUSES.0;
        loop {
            match self.client.call(announcement) {
                Ok(announced) => {
                    tracing::info!(machine.name = %announced.machine.name, "the server knows this machine");
                    return Ok(());
                }
                Err(error @ (CallError::Refused { .. } | CallError::Malformed(_))) => return Err(error),
                Err(error) => {
                    if self.stop.is_asked() {
                        return Err(error);
                    }
                    tracing::warn!(%error, "the server does not hear us; trying again");
                    self.clock.sleep(pause);
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// What the server is told.
    pub(crate) fn announcement(&self) -> Announcement {
        Announcement {
            worker_version: assemble::worker_version(),
            hardware: hardware::describe(std::path::Path::new("/"), self.instruments.accelerators()),
            meters: self.instruments.cards(),
            missing_meters: self.instruments.missing.clone(),
            models: self.shelf.models(),
            max_batches: self.shelf.models().into_iter().map(|model| (model.id, AT_ONCE)).collect(),
        }
    }

    /// Works until asked to stop, or, with `once`, until one Lease has ended.
    pub(crate) fn work(&mut self, once: bool) -> Result<(), Error> {
        let mut pause = PAUSES.0;
        self.outbox.send_kept(&self.client);
        while !self.stop.is_asked() {
            self.gate.watch(&self.instruments.account, &self.clock);
            match self.client.call(&AskLease { wait: ASK_FOR }) {
                Ok(None) => self.rest(),
                Ok(Some(lease)) => {
                    self.stop.hold(lease.id);
                    self.serve(&lease)?;
                    if once {
                        return Ok(());
                    }
                }
                Err(error @ CallError::Refused { status: 401 | 403, .. }) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, "no lease could be asked for; trying again");
                    self.clock.sleep(pause);
                    pause = (pause * 2).min(PAUSES.1);
                    continue;
                }
            }
            pause = PAUSES.0;
        }
        Ok(())
    }

    /// Nobody asks for anything.
    fn rest(&mut self) {
        let temperature = self.instruments.temperature();
        if let Some(rests) = self.gate.note_rest(self.clock.now(), temperature) {
            self.state.keep_rests(rests);
        }
        self.control();
    }

    /// Carries out one Lease and reports it.
    fn serve(&mut self, lease: &Lease) -> Result<(), Error> {
        tracing::info!(run.id = %lease.run_id, lease.id = %lease.id, model.id = %lease.model_id, attempt = lease.attempt, "leased");
        let outcome = self.carry_out(lease);
        self.gate.note_work(self.clock.now());
        let (report, is_unfit) = match outcome {
            Ok(facts) => match shall_repeat(lease, &facts) {
                Some(failure) => (Report::Retry { failure }, None),
                None => (Report::Measured { facts: Box::new(facts) }, None),
            },
            Err(Error::Lost) => {
                self.stop.take();
                tracing::warn!(run.id = %lease.run_id, lease.id = %lease.id, "the lease was lost; the run is dropped");
                return Ok(());
            }
            Err(Error::Retry(failure)) => (Report::Retry { failure }, None),
            Err(Error::Reject(failure)) => (Report::Reject { failure }, None),
            Err(Error::Stopped(failure)) => (Report::Release { failure }, None),
            Err(Error::Unfit(failure)) => (Report::Retry { failure: failure.clone() }, Some(failure)),
        };
        if let Report::Retry { failure } | Report::Reject { failure } | Report::Release { failure } = &report
        {
            tracing::warn!(run.id = %lease.run_id, failure.code = %failure.code, "not measured: {}", failure.message);
        }
        // The thread that listens for signals may have reported it already.
        let Some(id) = self.stop.take() else { return Ok(()) };
        match self.outbox.deliver(&self.client, &self.clock, &self.stop, id, report) {
            Delivery::Taken(state) => {
                tracing::info!(run.id = %lease.run_id, run.state = state.name(), "reported");
            }
            Delivery::Refused(error) => {
                tracing::error!(run.id = %lease.run_id, %error, "the report was refused");
            }
            Delivery::GivenUp(error) => {
                tracing::error!(run.id = %lease.run_id, %error, "the report was not delivered; it is sent at the next start");
            }
        }
        is_unfit.map_or(Ok(()), |failure| Err(Error::Unfit(failure)))
    }

    fn carry_out(&mut self, lease: &Lease) -> Result<Facts, Error> {
        let calendar = Calendar::start(self.clock);
        let keeper = Keeper::start(self.client.clone(), self.clock, calendar, lease.id, lease.lasts)
            .map_err(|error| Error::unfit("no_thread", error.to_string()))?;
        let clock = self.clock;
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
        let mut before = self.baseline(lease, &keeper, &mut overhead)?;
        for _ in 1..BASELINES {
            // Whoever watches is told that it was not steady; else it is waited for.
            if lease.streamed || !before.iter().any(Idle::is_unsteady) {
                break;
            }
            check()?;
            before = self.baseline(lease, &keeper, &mut overhead)?;
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
        overhead.warm_up_repetitions =
            repetitions::warm_up(engine, asked, lease.streamed, self.settings.warm_up, clock, between)?;
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
        let together = slowest
            .map(|_| repetitions::LEAST_TOGETHER)
            .max(lease.wall.map(|wall| wall.together()))
            .unwrap_or_default();
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
            let mut run =
                || repetitions::measure(engine, asked, instruments, clock, options, tail, stream.as_ref());
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
                wanted = wanted.max(repetitions::enough_for(found.window.body(), together));
            }
            timeline.windows.push(calendar.span(measured.opened, measured.opened + found.window.length));
            done.push(found);
        }
        let from = clock.now();
        let after = self.baseline(lease, &keeper, &mut overhead)?;
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
        let idle = before.iter().chain(&after).copied();
        overhead.energies =
            assemble::overhead_energies(&cool.energies, idle, overhead.baseline / 2, &tally.energies());
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
            let (asked, once) = ((&lease.prompt, lease.batch.get()), WarmUp { least: 1, most: 1 });
            repetitions::warm_up(engine, asked, lease.streamed, once, self.clock, check)?;
            is_cold = self.gate.is_cold(self.instruments.temperature());
        }
        Ok(is_cold)
    }

    fn baseline(
        &mut self,
        lease: &Lease,
        keeper: &Keeper,
        overhead: &mut Overhead,
    ) -> Result<Vec<Idle>, Error> {
        keeper.step(Step::Baseline)?;
        let start = self.clock.now();
        let settings = self.settings;
        // The meter at the socket reads idle power meanwhile.
        let wall = lease.wall.map(|wall| wall.update_period * LEAST_PERIODS).unwrap_or_default();
        let span = settings.baseline.max(wall);
        let found = idle::baseline(&mut self.instruments.meters, self.clock, settings.options, span)?;
        overhead.baseline += self.clock.now().saturating_sub(start);
        Ok(found)
    }
}

/// Why a quiet Run is measured again: the protocol says so of what it found, and there are attempts left. Somebody who watches
/// has seen the answer and is told how far its energy can be trusted instead; so is whoever reads what no instrument read.
fn shall_repeat(lease: &Lease, facts: &Facts) -> Option<Failure> {
    let is_read = facts.meters.iter().any(|card| card.label == Label::Measured);
    let verdict = Verdict::on(facts);
    if lease.streamed || !is_read || lease.attempt >= ATTEMPTS || verdict.grade != Grade::Redo {
        return None;
    }
    let reasons: Vec<String> = verdict
        .reasons
        .iter()
        .filter_map(|reason| serde_json::to_value(reason).ok()?.as_str().map(str::to_owned))
        .collect();
    Some(failure("redo", format!("the conditions were not good enough: {}", reasons.join(", "))))
}
