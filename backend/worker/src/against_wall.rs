//! The instruments against the meter at the machine's socket, which the server reads: pulses of load tell how far its
//! readings lie behind, steps of load how many watts there are at the socket for each watt of the parts.
//!
//! The readings are those that the server shows of the machine to everybody; this machine asks no meter itself. Must not:
//! be called a gain error: the loss of the power supply is in the slope.

use std::time::Duration;

use common::api::machines::GetMachine;
use common::ids::MachineName;
use common::meter::{AgainstWall, Domain};
use common::stats::t95;
use common::units::{Energy, Power};
use common::wall::{WallCard, WallReading};
use meter::averaging::{self, Behind, Piece};
use meter::{Clock, Instruments, Monotonic, Options};
use time::OffsetDateTime;

use crate::client::{CallError, Client};
use crate::load::{self, Work};

/// Time between two questions to the server.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// Readings may lie behind or ahead by so much.
const WITHIN: Duration = Duration::from_secs(15);
/// How finely a share of load is switched.
const SLICE: Duration = Duration::from_millis(100);

/// How the socket's meter is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Pulses of load, each on and off for so long.
    pub(crate) pulses: u32,
    pub(crate) pulse: Duration,
    /// Steps of load from none to all, each for so long.
    pub(crate) steps: u32,
    pub(crate) step: Duration,
    pub(crate) options: Options,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WallError {
    /// The server did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The machine is not known or has no meter at its socket.
    #[error(
        "the server reads no meter at the socket of {0}; enrol one with `machine meter add`, or name another machine"
    )]
    NoMeter(MachineName),
    /// Its meter gave no new readings.
    #[error("the meter at the socket of {machine} gave {found} readings meanwhile: {trouble}")]
    Silent { machine: MachineName, found: usize, trouble: String },
    /// The instruments failed.
    #[error(transparent)]
    Meter(#[from] meter::Error),
    /// Too little changed to tell a slope.
    #[error("the load changed the power of what is read by {0:.1} W only, which tells no slope")]
    NoChange(f64),
}

/// The server's view of the socket, as it comes.
pub(crate) struct Socket<'a> {
    client: &'a Client,
    machine: MachineName,
    card: WallCard,
    trouble: String,
    /// The first reading's date, and when it was seen here: any other instant would do.
    start: (OffsetDateTime, Duration),
    readings: Vec<WallReading>,
}

impl<'a> Socket<'a> {
    /// Looks whether there is one.
    pub(crate) fn open(
        client: &'a Client,
        machine: MachineName,
        clock: Monotonic,
    ) -> Result<Self, WallError> {
        let found = match client.call(&GetMachine { name: machine.clone() }) {
            Err(CallError::Refused { status: 404, .. }) => None,
            found => found?.whole_meter().cloned(),
        };
        let meter = found.ok_or_else(|| WallError::NoMeter(machine.clone()))?;
        let at = meter.last.map_or(OffsetDateTime::UNIX_EPOCH, |last| last.at);
        let readings = meter.last.into_iter().collect();
        Ok(Self {
            client,
            machine,
            card: meter.card,
            trouble: String::new(),
            start: (at, clock.now()),
            readings,
        })
    }

    /// Collects readings until `until`.
    fn collect(&mut self, clock: Monotonic, until: Duration) -> Result<(), WallError> {
        while clock.now() < until {
            if let Some(meter) = self.client.call(&GetMachine { name: self.machine.clone() })?.whole_meter() {
                self.trouble =
                    meter.trouble.as_ref().map(|trouble| trouble.message.clone()).unwrap_or_default();
                self.take(meter.last, clock.now());
            }
            clock.sleep(ASK_EVERY.min(until.saturating_sub(clock.now())));
        }
        Ok(())
    }

    fn take(&mut self, last: Option<WallReading>, now: Duration) {
        let Some(last) = last.filter(|last| self.readings.last().is_none_or(|known| last.at > known.at))
        else {
            return;
        };
        if self.readings.is_empty() {
            self.start = (last.at, now);
        }
        self.readings.push(last);
    }

    /// When a reading was, in seconds, as if both clocks agreed on the first.
    fn at(&self, reading: &WallReading) -> f64 {
        (reading.at - self.start.0).as_seconds_f64() + self.start.1.as_secs_f64()
    }

