//! Idle: what the machine takes when nothing runs, and whether nothing runs.
//!
//! Baseline is the mean power of each Domain over a quiet span. Calm is judged by the share of core time that
//! others took. Must not: decide what happens to a machine that is not calm.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use common::measurement::Baseline;
use common::meter::Domain;
use common::steadiness::Steadiness;
use common::units::Power;

use crate::clock::Clock;
use crate::window::{Options, measure};
use crate::{Error, Meter, Monotonic, cpu_time};

/// Ticks a second in which `/proc/stat` counts.
const TICKS_PER_SECOND: u64 = 100;
/// Below this span the share of others is not told: one tick is 2 % of it.
const SHORTEST_SPAN: Duration = Duration::from_millis(500);

/// Idle power of one Domain over one span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Idle {
    /// Which part of the machine.
    pub domain: Domain,
    /// Its mean; `None` where it could not be read.
    pub power: Option<Power>,
    /// How steady it was; `None` where it is configured, or where readings were too few to tell.
    pub steadiness: Option<Steadiness>,
}

impl Idle {
    /// Whether it is known not to be steady.
    pub fn is_unsteady(&self) -> bool {
        self.steadiness.zip(self.power).and_then(|(known, mean)| known.is_steady(mean)) == Some(false)
    }
}

/// Both spans together, of each Domain that either tells something of.
pub fn baselines(before: &[Idle], after: &[Idle]) -> Vec<Baseline> {
    let pairs = before.iter().map(|one| (one, after.iter().find(|other| other.domain == one.domain)));
    pairs
        .map(|(before, after)| Baseline {
            domain: before.domain,
            before: before.power,
            after: after.and_then(|after| after.power),
            steadiness_before: before.steadiness,
            steadiness_after: after.and_then(|after| after.steadiness),
            // What it was in the days before is known to the server.
            usual: None,
        })
        .filter(|baseline| baseline.mean().is_some())
        .collect()
}

/// Power of every Domain over `span`, in which nothing is done. Configured idle power is not measured again.
///
/// # Errors
/// [`Error::Sampler`] as for any Window.
pub fn baseline(
    meters: &mut [Box<dyn Meter>],
    clock: Monotonic,
    options: Options,
    span: Duration,
) -> Result<Vec<Idle>, Error> {
    let configured: Vec<Idle> = meters
        .iter()
        .map(|meter| Idle { domain: meter.card().domain, power: meter.idle_power(), steadiness: None })
        .collect();
    if configured.iter().all(|idle| idle.power.is_some()) {
        return Ok(configured);
    }
    let periods: Vec<Duration> =
        meters.iter().map(|meter| meter.card().update_period.unwrap_or_default()).collect();
    let ((), measured) = measure(meters, clock, options.unpadded(), None, |_| clock.sleep(span))?;
    let length = measured.window.length;
    let found = measured.readings.iter().zip(periods).map(|(reading, period)| {
        let steadiness = Steadiness::of(&reading.trace, Duration::ZERO, length, period);
        (reading.energy.map(|energy| energy / length), steadiness.filter(|_| reading.energy.is_some()))
    });
    let idle =
        configured.into_iter().zip(found).map(|(configured, (power, steadiness))| match configured.power {
            Some(_) => configured,
            None => Idle { power, steadiness, ..configured },
        });
    Ok(idle.collect())
}

/// The kernel's account of busy core time of the whole machine.
#[derive(Debug)]
pub struct CpuAccount {
    stat: Option<File>,
}

impl CpuAccount {
    /// Opens it. `proc_root` is `/proc` outside tests.
    pub fn at(proc_root: &Path) -> Self {
        Self { stat: File::open(proc_root.join("stat")).ok() }
    }

