//! Waiting until the machine is calm and cool.
//!
//! Calm: others keep at most the protocol's share of the cores busy, looked at over a second or more. Cool: at most
//! 3 °C above the temperature at which the machine rests, and not falling any more; where no rest was seen yet, the lowest
//! temperature stands for it. More than 10 °C below it is cold. Where there is no thermometer, a pause since the last work
//! stands for cool. A machine that is hotter than where it is known to rest is given longer; one that is hot even then is
//! measured and its energy rejected. How long that will take is told beforehand, once the machine's cooling is known from falls before. Must
//! not: wait for ever; after the time allowed the Run is measured all the same and says so.

use std::time::Duration;

use common::meter::Domain;
use common::stats;
use common::units::{Energy, Temperature};
use common::verdict::MAX_FOREIGN_LOAD;
use meter::idle::{CpuAccount, Load};
use meter::tally::Tally;
use meter::{Clock, Instruments, Monotonic};
use serde::{Deserialize, Serialize};

use crate::cooling::Cooling;

/// Above the temperature at which it rests, a machine is warm.
const WARM_ABOVE_C: f64 = 3.0;
/// So far below it, it is cold.
const COLD_BELOW_C: f64 = 10.0;
/// A machine that did nothing for so long rests; each further such span is another rest.
const REST: Duration = Duration::from_secs(300);
/// Rests that are remembered, the newest; and how many it takes to know at which temperature the machine rests.
const RESTS: usize = 12;
const LEAST_RESTS: usize = 3;
/// A temperature that fell by more than this over the last looks is still falling; thermometers show whole degrees.
const FALL_C: f64 = 1.0;
/// How far back a fall is looked for.
const FALL_SPAN: Duration = Duration::from_secs(30);
/// Shortest span over which the share of others is judged: below it one tick of the kernel's account is too much.
const CALM_SPAN: Duration = Duration::from_secs(1);
/// Temperatures kept of one fall: an hour of looks.
const MOST_POINTS: usize = 14_400;
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// How waiting went.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CoolDown {
    /// How long it took.
    pub(crate) took: Duration,
    /// Whether the machine became calm and cool in the time allowed.
    pub(crate) was_calm: bool,
    /// Whether it became as cool as it is when it rests; `None` where that is not known.
    pub(crate) was_cool: Option<bool>,
    /// The temperature then.
    pub(crate) temperature: Option<Temperature>,
    /// What it took of each Domain whose instrument counts energy.
    pub(crate) energies: Vec<(Domain, Option<Energy>)>,
}

/// One look while waiting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look {
    /// The temperature now.
    pub(crate) temperature: Option<Temperature>,
    /// How long it will take from here; `None` where nothing was learned yet.
    pub(crate) expected: Option<Duration>,
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// At most so long,
    pub(crate) timeout: Duration,
    /// or so long for a machine that is hotter than where it is known to rest.
    pub(crate) thermal_timeout: Duration,
    /// So long since the last work, where there is no thermometer.
    pub(crate) min_pause: Duration,
}

/// What is remembered of a machine's temperature and load between two Runs.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    lowest: Option<Temperature>,
    history: Vec<(Duration, Temperature)>,
    /// All temperatures since the last work: the fall that is learned from.
    fall: Vec<(Duration, Temperature)>,
    cooling: Option<Cooling>,
    watched_from: Option<Load>,
    worked_until: Duration,
    rests: Rests,
    rested_at: Duration,
}

/// Temperatures at which a machine rested, the newest last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Rests(Vec<Temperature>);

impl Rests {
    fn add(&mut self, temperature: Temperature) {
        if self.0.len() >= RESTS {
            self.0.remove(0);
        }
        self.0.push(temperature);
    }

    /// Their median: a room is warmer in the afternoon, and one odd rest moves nothing.
    fn base(&self) -> Option<f64> {
        let mut celsius: Vec<f64> = self.0.iter().map(|seen| seen.celsius()).collect();
        (celsius.len() >= LEAST_RESTS).then(|| stats::median(&mut celsius))?
    }
}

impl Gate {
    /// Of a machine whose cooling and rests are known from before.
    pub(crate) fn knowing(cooling: Option<Cooling>, rests: Rests) -> Self {
        Self { cooling, rests, ..Self::default() }
    }

