//! Measuring any command: the same Windows, instruments, uncertainty and verdict as for a Prompt.
//!
//! Useful by itself, and how an operator checks a new machine. Must not: know the server, or mix the command's
//! output into the result (it goes to standard error).

use std::io::{self, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use common::measurement::{Baseline, Conditions, Reading};
use common::meter::{Domain, Label, MeterCard, NullReason};
use common::trace::Window;
use common::uncertainty::{self, Net, Uncertainty};
use common::units::{Energy, Power};
use common::verdict::{Evidence, Grade, Reason, Verdict};
use meter::idle::{self, Load};
use meter::preflight::Preflight;
use meter::{Instruments, Monotonic, Options, Tail};
use serde::Serialize;

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

/// What one Domain came to, per execution of the command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DomainResult {
    pub(crate) domain: Domain,
    #[serde(rename = "energy_j")]
    pub(crate) energy: Option<Energy>,
    #[serde(rename = "uncertainty_j")]
    pub(crate) uncertainty: Option<Energy>,
    #[serde(rename = "net_j")]
    pub(crate) net: Option<Energy>,
    #[serde(rename = "net_uncertainty_j")]
    pub(crate) net_uncertainty: Option<Energy>,
    #[serde(rename = "power_w")]
    pub(crate) power: Option<Power>,
    #[serde(rename = "idle_power_w")]
    pub(crate) idle_power: Option<Power>,
    pub(crate) label: Label,
    pub(crate) null_reason: Option<NullReason>,
}

/// What was found, per execution of the command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CommandResult {
    pub(crate) window_s: f64,
    pub(crate) repetitions: u32,
    pub(crate) domains: Vec<DomainResult>,
    /// At the socket where that is read, else the sum of the parts that are; null if a part is missing.
    #[serde(rename = "machine_energy_j")]
    pub(crate) machine_energy: Option<Energy>,
    /// What that sums.
    pub(crate) machine_energy_sums: Vec<Domain>,
    pub(crate) verdict: Grade,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) missing_meters: Vec<String>,
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

/// From readings to figures: pads off at idle power, means over the repetitions, uncertainty, verdict.
pub(crate) fn conclude(
    cards: &[MeterCard],
    conditions: &Conditions,
    baselines: &[Baseline],
    windows: &[(Window, Vec<Reading>)],
    instruments: &Instruments,
) -> CommandResult {
    let count = u32::try_from(windows.len()).unwrap_or(u32::MAX);
    let bodies: Duration = windows.iter().map(|(window, _)| window.body()).sum();
    let body = bodies / count.max(1);
    let found: Vec<Found> = cards
        .iter()
        .enumerate()
        .map(|(index, card)| {
            let baseline = baselines.iter().find(|baseline| baseline.domain == card.domain);
            let readings = windows.iter().filter_map(|(window, all)| Some((*window, all.get(index)?)));
            Found::of(card, baseline, &readings.collect::<Vec<_>>(), body)
        })
        .collect();
    let whole: Vec<&Found> = found.iter().filter(|found| found.result.domain == Domain::Machine).collect();
    let parts: Vec<&Found> = if whole.is_empty() { found.iter().collect() } else { whole };
    let denied = instruments.denied.iter().map(|&domain| DomainResult::denied(domain));
    let is_complete = instruments.denied.is_empty() && !parts.is_empty();
    let machine_energy =
        parts.iter().map(|part| part.result.energy).sum::<Option<Energy>>().filter(|_| is_complete);
    let machine_energy_sums = parts.iter().map(|part| part.result.domain).collect();
    let mut verdict = Verdict::on_evidence(&Evidence {
        conditions,
        meters: cards,
        baselines,
        windows: windows.iter().map(|(window, readings)| (*window, readings.as_slice())).collect(),
    });
    if !instruments.denied.is_empty() {
        verdict = verdict.with(Reason::ReadError);
    }
    if net_of(&parts).is_some_and(|net| !net.is_resolved()) {
        verdict = verdict.with(Reason::WideInterval);
    }
    let mut domains: Vec<DomainResult> = found.into_iter().map(|found| found.result).chain(denied).collect();
    domains.sort_by_key(|found| found.domain);
    CommandResult {
        window_s: body.as_secs_f64(),
        repetitions: count,
        machine_energy,
        machine_energy_sums,
        domains,
        verdict: verdict.grade,
        reasons: verdict.reasons,
        missing_meters: instruments.missing.clone(),
    }
}

