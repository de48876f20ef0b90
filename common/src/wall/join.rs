//! The machine's own Domain, added to what its worker reported.
//!
//! Must not: change what the worker said, or call a machine measured whose parts are simulated.

use std::time::Duration;

use super::{MAX_CLOCK, Span, Timeline, WallCard, WallReading, energy_over, power_over};
use crate::measurement::{Baseline, Facts, Reading};
use crate::meter::{Domain, Label, NullReason};
use crate::trace::PowerTrace;

/// Adds one Reading a Repetition, the Baseline and the card of the meter at the socket. `readings` are in the order of
/// time; `idle` is a span on the server's clock when the machine had no work, for where the worker's own idle spans
/// are too short for this meter. A worker that reads its whole machine itself keeps its own figure.
pub fn join(facts: &mut Facts, meter: &WallCard, readings: &[WallReading], idle: Option<Span>) {
    if facts.meters.iter().any(|card| card.domain == Domain::Machine) {
        return;
    }
    let parts = facts.repetitions.iter().flat_map(|repetition| &repetition.readings);
    let is_simulated = parts.into_iter().any(|reading| reading.label == Label::Simulated);
    let label = if is_simulated { Label::Simulated } else { meter.card.label };

    let found = windows(facts, meter, readings);
    let mut card = meter.card.clone();
    card.domain = Domain::Machine;
    card.label = label;
    if let Some(method) = found.iter().find_map(|each| Some(each.as_ref().ok()?.method)) {
        card.method = method;
    }
    for (repetition, found) in facts.repetitions.iter_mut().zip(found) {
        let (energy, null_reason, uncertainty, method, trace) = match found {
            Ok(found) => (Some(found.energy), None, Some(found.uncertainty), found.method, found.trace),
            Err(reason) => (None, Some(reason), None, card.method, PowerTrace::default()),
        };
        repetition.readings.push(Reading {
            domain: Domain::Machine,
            label,
            method,
            energy,
            null_reason,
            uncertainty,
            trace,
            faults: Vec::new(),
        });
    }
    facts.meters.push(card);
    facts.baselines.extend(baseline(facts.timeline.as_ref(), meter, readings, idle));
}

/// One finding a Repetition. Either all are resolved or none: a Run's figure has one boundary.
fn windows(
    facts: &Facts,
    meter: &WallCard,
    readings: &[WallReading],
) -> Vec<Result<super::Found, NullReason>> {
    let count = facts.repetitions.len();
    let timeline = facts.timeline.as_ref().filter(|timeline| timeline.windows.len() == count);
    let server = timeline.and_then(|timeline| timeline.server);
    let (Some(timeline), Some(server)) = (timeline, server.filter(|server| server.within <= MAX_CLOCK))
    else {
        return vec![Err(NullReason::ClockUnknown); count];
    };
    let slowest = readings.iter().map(|reading| reading.took).max().unwrap_or_default();
    let clock = (server.within.as_secs_f64() / 3.0_f64.sqrt()).hypot(slowest.as_secs_f64() / 12.0_f64.sqrt());
    let clock = Duration::try_from_secs_f64(clock).unwrap_or(MAX_CLOCK);
    let found: Vec<_> = timeline
        .windows
        .iter()
        .map(|window| energy_over(meter, readings, window.shifted(server.offset_s), clock))
        .collect();
    match found.iter().find_map(|each| each.as_ref().err()) {
        Some(NullReason::NotResolved) => vec![Err(NullReason::NotResolved); count],
        _ => found,
    }
}

