//! Carrying out one Lease: everything between taking it and reporting.
//!
//! Load → calm and cool → Baseline → warm-up → a Window a Repetition (see `windows`) → Baseline → facts. Must not: go on
//! with a Run whose Lease is not ours any more, or deliver anything.

use std::time::Duration;

use common::lease::{Lease, LeasedPrompt, Step};
use common::measurement::{Computing, Conditions, Facts, Overhead};
use common::meter::Domain;
use common::protocol::Protocol;
use common::units::{Energy, Power};
use common::wall::{LEAST_PERIODS, Span, Timeline};
use meter::Clock as _;
use meter::idle::{self, Idle, Load};
use meter::preflight::Preflight;
use meter::tally::Tally;

use crate::assemble::{self, Found};
use crate::calendar::Calendar;
use crate::cooldown::{CoolDown, Look};
use crate::error::Error;
use crate::keeper::Keeper;
use crate::lease_loop::Worker;
use crate::stop::{self, Stop};
use crate::windows::Windows;
use crate::{hardware, repetitions};

/// Time between two words to the server while cooling.
const COOLING_NEWS: Duration = Duration::from_secs(2);

/// Idle power that is not steady, or not what it was in the days before, is read again, so many times in all.
const BASELINES: u32 = 3;

/// One Lease while it is carried out.
pub(crate) struct Attempt<'a> {
    pub(crate) lease: &'a Lease,
    pub(crate) keeper: Keeper,
    pub(crate) calendar: Calendar,
    pub(crate) protocol: Protocol,
    stop: Stop,
}

impl Attempt<'_> {
    /// Whether to go on: the Lease is ours, and nobody asked the worker to stop.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.stop.is_asked() { Err(Error::Stopped(stop::given_back())) } else { self.keeper.check() }
    }

    /// What is asked, and how many times at once.
    pub(crate) fn asked(&self) -> (&LeasedPrompt, u32) {
        (&self.lease.prompt, self.lease.batch.get())
    }
}

/// What was done and seen before the first Window.
struct Prepared {
    load: Duration,
    cool: CoolDown,
    is_cold: bool,
    preflight: Preflight,
    account: Option<Load>,
    before: IdleRead,
    warm_up: WarmUp,
}

/// Idle power, and while it was read.
struct IdleRead {
    idle: Vec<Idle>,
    during: Span,
}

/// How warm-up went.
struct WarmUp {
    repetitions: u32,
    took: Duration,
    /// How long the last Repetition took.
    last: Duration,
    energies: Vec<(Domain, Option<Energy>)>,
    /// What it has recorded and tuned: the Windows use it.
    computing: Computing,
}

impl Worker {
    /// Carries out one Lease.
    pub(crate) fn carry_out(&mut self, lease: &Lease) -> Result<Facts, Error> {
        let calendar = Calendar::start(self.clock);
        let keeper = Keeper::start(self.client.clone(), self.clock, calendar, lease.id, lease.lasts)
            .map_err(|error| Error::unfit("no_thread", error.to_string()))?;
        let protocol = self.settings.protocol.of(lease.streamed);
        let attempt = Attempt { lease, keeper, calendar, protocol, stop: self.stop.clone() };

        let load = self.load(&attempt)?;
        let cool = self.cool(&attempt)?;
        let is_cold = self.warm_if_cold(&attempt, &cool)?;
        let preflight = Preflight::look(&mut self.instruments, &self.clock);
        let account = Load::now(&self.instruments.account, &self.clock);
        // Whoever watches is told what idle power was like; else it is waited for.
        let before =
            self.baseline(&attempt, protocol.idle_before, if lease.streamed { 1 } else { BASELINES })?;
        attempt.check()?;
        let warm_up = self.warm_up(&attempt)?;
        let idle: Vec<Option<Power>> = before.idle.iter().map(|idle| idle.power).collect();
        let windows = self.windows(&attempt, &idle, warm_up.last)?;
        let after = self.baseline(&attempt, protocol.idle_after, 1)?;
        attempt.check()?;
        let prepared = Prepared { load, cool, is_cold, preflight, account, before, warm_up };
        self.conclude(&attempt, prepared, windows, after)
    }

    /// Loads the Model; says how long that took, nothing where it is in memory already.
    fn load(&mut self, attempt: &Attempt<'_>) -> Result<Duration, Error> {
        let model_id = &attempt.lease.model_id;
        if self.shelf.is_loaded(model_id) {
            return Ok(Duration::ZERO);
        }
        attempt.keeper.step(Step::Loading)?;
        let start = self.clock.now();
        self.shelf.engine(model_id)?;
        let end = self.clock.now();
        self.gate.note_work(end);
        Ok(end.saturating_sub(start))
    }

    /// Waits until the machine is calm and cool, and tells how long that will take now and then.
    fn cool(&mut self, attempt: &Attempt<'_>) -> Result<CoolDown, Error> {
        let clock = self.clock;
        let mut told: Option<Duration> = None;
        let cool = self.gate.wait(
            &mut self.instruments,
            clock,
            hardware::cores(),
            self.settings.limits,
            |look| {
                attempt.check()?;
                let now = clock.now();
                if told.is_some_and(|told| now.saturating_sub(told) < COOLING_NEWS) {
                    return Ok(());
                }
                told = Some(now);
                let Look { expected, temperature } = look;
                attempt.keeper.step(Step::Cooling { expected, temperature })
            },
        )?;
        if let Some(cooling) = self.gate.cooling() {
            self.state.keep_cooling(&cooling);
        }
        Ok(cool)
    }

