//! The Window: measuring a closure.
//!
//! `measure` opens a Window on all instruments, waits out the pad, runs the body on the calling thread, waits out
//! the second pad and closes. Build outside, measure inside, nothing else inside. Must not: know what the body is.

use std::cell::Cell;
use std::time::{Duration, Instant};

use common::measurement::{Reading, SamplerCost};
use common::meter::MeterCard;
use common::trace::Window;
use common::units::Power;
use common::verdict::MAX_IDLE_DRIFT;

use crate::clock::Clock;
use crate::live::LiveTrace;
use crate::recorder::{FAST, Recorder};
use crate::sampler::{Bench, Gate, Newest, Pace, Watched};
use crate::{Error, HeldBack, Meter, Monotonic, Virtual};

/// Points kept per instrument: beyond it every second one is dropped, which costs detail and no energy.
const POINTS: usize = 8192;
/// Shortest and longest time between two looks.
const PERIODS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(100));
/// Idle before the body, where the instrument's update period is what matters.
const LONG_PAD: Duration = Duration::from_millis(500);

/// Multiples of it, taken modulo 1, spread evenly however many there are.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// How to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Time between two looks.
    pub period: Duration,
    /// Idle between opening and body.
    pub pad_before: Duration,
    /// Idle between body and closing.
    pub pad_after: Duration,
}

impl Options {
    /// What suits these instruments: looks at half their shortest update period, pads in which the edges of the
    /// slowest counter are known.
    pub fn suited_to<'a>(cards: impl IntoIterator<Item = &'a MeterCard>) -> Self {
        let periods: Vec<Duration> = cards.into_iter().filter_map(|card| card.update_period).collect();
        let slowest = periods.iter().copied().max().unwrap_or_default();
        let fastest = periods.iter().copied().min().unwrap_or_default();
        Self {
            period: (fastest / 2).clamp(PERIODS.0, PERIODS.1),
            pad_before: (slowest * 5).min(LONG_PAD),
            pad_after: (slowest * 5).min(LONG_PAD),
        }
    }

    /// The same for the `nth` Repetition, from 0: its body starts at another phase of the slowest sensor, and all of
    /// them together are spread evenly over it. A sensor that sees a part of each period would else be asked about the
    /// same part again and again.
    #[must_use]
    pub fn spread(self, slowest: Duration, nth: u32) -> Self {
        Self { pad_before: self.pad_before + spread(slowest, nth), ..self }
    }

    /// The same with pads that are so long at least, as an instrument that is read elsewhere needs them.
    #[must_use]
    pub fn padded(self, least: Duration) -> Self {
        Self {
            pad_before: self.pad_before.max(least),
            pad_after: self.pad_after.max(least),
            period: self.period,
        }
    }

    /// The same without pads, as for a Baseline.
    #[must_use]
    pub const fn unpadded(self) -> Self {
        Self { period: self.period, pad_before: Duration::ZERO, pad_after: Duration::ZERO }
    }
}

/// The phase of the `nth` start, from 0: all of them are spread evenly over a period.
pub fn spread(period: Duration, nth: u32) -> Duration {
    period.mul_f64((f64::from(nth) * GOLDEN).fract())
}

/// Lets the body say when it really began, where that is not when it was called.
#[derive(Debug)]
pub struct Marks {
    clock: Monotonic,
    start: Option<Duration>,
}

impl Marks {
    /// The body began at this instant.
    pub fn start_at(&mut self, instant: Instant) {
        self.start = Some(self.clock.at(instant));
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The interval and the body in it.
    pub window: Window,
    /// One Reading an instrument, in their order.
    pub readings: Vec<Reading>,
    /// What watching cost.
    pub sampler: SamplerCost,
    /// How long each device was held back from before the Window until after it, in their order.
    pub held_back: Vec<Option<HeldBack>>,
    /// When the Window opened, on the clock given.
    pub opened: Duration,
}

/// Closes the Window even if the body panics; the scope would wait for the sampler for ever otherwise.
struct CloseOnDrop<'a>(&'a Gate, std::thread::Thread);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close(&self.1);
    }
}

/// How long a Window stays open until boards that say their power are idle again: clocks stay high for a while after
/// the last token, and what that takes belongs to the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tail<'a> {
    /// Idle power of each instrument, in their order; `None` of one that is not waited for.
    pub idle: &'a [Option<Power>],
    /// At most so long after the pad.
    pub most: Duration,
}

impl Tail<'_> {
    /// Whether a board that is slow to update, so that its power is no noise of the reading, draws more than idle.
    fn goes_on(&self, meters: &[f64]) -> bool {
        self.idle
            .iter()
            .zip(meters)
            .any(|(idle, watts)| idle.is_some_and(|idle| *watts > idle.watts() * (1.0 + MAX_IDLE_DRIFT)))
    }
}