    /// Core time that the host of this virtual machine took away since boot; 0 on a machine of its own.
    pub fn stolen(&self) -> Option<Duration> {
        let ticks = self.fields()?[7];
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// All cores' time since boot, however it was spent.
    pub fn whole(&self) -> Option<Duration> {
        let ticks: u64 = self.fields()?.iter().sum();
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// Core time spent by anybody on anything but waiting, since boot; time stolen by the host counts, for it
    /// is somebody else's work too. `None` if it cannot be read.
    pub fn busy(&self) -> Option<Duration> {
        let [user, nice, system, _idle, _iowait, irq, softirq, steal] = self.fields()?;
        // Guest time is inside user.
        let ticks = user + nice + system + irq + softirq + steal;
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// Ticks of all cores: user nice system idle iowait irq softirq steal.
    fn fields(&self) -> Option<[u64; 8]> {
        let mut buffer = [0_u8; 256];
        let length = self.stat.as_ref()?.read_at(&mut buffer, 0).ok()?;
        let line = std::str::from_utf8(buffer.get(..length)?).ok()?.lines().next()?;
        let mut words = line.strip_prefix("cpu ")?.split_ascii_whitespace();
        let mut fields = [0; 8];
        for field in &mut fields {
            *field = words.next()?.parse().ok()?;
        }
        Some(fields)
    }
}

/// Busy core time of everybody, and of this process with the commands that it started and that have ended.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    at: Duration,
    everybody: Duration,
    own: Duration,
}

impl Load {
    /// Now; `None` where the kernel does not say.
    pub fn now(account: &CpuAccount, clock: &dyn Clock) -> Option<Self> {
        let own = cpu_time::of_process()? + cpu_time::of_ended_commands()?;
        Some(Self { everybody: account.busy()?, own, at: clock.now() })
    }

    /// Time from then to this.
    pub fn since(self, then: Self) -> Duration {
        self.at.saturating_sub(then.at)
    }

    /// Share of all cores that others kept busy from then to now, 0 to 1; `None` over a span so short that one tick
    /// a core of the kernel's account decides.
    pub fn foreign_share(self, now: Self, cores: u32) -> Option<f64> {
        let span = now.since(self);
        if span < SHORTEST_SPAN {
            return None;
        }
        let span = span.as_secs_f64() * f64::from(cores.max(1));
        let everybody = now.everybody.saturating_sub(self.everybody).as_secs_f64();
        let own = now.own.saturating_sub(self.own).as_secs_f64();
        Some(((everybody - own) / span).clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{Replay, Script};

    fn load(at_s: f64, everybody_s: f64, own_s: f64) -> Load {
        let span = Duration::from_secs_f64;
        Load { at: span(at_s), everybody: span(everybody_s), own: span(own_s) }
    }

    #[test]
    fn what_others_keep_busy_is_a_share_of_all_cores() {
        let share = load(0.0, 100.0, 50.0).foreign_share(load(2.0, 102.0, 51.6), 2).unwrap();
        assert!((share - 0.1).abs() < 1e-9, "{share}");
        assert_eq!(load(0.0, 0.0, 0.0).foreign_share(load(1.0, 1.0, 1.2), 2), Some(0.0));
        assert_eq!(load(1.0, 0.0, 0.0).foreign_share(load(1.0, 1.0, 0.0), 2), None);
    }

    #[test]
    fn idle_and_io_wait_are_not_busy_and_stolen_time_is() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(CpuAccount::at(root.path()).busy(), None);
        std::fs::write(root.path().join("stat"), "cpu  100 0 50 9999 888 1 2 47 0 0\ncpu0 1 2 3\n").unwrap();
        assert_eq!(CpuAccount::at(root.path()).busy(), Some(Duration::from_millis(2000)));
        assert_eq!(CpuAccount::at(root.path()).stolen(), Some(Duration::from_millis(470)));
    }

    #[test]
    fn the_baseline_of_a_steady_machine_is_its_power() {
        let mut meters: Vec<Box<dyn Meter>> = vec![Box::new(Replay::new(Script::constant(33.0)))];
        let options = Options::suited_to([]);
        let found = baseline(&mut meters, Monotonic::start(), options, Duration::from_millis(1100)).unwrap();
        assert_eq!(found[0].domain, Domain::Machine);
        assert!((found[0].power.unwrap().watts() - 33.0).abs() < 0.5, "{found:?}");
        let steadiness = found[0].steadiness.unwrap();
        assert!(steadiness.blocks >= 10 && !found[0].is_unsteady(), "{steadiness:?}");
        let both = baselines(&found, &found);
        assert_eq!((both.len(), both[0].is_steady()), (1, Some(true)));
    }
}
