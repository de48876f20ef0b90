//! What was found of a command: figures per execution, as JSON and for people.
//!
//! Must not: read an instrument; what is missing has a reason.

use std::io::{self, Write};
use std::time::Duration;

use common::measurement::{Baseline, Conditions, Reading};
use common::meter::{Domain, Label, MeterCard, NullReason};
use common::trace::Window;
use common::uncertainty::{self, Net, Uncertainty};
use common::units::{Energy, Power};
use common::verdict::{Evidence, Grade, Reason, Verdict};
use meter::Instruments;
use serde::Serialize;

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
                let reason = found.null_reason.map_or("no reading", NullReason::name);
                writeln!(out, "{name:<16} no energy: {reason}")?;
            }
        }
    }
    if let Some(energy) = result.machine_energy {
        let parts: Vec<String> = result.machine_energy_sums.iter().map(Domain::to_string).collect();
        writeln!(out, "sum of {}: {:.6} J", parts.join(", "), energy.joules())?;
    }
    let reasons: Vec<&str> = result.reasons.iter().map(|reason| reason.name()).collect();
    let verdict = result.verdict;
    writeln!(out, "verdict: {verdict}{}{}", if reasons.is_empty() { "" } else { ": " }, reasons.join(", "))?;
    for sentence in &result.missing_meters {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}