/// Runs `body` in a Window on all `meters`.
///
/// # Errors
/// [`Error::Sampler`] if the sampler could not run; the body's own failures are its return value.
pub fn measure<T>(
    meters: &mut [Box<dyn Meter>],
    clock: Monotonic,
    options: Options,
    live: Option<&LiveTrace>,
    body: impl FnOnce(&mut Marks) -> T,
) -> Result<(T, Measured), Error> {
    measure_until_idle(meters, clock, options, live, Tail::default(), body)
}

/// The same, closing the Window only when the boards are idle again.
///
/// # Errors
/// As [`measure`].
pub fn measure_until_idle<T>(
    meters: &mut [Box<dyn Meter>],
    clock: Monotonic,
    options: Options,
    live: Option<&LiveTrace>,
    tail: Tail<'_>,
    body: impl FnOnce(&mut Marks) -> T,
) -> Result<(T, Measured), Error> {
    let is_slow = |meter: &dyn Meter| meter.card().update_period.is_some_and(|period| period >= FAST);
    let newest: Vec<Newest> = meters.iter().map(|meter| Newest::of(is_slow(meter.as_ref()))).collect();
    let mut recorders: Vec<Recorder> =
        meters.iter().map(|meter| Recorder::new(meter.as_ref(), POINTS)).collect();
    let before = held_back(meters);
    let gate = Gate::new();
    let mut marks = Marks { clock, start: None };
    let mut bench = Bench {
        is_own_thread: true,
        meters,
        recorders: &mut recorders,
        live,
        newest: &newest,
        clock: &clock,
    };
    let (value, start, end, watched) = std::thread::scope(|scope| {
        let sampler = std::thread::Builder::new()
            .name("sampler".to_owned())
            .spawn_scoped(scope, || bench.watch(&gate, options.period))
            .map_err(|error| Error::Sampler(error.to_string()))?;
        if !gate.wait(&sampler) {
            return Err(Error::Sampler("it ended before the window opened".to_owned()));
        }
        let closer = CloseOnDrop(&gate, sampler.thread().clone());
        clock.sleep(options.pad_before);
        let start = clock.now();
        let value = body(&mut marks);
        let end = clock.now();
        clock.sleep(options.pad_after);
        let latest = clock.now() + tail.most;
        let now = || newest.iter().map(Newest::watts).collect::<Vec<f64>>();
        while clock.now() < latest && tail.goes_on(&now()) {
            clock.sleep(options.period);
        }
        drop(closer);
        let watched = sampler.join().map_err(|_| Error::Sampler("it panicked".to_owned()))?;
        Ok((value, start, end, watched))
    })?;
    let body = (marks.start.unwrap_or(start), end);
    let held = between(&before, &held_back(meters));
    Ok((value, conclude(recorders, &watched, body, options, held)))
}

fn held_back(meters: &mut [Box<dyn Meter>]) -> Vec<Option<HeldBack>> {
    meters.iter_mut().map(|meter| meter.held_back()).collect()
}

fn between(before: &[Option<HeldBack>], after: &[Option<HeldBack>]) -> Vec<Option<HeldBack>> {
    after.iter().zip(before).map(|(after, before)| Some((*after)?.since((*before)?))).collect()
}

fn conclude(
    recorders: Vec<Recorder>,
    watched: &Watched,
    body: (Duration, Duration),
    options: Options,
    held_back: Vec<Option<HeldBack>>,
) -> Measured {
    let (opened, closed, sampler) = (watched.opened, watched.closed, watched.report.cost());
    let late = sampler.was_late();
    let readings = recorders
        .into_iter()
        .zip(&held_back)
        .map(|(recorder, held)| recorder.finish(opened, closed, options.period, late, *held))
        .collect();
    Measured { window: window(opened, closed, body.0, body.1), readings, sampler, held_back, opened }
}

/// The same on a virtual clock: instruments that tell the past and future of a script are watched over a body that
/// does nothing for `body`. What the method makes of an hour is known in milliseconds.
pub fn rehearse(
    meters: &mut [Box<dyn Meter>],
    clock: &Virtual,
    options: Options,
    body: Duration,
) -> Measured {
    let mut recorders: Vec<Recorder> =
        meters.iter().map(|meter| Recorder::new(meter.as_ref(), POINTS)).collect();
    let pace =
        Rehearsal { clock, length: options.pad_before + body + options.pad_after, end: Cell::new(None) };
    let before = held_back(meters);
    let mut bench =
        Bench { is_own_thread: false, meters, recorders: &mut recorders, live: None, newest: &[], clock };
    let watched = bench.watch(&pace, options.period);
    let start = watched.opened + options.pad_before;
    let held = between(&before, &held_back(meters));
    conclude(recorders, &watched, (start, start + body), options, held)
}

/// Waits by moving the clock.
struct Rehearsal<'a> {
    clock: &'a Virtual,
    length: Duration,
    end: Cell<Option<Duration>>,
}

impl Pace for Rehearsal<'_> {
    fn opened(&self) {
        self.end.set(Some(self.clock.now() + self.length));
    }

    fn wait(&self, clock: &dyn Clock, deadline: Duration) -> bool {
        let end = self.end.get().unwrap_or_default();
        clock.sleep(deadline.min(end).saturating_sub(clock.now()));
        deadline >= end
    }
}

