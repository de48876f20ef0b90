//! What the library simulates, as its environment says: parts parted by commas.
//!
//! | part | means | default |
//! |---|---|---|
//! | `gpus=2` | boards | 2 |
//! | `period_ms=100`, `averaging_ms=25`, `phase_ms=0` | update period, averaging window and phase of the sensors; board n is 0.37·n periods later | 100, 25, 0 |
//! | `watts=60:0.5;300:0.5` | power for so many seconds, repeated | that |
//! | `busy_watts=240` | power more for every core's worth of time that this process works, above the first of `watts`: boards that feel the load | they do not |
//! | `gain=1.03` | what the truth is multiplied with | 1 |
//! | `duty` | the counter sees only the averaging windows | it sees everything |
//! | `latency_us=500` | time that each look takes | 0 |
//! | `driver=580.95.05` | the driver's version; `-simulated` is always added | that |
//! | `ahead_ms=250` | how far the driver's timestamps are ahead | 0 |
//! | `module`, `memory` | the driver also tells the power of the module (the board's and 100 W) and of the memory (a fifth) | neither |
//! | `module_only` | the driver tells the module's power and no board's | boards are told |
//! | `no_counter`, `no_power` | a field that this board does not know | both are known |
//! | `mig`, `vgpu` | what is refused | neither |
//! | `lost=1@2.5` | board 1 goes away after 2.5 s | none |
//! | `fault=reset:0@2.5` | after 2.5 s board 0's counter starts over; also `backward`, `freeze`, `unreadable` (for a second) | none |
//! | `slowed=0.1`, `power_capped=0.1` | share of the time for which heat or the power limit holds the boards back | 0 |
//! | `foreign=1` | processes of others on each board | 0 |
//! | `heat=35;40;8` | temperature: 35 °C and 40 more that fall with a time constant of 8 s | 41 °C |
//!
//! Must not: make up what is not said.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use common::meter::Domain;
use common::units::{Energy, Power};
use meter::cpu_model::{Busy, CpuModel, Watts};
use meter::replay::Script;
use meter::sensor::{Distortion, Integrates, Sensor, Truth};
use meter::{Clock, Meter, Monotonic};

/// How long a board that is to be unreadable is.
const UNREADABLE_FOR: Duration = Duration::from_secs(1);

/// What goes wrong with one board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Reset,
    Backward,
    Freeze,
    Unreadable,
}

struct Board {
    sensor: Sensor,
    frozen: Option<(u64, u64)>,
}

/// The boards and what happens to them.
pub(crate) struct Rig {
    clock: Monotonic,
    boards: Vec<Mutex<Board>>,
    latency: Duration,
    ahead: Duration,
    lost: Option<(usize, Duration)>,
    fault: Option<(Fault, usize, Duration)>,
    heat: (f64, f64, f64),
    foreign: u32,
    pub(crate) driver: String,
    /// Scopes of which power is told.
    scopes: [bool; 3],
    pub(crate) has_counter: bool,
    pub(crate) has_power: bool,
    pub(crate) is_mig: bool,
    pub(crate) is_vgpu: bool,
    pub(crate) slowed: f64,
    pub(crate) power_capped: f64,
}

/// Power that follows the processor time of this process, as far as it was asked about: between two questions it is
/// steady.
#[derive(Debug)]
struct Following {
    clock: Monotonic,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    model: CpuModel,
    /// Counter of the model in nanojoules at the first question, and energy since then at each.
    first: u64,
    points: Vec<(Duration, Energy)>,
}

impl Following {
    fn new(idle: Power, per_busy_core: Power, clock: Monotonic) -> Self {
        let watts = Watts { idle, per_busy_core };
        let mut model = CpuModel::new(watts, Busy::ThisProcess, std::path::Path::new("/proc"), 1);
        let first = counter(&mut model, clock.now());
        Self { clock, seen: Mutex::new(Seen { model, first, points: vec![(Duration::ZERO, Energy::ZERO)] }) }
    }