    /// Power readings in seconds and watts: what it said, or else the slope of its counter.
    fn powers(&self) -> Vec<(f64, f64)> {
        let said: Vec<_> = self
            .readings
            .iter()
            .filter_map(|reading| Some((self.at(reading), reading.power?.watts())))
            .collect();
        if !said.is_empty() {
            return said;
        }
        let pairs = self.readings.windows(2).filter_map(|pair| {
            let (from, to) = (self.at(&pair[0]), self.at(&pair[1]));
            Some((to, (pair[1].energy? - pair[0].energy?).joules() / (to - from)))
        });
        pairs.collect()
    }

    /// Mean power between two instants of this machine's clock: the counter's, where its steps are fine enough for that.
    fn power_over(&self, from: f64, to: f64, delay_s: f64) -> Option<f64> {
        let inside: Vec<&WallReading> = self
            .readings
            .iter()
            .filter(|reading| (from..=to).contains(&(self.at(reading) - delay_s)))
            .collect();
        let (first, last) = (inside.first()?, inside.last()?);
        let span = (last.at - first.at).as_seconds_f64();
        let counted = first.energy.zip(last.energy).map(|(first, last)| (last - first).joules());
        let step = self.card.card.resolution.map_or(0.0, Energy::joules);
        if let Some(joules) = counted.filter(|joules| span > 0.0 && step <= 0.01 * joules) {
            return Some(joules / span);
        }
        let powers: Vec<f64> = inside.iter().filter_map(|reading| Some(reading.power?.watts())).collect();
        let count = f64::from(u32::try_from(powers.len()).ok().filter(|&count| count > 0)?);
        Some(powers.iter().sum::<f64>() / count)
    }
}

/// Compares. `work` gives the load.
pub(crate) fn compare<'w>(
    instruments: &mut Instruments,
    clock: Monotonic,
    plan: Plan,
    socket: &mut Socket<'_>,
    mut work: impl FnMut() -> Vec<Work<'w>>,
) -> Result<AgainstWall, WallError> {
    let behind = pulses(clock, plan, socket, work())?;
    let delay_s = behind.map_or(0.0, |behind| behind.delay_s);
    let mut points = Vec::new();
    for step in 0..plan.steps.max(2) {
        let share = f64::from(step) / f64::from(plan.steps.max(2) - 1);
        points.extend(one_step(instruments, clock, plan, socket, (share, delay_s), work())?);
    }
    let found = socket.readings.len();
    if points.len() < 2 {
        let (machine, trouble) = (socket.machine.clone(), socket.trouble.clone());
        return Err(WallError::Silent { machine, found, trouble });
    }
    let (slope, half_width, offset) = line(&points)?;
    Ok(AgainstWall {
        name: socket.card.card.name.clone(),
        slope,
        slope_half_width: half_width,
        offset: Power::from_watts(offset),
        steps: u32::try_from(points.len()).unwrap_or(u32::MAX),
        delay_s: behind.map(|behind| behind.delay_s),
        delay_half_width_s: behind.map(|behind| behind.half_width_s),
    })
}

/// How far the readings lie behind pulses of load; `None` where they do not show.
fn pulses(
    clock: Monotonic,
    plan: Plan,
    socket: &mut Socket<'_>,
    work: Vec<Work<'_>>,
) -> Result<Option<Behind>, WallError> {
    let (asked, done): (Result<(), WallError>, Vec<Piece>) = load::beside(work, clock, |switch| {
        for _ in 0..plan.pulses {
            switch.on();
            socket.collect(clock, clock.now() + plan.pulse)?;
            switch.off();
            socket.collect(clock, clock.now() + plan.pulse)?;
        }
        Ok(())
    });
    asked?;
    Ok(averaging::align(&socket.powers(), &done, socket.card.period(), WITHIN))
}