fn window(opened: Duration, closed: Duration, start: Duration, end: Duration) -> Window {
    let length = closed.saturating_sub(opened);
    let body_start = start.saturating_sub(opened).min(length);
    let body_end = end.saturating_sub(opened).clamp(body_start, length);
    Window::new(body_start, body_end, length)
}

#[cfg(test)]
mod tests {
    use common::meter::{Fault, NullReason};

    use super::*;
    use crate::replay::{Replay, Script};

    fn meters(watts: f64) -> Vec<Box<dyn Meter>> {
        vec![Box::new(Replay::new(Script::constant(watts)))]
    }

    fn options(pad_ms: u64) -> Options {
        let pad = Duration::from_millis(pad_ms);
        Options { period: Duration::from_millis(5), pad_before: pad, pad_after: pad }
    }

    #[test]
    fn a_constant_power_times_the_time_that_really_passed_is_the_energy() {
        let pause = Duration::from_millis(60);
        let (value, measured) = measure(&mut meters(100.0), Monotonic::start(), options(20), None, |_| {
            std::thread::sleep(pause);
            7
        })
        .unwrap();
        assert_eq!(value, 7);
        assert!(measured.window.is_ordered());
        assert!(measured.window.body() >= pause);
        assert!(measured.window.body_start >= Duration::from_millis(20));
        let expected = 100.0 * measured.window.length.as_secs_f64();
        let found = measured.readings[0].energy.unwrap().joules();
        assert!((found / expected - 1.0).abs() < 0.02, "{found} J, expected {expected} J");
        assert!(measured.sampler.looks >= 2, "both edges");
    }

    #[test]
    fn the_body_says_itself_when_it_began() {
        let (_, measured) = measure(&mut meters(1.0), Monotonic::start(), options(0), None, |marks| {
            std::thread::sleep(Duration::from_millis(20));
            #[expect(clippy::disallowed_methods, reason = "a test")]
            marks.start_at(Instant::now());
            std::thread::sleep(Duration::from_millis(10));
        })
        .unwrap();
        assert!(measured.window.body_start >= Duration::from_millis(20));
        assert!(measured.window.body() >= Duration::from_millis(10));
        assert!(measured.window.body() < Duration::from_millis(20) + measured.window.body_start);
    }

    #[test]
    fn a_window_closes_when_a_board_is_idle_again_and_not_before_unless_it_takes_too_long() {
        use crate::sensor::{Distortion, Sensor};
        let ms = Duration::from_millis;
        let watts = Power::from_watts;
        let length_with = |most: Duration| {
            // Busy for 300 ms after the body has ended.
            let steps = vec![(ms(0), watts(200.0)), (ms(500), watts(50.0))];
            let truth = Script::steps(steps, Duration::from_secs(1000));
            let sensor = Sensor::new(truth, Distortion::of_millis(20, 20), common::meter::Domain::Gpu(0));
            let idle = [Some(watts(50.0))];
            let tail = Tail { idle: &idle, most };
            let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(sensor)];
            let clock = Monotonic::start();
            let body = |_: &mut Marks| clock.sleep(ms(200).saturating_sub(clock.now()));
            let (_, found) = measure_until_idle(&mut meters, clock, options(20), None, tail, body).unwrap();
            found.opened + found.window.length
        };
        assert!(length_with(Duration::from_secs(10)) >= ms(500));
        assert!(length_with(Duration::from_secs(10)) < Duration::from_secs(5));
        assert!(length_with(Duration::ZERO) < ms(490), "nobody waits who was not asked to");
    }

    #[test]
    fn a_panic_in_the_body_closes_the_window_instead_of_hanging() {
        let caught = std::panic::catch_unwind(|| {
            let _ = measure(&mut meters(1.0), Monotonic::start(), options(0), None, |_| panic!("body"));
        });
        assert!(caught.is_err());
    }

    #[test]
    fn a_watcher_sees_samples_while_the_window_is_open() {
        let live = LiveTrace::new(vec![common::meter::Domain::Machine], 1000);
        let seen_inside = measure(&mut meters(42.0), Monotonic::start(), options(0), Some(&live), |_| {
            // However busy the machine: they come while the body still runs.
            for _ in 0..1000 {
                if live.since(0).0.len() >= 3 {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            live.since(0).0.len()
        })
        .unwrap()
        .0;
        assert!(seen_inside >= 3, "{seen_inside}");
    }

    #[test]
    fn an_instrument_that_fails_for_good_has_no_figure_and_a_reason() {
        let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(Replay::new(Script::lost_after(Duration::ZERO)))];
        let (_, measured) = measure(&mut meters, Monotonic::start(), options(0), None, |_| ()).unwrap();
        assert_eq!(measured.readings[0].energy, None);
        assert_eq!(measured.readings[0].null_reason, Some(NullReason::Lost));
        assert_eq!(measured.readings[0].faults, [Fault::Lost]);
    }
}