    /// The machine does nothing now: after a while it rests, and at which temperature is remembered. Returns all rests
    /// where this is one more.
    pub(crate) fn note_rest(&mut self, now: Duration, temperature: Option<Temperature>) -> Option<&Rests> {
        let since = now.saturating_sub(self.worked_until.max(self.rested_at));
        let temperature = temperature.filter(|_| since >= REST)?;
        self.rested_at = now;
        self.rests.add(temperature);
        Some(&self.rests)
    }

    /// Whether the machine is so far below the temperature at which it rests that it would be another machine.
    pub(crate) fn is_cold(&self, temperature: Option<Temperature>) -> bool {
        let base = self.rests.base();
        temperature.zip(base).is_some_and(|(now, base)| now.celsius() < base - COLD_BELOW_C)
    }

    /// The temperature that a cool machine is near to.
    fn base(&self) -> Option<f64> {
        self.rests.base().or_else(|| self.lowest.map(Temperature::celsius))
    }

    /// How the machine cools, as far as learned.
    pub(crate) const fn cooling(&self) -> Option<Cooling> {
        self.cooling
    }

    /// The machine worked until now: what was seen before says nothing any more.
    pub(crate) fn note_work(&mut self, now: Duration) {
        self.worked_until = now;
        self.watched_from = None;
        self.history.clear();
        self.fall.clear();
    }

    /// The machine is doing nothing: the account of others' load starts, if it has not yet.
    pub(crate) fn watch(&mut self, account: &CpuAccount, clock: &dyn Clock) {
        self.watched_from = self.watched_from.or_else(|| Load::now(account, clock));
    }

    /// Waits. `look` is called now and then and says whether to go on waiting.
    pub(crate) fn wait<E>(
        &mut self,
        instruments: &mut Instruments,
        clock: Monotonic,
        cores: u32,
        limits: Limits,
        mut look: impl FnMut(Look) -> Result<(), E>,
    ) -> Result<CoolDown, E> {
        let start = clock.now();
        let mut tally = Tally::start(&mut instruments.meters, &clock);
        self.watch(&instruments.account, &clock);
        loop {
            let now = clock.now();
            let temperature = instruments.temperature();
            let is_cool = self.is_cool(now, temperature, limits.min_pause);
            let is_calm = self.is_calm(&instruments.account, &clock, cores);
            let took = now.saturating_sub(start);
            tally.look(&mut instruments.meters, &clock);
            // A long wait for the machine to rest is a rest.
            self.note_rest(now, temperature);
            let was_cool = self.rests.base().and(temperature).map(|_| is_cool);
            let allowed = if was_cool == Some(false) {
                limits.timeout.max(limits.thermal_timeout)
            } else {
                limits.timeout
            };
            let is_over = took >= allowed;
            if (is_cool && is_calm) || is_over {
                self.cooling = Cooling::learn(self.cooling, &self.fall);
                self.fall.clear();
                let was_calm = is_cool && is_calm;
                return Ok(CoolDown { took, was_calm, was_cool, temperature, energies: tally.energies() });
            }
            let left = allowed.saturating_sub(took);
            let expected = self.expected(now, temperature, limits.min_pause).map(|span| span.min(left));
            look(Look { temperature, expected })?;
            clock.sleep(LOOK);
        }
    }

    /// How long it will take until the machine is cool and was watched for long enough to be called calm.
    fn expected(
        &self,
        now: Duration,
        temperature: Option<Temperature>,
        min_pause: Duration,
    ) -> Option<Duration> {
        let cool = match temperature {
            None => min_pause.saturating_sub(now.saturating_sub(self.worked_until)),
            Some(temperature) => {
                let gate = self.base().unwrap_or(temperature.celsius()) + WARM_ABOVE_C;
                self.cooling?.wait(temperature, Temperature::from_celsius(gate), FALL_C, FALL_SPAN)
            }
        };
        Some(cool.max(LOOK))
    }