    /// A machine that is far colder than where it rests is warmed with the very work that it will do, for as long as
    /// may be waited for it to be calm. Says whether it is still cold.
    fn warm_if_cold(&mut self, attempt: &Attempt<'_>, cool: &CoolDown) -> Result<bool, Error> {
        let start = self.clock.now();
        let mut is_cold = self.gate.is_cold(cool.temperature);
        while is_cold && self.clock.now().saturating_sub(start) < self.settings.limits.timeout {
            attempt.keeper.step(Step::WarmingUp)?;
            let engine = self.shelf.engine(&attempt.lease.model_id)?;
            let once = Protocol { least_warm_ups: 1, most_warm_ups: 1, ..attempt.protocol };
            repetitions::warm_up(engine, attempt.asked(), once, self.clock, || attempt.check())?;
            is_cold = self.gate.is_cold(self.instruments.temperature());
        }
        Ok(is_cold)
    }

    /// Reads idle power for `span` at least, up to `most` times until it is steady and what it was in the days before.
    fn baseline(&mut self, attempt: &Attempt<'_>, span: Duration, most: u32) -> Result<IdleRead, Error> {
        let lease = attempt.lease;
        // The meter at the socket reads idle power meanwhile.
        let wall = lease.wall.map(|wall| wall.update_period * LEAST_PERIODS).unwrap_or_default();
        let is_off = |idle: &Idle| {
            idle.is_unsteady() || idle.power.is_some_and(|power| lease.is_unusual(idle.domain, power))
        };
        let from = self.clock.now();
        let mut left = most;
        loop {
            attempt.check()?;
            attempt.keeper.step(Step::Baseline)?;
            let (meters, options) = (&mut self.instruments.meters, self.settings.options);
            let idle = idle::baseline(meters, self.clock, options, span.max(wall))?;
            left = left.saturating_sub(1);
            if left == 0 || !idle.iter().any(is_off) {
                return Ok(IdleRead { idle, during: attempt.calendar.span(from, self.clock.now()) });
            }
        }
    }

    /// Warms up, until two run times in a row agree.
    fn warm_up(&mut self, attempt: &Attempt<'_>) -> Result<WarmUp, Error> {
        attempt.keeper.step(Step::WarmingUp)?;
        let clock = self.clock;
        let engine = self.shelf.engine(&attempt.lease.model_id)?;
        let start = clock.now();
        let meters = &mut self.instruments.meters;
        let mut tally = Tally::start(meters, &clock);
        let between = || {
            tally.look(meters, &clock);
            attempt.check()
        };
        let (repetitions, last) =
            repetitions::warm_up(engine, attempt.asked(), attempt.protocol, clock, between)?;
        let took = clock.now().saturating_sub(start);
        Ok(WarmUp { repetitions, took, last, energies: tally.energies(), computing: engine.computing() })
    }

    /// The record of what was prepared, measured and seen afterwards.
    fn conclude(
        &mut self,
        attempt: &Attempt<'_>,
        prepared: Prepared,
        windows: Windows,
        after: IdleRead,
    ) -> Result<Facts, Error> {
        let Prepared { load, cool, is_cold, preflight, account, before, warm_up } = prepared;
        let Attempt { lease, keeper, .. } = attempt;
        let timeline = Timeline {
            windows: windows.spans,
            idle_before: Some(before.during),
            idle_after: Some(after.during),
            server: keeper.server(),
        };
        keeper.step(Step::Reporting)?;
        let now = Load::now(&self.instruments.account, &self.clock);
        let seen = Conditions {
            foreign_load: account.zip(now).and_then(|(from, now)| from.foreign_share(now, hardware::cores())),
            was_calm: cool.was_calm && !is_cold,
            was_cool: cool.was_cool,
            temperature_before: cool.temperature,
            temperature_after: self.instruments.temperature(),
            streamed: lease.streamed,
            spread_starts: self.instruments.slowest_period().is_some(),
            sampler: windows.watched.sampler,
            control: self.controls.told(),
            // Nothing that somebody watches is repeated.
            attempt: (!lease.streamed).then_some(lease.attempt),
            ..Conditions::default()
        };
        let idle = [&before, &after].map(|read| (&*read.idle, read.during.lasts));
        let overhead = Overhead {
            load,
            cool_down: cool.took,
            baseline: before.during.lasts + after.during.lasts,
            warm_up: warm_up.took,
            warm_up_repetitions: warm_up.repetitions,
            energies: assemble::overhead_energies(&cool.energies, &idle, &warm_up.energies),
        };
        let conditions = preflight.conclude(&mut self.instruments, &windows.watched.held_back, seen);
        let engine = self.shelf.engine(&lease.model_id)?;
        assemble::facts(Found {
            model: engine.model().clone(),
            device: engine.device().to_owned(),
            threads: engine.threads(),
            batch: lease.batch.get(),
            computing: warm_up.computing,
            meters: self.instruments.cards(),
            started_at: windows.started_at,
            repetitions: windows.repetitions,
            baselines: idle::baselines(&before.idle, &after.idle),
            overhead,
            conditions,
            timeline,
        })
    }
}