/// One Domain, and what its share of a sum is made of.
struct Found {
    result: DomainResult,
    /// Net energy, its gain left out of the interval.
    net: Option<Net>,
}

impl Found {
    fn of(
        card: &MeterCard,
        baseline: Option<&Baseline>,
        readings: &[(Window, &Reading)],
        body: Duration,
    ) -> Self {
        let idle = baseline.and_then(Baseline::mean);
        // Without a baseline the pads stay inside: too much by idle power, never by a guess.
        let found: Option<Vec<(Energy, Duration)>> = readings
            .iter()
            .map(|(window, reading)| {
                let pads = idle.map_or(Energy::ZERO, |idle| idle * window.pads());
                Some((reading.energy? - pads, window.pads()))
            })
            .collect();
        let found = found.filter(|found| !found.is_empty());
        let energy = found.as_ref().and_then(|found| {
            let count = f64::from(u32::try_from(found.len()).ok()?);
            Some(found.iter().map(|(energy, _)| *energy).sum::<Energy>() / count)
        });
        let u: Option<Uncertainty> =
            found.as_deref().and_then(|found| uncertainty::of_domain(card, baseline, found));
        let net = |width: fn(Uncertainty) -> Energy| {
            let idle = (idle?, uncertainty::of_idle(baseline?));
            Some(Net::of((energy?, width(u?)), idle, body))
        };
        let absolute = net(|u| u.absolute);
        let result = DomainResult {
            domain: card.domain,
            energy,
            uncertainty: u.map(|u| u.absolute),
            net: absolute.map(|net| net.energy),
            net_uncertainty: absolute.map(|net| net.half_width),
            power: energy.filter(|_| !body.is_zero()).map(|energy| energy / body),
            idle_power: idle,
            label: card.label,
            null_reason: readings.iter().find_map(|(_, reading)| reading.null_reason),
        };
        Self { result, net: net(|u| u.relative) }
    }
}

impl DomainResult {
    /// Of an instrument that is there and may not be read.
    fn denied(domain: Domain) -> Self {
        Self {
            domain,
            energy: None,
            uncertainty: None,
            net: None,
            net_uncertainty: None,
            power: None,
            idle_power: None,
            label: Label::Measured,
            null_reason: Some(NullReason::Unreadable),
        }
    }
}

/// Net energy of a sum; `None` where that of a part is not known.
fn net_of(parts: &[&Found]) -> Option<Net> {
    let nets: Vec<Net> = parts.iter().map(|part| part.net).collect::<Option<_>>()?;
    let half_width = nets.iter().map(|net| net.half_width.joules()).fold(0.0, f64::hypot);
    (!nets.is_empty()).then(|| Net {
        energy: nets.iter().map(|net| net.energy).sum(),
        half_width: Energy::from_joules(half_width),
    })
}

/// The result for people.
pub(crate) fn print(result: &CommandResult, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:.6} s per execution, mean of {}", result.window_s, result.repetitions)?;
    for found in &result.domains {
        let name = found.domain.to_string();
        match (found.energy, found.uncertainty, found.power) {
            (Some(energy), Some(u), Some(power)) => {
                write!(
                    out,
                    "{name:<16} {:.6} J ± {:.6} J, {:.3} W",
                    energy.joules(),
                    u.joules(),
                    power.watts()
                )?;
                match found.net.zip(found.net_uncertainty) {
                    Some((net, u)) => {
                        write!(out, ", net of idle {:.6} J ± {:.6} J", net.joules(), u.joules())?;
                    }
                    None => write!(out, ", idle power not known")?,
                }
                writeln!(out, " ({})", found.label.name())?;
            }
            _ => {
                let reason = found.null_reason.map_or_else(|| "no reading".to_owned(), name_of);
                writeln!(out, "{name:<16} no energy: {reason}")?;
            }
        }
    }
    if let Some(energy) = result.machine_energy {
        let parts: Vec<String> = result.machine_energy_sums.iter().map(Domain::to_string).collect();
        writeln!(out, "sum of {}: {:.6} J", parts.join(", "), energy.joules())?;
    }
    let reasons: Vec<String> = result.reasons.iter().map(name_of).collect();
    let verdict = name_of(result.verdict);
    writeln!(out, "verdict: {verdict}{}{}", if reasons.is_empty() { "" } else { ": " }, reasons.join(", "))?;
    for sentence in &result.missing_meters {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}