    fn is_cool(&mut self, now: Duration, temperature: Option<Temperature>, min_pause: Duration) -> bool {
        let Some(temperature) = temperature else {
            return now.saturating_sub(self.worked_until) >= min_pause;
        };
        let celsius = temperature.celsius();
        if self.lowest.is_none_or(|lowest| celsius < lowest.celsius()) {
            self.lowest = Some(temperature);
        }
        self.history.retain(|(at, _)| now.saturating_sub(*at) <= FALL_SPAN);
        self.history.push((now, temperature));
        if self.fall.len() < MOST_POINTS {
            self.fall.push((now, temperature));
        }
        let highest = self.history.iter().map(|(_, seen)| seen.celsius()).fold(celsius, f64::max);
        let base = self.base().unwrap_or(celsius);
        celsius <= base + WARM_ABOVE_C && highest - celsius <= FALL_C
    }

    /// Judges the span since watching began, and starts a new one where it was not calm.
    fn is_calm(&mut self, account: &CpuAccount, clock: &dyn Clock, cores: u32) -> bool {
        let (Some(from), Some(now)) = (self.watched_from, Load::now(account, clock)) else {
            // A kernel that gives no account cannot be asked; the verdict shows that the load is unknown.
            return true;
        };
        if now.since(from) < CALM_SPAN {
            return false;
        }
        let is_calm = from.foreign_share(now, cores).is_none_or(|share| share <= MAX_FOREIGN_LOAD);
        if !is_calm || now.since(from) > CALM_SPAN * 5 {
            self.watched_from = Some(now);
        }
        is_calm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn celsius(value: f64) -> Option<Temperature> {
        Some(Temperature::from_celsius(value))
    }

    fn limits(timeout_ms: u64, min_pause_ms: u64) -> Limits {
        let timeout = Duration::from_millis(timeout_ms);
        Limits { timeout, thermal_timeout: timeout, min_pause: Duration::from_millis(min_pause_ms) }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_machine_is_cool_when_it_is_near_its_lowest_and_falls_no_more() {
        let mut gate = Gate::default();
        assert!(gate.is_cool(at(0), celsius(40.0), at(5)));
        gate.note_work(at(10));
        assert!(!gate.is_cool(at(10), celsius(60.0), at(5)));
        assert!(
            !gate.is_cool(at(20), celsius(42.0), at(5)),
            "near its lowest, but it fell by 18 degrees just now"
        );
        assert!(!gate.is_cool(at(39), celsius(41.0), at(5)));
        assert!(gate.is_cool(at(51), celsius(41.0), at(5)));
    }

    #[test]
    fn a_machine_that_rested_warmer_in_the_afternoon_is_cool_there_and_cold_far_below() {
        let mut gate = Gate::default();
        assert!(gate.is_cool(at(0), celsius(30.0), at(5)));
        gate.note_work(at(10));
        assert_eq!(gate.note_rest(at(200), celsius(36.0)), None, "three minutes are no rest");
        for rest in 1..=3 {
            assert!(!gate.is_cool(at(300 * rest + 9), celsius(36.0), at(5)), "warm by the lowest seen");
            assert!(gate.note_rest(at(300 * rest + 10), celsius(36.0)).is_some());
            assert_eq!(gate.note_rest(at(300 * rest + 11), celsius(36.0)), None, "once a rest");
        }
        assert!(gate.is_cool(at(1000), celsius(38.0), at(5)));
        assert!(gate.is_cold(celsius(25.5)) && !gate.is_cold(celsius(26.5)) && !gate.is_cold(None));
        let kept: Rests = serde_json::from_str(&serde_json::to_string(&gate.rests).unwrap()).unwrap();
        assert_eq!(kept, gate.rests);
    }

    #[test]
    fn only_the_newest_rests_count() {
        let mut rests = Rests::default();
        (0..100).for_each(|hour| rests.add(Temperature::from_celsius(f64::from(hour))));
        assert_eq!((rests.0.len(), rests.base()), (RESTS, Some(93.5)));
        assert_eq!(Rests(vec![Temperature::from_celsius(20.0); 2]).base(), None);
    }

    #[test]
    fn without_a_thermometer_a_pause_since_the_last_work_stands_for_cool() {
        let mut gate = Gate::default();
        gate.note_work(at(100));
        assert!(!gate.is_cool(at(101), None, at(2)));
        assert!(gate.is_cool(at(102), None, at(2)));
    }

    #[test]
    fn waiting_ends_when_the_time_allowed_is_over_and_says_that_it_was_not_calm() {
        let root = tempfile::tempdir().unwrap();
        let mut config = meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1);
        config.nvml_library = Some(root.path().join("none.so"));
        config.powercap_root = root.path().join("none");
        config.sys_root = root.path().to_owned();
        let mut instruments = meter::open_all(&config).unwrap();
        let clock = Monotonic::start();
        let mut gate = Gate::default();
        gate.note_work(clock.now());
        let limits = limits(300, 3_600_000);
        let mut looks = 0;
        let waited = gate.wait(&mut instruments, clock, 1, limits, |_| {
            looks += 1;
            Ok::<(), ()>(())
        });
        let waited = waited.unwrap();
        assert!(!waited.was_calm && waited.took >= limits.timeout && looks >= 1, "{waited:?}, {looks} looks");
    }

    #[test]
    fn a_machine_hotter_than_it_rests_is_waited_for_longer_and_is_said_to_have_stayed_hot() {
        let root = tempfile::tempdir().unwrap();
        let sensor = root.path().join("class/hwmon/hwmon0");
        std::fs::create_dir_all(&sensor).unwrap();
        std::fs::write(sensor.join("name"), "coretemp").unwrap();
        let mut config = meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1);
        config.nvml_library = Some(root.path().join("none.so"));
        config.powercap_root = root.path().join("none");
        config.hwmon_root = root.path().join("none");
        config.sys_root = root.path().to_owned();
        // A kernel that gives no account: whether the machine is calm decides nothing here.
        config.proc_root = root.path().join("none");
        let clock = Monotonic::start();
        let waited = |milli: &str, rests: usize| {
            std::fs::write(sensor.join("temp1_input"), milli).unwrap();
            let mut instruments = meter::open_all(&config).unwrap();
            let mut gate = Gate::knowing(None, Rests(vec![Temperature::from_celsius(40.0); rests]));
            // What was seen colder than now stands for the rest where none is known.
            gate.lowest = celsius(30.0);
            let limits = Limits { thermal_timeout: Duration::from_millis(900), ..limits(300, 0) };
            gate.wait(&mut instruments, clock, 1, limits, |_| Ok::<(), ()>(())).unwrap()
        };
        let hot = waited("70000", RESTS);
        assert_eq!((hot.was_cool, hot.was_calm), (Some(false), false));
        assert!(hot.took >= Duration::from_millis(900), "{hot:?}");
        let cool = waited("41000", RESTS);
        assert_eq!((cool.was_cool, cool.was_calm), (Some(true), true));
        assert_eq!(waited("70000", 0).was_cool, None, "nobody knows where it rests");
    }