/// Mean power of all parts and at the socket under a share of the load; `None` where one is not known.
fn one_step(
    instruments: &mut Instruments,
    clock: Monotonic,
    plan: Plan,
    socket: &mut Socket<'_>,
    (share, delay_s): (f64, f64),
    work: Vec<Work<'_>>,
) -> Result<Option<(f64, f64)>, WallError> {
    let (found, _) = load::beside(work, clock, |switch| {
        let wave = |until: Duration| {
            while clock.now() < until {
                if share > 0.0 {
                    switch.on();
                    clock.sleep(SLICE.mul_f64(share));
                }
                if share < 1.0 {
                    switch.off();
                    clock.sleep(SLICE.mul_f64(1.0 - share));
                }
            }
        };
        // A third of the step passes until fans, clocks and the meter's own averaging have settled.
        wave(clock.now() + plan.step / 3);
        let until = clock.now() + plan.step * 2 / 3;
        std::thread::scope(|scope| {
            let asking =
                scope.spawn(|| socket.collect(clock, until + Duration::from_secs_f64(delay_s.max(0.0))));
            let measured =
                meter::measure(&mut instruments.meters, clock, plan.options.unpadded(), None, |_| {
                    wave(until)
                });
            let asked = asking.join().unwrap_or(Ok(()));
            asked.and_then(|()| Ok(measured?.1))
        })
    });
    let found = found?;
    let parts: Option<Energy> = found
        .readings
        .iter()
        .filter(|reading| reading.domain != Domain::Machine)
        .map(|reading| reading.energy)
        .sum();
    let (from, length) = (found.opened.as_secs_f64(), found.window.length);
    let wall = socket.power_over(from, from + length.as_secs_f64(), delay_s);
    Ok(parts.map(|energy| (energy / length).watts()).zip(wall))
}