fn baseline(
    timeline: Option<&Timeline>,
    meter: &WallCard,
    readings: &[WallReading],
    idle: Option<Span>,
) -> Option<Baseline> {
    let resolved = |span: Span| span.lasts >= meter.period() * 2;
    let mean = |span: Span| resolved(span).then(|| power_over(meter, readings, span)).flatten();
    let offset_s = timeline.and_then(|timeline| timeline.server).map(|server| server.offset_s);
    let worker = |span: Option<Span>| mean(span?.shifted(offset_s?));
    let before = worker(timeline.and_then(|timeline| timeline.idle_before)).or_else(|| mean(idle?));
    let after = worker(timeline.and_then(|timeline| timeline.idle_after));
    (before.is_some() || after.is_some()).then_some(Baseline { domain: Domain::Machine, before, after })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::leaderboard::tests::facts;
    use crate::leaderboard::{Boundary, RunFigures};
    use crate::meter::{MeterCard, Method};
    use crate::units::{Energy, Power};
    use crate::verdict::{Grade, Reason, Verdict};
    use crate::wall::ClockOffset;

    const START: time::OffsetDateTime = datetime!(2026-11-21 00:00:00 UTC);

    fn span(from: u64, lasts: u64) -> Span {
        Span { at: START + Duration::from_secs(from), lasts: Duration::from_secs(lasts) }
    }

    fn meter(label: Label) -> WallCard {
        let card = MeterCard {
            label,
            resolution: Some(Energy::from_joules(3.6)),
            update_period: Some(Duration::from_millis(200)),
            gain_uncertainty: 0.01,
            ..facts(label).meters[0].clone()
        };
        WallCard { card, power_resolution: Some(Power::from_watts(0.1)) }
    }

    /// Five looks a second at a machine that draws 80 W while its worker works and 40 W while it does not.
    fn looks(busy_watts: f64) -> Vec<WallReading> {
        (0..=700_u32)
            .map(|tick| {
                let second = f64::from(tick) / 5.0;
                let is_busy = (94.0..=112.5).contains(&second);
                WallReading {
                    at: START + time::Duration::seconds_f64(second),
                    took: Duration::from_millis(4),
                    power: Some(Power::from_watts(if is_busy { busy_watts } else { 40.0 })),
                    energy: None,
                }
            })
            .collect()
    }

    /// A Run whose worker's clock is two seconds ahead of the server's.
    fn reported(label: Label) -> Facts {
        let timeline = Timeline {
            windows: vec![span(100, 4), span(110, 4)],
            idle_before: Some(span(90, 3)),
            idle_after: Some(span(116, 3)),
            server: Some(ClockOffset { offset_s: -2.0, within: Duration::from_millis(5) }),
        };
        Facts { timeline: Some(timeline), ..facts(label) }
    }

    #[test]
    fn the_socket_becomes_the_headline_and_the_parts_stay_beside_it() {
        let mut facts = reported(Label::Measured);
        join(&mut facts, &meter(Label::Measured), &looks(80.0), None);
        facts.check().unwrap();
        let figures = RunFigures::of(&facts, None, None);
        assert_eq!((figures.boundary, figures.label), (Some(Boundary::Machine), Label::Measured));
        // 4 s at 80 W less two pads of a second at 40 W.
        assert!((figures.sums.energy_j.mean - 240.0).abs() < 1e-6, "{figures:?}");
        assert!((figures.sums.net_energy_j.mean - 160.0).abs() < 1e-6, "{figures:?}");
        assert!(figures.sums.accelerator_energy_j.n > 0);
        assert_eq!(figures.verdict.grade, Grade::Valid, "{:?}", figures.verdict);
        // The class of the meter: 1 % of 240 J at k = 2, and little else.
        let uncertainty = figures.uncertainty.unwrap().absolute.joules();
        assert!((4.8..5.0).contains(&uncertainty), "{uncertainty}");
    }

    #[test]
    fn a_machine_of_simulated_parts_is_never_measured() {
        let mut facts = reported(Label::Simulated);
        join(&mut facts, &meter(Label::Measured), &looks(80.0), None);
        assert_eq!(RunFigures::of(&facts, None, None).label, Label::Simulated);
    }

    #[test]
    fn clocks_that_were_not_compared_give_no_figure_and_the_parts_keep_theirs() {
        let mut facts = reported(Label::Measured);
        facts.timeline = None;
        join(&mut facts, &meter(Label::Measured), &looks(80.0), None);
        let reading = facts.repetitions[0].readings.last().unwrap();
        assert_eq!((reading.energy, reading.null_reason), (None, Some(NullReason::ClockUnknown)));
        let figures = RunFigures::of(&facts, None, None);
        assert_eq!(figures.boundary, Some(Boundary::AcceleratorCpu));
        assert_eq!(Verdict::on(&facts).reasons, [Reason::NoWallFigure]);

        let mut rough = reported(Label::Measured);
        rough.timeline.as_mut().unwrap().server =
            Some(ClockOffset { offset_s: -2.0, within: Duration::from_millis(200) });
        join(&mut rough, &meter(Label::Measured), &looks(80.0), None);
        assert_eq!(Verdict::on(&rough).reasons, [Reason::ClockResidual]);
    }

    #[test]
    fn one_window_too_short_for_the_meter_leaves_all_without_a_figure_and_no_blame() {
        let mut facts = reported(Label::Measured);
        facts.timeline.as_mut().unwrap().windows[1].lasts = Duration::from_millis(300);
        join(&mut facts, &meter(Label::Measured), &looks(80.0), None);
        for repetition in &facts.repetitions {
            assert_eq!(repetition.readings.last().unwrap().null_reason, Some(NullReason::NotResolved));
        }
        let figures = RunFigures::of(&facts, None, None);
        assert_eq!(figures.boundary, Some(Boundary::AcceleratorCpu));
        assert_eq!(Verdict::on(&facts).reasons, []);
    }

    #[test]
    fn a_machine_that_uses_less_than_its_parts_is_to_be_measured_again() {
        let mut facts = reported(Label::Measured);
        // The parts used 190 J and 194 J in their windows.
        join(&mut facts, &meter(Label::Measured), &looks(40.0), None);
        let verdict = Verdict::on(&facts);
        assert_eq!(
            (verdict.grade, verdict.reasons.as_slice()),
            (Grade::Redo, [Reason::WallBelowParts].as_slice())
        );
    }

    #[test]
    fn idle_before_the_lease_stands_in_where_the_workers_own_is_too_short() {
        let mut facts = reported(Label::Measured);
        let timeline = facts.timeline.as_mut().unwrap();
        timeline.idle_before.as_mut().unwrap().lasts = Duration::from_millis(100);
        timeline.idle_after = None;
        join(&mut facts, &meter(Label::Measured), &looks(80.0), Some(span(60, 20)));
        let baseline = facts.baseline(Domain::Machine).unwrap();
        assert_eq!((baseline.before.unwrap().watts().round(), baseline.after), (40.0, None));
    }

    #[test]
    fn a_worker_that_reads_its_whole_machine_keeps_its_own_figure() {
        let mut facts = reported(Label::Measured);
        facts.meters[0].domain = Domain::Machine;
        let before = facts.clone();
        join(&mut facts, &meter(Label::Measured), &looks(80.0), None);
        assert_eq!(facts, before);
        assert_eq!(facts.meters[0].method, Method::Counter);
    }
}
