//! The instruments against the meters at the machine's sockets, which the server reads: pulses of load tell how far their
//! readings lie behind, steps of load how many watts there are at the sockets for each watt of the parts.
//!
//! Must not: be called a gain error: the loss of the power supply is in the slope.

mod socket;
#[cfg(test)]
mod tests;

use std::time::Duration;

use common::ids::MachineName;
use common::meter::{AgainstWall, Domain};
use common::stats::t95;
use common::units::{Energy, Power};
use meter::averaging::{Behind, Piece};
use meter::{Clock as _, Instruments, Monotonic, Options};

pub(crate) use self::socket::Socket;
use crate::client::CallError;
use crate::load::{self, Work};

/// How finely a share of load is switched.
const SLICE: Duration = Duration::from_millis(100);

/// How the meters are compared.
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
    /// The machine is not known, or nothing reads the whole of it at its sockets.
    #[error(
        "the server reads no meter of all of {0} at its sockets; enrol one with `machine meter add`, or name another machine"
    )]
    NoMeter(MachineName),
    /// There is no such meter.
    #[error("{machine} has no meter {wanted:?} that reads all of it; it has {others}")]
    NotThere { machine: MachineName, wanted: String, others: String },
    /// They gave no new readings.
    #[error("the meter at the socket of {machine} gave {found} readings meanwhile: {trouble}")]
    Silent { machine: MachineName, found: usize, trouble: String },
    /// The instruments failed.
    #[error(transparent)]
    Meter(#[from] meter::Error),
    /// Too little changed to tell a slope.
    #[error("the load changed the power of what is read by {0:.1} W only, which tells no slope")]
    NoChange(f64),
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
    let mut points = Vec::new();
    for step in 0..plan.steps.max(2) {
        let share = f64::from(step) / f64::from(plan.steps.max(2) - 1);
        points.extend(one_step(instruments, clock, plan, socket, (share, &behind), work())?);
    }
    if points.len() < 2 {
        return Err(socket.silent());
    }
    let (slope, half_width, offset) = line(&points)?;
    let furthest = behind.into_iter().flatten().max_by(|one, other| one.delay_s.total_cmp(&other.delay_s));
    Ok(AgainstWall {
        name: socket.name(),
        slope,
        slope_half_width: half_width,
        offset: Power::from_watts(offset),
        steps: u32::try_from(points.len()).unwrap_or(u32::MAX),
        delay_s: furthest.map(|behind| behind.delay_s),
        delay_half_width_s: furthest.map(|behind| behind.half_width_s),
    })
}

/// How far the readings of each meter lie behind pulses of load; `None` where they do not show.
fn pulses(
    clock: Monotonic,
    plan: Plan,
    socket: &mut Socket<'_>,
    work: Vec<Work<'_>>,
) -> Result<Vec<Option<Behind>>, WallError> {
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
    Ok(socket.behind(&done))
}

/// Mean power of all parts and at the sockets under a share of the load; `None` where one is not known.
fn one_step(
    instruments: &mut Instruments,
    clock: Monotonic,
    plan: Plan,
    socket: &mut Socket<'_>,
    (share, behind): (f64, &[Option<Behind>]),
    work: Vec<Work<'_>>,
) -> Result<Option<(f64, f64)>, WallError> {
    let delays: Vec<f64> = behind.iter().map(|behind| behind.map_or(0.0, |behind| behind.delay_s)).collect();
    let slowest = Duration::from_secs_f64(delays.iter().copied().fold(0.0, f64::max));
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
        let (settled, until) = (clock.now() + plan.step / 3, clock.now() + plan.step);
        // What was drawn at the end is in the next reading.
        let told = until + slowest + socket.slowest() * 2;
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| socket.collect(clock, told));
            wave(settled);
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
    let length = found.window.length;
    let wall = socket.power_over(found.opened, length, &delays);
    Ok(parts.map(|energy| (energy / length).watts()).zip(wall.map(Power::watts)))
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