/// Slope with the half-width of its 95 % interval, and offset, of a line through (parts, wall).
fn line(points: &[(f64, f64)]) -> Result<(f64, Option<f64>, f64), WallError> {
    let count = f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX));
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let sxx: f64 = points.iter().map(|point| (point.0 - mean_x).powi(2)).sum();
    let sxy: f64 = points.iter().map(|point| (point.0 - mean_x) * (point.1 - mean_y)).sum();
    let least = points.iter().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let most = points.iter().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
    // Less than a watt of change is noise of any meter at a socket.
    if most - least < 1.0 {
        return Err(WallError::NoChange(most - least));
    }
    let slope = sxy / sxx;
    let offset = mean_y - slope * mean_x;
    let left: f64 = points.iter().map(|point| (point.1 - offset - slope * point.0).powi(2)).sum();
    let degrees = u64::try_from(points.len().saturating_sub(2)).unwrap_or(0);
    let half_width = (degrees > 0).then(|| t95(degrees) * (left / (count - 2.0) / sxx).sqrt());
    Ok((slope, half_width, offset))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use common::meter::{Label, MeterCard, Method};
    use meter::{CounterSpec, Meter, Raw, Trouble};
    use serde_json::{Value, json};

    use super::*;
    use crate::client::Token;
    use crate::tests::stub::Stub;

    #[test]
    fn the_slope_of_a_supply_that_loses_a_tenth_is_found_with_its_interval() {
        let points: Vec<(f64, f64)> = (0..6)
            .map(|step| f64::from(step) * 40.0 + 30.0)
            .map(|parts| (parts, 25.0 + parts / 0.9))
            .collect();
        let (slope, half_width, offset) = line(&points).unwrap();
        assert!((slope - 1.0 / 0.9).abs() < 1e-9 && (offset - 25.0).abs() < 1e-6, "{slope} {offset}");
        assert!(half_width.unwrap() < 1e-6);
        assert_eq!(line(&points[..2]).unwrap().1, None);
        assert!(matches!(line(&[(30.0, 60.0), (30.4, 61.0)]), Err(WallError::NoChange(_))));
    }

    /// When a load worked last, in milliseconds of a clock: what a board and a plug feel alike.
    #[derive(Clone)]
    struct Felt(Arc<AtomicU64>, Monotonic);

    impl Felt {
        fn millis(&self) -> u64 {
            u64::try_from(self.1.now().as_millis()).unwrap()
        }
        fn board_w(&self) -> f64 {
            let last = self.0.load(Ordering::Relaxed);
            if last > 0 && self.millis() < last + 60 { 50.0 } else { 20.0 }
        }
    }

    struct Board(MeterCard, Felt);

    impl Meter for Board {
        fn card(&self) -> &MeterCard {
            &self.0
        }
        fn counter(&self) -> Option<CounterSpec> {
            None
        }
        fn read(&mut self, _: Duration) -> Result<Raw, Trouble> {
            Ok(Raw { counter: None, power: Some(Power::from_watts(self.1.board_w())) })
        }
    }

    /// A machine as the server shows it, whose plug says 25 W more than 1.5 times what the board draws.
    fn machine(felt: &Felt, has_meter: bool) -> Value {
        let meter = json!({
            "name": "shelly", "domain": "machine", "label": "simulated", "method": "trace", "boundary": "the socket",
            "update_period_s": 0.2, "resolution_j": null, "gain_uncertainty": 0.01, "power_limit_w": null,
            "version": null, "power_resolution_w": 0.1, "trouble": null,
            "last": {
                "at": crate::clock::date().format(&time::format_description::well_known::Rfc3339).unwrap(),
                "took_s": 0.001, "power_w": 25.0 + 1.5 * felt.board_w(), "energy_j": null,
            },
        });
        json!({
            "id": "00000000-0000-0000-0000-000000000001", "name": "lab-1", "zone": "FR", "pue": 1.0,
            "embodied": { "total_g": 1.0, "lifetime_s": 1.0, "source": "a test" }, "state": { "state": "idle" },
            "announcement": null, "queue_length": 0, "measured_runs": 0,
            "wall_meters": if has_meter { vec![meter] } else { vec![] },
        })
    }

    fn stub(felt: &Felt, has_meter: bool) -> (Stub, Client) {
        let felt = felt.clone();
        let stub = Stub::start(move |call| match call.path.rsplit('/').next() {
            Some("lab-1") => (200, machine(&felt, has_meter)),
            _ => (404, json!({ "code": "missing", "message": "there is no such machine" })),
        });
        let client = Client::new(&stub.address, Token::new(""), Duration::from_secs(5));
        (stub, client)
    }

    #[test]
    fn watts_at_the_socket_for_each_watt_of_the_parts_are_found_through_what_the_server_shows() {
        let clock = Monotonic::start();
        let felt = Felt(Arc::default(), clock);
        let (_stub, client) = stub(&felt, true);
        let card = MeterCard::new("board", Domain::Gpu(0), Label::Simulated, Method::Trace, "a board");
        let mut instruments = Instruments {
            meters: vec![Box::new(Board(card, felt.clone()))],
            missing: vec![],
            denied: vec![],
            thermometer: meter::thermometer::Thermometer::at(std::path::Path::new("/nonexistent")),
            account: meter::idle::CpuAccount::at(std::path::Path::new("/nonexistent")),
            proc_root: "/nonexistent".into(),
            sys_root: "/nonexistent".into(),
        };
        let plan = Plan {
            pulses: 3,
            pulse: Duration::from_millis(900),
            steps: 2,
            step: Duration::from_millis(1500),
            options: instruments.options(),
        };
        let work = || -> Vec<Work<'_>> {
            vec![Box::new(|| {
                felt.0.store(felt.millis(), Ordering::Relaxed);
                clock.sleep(Duration::from_millis(1));
            })]
        };
        let mut socket = Socket::open(&client, "lab-1".parse().unwrap(), clock).unwrap();
        let found = compare(&mut instruments, clock, plan, &mut socket, work).unwrap();
        assert_eq!((found.name.as_str(), found.steps, found.slope_half_width), ("shelly", 2, None));
        // However busy the machine: both feel the same load, and each is looked at a few times a second.
        assert!((found.slope - 1.5).abs() < 0.5, "{found:?}");
        assert!(found.delay_s.is_none_or(|delay| delay.abs() < 0.6), "{found:?}");
    }

    #[test]
    fn a_machine_without_a_meter_and_one_that_is_not_known_are_told_with_what_to_do() {
        let clock = Monotonic::start();
        let felt = Felt(Arc::default(), clock);
        let (_stub, client) = stub(&felt, false);
        for name in ["lab-1", "lab-2"] {
            let found = Socket::open(&client, name.parse().unwrap(), clock).map(|_| ());
            assert!(found.unwrap_err().to_string().contains("machine meter add"), "{name}");
        }
    }
}