    /// Energy until two instants.
    fn until(&self, instants: [Duration; 2]) -> [Energy; 2] {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let first = seen.first;
        let nanojoules = counter(&mut seen.model, now).saturating_sub(first);
        if seen.points.last().is_none_or(|last| now > last.0) {
            seen.points.push((now, Energy::from_microjoules(float(nanojoules) / 1e3)));
        }
        let points = &seen.points;
        instants.map(|at| {
            let index = points.partition_point(|point| point.0 < at).clamp(1, points.len().max(2) - 1);
            let (Some(from), Some(to)) = (points.get(index - 1), points.get(index)) else {
                return Energy::ZERO;
            };
            let share = at.saturating_sub(from.0).as_secs_f64()
                / (to.0.saturating_sub(from.0)).as_secs_f64().max(1e-9);
            from.1 + (to.1 - from.1) * share
        })
    }
}

fn counter(model: &mut CpuModel, now: Duration) -> u64 {
    model.read(now).ok().and_then(|raw| raw.counter).unwrap_or_default()
}

/// Exact below 2^53.
fn float(count: u64) -> f64 {
    count.to_string().parse().unwrap_or_default()
}

impl Truth for Following {
    fn power_at(&self, at: Duration) -> Power {
        let step = Duration::from_millis(1);
        let [from, to] = self.until([at.saturating_sub(step), at]);
        (to - from) / step
    }

    fn energy_until(&self, at: Duration) -> Energy {
        self.until([at, at])[0]
    }
}

/// `1@2.5`: a board, and seconds.
fn moment(text: &str) -> Option<(usize, Duration)> {
    let (index, after) = text.split_once('@')?;
    Some((index.parse().ok()?, Duration::try_from_secs_f64(after.parse().ok()?).ok()?))
}