    #[test]
    fn a_lost_lease_ends_the_waiting() {
        let mut instruments =
            meter::open_all(&meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1)).unwrap();
        let limits = limits(60_000, 60_000);
        let waited = Gate::default().wait(&mut instruments, Monotonic::start(), 1, limits, |_| Err("lost"));
        assert_eq!(waited, Err("lost"));
    }

    #[test]
    fn the_wait_is_told_once_cooling_was_learned_and_without_a_thermometer_it_is_the_pause_that_is_left() {
        let mut gate = Gate::default();
        assert!(gate.is_cool(at(90), celsius(40.0), at(5)));
        gate.note_work(at(100));
        assert_eq!(gate.expected(at(101), None, at(5)), Some(at(4)));
        assert!(!gate.is_cool(at(102), celsius(70.0), at(5)));
        assert_eq!(gate.expected(at(102), celsius(70.0), at(5)), None, "nothing was learned yet");

        let known = Cooling { tau_s: 30.0, ambient_c: 35.0, falls: 1 };
        let mut gate = Gate::knowing(Some(known), Rests::default());
        assert!(gate.is_cool(at(0), celsius(40.0), at(5)));
        gate.note_work(at(10));
        assert!(!gate.is_cool(at(10), celsius(75.0), at(5)));
        let expected = gate.expected(at(10), celsius(75.0), at(5)).unwrap();
        assert!((expected.as_secs_f64() - 126.9).abs() < 0.1, "{expected:?}");
    }
}
