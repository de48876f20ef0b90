//! Measuring any command: the same Windows, instruments, uncertainty and verdict as for a Prompt.
//!
//! Useful by itself, and how an operator checks a new machine. Must not: know the server, or mix the command's
//! output into the result (it goes to standard error).

mod result;
#[cfg(test)]
mod tests;

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use common::measurement::{Conditions, Reading};
use common::trace::Window;
use common::units::Power;
use meter::idle::{self, Load};
use meter::preflight::Preflight;
use meter::{Instruments, Monotonic, Options, Tail};

pub(crate) use self::result::{CommandResult, conclude, print};
use crate::cooldown::{Gate, Limits};
use crate::hardware;
use crate::watched::Watched;

/// Longest wait after an execution until boards are idle again.
const TAIL: Duration = Duration::from_secs(10);

/// How to measure a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) repeat: u32,
    pub(crate) warm_up: u32,
    pub(crate) baseline: Duration,
    pub(crate) limits: Limits,
    pub(crate) options: Options,
}

/// A command that could not be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// It could not be started.
    #[error("{program} cannot be started: {source}")]
    Start { program: String, source: io::Error },
    /// The instruments failed.
    #[error(transparent)]
    Meter(#[from] meter::Error),
}

/// Measures a command; the last execution's exit status comes with the result.
pub(crate) fn measure(
    instruments: &mut Instruments,
    clock: Monotonic,
    plan: Plan,
    command: &[String],
) -> Result<(CommandResult, Option<ExitStatus>), CommandError> {
    let mut gate = Gate::default();
    let waited =
        gate.wait(instruments, clock, hardware::cores(), plan.limits, |_| Ok::<(), CommandError>(()))?;
    let preflight = Preflight::look(instruments, &clock);
    let before = idle::baseline(&mut instruments.meters, clock, plan.options, plan.baseline)?;
    let idle: Vec<Option<Power>> = before.iter().map(|idle| idle.power).collect();
    for _ in 0..plan.warm_up {
        run(command)?;
    }
    let mut windows: Vec<(Window, Vec<Reading>)> = Vec::new();
    let mut watched = Watched::default();
    let mut last = None;
    let slowest = instruments.slowest_period();
    let load_before = Load::now(&instruments.account, &clock);
    for nth in 0..plan.repeat.max(1) {
        let options = plan.options.spread(slowest.unwrap_or_default(), nth);
        let tail = Tail { idle: &idle, most: TAIL };
        let (status, measured) =
            meter::measure_until_idle(&mut instruments.meters, clock, options, None, tail, |_| run(command))?;
        last = Some(status?);
        watched.add(&measured);
        windows.push((measured.window, measured.readings));
    }
    let load_after = Load::now(&instruments.account, &clock);
    let after = idle::baseline(&mut instruments.meters, clock, plan.options, plan.baseline)?;
    let conditions = Conditions {
        // What the command started and did not wait for counts as others' work, as it will go on after it.
        foreign_load: load_before
            .zip(load_after)
            .and_then(|(from, now)| from.foreign_share(now, hardware::cores())),
        was_calm: waited.was_calm,
        was_cool: waited.was_cool,
        temperature_before: waited.temperature,
        temperature_after: instruments.temperature(),
        spread_starts: slowest.is_some(),
        sampler: watched.sampler,
        ..Conditions::default()
    };
    let conditions = preflight.conclude(instruments, &watched.held_back, conditions);
    let cards = instruments.cards();
    let baselines = idle::baselines(&before, &after);
    Ok((conclude(&cards, &conditions, &baselines, &windows, instruments), last))
}

fn run(command: &[String]) -> Result<ExitStatus, CommandError> {
    let program = command.first().cloned().unwrap_or_default();
    let start = |source| CommandError::Start { program: program.clone(), source };
    let stdout = io::stderr();
    Command::new(&program)
        .args(command.get(1..).unwrap_or_default())
        .stdout(Stdio::from(stdout))
        .status()
        .map_err(start)
}