fn name_of(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn tree(root: &Path, microjoules: u64) -> std::path::PathBuf {
        let zone = root.join("intel-rapl:0");
        std::fs::create_dir_all(&zone).unwrap();
        std::fs::write(zone.join("name"), "package-0\n").unwrap();
        std::fs::write(zone.join("max_energy_range_uj"), "262143328850\n").unwrap();
        let counter = zone.join("energy_uj");
        std::fs::write(&counter, format!("{microjoules}\n")).unwrap();
        counter
    }

    fn measured(root: &Path, repeat: u32, command: &[&str]) -> CommandResult {
        let mut config = meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1);
        config.nvml_library = Some(root.join("none.so"));
        config.powercap_root = root.to_owned();
        let mut instruments = meter::open_all(&config).unwrap();
        let plan = Plan {
            repeat,
            warm_up: 0,
            baseline: Duration::from_millis(50),
            limits: Limits {
                timeout: Duration::ZERO,
                thermal_timeout: Duration::ZERO,
                min_pause: Duration::ZERO,
            },
            options: instruments.options(),
        };
        let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
        measure(&mut instruments, Monotonic::start(), plan, &command).unwrap().0
    }

    #[test]
    fn a_command_during_which_the_counter_wraps_took_what_the_wrap_says() {
        let root = tempfile::tempdir().unwrap();
        let counter = tree(root.path(), 262_143_000_000);
        let script = format!("echo 500000 > {}; sleep 0.05", counter.display());
        let result = measured(root.path(), 1, &["sh", "-c", &script]);
        let found = &result.domains[0];
        assert!((found.energy.unwrap().joules() - 0.828_851).abs() < 1e-6, "{result:?}");
        assert_eq!((found.domain, found.null_reason), (Domain::CpuPackage(0), None));
        assert_eq!(result.machine_energy, found.energy);
        assert!(result.window_s >= 0.05);
    }

    #[test]
    fn a_command_during_which_the_counter_is_set_back_is_rejected_without_a_figure() {
        let root = tempfile::tempdir().unwrap();
        let counter = tree(root.path(), 200_000_000_000);
        let script = format!("echo 1000000 > {}; sleep 0.05", counter.display());
        let result = measured(root.path(), 1, &["sh", "-c", &script]);
        assert_eq!((result.domains[0].energy, result.machine_energy), (None, None));
        assert_eq!(result.domains[0].null_reason, Some(NullReason::CounterReset));
        assert_eq!(result.verdict, Grade::Rejected);
        assert!(result.reasons.contains(&Reason::CounterReset));
    }

    #[test]
    fn the_json_has_the_promised_fields() {
        let root = tempfile::tempdir().unwrap();
        tree(root.path(), 5);
        let json = serde_json::to_value(measured(root.path(), 2, &["sleep", "0.03"])).unwrap();
        let domain = &json["domains"][0];
        assert_eq!(domain["domain"], "cpu_package_0");
        for field in ["energy_j", "uncertainty_j", "net_j"] {
            assert!(domain[field].is_number(), "{field}: {json}");
        }
        assert!(domain["null_reason"].is_null() && json["window_s"].as_f64().unwrap() >= 0.03);
        assert!(json["machine_energy_j"].is_number() && json["reasons"].is_array());
        assert_eq!(json["repetitions"], 2);
    }

    #[test]
    fn a_command_that_does_not_exist_is_named() {
        let root = tempfile::tempdir().unwrap();
        let mut instruments =
            meter::open_all(&meter::Config::of_this_machine(meter::Config::assumed_watts(1), 1)).unwrap();
        let plan = Plan {
            repeat: 1,
            warm_up: 0,
            baseline: Duration::ZERO,
            limits: Limits {
                timeout: Duration::ZERO,
                thermal_timeout: Duration::ZERO,
                min_pause: Duration::ZERO,
            },
            options: instruments.options(),
        };
        let command = [root.path().join("nothing").to_str().unwrap().to_owned()];
        let error = measure(&mut instruments, Monotonic::start(), plan, &command).unwrap_err();
        assert!(error.to_string().contains("nothing cannot be started"), "{error}");
    }
}