impl Rig {
    /// What was said.
    pub(crate) fn said(said: &str) -> Self {
        let value = |name: &str| said.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let flag = |name: &str| said.split(',').any(|part| part == name);
        let whole =
            |name: &str, default: u64| value(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let share =
            |name: &str, default: f64| value(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let mut distortion = Distortion::of_millis(whole("period_ms", 100), whole("averaging_ms", 25));
        distortion.gain = share("gain", 1.0);
        if flag("duty") {
            distortion.integrates = Integrates::WindowsOnly;
        }
        let clock = Monotonic::start();
        let script = script(value("watts").unwrap_or("60:0.5;300:0.5"));
        let busy_watts = share("busy_watts", 0.0);
        let truth: Arc<dyn Truth> = if busy_watts > 0.0 {
            Arc::new(Following::new(script.power_at(Duration::ZERO), Power::from_watts(busy_watts), clock))
        } else {
            Arc::new(script)
        };
        let phase = Duration::from_millis(whole("phase_ms", 0));
        let board = |index| {
            let own = distortion.update_period.mul_f64((f64::from(index) * 0.37).fract());
            let distortion = Distortion { phase: phase + own, ..distortion };
            Mutex::new(Board {
                sensor: Sensor::of(Arc::clone(&truth), distortion, Domain::Gpu(index)),
                frozen: None,
            })
        };
        let fault = value("fault").and_then(|text| {
            let (kind, when) = text.split_once(':')?;
            let kind = match kind {
                "reset" => Fault::Reset,
                "backward" => Fault::Backward,
                "freeze" => Fault::Freeze,
                "unreadable" => Fault::Unreadable,
                _ => return None,
            };
            moment(when).map(|(index, after)| (kind, index, after))
        });
        let heat = value("heat").and_then(|text| {
            let mut parts = text.split(';').map(|part| part.parse().ok());
            Some((parts.next()??, parts.next()??, parts.next()??))
        });
        Self {
            clock,
            boards: (0..u16::try_from(whole("gpus", 2)).unwrap_or(2)).map(board).collect(),
            latency: Duration::from_micros(whole("latency_us", 0)),
            ahead: Duration::from_millis(whole("ahead_ms", 0)),
            lost: value("lost").and_then(moment),
            fault,
            heat: heat.unwrap_or((41.0, 0.0, 1.0)),
            foreign: u32::try_from(whole("foreign", 0)).unwrap_or(0),
            driver: format!("{}-simulated", value("driver").unwrap_or("580.95.05")),
            scopes: [!flag("module_only"), flag("module") || flag("module_only"), flag("memory")],
            has_counter: !flag("no_counter"),
            has_power: !flag("no_power"),
            is_mig: flag("mig"),
            is_vgpu: flag("vgpu"),
            slowed: share("slowed", 0.0),
            power_capped: share("power_capped", 0.0),
        }
    }

    pub(crate) const fn count(&self) -> usize {
        self.boards.len()
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    pub(crate) fn is_lost(&self, index: usize) -> bool {
        self.lost.is_some_and(|(lost, after)| lost == index && self.now() >= after)
    }

    /// Power of a scope where the board draws so much; `None` where the driver does not tell it.
    pub(crate) fn in_scope(&self, scope: u32, milliwatts: u64) -> Option<u64> {
        let is_told = usize::try_from(scope).ok().and_then(|scope| self.scopes.get(scope)).copied();
        is_told.filter(|is_told| *is_told)?;
        Some(match scope {
            1 => milliwatts + 100_000,
            2 => milliwatts / 5,
            _ => milliwatts,
        })
    }

    /// When the driver says that it is, in microseconds since the Unix epoch.
    pub(crate) fn stamp_micros(&self) -> i64 {
        let date = meter::clock::unix_now().unwrap_or_default() + self.ahead;
        i64::try_from(date.as_micros()).unwrap_or(0)
    }

    /// The boards' temperature.
    pub(crate) fn celsius(&self) -> u32 {
        let (base, rise, tau_s) = self.heat;
        let celsius = base + rise * (-self.now().as_secs_f64() / tau_s).exp();
        whole(celsius).try_into().unwrap_or(0)
    }

    /// Numbers that no process of this machine has.
    pub(crate) fn processes(&self) -> Vec<u32> {
        // Below our own, so that it is plain that none of them is us: the first is always there.
        (1..=self.foreign).collect()
    }

    /// Counter in millijoules and power in milliwatts; `None` while it cannot be read.
    pub(crate) fn read(&self, index: usize) -> Option<(u64, u64)> {
        if !self.latency.is_zero() {
            self.clock.sleep(self.latency);
        }
        let now = self.now();
        let mut board = self.boards.get(index)?.lock().unwrap_or_else(PoisonError::into_inner);
        let millijoules = board.sensor.millijoules(now);
        let milliwatts = board.sensor.power(now).map_or(0, |power: Power| whole(power.watts() * 1e3));
        let read = (millijoules, milliwatts);
        match self.fault.filter(|(_, which, after)| *which == index && now >= *after) {
            None => Some(read),
            Some((Fault::Reset, ..)) => Some((millijoules / 1000, milliwatts)),
            Some((Fault::Backward, ..)) => Some((millijoules.saturating_sub(100_000), milliwatts)),
            Some((Fault::Freeze, ..)) => Some(*board.frozen.get_or_insert(read)),
            Some((Fault::Unreadable, _, after)) => (now >= after + UNREADABLE_FOR).then_some(read),
        }
    }
}

/// The nearest whole number; below 2^53 the text of the rounded float is that number.
fn whole(value: f64) -> u64 {
    format!("{:.0}", value.max(0.0)).parse().unwrap_or(0)
}

fn script(text: &str) -> Script {
    let mut at = Duration::ZERO;
    let mut points = Vec::new();
    for (watts, seconds) in text.split(';').filter_map(|part| part.split_once(':')) {
        let (Ok(watts), Ok(seconds)) = (watts.parse(), seconds.parse()) else { continue };
        points.push((at, Power::from_watts(watts)));
        at += Duration::try_from_secs_f64(seconds).unwrap_or_default();
    }
    if at.is_zero() { Script::constant(100.0) } else { Script::steps(points, at) }
}
